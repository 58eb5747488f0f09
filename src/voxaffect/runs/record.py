"""What is kept of a finished run besides its bundle and predictions. Needs no PyTorch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from voxaffect.records import Record

RECORD = "run.json"
"""In a run's folder."""


@dataclass(frozen=True, kw_only=True)
class RunRecord(Record):
    """Figures of a finished run.

    Attributes:
        fold, seed: Of the run; None where there is one seed.
        test, dev: Speakers.
        uar, wa: Of the test side; uar is None where one class is tested.
        epochs, best_epoch: Epochs trained, and the one whose weights are used.
        temperature: Of the calibration, if any.
        dev_loss: Of the best epoch; None without validation.
        seconds: Duration of training.
        parameters, model_bytes: Of the exported model.
        commit, device, versions: Of the source, of training, of packages.
        history: Figures of every epoch, as `train_loss`.
    """

    fold: str = ""
    seed: int | None = None
    test: tuple[str, ...]
    dev: tuple[str, ...]
    uar: float | None = None
    wa: float
    epochs: int
    best_epoch: int
    temperature: float | None = None
    dev_loss: float | None = None
    seconds: int
    parameters: int
    model_bytes: int
    commit: str
    device: str
    versions: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    history: tuple[Mapping[str, float], ...] = field(default=(), hash=False, repr=False)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Of a run's folder."""
        return cls.from_dict(json.loads((folder / RECORD).read_text("utf-8")))
