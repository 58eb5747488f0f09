"""The bytes of a recording, wherever they come from, to be read at any place."""

import io
import os
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from itertools import accumulate
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeVar

from voxaffect.audio.formats import HEAD, sniff
from voxaffect.errors import AudioError

MAX_STREAMED = 1 << 30
"""Bytes of the longest recording that comes from a pipe or another stream that cannot seek."""

_IN_MEMORY = 1 << 26  # bytes of such a recording that are not yet put on disk
_BLOCK = 1 << 20
_T = TypeVar("_T")
_END = 128  # bytes in which libraries look for a tag
_POINTER = b"version https://git-lfs.github.com/spec/"


class NamedBytes(io.BytesIO):
    """The bytes of an audio file with a name for messages.

    Args:
        name: What errors call it.
        content: The bytes of the file.
    """

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


class Content:
    """The bytes of a recording.

    Args:
        file: Open, and able to seek.
        name: What messages call it.
        path: Of the file, for libraries that open files themselves; None: it has none.
        owned: Close the file with this.

    Attributes:
        name: What messages call it.
        path: Of the file.
        size: In bytes.
        head: Its first bytes.
        stamp: Path, size and time of change of a file, by which it is known again; None: it is none.
    """

    def __init__(self, file: IO[bytes], name: str, *, path: Path | None = None, owned: bool = True) -> None:
        self._file, self._owned = file, owned
        self.name, self.path = name, path
        self.stamp: tuple[Path, int, int] | None = None
        if path:
            stat = os.fstat(file.fileno())
            self.size, self.stamp = stat.st_size, (path, stat.st_size, stat.st_mtime_ns)
        else:
            self.size = file.seek(0, io.SEEK_END)
        self.head = self.read(0, HEAD)

    def read(self, offset: int, count: int) -> bytes:
        """The bytes from an offset on; fewer than asked for where the recording ends.

        Raises:
            AudioError: They cannot be read.
        """
        if offset >= self.size:
            return b""
        try:
            self._file.seek(offset)
            return self._file.read(count)
        except Exception as error:  # of whatever library the file is
            raise AudioError(f"{self.name}: cannot be read ({error}); check it") from error

    def find(self, what: bytes, offset: int) -> int:
        """The offset of the next occurrence of some bytes; -1: there is none."""
        while block := self.read(offset, _BLOCK):
            place = block.find(what)
            if place >= 0:
                return offset + place
            if len(block) < len(what):
                break
            offset += len(block) - len(what) + 1
        return -1

    def close(self) -> None:
        """Close the file, unless it is a caller's."""
        if self._owned:
            self._file.close()


def remembered(look: Callable[[Content], _T]) -> Callable[[Content], _T]:
    """A function that looks at a whole recording, which is done once however many parts of it are loaded."""

    @lru_cache(maxsize=16)
    def of_file(path: Path, size: int, changed: int) -> _T:
        with path.open("rb", 0) as file:
            return look(Content(file, "", path=path))

    @wraps(look)
    def known(content: Content) -> _T:
        return look(content) if content.stamp is None else of_file(*content.stamp)

    return known


Source = str | os.PathLike[str] | bytes | BinaryIO | Content
"""A path, the bytes of an audio file, or an open binary file object, which need not be able to seek."""


class View:
    """A file made of parts of a recording and of other bytes, for libraries that read open files.

    It never raises: libraries in C print what they cannot handle, or crash.

    Args:
        content: Of the recording.
        parts: What the file consists of: (start, end) in the recording, or bytes.
        size: That it claims to have; None: its own.

    Attributes:
        error: The first that reading met; None: there was none.
    """

    def __init__(
        self, content: Content, parts: Sequence[tuple[int, int] | bytes] | None = None, size: int | None = None
    ) -> None:
        self._content = content
        self._parts = [(0, content.size)] if parts is None else list(parts)
        lengths = [len(part) if isinstance(part, bytes) else part[1] - part[0] for part in self._parts]
        self._ends = list(accumulate(lengths))
        self._size = (self._ends[-1] if self._ends else 0) if size is None else size
        self._place = 0
        self.error: AudioError | None = None

    def read(self, count: int = -1) -> bytes:
        """The next bytes."""
        pieces: list[bytes] = []
        wanted = self._size - self._place if count < 0 else count
        while wanted > 0 and (piece := self._piece(wanted)):
            pieces.append(piece)
            self._place += len(piece)
            wanted -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _piece(self, count: int) -> bytes:
        index = bisect_right(self._ends, self._place)
        if index == len(self._ends):  # behind the last part there is nothing, and at the end that it claims, zeros
            return bytes(max(0, min(count, self._size - self._place))) if self._place >= self._size - _END else b""
        part = self._parts[index]
        count = min(count, self._ends[index] - self._place)
        if isinstance(part, bytes):
            offset = len(part) - (self._ends[index] - self._place)
            return part[offset : offset + count]
        try:
            return self._content.read(part[1] - (self._ends[index] - self._place), count)
        except AudioError as error:
            self.error = self.error or error
            return b""

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere, or stay where that is impossible: libsndfile follows broken headers."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}.get(whence)
        if base is not None and base + offset >= 0:
            self._place = base + offset
        return self._place

    def tell(self) -> int:
        """Where the next bytes are."""
        return self._place


