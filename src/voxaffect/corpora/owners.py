"""Tables that a corpus's owners publish beside its recordings."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from voxaffect.errors import CorpusError


@contextmanager
def owners_table(
    folder: Path, name: str, columns: Sequence[str], url: str, delimiter: str = ","
) -> Iterator[Iterable[dict[str, str]]]:
    """Rows of a table that lies somewhere below a folder, none where it does not.

    Args:
        folder: Of the corpus.
        name: Of the table's file.
        columns: That are needed.
        url: Where to get the table.
        delimiter: Between columns.

    Raises:
        CorpusError: The table lacks a column, or what is read of it, inside the `with` as well, is not as it should be.
    """
    path = min(folder.rglob(name), key=lambda table: (len(table.parts), table), default=None)
    if path is None:
        yield ()
        return
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, delimiter=delimiter)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise CorpusError(f"{path}: has no column {missing[0]!r}; take the table from {url} anew")
            yield reader
    except (OSError, TypeError, ValueError, LookupError, AttributeError, csv.Error) as error:
        raise CorpusError(f"{path}: cannot be read ({error}); take the table from {url} anew") from None
