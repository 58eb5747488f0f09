"""The interface of probes, their input and their results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from voxaffect.corpora import Utterance
from voxaffect.evaluation.predictions import Predictions
from voxaffect.inference.recognizer import Recognizer
from voxaffect.labels import Scheme

Measured = TypeVar("Measured")

Progress = Callable[[int, str], Callable[[], None]]
"""Called with the number of recordings and the name of the step; returns a function to call after every recording."""


def silent(total: int, done: str) -> Callable[[], None]:
    """No progress."""
    return lambda: None


@dataclass(frozen=True)
class TestSet:
    """Recordings of test speakers.

    Attributes:
        utterances: Of emotions that the scheme has a class for: those that are scored.
        recordings: Of whatever emotion.
        scheme: That the bundle was trained with.
        fold, seed: For tables of predictions.
    """

    __test__: ClassVar[bool] = False  # nothing that pytest should collect

    utterances: tuple[Utterance, ...]
    recordings: tuple[Utterance, ...]
    scheme: Scheme
    fold: str = ""
    seed: str = ""


class Findings(Protocol):
    """Results of a probe over all folds."""

    def to_dict(self) -> dict[str, Any]:
        """For a result file."""
        ...

    def as_text(self) -> str:
        """For a terminal."""
        ...


class Probe(Protocol[Measured]):
    """Something that is measured of a bundle besides its score.

    Attributes:
        name: In `PROBES`, and of its result files.
        files: Names of its files in a fold's folder.
        words: The options of `voxaffect benchmark` that ask for it.
        needs_baseline_head: Whether the bundle must have a baseline head.
        needs_recordings: Whether it needs a test set.
    """

    name: ClassVar[str]
    needs_baseline_head: ClassVar[bool] = False
    needs_recordings: ClassVar[bool] = True

    @property
    def files(self) -> tuple[str, ...]:
        """Names of files."""
        ...

    @property
    def words(self) -> tuple[str, ...]:
        """Command line words."""
        ...

    def measure(
        self, recognizer: Recognizer, test: TestSet, *, folder: Path | None = None, progress: Progress = silent
    ) -> Measured:
        """Measure one bundle.

        Args:
            recognizer: Of the bundle, without a baseline.
            test: Recordings of speakers that it was not trained on.
            folder: Where its files are read, if they exist, and otherwise written; None: neither.
            progress: Of recordings.
        """
        ...

    def merge(self, measured: Sequence[Measured], predictions: Predictions | None) -> Findings:
        """All folds taken together.

        Args:
            measured: Of each fold.
            predictions: Of all folds' test sets, as recorded; None without test sets.
        """
        ...
