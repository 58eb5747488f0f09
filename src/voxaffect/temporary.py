"""Which temporary files this process has, for when it must end at once."""

from contextlib import suppress
from pathlib import Path

_unfinished: set[Path] = set()


def add(path: Path) -> None:
    """One is about to be made."""
    _unfinished.add(path)


def remove(path: Path) -> None:
    """It is needed no more, and may be gone."""
    with suppress(OSError):
        path.unlink()
    _unfinished.discard(path)


def remove_all() -> None:
    """The process ends."""
    for path in list(_unfinished):
        remove(path)
