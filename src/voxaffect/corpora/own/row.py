"""What a reader of a source gives: a row for each recording."""

from dataclasses import dataclass
from pathlib import Path

from voxaffect.corpora.sound import Sound

ROLES = ("file", "label", "speaker", "sex", "sentence", "split", "start", "end", "channel")
"""What a table's columns may hold; `file` and `label` must be there."""


@dataclass(frozen=True)
class Row:
    """A recording of a source.

    where: how messages name it, of no other row; name: the file as the source names it; split: the side that the source
    puts it on, by whatever name; start, end (seconds), channel: of a segment of the recording; answer: what a model
    says of it, where the source tells.
    """

    where: str
    name: str
    file: Path
    label: str
    speaker: str = ""
    sex: str = ""
    sentence: str = ""
    split: str = ""
    start: float | None = None
    end: float | None = None
    channel: int | None = None
    answer: str = ""

    @property
    def identity(self) -> str:
        """The name, and the span of a segment: `call.wav#1.5-3.25`."""
        return self.name + self.sound.fragment

    @property
    def sound(self) -> Sound:
        """Where its sound lies."""
        return Sound(self.file, self.start, self.end, self.channel)
