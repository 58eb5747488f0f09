"""A folder for each label: each recording's label is the folder it lies in."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from voxaffect.corpora.own.row import Row
from voxaffect.files import tables


def rows(folder: Path, recordings: Iterable[Path]) -> Iterator[Row]:
    """Its recordings, but for those that lie in no folder of a label.

    The folder of a label may lie in one of a split: `train/angry/`.
    """
    for file in recordings:
        place = file.relative_to(folder)
        if len(place.parts) > 1:
            split = place.parts[0] if len(place.parts) > 2 and place.parts[0].lower() in tables.SIDES else ""
            yield Row(place.as_posix(), place.as_posix(), file, file.parent.name, split=split)
