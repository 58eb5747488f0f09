"""A training run: what is trained, on what, and where its checkpoints lie. Needs no PyTorch."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from voxaffect import labels
from voxaffect.card.scores import Calibration, Scores
from voxaffect.corpora import Description, Utterance
from voxaffect.errors import check
from voxaffect.labels import Scheme
from voxaffect.settings import Experiment
from voxaffect.splits import Sides

Device = Literal["auto", "cpu", "gpu"]
DEVICES: tuple[Device, ...] = ("auto", "cpu", "gpu")


@dataclass(frozen=True)
class Run:
    """One training: an experiment on a split.

    Args:
        experiment: All settings.
        corpora: The corpora that it is trained on, for the card.
        utterances: At least those of the split.
        split: Who trains, validates and tests.
        folder: Where checkpoints are written. No two runs share one.
        fold: Name of the split's fold; empty where there is one.
        seed: Name of the seed; empty where there is one.

    Examples:
        >>> from voxaffect.settings import read_experiment
        >>> from voxaffect.splits import Split
        >>> split = Split("mine", {"x/1": ("a",)}, {}, {})
        >>> Run(read_experiment("cnn"), (), (), split, Path("runs/cnn"), fold="2").label
        'cnn fold 2'
    """

    experiment: Experiment
    corpora: tuple[Description, ...] = field(repr=False)
    utterances: tuple[Utterance, ...] = field(repr=False)
    split: Sides = field(repr=False)
    folder: Path
    fold: str = ""
    seed: str = ""

    @property
    def scheme(self) -> Scheme:
        """The classes."""
        return labels.scheme(self.experiment.training.scheme)

    @property
    def label(self) -> str:
        """Name of the run in progress messages."""
        parts = (self.experiment.name, self.fold and f"fold {self.fold}", self.seed and f"seed {self.seed}")
        return " ".join(filter(None, parts))


@dataclass(frozen=True)
class RunOptions:
    """How a run is executed. Nothing here changes what is trained.

    Args:
        resume: Continue from the checkpoints in the run's folder.
        threads: Threads of PyTorch on the CPU, at least 1; None: PyTorch's own choice.
        device: "auto", "cpu" or "gpu".

    Raises:
        SettingsError: A value is out of range.
    """

    resume: bool = False
    threads: int | None = None
    device: Device = "auto"

    def __post_init__(self) -> None:
        check(self.threads is None or self.threads >= 1, f"threads={self.threads}: choose at least 1")
        check(self.device in DEVICES, f"device={self.device!r} is not known; choose one of {', '.join(DEVICES)}")


@dataclass(frozen=True)
class CrossValidation:
    """Scores and calibration for the card of a model without test speakers; the temperature divides its logits."""

    scores: Scores
    calibration: Calibration
