"""Files that are written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path next to `path`, put in its place when the block ends well and removed when it does not.

    Whoever reads `path` sees the old file or the new one, never a part: a rename within a folder is atomic (POSIX).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        with partial.open("r+b") as file:  # Windows flushes only what may be written
            os.fsync(file.fileno())
        partial.chmod(0o666 & ~_umask())  # mkstemp makes files that only their owner can read
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all; what is no valid text in it, as in a file's name, as an escape."""
    with replacing(path) as partial:
        partial.write_text(text, "utf-8", errors="backslashreplace", newline="\n")


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write bytes, whole or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(content)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
