"""The recordings in a folder, and what is none."""

import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from voxaffect.audio.formats import ENDINGS, HEAD, sniff

_PLURAL = ("pipe", "device", "socket", "broken link")
"""Kinds that `special` names."""


@dataclass(frozen=True)
class Listing:
    """The files of a folder and all below it.

    Attributes:
        recordings: Files with an ending of a recording, and files that begin like one; sorted.
        skipped: All others but hidden ones; sorted.

    Examples:
        >>> print(Listing((), (Path("a.txt"), Path("notes/b.TXT"), Path("c.pdf"), Path("README"))))
        4 files are not recordings: 2 .txt, 1 .pdf, 1 without an ending
        >>> print(Listing((), (Path("/dev/null"), Path("/dev/zero"))))
        2 files are not recordings: 2 devices
        >>> print(Listing((), (Path("a.txt"),)))
        1 file is not a recording: 1 .txt
    """

    recordings: tuple[Path, ...]
    skipped: tuple[Path, ...] = field(repr=False)

    def __str__(self) -> str:
        """What is skipped, by kind or ending; empty where nothing is."""
        if not self.skipped:
            return ""
        count = len(self.skipped)
        kinds = Counter(special(path) or path.suffix.lower() or "without an ending" for path in self.skipped)
        counts = ", ".join(
            f"{number} {kind}{'s' * (kind in _PLURAL and number > 1)}" for kind, number in kinds.most_common()
        )
        return f"{f'{count} files are not recordings' if count > 1 else '1 file is not a recording'}: {counts}"


def recordings(folder: Path) -> Listing:
    """List the recordings in a folder and below it, whatever their ending and its case.

    Args:
        folder: To look in.

    Returns:
        The recordings, and the files that are none.

    Examples:
        >>> [path.name for path in recordings(Path("examples")).recordings]
        ['synthetic-voice.flac']
    """
    found, skipped = [], []
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or path.name.startswith("._"):  # macOS's notes
            continue
        if _is_recording(path):
            found.append(path)
        elif not path.name.startswith("."):
            skipped.append(path)
    return Listing(tuple(found), tuple(skipped))


def special(path: Path) -> str | None:
    """What a path is that is no file whose bytes can be read again: "pipe", "device", "socket" or "broken link".

    Examples:
        >>> special(Path("/dev/null")), special(Path("README.md")), special(Path("nowhere"))
        ('device', None, None)
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return "broken link" if path.is_symlink() else None
    if stat.S_ISFIFO(mode):
        return "pipe"
    if stat.S_ISSOCK(mode):
        return "socket"
    return "device" if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) else None


def _is_recording(path: Path) -> bool:
    if not path.is_file():
        # A link to nothing is named as such when it is opened; a pipe or a device may never end.
        return path.is_symlink() and not path.exists() and path.suffix.lower() in ENDINGS
    if path.suffix.lower() in ENDINGS:
        return True
    try:
        with path.open("rb") as file:
            return sniff(file.read(HEAD)) is not None
    except OSError:
        return False
