"""The folder of checkpoints of a run: whose it is, and which process trains in it."""

import errno
import hashlib
import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from voxaffect.errors import SettingsError
from voxaffect.files.atomic import write_text
from voxaffect.settings import Experiment, experiment_from_tables
from voxaffect.splits import SIDES, Sides
from voxaffect.training.pretrained import PretrainedWeights, load_pretrained

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NOTE, LAST, BEST, LOCK = "voxaffect-run.json", "last.ckpt", "best.ckpt", "voxaffect-run.lock"
"""The run's identity, the checkpoints of its last and its best epoch, and the lock of the process that trains."""


def claim(folder: Path, experiment: Experiment, split: Sides, *, resume: bool) -> None:
    """Check that a run can use a folder of checkpoints, and note there which run it is.

    No run continues another's checkpoints: with another split, speakers that it trained on could be tested. A run
    without a checkpoint counts as none.

    Args:
        folder: Of the checkpoints.
        experiment: The run's settings.
        split: The run's sides.
        resume: Whether checkpoints of the same run are continued.

    Raises:
        SettingsError: The folder holds another run, or, without `resume`, any run; another process trains in it.
        BundleError: Pretrained weights are missing or damaged.
    """
    with claimed(folder, identity(experiment, split, load_pretrained(experiment)), resume=resume):
        pass


@contextmanager
def claimed(folder: Path, identity: str, *, resume: bool) -> Iterator[None]:
    """`claim` a folder and lock it against other processes until the block or this process ends.

    Args:
        folder: Of the checkpoints.
        identity: Of the run.
        resume: Whether checkpoints of the same run are continued.

    Raises:
        SettingsError: As `claim`.
    """
    with _locked(folder):
        note = folder / NOTE
        begun = any((each / LAST).exists() for each in (folder, member(folder, 0)))
        if begun and not same_run(note.read_text("utf-8", "replace") if note.exists() else "", identity):
            raise SettingsError(
                f"{folder}: holds a run with other settings or another split; name another folder by `runs`"
            )
        if begun and not resume:
            raise SettingsError(f"{folder}: holds this run already; `resume` goes on with it, or remove the folder")
        write_text(note, identity)
        yield


def discard(folder: Path) -> None:
    """Remove a run's checkpoints and whatever else its folder holds.

    Raises:
        SettingsError: Another process trains in it.
    """
    with _locked(folder):
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != LOCK:
                path.unlink()


def member(folder: Path, place: int) -> Path:
    """The folder of one of several members, counted from 0."""
    return folder / f"member{place}"


def identity(experiment: Experiment, split: Sides, pretrained: Iterable[PretrainedWeights]) -> str:
    """What makes a run itself, as JSON: its settings, its speakers, hashes of its utterances and pretrained weights."""
    ids = json.dumps([split.ids(side) for side in SIDES]).encode()
    parts = {
        "experiment": experiment.to_dict(),
        "split": split.name,
        "speakers": {side: sorted(getattr(split, side)) for side in SIDES},
        "ids_sha256": hashlib.sha256(ids).hexdigest(),
        "pretrained": [each.sha256 for each in pretrained],
    }
    return json.dumps(parts, indent=1) + "\n"


def same_run(one: str, other: str) -> bool:
    """Whether two identities are of one run. A setting that one does not know had its default when it was written."""
    try:
        return _parsed(one) == _parsed(other)
    except (ValueError, KeyError, AttributeError, TypeError):
        return False


def about(history: Sequence[Mapping[str, float]], seconds: float, device: str, identity: str) -> dict[str, Any]:
    """What a checkpoint holds besides weights, under "voxaffect".

    Args:
        history: Figures of each epoch.
        seconds: Duration of training so far.
        device: "cpu", "cuda" and so on.
        identity: Of the run.
    """
    return {"history": list(history), "seconds": seconds, "device": device, "run": identity}


def _parsed(identity: str) -> dict[str, Any]:
    parts = json.loads(identity)
    # What no run had when there were no pretrained weights, and what they were called before 0.2.
    parts["pretrained"] = parts.pop("pretrained", parts.pop("starts", []))
    return {**parts, "experiment": experiment_from_tables(parts["experiment"])}


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
