"""What baselines are worth: UAR against the number of recordings that they are computed from, under conditions too."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from voxaffect.augment.conditions import named
from voxaffect.baseline_head import BaselineHead
from voxaffect.evaluation.predictions import CLEAN, Predictions
from voxaffect.evaluation.probes.base import Probe, Progress, TestSet, silent
from voxaffect.evaluation.probes.baseline_curve import BaselineCurve, curve
from voxaffect.evaluation.probes.embeddings import Embeddings
from voxaffect.evaluation.probes.under import Under
from voxaffect.inference.baseline import baseline_head
from voxaffect.inference.recognizer import Recognizer


@dataclass(frozen=True)
class Baselines(Probe[tuple[BaselineHead, dict[str, Embeddings]]]):
    """The probe.

    Args:
        conditions: Names of conditions, under which baselines are computed and scored as well. Together with the probe
            `Conditions`, they are that one's.

    Examples:
        >>> Baselines().words
        ('--baseline-curve',)
    """

    conditions: tuple[str, ...] = ()

    name: ClassVar[str] = "baselines"
    needs_baseline_head: ClassVar[bool] = True
    words: ClassVar[tuple[str, ...]] = ("--baseline-curve",)

    def __post_init__(self) -> None:
        object.__setattr__(self, "conditions", named(self.conditions))

    @property
    def files(self) -> tuple[str, ...]:
        """Embeddings, and those under each condition."""
        return ("embeddings.npz", *(f"embeddings-{name}.npz" for name in self.conditions))

    def measure(
        self, recognizer: Recognizer, test: TestSet, *, folder: Path | None = None, progress: Progress = silent
    ) -> tuple[BaselineHead, dict[str, Embeddings]]:
        """The bundle's baseline head, and condition -> embeddings of the test speakers' recordings."""
        head, measured = baseline_head(recognizer.bundle), dict[str, Embeddings]()
        for name, file in zip((CLEAN, *self.conditions), self.files, strict=True):
            path = folder / file if folder else None
            if path and path.exists():
                measured[name] = Embeddings.read(path)
                continue
            about = "recordings for baselines" + (f" under {name}" if name != CLEAN else "")
            tick, load = progress(len(test.recordings), about), None if name == CLEAN else Under(name, test.utterances)
            measured[name] = Embeddings.of(recognizer, test.recordings, test.scheme, tick, load)
            if path:
                measured[name].write(path)
        return head, measured

    def merge(
        self, measured: Sequence[tuple[BaselineHead, dict[str, Embeddings]]], predictions: Predictions | None
    ) -> BaselineCurve:
        """The curves over all folds; `predictions` are not used."""
        curves = {
            name: curve([(head, embeddings[name]) for head, embeddings in measured])
            for name in (CLEAN, *self.conditions)
        }
        clean = curves.pop(CLEAN)
        return replace(clean, by_condition=curves)
