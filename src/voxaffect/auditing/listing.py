"""Any split as rows of file, side, speaker, label and sentence."""

from dataclasses import dataclass
from pathlib import Path

from voxaffect.corpora import Sound
from voxaffect.errors import SplitError
from voxaffect.files import tables


@dataclass(frozen=True)
class Row:
    """A recording of a split; speaker, label and sentence are empty where the split does not have them.

    name: how the split calls the recording, and how messages do; start, end, channel: of a segment of the file.
    """

    name: str
    file: Path
    side: str
    speaker: str = ""
    label: str = ""
    sentence: str = ""
    start: float | None = None
    end: float | None = None
    channel: int | None = None

    @property
    def sound(self) -> Sound:
        """Where its sound lies."""
        return Sound(self.file, self.start, self.end, self.channel)


@dataclass(frozen=True)
class Listing:
    """A split's rows, in its own order, of two sides at least.

    labels_from: where labels come from, where a column does not hold them; notes: what of the split is not in the rows.
    """

    name: str
    rows: tuple[Row, ...]
    labels_from: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        sides = self.sides
        if len(sides) < 2:
            only = f"its only side is {sides[0]}" if sides else "it lists no recording"
            raise SplitError(f"{self.name}: {only}; a leak needs two sides, name train and test together")

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides' names: train, dev, test, then the rest in order."""
        rank = {side: place for place, side in enumerate(dict.fromkeys(tables.SIDES.values()))}
        return tuple(sorted({row.side for row in self.rows}, key=lambda side: (rank.get(side, len(rank)), side)))
