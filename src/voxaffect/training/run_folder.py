"""The folder of checkpoints of a run, and whose run it is."""

import errno
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from voxaffect.errors import SettingsError
from voxaffect.files.atomic import write_text
from voxaffect.settings import Experiment, experiment_from_tables
from voxaffect.splits import SIDES, Sides
from voxaffect.training import pretrained

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NOTE, LAST, BEST, LOCK = "voxaffect-run.json", "last.ckpt", "best.ckpt", "voxaffect-run.lock"
"""Whose run it is, the checkpoints of its last epoch and of the best one, and what its process holds."""


def claim(folder: Path, experiment: Experiment, split: Sides, *, resume: bool) -> None:
    """Note in a folder of checkpoints which experiment and which split they are of.

    No run goes on from another's: with another split, speakers that it trained on could be tested. A run that has not
    come to its first checkpoint is none.

    Raises SettingsError where the folder holds another run, or, without `resume`, any run at all, or another process
    trains in it, and what `pretrained.of` raises.
    """
    with claimed(folder, experiment, split, resume=resume):
        pass


@contextmanager
def claimed(folder: Path, experiment: Experiment, split: Sides, *, resume: bool) -> Iterator[None]:
    """`claim`, and let no other process claim the folder until the block ends, or this process."""
    with _locked(folder):
        note = folder / NOTE
        begun = any((each / LAST).exists() for each in (folder, member(folder, 0)))
        if begun and not is_of(note.read_text("utf-8", "replace") if note.exists() else "", experiment, split):
            raise SettingsError(
                f"{folder}: holds a run with other settings or another split; name another folder by `runs`"
            )
        if begun and not resume:
            raise SettingsError(f"{folder}: holds this run already; `resume` goes on with it, or remove the folder")
        write_text(note, whose(experiment, split))
        yield


def member(folder: Path, place: int) -> Path:
    """Where the checkpoints of one of several members lie, counted from 0."""
    return folder / f"member{place}"


def whose(experiment: Experiment, split: Sides) -> str:
    """The note of a run: JSON with its settings, its speakers and hashes of its utterances and of what it starts from.

    Raises what `pretrained.of` raises.
    """
    return json.dumps({"experiment": experiment.to_dict(), **_rest(experiment, split)}, indent=1) + "\n"


def is_of(note: str, experiment: Experiment, split: Sides) -> bool:
    """Whether a note says just that. A setting that it does not know of had its default when it was written."""
    try:
        noted = json.loads(note)
        noted.setdefault("starts", [])  # which no run had when there were none
        return experiment_from_tables(noted.pop("experiment")) == experiment and noted == _rest(experiment, split)
    except (ValueError, KeyError, AttributeError, TypeError):
        return False


def _rest(experiment: Experiment, split: Sides) -> dict[str, Any]:
    ids = json.dumps([split.ids(side) for side in SIDES]).encode()
    return {
        "split": split.name,
        "speakers": {side: sorted(getattr(split, side)) for side in SIDES},
        "ids_sha256": hashlib.sha256(ids).hexdigest(),
        "starts": [each.sha256 for each in pretrained.of(experiment)],
    }


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder against other processes. The system lets it go when this process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("ab") as file:
        try:
            if sys.platform == "win32":
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            # Some network file systems have no locks; `fit` will refuse checkpoints that are not its own.
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise SettingsError(
                    f"{folder}: another process trains in it; wait until it has ended, or name another folder by `runs`"
                ) from None
        yield
