"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voxaffect import temporary


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path next to `path`, put in its place when the block ends well and removed when it does not.

    Whoever reads `path` sees the old file or the new one, never a part: a rename within a folder is atomic (POSIX).

    Raises:
        OSError: With the name of `path`, where the system names the temporary path, or none, as it does of a full disk.
    """
    partial = path.with_name(f".{path.name}.{os.urandom(4).hex()}.partial")
    temporary.add(partial)
    try:
        with naming(path, partial):
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.open("xb").close()
            yield partial
            with partial.open("r+b") as file:  # Windows flushes only what may be written
                os.fsync(file.fileno())
            partial.replace(path)
    finally:
        temporary.remove(partial)


@contextmanager
def naming(path: Path, partial: Path | None = None) -> Iterator[None]:
    """Give `path` as the name to errors of a block that have none, or that of the temporary path."""
    try:
        yield
    except OSError as error:
        if error.filename is None or error.filename == os.fspath(partial or path):
            error.filename, error.filename2 = os.fspath(path), None
        raise


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all; what is no valid text in it, as in a file's name, as an escape."""
    with replacing(path) as partial:
        partial.write_text(text, "utf-8", errors="backslashreplace", newline="\n")


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write bytes, whole or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(content)
