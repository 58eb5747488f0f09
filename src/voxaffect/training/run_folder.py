"""The folder of checkpoints of a run, and whose run it is."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from voxaffect.errors import SettingsError
from voxaffect.files.atomic import write_text
from voxaffect.settings import Experiment, experiment_from_tables
from voxaffect.splits import SIDES, Sides
from voxaffect.training import pretrained

NOTE, LAST, BEST = "voxaffect-run.json", "last.ckpt", "best.ckpt"
"""Whose run it is, and the checkpoints of its last epoch and of the best one."""


def claim(folder: Path, experiment: Experiment, split: Sides, resume: bool) -> None:
    """Note in a folder of checkpoints which experiment and which split they are of.

    No run goes on from another's: with another split, speakers that it trained on could be tested. A run that has not
    come to its first checkpoint is none.

    Raises SettingsError where the folder holds another run, or, without `resume`, any run at all, and what
    `pretrained.of` raises.
    """
    ids = json.dumps([split.ids(side) for side in SIDES]).encode()
    whose = {
        "split": split.name,
        "speakers": {side: sorted(getattr(split, side)) for side in SIDES},
        "ids_sha256": hashlib.sha256(ids).hexdigest(),
        "starts": [each.sha256 for each in pretrained.of(experiment)],
    }
    note = folder / NOTE
    begun = any((each / LAST).exists() for each in (folder, member(folder, 0)))
    if begun and not _is_of(note, experiment, whose):
        raise SettingsError(f"{folder}: holds a run with other settings or another split; name another --runs folder")
    if begun and not resume:
        raise SettingsError(f"{folder}: holds this run already; --resume goes on with it, or remove the folder")
    write_text(note, json.dumps({"experiment": experiment.to_dict(), **whose}, indent=1) + "\n")


def member(folder: Path, place: int) -> Path:
    """Where the checkpoints of one of several members lie, counted from 0."""
    return folder / f"member{place}"


def _is_of(note: Path, experiment: Experiment, whose: Mapping[str, Any]) -> bool:
    """Whether a note says just that. A setting that it does not know of had its default when it was written."""
    try:
        noted = json.loads(note.read_text("utf-8"))
        noted.setdefault("starts", [])  # which no run had when there were none
        return experiment_from_tables(noted.pop("experiment")) == experiment and noted == whose
    except (OSError, ValueError, KeyError, AttributeError):
        return False
