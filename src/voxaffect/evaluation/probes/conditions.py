"""What telephones, rooms and noise cost: the same utterances scored as recorded and under each condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from voxaffect import metrics
from voxaffect.augment import CONDITIONS
from voxaffect.augment.conditions import ALL, named
from voxaffect.card.scores import Figure
from voxaffect.evaluation.predictions import CLEAN, Predictions, join, predict
from voxaffect.evaluation.probes.base import Probe, Progress, TestSet, silent
from voxaffect.evaluation.probes.under import Under
from voxaffect.evaluation.summary import ClassScores, counts_by_corpus, figure, interval, overall, percent, sexes
from voxaffect.inference.recognizer import Recognizer
from voxaffect.records import Record


@dataclass(frozen=True)
class Loss(Record):
    """UAR under a condition, and what is lost of the UAR as recorded; of several corpora, means over them.

    Both are None where one class is tested.
    """

    nulls: ClassVar[tuple[str, ...]] = ("uar", "loss")

    uar: Figure | None = None
    loss: Figure | None = None


@dataclass(frozen=True)
class ConditionScore(Loss):
    """A condition.

    Attributes:
        by_sex: Sex -> UAR and loss, where it is known.
        wa, ece, confidence, by_class: As of a `Summary`; None or empty in older results.
    """

    by_sex: Mapping[str, Loss] = field(default_factory=dict, hash=False)
    wa: Figure | None = None
    ece: float | None = None
    confidence: float | None = None
    by_class: Mapping[str, ClassScores] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class ConditionScores:
    """What each condition costs.

    Attributes:
        by_condition: Name -> its score, that of `CLEAN` first.
        predictions: Name -> predictions.
    """

    by_condition: Mapping[str, ConditionScore] = field(hash=False)
    predictions: Mapping[str, Predictions] = field(default_factory=dict, hash=False, repr=False, compare=False)

    def to_dict(self) -> dict[str, object]:
        """For a result file."""
        return {name: score.to_dict() for name, score in self.by_condition.items()}

    def as_text(self) -> str:
        """A table for a terminal, in per cent."""
        by_sex = list(self.by_condition[CLEAN].by_sex)
        width = max(map(len, self.by_condition)) + 2
        head = f"  {'':{width}}{'UAR':>5}   {'less than clean':<22}{'confidence':>10}"
        lines = [head + "".join(f"{sex:>8}" for sex in by_sex)]
        for name, score in self.by_condition.items():
            loss = "" if name == CLEAN else interval(score.loss)
            sure = "-" if score.confidence is None else f"{100 * score.confidence:.1f}"
            cells = "".join(f"{percent(score.by_sex[sex].uar):>8}" for sex in by_sex)
            lines.append(f"  {name:{width}}{percent(score.uar):>5}   {loss:<22}{sure:>10}{cells}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Conditions(Probe[dict[str, Predictions]]):
    """The probe.

    Args:
        names: Of `augment.CONDITIONS`, also joined by +, or "all".

    Raises:
        SettingsError: No condition has one of the names.

    Examples:
        >>> Conditions(("mu-law", "telephone+white-20")).words
        ('--conditions', 'mu-law,telephone+white-20')
    """

    names: tuple[str, ...] = (ALL,)

    name: ClassVar[str] = "conditions"

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", named(self.names))

    @property
    def files(self) -> tuple[str, ...]:
        """A table of predictions a condition."""
        return tuple(f"predictions-{name}.csv" for name in self.names)

    @property
    def words(self) -> tuple[str, ...]:
        """Command line words."""
        return ("--conditions", ALL if self.names == tuple(CONDITIONS) else ",".join(self.names))

    def measure(
        self, recognizer: Recognizer, test: TestSet, *, folder: Path | None = None, progress: Progress = silent
    ) -> dict[str, Predictions]:
        """Condition -> predictions."""
        measured = {}
        for name, file in zip(self.names, self.files, strict=True):
            path = folder / file if folder else None
            if path and path.exists():
                measured[name] = Predictions.read(path)
                continue
            load, tick = Under(name, test.utterances), progress(len(test.utterances), f"under {name}")
            measured[name] = predict(
                recognizer, test.utterances, test.scheme, fold=test.fold, seed=test.seed, load=load, tick=tick
            )
            if path:
                measured[name].write(path)
        return measured

    def merge(self, measured: Sequence[Mapping[str, Predictions]], predictions: Predictions | None) -> ConditionScores:
        """What each condition costs, over all folds."""
        assert predictions is not None  # it needs recordings
        return compare({CLEAN: predictions, **{name: join([each[name] for each in measured]) for name in self.names}})


def compare(by_condition: Mapping[str, Predictions]) -> ConditionScores:
    """Score each condition against the recordings as they are.

    Args:
        by_condition: Name -> predictions of the same utterances, those of `CLEAN` among them.
    """
    clean = by_condition[CLEAN]
    scores = {}
    for name, predictions in by_condition.items():
        both = (predictions, clean)
        by_sex = {sex: Loss(*_loss(*(each.select(each.sex == sex) for each in both))) for sex in sexes(clean)}
        about = overall(predictions)
        figures = {key: about[key] for key in ("wa", "ece", "confidence", "by_class")}
        scores[name] = ConditionScore(*_loss(*both), by_sex, **figures)
    return ConditionScores(scores, dict(by_condition))


def _loss(predictions: Predictions, clean: Predictions) -> tuple[Figure | None, Figure | None]:
    under, before = counts_by_corpus(predictions), counts_by_corpus(clean)
    return figure(metrics.mean_uar(under)), figure(metrics.mean_uar_difference(before, under))
