"""A folder for each label: each recording's label is the folder it lies in."""

from collections.abc import Iterator
from pathlib import Path

from voxaffect import audio
from voxaffect.corpora.own.row import Row


def rows(folder: Path) -> Iterator[Row]:
    """Its recordings, but for those that lie in no folder of a label."""
    for file in audio.recordings(folder).recordings:
        if file.parent != folder:
            name = file.relative_to(folder).as_posix()
            yield Row(name, name, file, file.parent.name)
