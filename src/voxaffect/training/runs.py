"""The folder of checkpoints of a run, and whose run it is."""

import hashlib
import json
from pathlib import Path

from voxaffect.atomic import write_text
from voxaffect.errors import SettingsError
from voxaffect.splits import SIDES, Sides
from voxaffect.training.experiment import Experiment

NOTE, LAST, BEST = "voxaffect-run.json", "last.ckpt", "best.ckpt"
"""Whose run it is, and the checkpoints of its last epoch and of the best one."""


def claim(folder: Path, experiment: Experiment, split: Sides, resume: bool) -> None:
    """Note in a folder of checkpoints which experiment and which split they are of.

    No run goes on from another's: with another split, speakers that it trained on could be tested. A run that has not
    come to its first checkpoint is none.

    Raises SettingsError where the folder holds another run, or, without `resume`, any run at all.
    """
    ids = json.dumps([split.ids(side) for side in SIDES]).encode()
    about = {
        "experiment": experiment.as_dict(),
        "split": split.name,
        "speakers": {side: sorted(getattr(split, side)) for side in SIDES},
        "ids_sha256": hashlib.sha256(ids).hexdigest(),
    }
    note, text = folder / NOTE, json.dumps(about, indent=1) + "\n"
    begun = (folder / LAST).exists()
    if begun and (not note.exists() or note.read_text("utf-8") != text):
        raise SettingsError(f"{folder}: holds a run with other settings or another split; name another --runs folder")
    if begun and not resume:
        raise SettingsError(f"{folder}: holds this run already; --resume goes on with it, or remove the folder")
    write_text(note, text)
