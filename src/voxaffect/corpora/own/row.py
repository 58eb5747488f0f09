"""What a reader of a source gives: a row for each recording."""

from dataclasses import dataclass
from pathlib import Path

ROLES = ("file", "label", "speaker", "sex", "sentence", "split")
"""What a table's columns may hold; `file` and `label` must be there."""


@dataclass(frozen=True)
class Row:
    """A recording of a source.

    where: how messages name it, of no other row; name: the file as the source names it; split: the side that the source
    puts it on, by whatever name.
    """

    where: str
    name: str
    file: Path
    label: str
    speaker: str = ""
    sex: str = ""
    sentence: str = ""
    split: str = ""