def name_of(source: Source) -> str:
    """Name a source for messages: its path as given, or the kind of object it is.

    Examples:
        >>> name_of("call.wav"), name_of(bytes(44))
        ('call.wav', '<44 bytes>')
    """
    if isinstance(source, bytes):
        return f"<{len(source)} bytes>"
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    name = getattr(source, "name", None)  # a number, of files that have none
    return name if isinstance(name, str) else f"<{type(source).__name__}>"


def open_content(source: Source, *, headerless: bool = False) -> Content:
    """Open a recording to read its bytes.

    Args:
        source: A path, the bytes of an audio file, or an open binary file. One that cannot seek is read to its end.
        headerless: It has no header by which it could be recognised.

    Returns:
        The bytes.

    Raises:
        AudioError: It is missing, a folder, empty, a pointer of Git LFS, longer than `MAX_STREAMED` where it cannot
            seek, or nothing that can be read.
    """
    name = name_of(source)
    if isinstance(source, Content):
        return Content(source._file, name, path=source.path, owned=False)
    if isinstance(source, io.TextIOBase) or not (
        isinstance(source, str | os.PathLike | bytes) or hasattr(source, "read")
    ):
        raise AudioError(f"{name}: is {type(source).__name__}; give a path, bytes, or a file opened in binary mode")
    content = _opened(source, name, headerless)
    try:
        check_head(name, content.head)
    except AudioError:
        content.close()
        raise
    return content


def check_head(name: str, head: bytes) -> None:
    """Check that there is something, and not the pointer of Git LFS to it.

    Args:
        name: What the error calls it.
        head: Its first bytes.

    Raises:
        AudioError: There is not.
    """
    if not head:
        raise AudioError(f"{name}: is empty (0 bytes); copy or record it again")
    if head.startswith(_POINTER):
        raise AudioError(f"{name}: is a Git LFS pointer, not the recording: run git lfs pull")


def _opened(source: str | os.PathLike[str] | bytes | BinaryIO, name: str, headerless: bool) -> Content:
    if isinstance(source, bytes):
        return Content(io.BytesIO(source), name)
    if not isinstance(source, str | os.PathLike):
        if not _seeks(source):
            return collect(source, name, headerless=headerless)
        try:
            return Content(source, name, owned=False)
        except (OSError, ValueError) as error:  # it is closed, or only says that it can seek
            raise AudioError(f"{name}: cannot be read ({error}); open it again") from None
    try:
        file = open(source, "rb", 0)  # noqa: SIM115, PTH123 (the content closes it; unbuffered, as blocks are large)
    except (FileNotFoundError, NotADirectoryError):
        raise AudioError(f"{name}: does not exist; check the path") from None
    except IsADirectoryError:
        raise AudioError(f"{name}: is a folder; name the recordings in it") from None
    except OSError as error:
        if Path(source).is_dir():  # Windows says that it has no permission
            raise AudioError(f"{name}: is a folder; name the recordings in it") from None
        reason = error.strerror or error
        raise AudioError(f"{name}: cannot be read ({reason}); check the path and its permissions") from None
    except ValueError as error:  # a NUL in it
        raise AudioError(f"{name}: cannot be read ({error}); check the path") from None
    if Path(source).is_file():
        return Content(file, name, path=Path(source))
    with file:
        return collect(file, name, headerless=headerless)


def _seeks(file: Any) -> bool:
    try:
        return bool(file.seekable())
    except AttributeError:  # objects that only resemble files
        return hasattr(file, "seek") and hasattr(file, "tell")
    except ValueError:  # it is closed, and whoever reads it is told so
        return True


def collect(stream: Any, name: str, *, headerless: bool = False) -> Content:
    """Read a stream that cannot seek to its end, unless it begins like no recording.

    Args:
        stream: Open, in binary mode.
        name: What messages call it.
        headerless: It has no header by which it could be recognised.

    Returns:
        A source, which may be read more than once.

    Raises:
        AudioError: It breaks off, or is longer than `MAX_STREAMED`.
    """
    import tempfile  # here, as it takes as long to import as a recording to load

    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (the content closes it)
    count, head = 0, b""
    while block := _received(stream, name):
        file.write(block)
        count += len(block)
        if len(head) < HEAD:
            head += block[: HEAD - len(head)]
            if len(head) == HEAD and not headerless and sniff(head) is None:
                break  # whoever opens it says so
        if count > MAX_STREAMED:
            file.close()
            size = f"{MAX_STREAMED >> 30} GiB"
            raise AudioError(f"{name}: goes on after {size}; write it to a file, and name that")
    return Content(file, name)


def _received(stream: Any, name: str) -> bytes:
    try:
        return stream.read(_BLOCK) or b""
    except Exception as error:  # of whatever library the stream is
        raise AudioError(f"{name}: cannot be read to its end ({error}); download it again") from error
