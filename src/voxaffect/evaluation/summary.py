"""Predictions to figures, with 95 % intervals that resample speakers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from voxaffect import metrics, migration
from voxaffect.calibration import risk_coverage
from voxaffect.card.scores import Figure, GroupScores, RiskCoverage, Scores
from voxaffect.evaluation.predictions import Predictions
from voxaffect.metrics import Estimate
from voxaffect.records import Record


@dataclass(frozen=True)
class Recall(Record):
    """Figures of one speaker or one seed, in [0, 1], without intervals."""

    uar: float
    wa: float
    utterances: int


@dataclass(frozen=True, kw_only=True, repr=False)
class Summary(Record):
    """Figures of predictions, in [0, 1].

    Attributes:
        classes: Class names.
        utterances, speakers: How many were predicted.
        uar, wa, f1: Unweighted average recall, accuracy, macro F1. With several seeds, means over them.
        ece: Expected calibration error.
        risk_coverage: Accuracy and coverage by threshold of confidence; empty in older results.
        by_sex: Sex -> its figures, where it is known.
        women_less_men: Difference in UAR, where both sexes are known.
        mean_of_corpora, by_corpus: Mean of the corpora's UAR, and corpus -> its figures, where there are several.
        by_seed: Seed -> its figures, where there are several.
        by_speaker: Speaker -> its figures.
        confusion: Counts, truth in rows and prediction in columns, (classes, classes).
    """

    classes: tuple[str, ...]
    utterances: int
    speakers: int
    uar: Figure
    wa: Figure
    f1: Figure
    ece: float
    risk_coverage: tuple[RiskCoverage, ...] = ()
    by_sex: Mapping[str, GroupScores] = field(hash=False)
    women_less_men: Figure | None = None
    mean_of_corpora: Figure | None = None
    by_corpus: Mapping[str, GroupScores] = field(default_factory=dict, hash=False)
    by_seed: Mapping[str, Recall] = field(default_factory=dict, hash=False)
    by_speaker: Mapping[str, Recall] = field(hash=False)
    confusion: tuple[tuple[int, ...], ...]

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(UAR {interval(self.uar).strip()} %, {self.utterances} utterances of "
            f"{self.speakers} speakers, {len(self.classes)} classes)"
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """From a result file's content, of this version or an older one; unknown keys are ignored.

        Raises:
            RecordError: A value is missing, of another type or out of range.
        """
        return super().from_dict(migration.result(values) if isinstance(values, Mapping) else values)

    def scores(self, on: str, *, commit: str | None = None) -> Scores:
        """Those figures that go onto a card. on: what was scored. commit: of the source that scored it."""
        return Scores.from_dict({**self.to_dict(), "on": on, "commit": commit})


def summarise(predictions: Predictions) -> Summary:
    """Compute all figures of predictions. Several seeds are counted together.

    Examples:
        >>> import numpy as np
        >>> blank = np.array([""] * 4)
        >>> speaker = np.array(["x/1", "x/1", "x/2", "x/2"])
        >>> probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]])
        >>> predictions = Predictions(("a", "b"), np.arange(4).astype(str), speaker, blank, blank, blank,
        ...     np.array([0, 1, 0, 1]), probabilities)
        >>> summarise(predictions).uar.value
        0.75
    """
    truth, prediction, n_classes = predictions.truth, predictions.prediction, len(predictions.classes)
    corpora, seeds = by_corpus(predictions), np.unique(predictions.seed)
    several = len(corpora) > 1
    return Summary(
        classes=predictions.classes,
        utterances=len(np.unique(predictions.utterance)),
        speakers=len(np.unique(predictions.speaker)),
        **_figures(predictions),
        ece=round(metrics.ece(truth, predictions.probabilities), 4),
        risk_coverage=risk_coverage(truth, predictions.probabilities),
        by_sex={sex: GroupScores(**_figures(predictions.select(predictions.sex == sex))) for sex in sexes(predictions)},
        women_less_men=_women_less_men(predictions),
        mean_of_corpora=figure(metrics.mean_uar([counts(each) for each in corpora.values()])) if several else None,
        by_corpus={
            name: GroupScores(**_figures(each), women_less_men=_women_less_men(each))
            for name, each in corpora.items()
            if several
        },
        by_seed=_recalls(predictions, predictions.seed) if len(seeds) > 1 else {},
        by_speaker=_recalls(predictions, predictions.speaker),
        confusion=tuple(map(tuple, metrics.confusion(truth, prediction, n_classes).tolist())),
    )


def by_corpus(predictions: Predictions) -> dict[str, Predictions]:
    """Corpus -> its predictions, sorted by name."""
    return {str(name): predictions.select(predictions.corpus == name) for name in np.unique(predictions.corpus)}


def counts(predictions: Predictions) -> npt.NDArray[np.int64]:
    """Confusion matrices by speaker, in the order of their names: (speakers, classes, classes)."""
    return metrics.by_speaker(predictions.truth, predictions.prediction, predictions.speaker, len(predictions.classes))


def counts_by_corpus(predictions: Predictions) -> list[npt.NDArray[np.int64]]:
    """`counts` of each corpus, sorted by name."""
    return [counts(each) for each in by_corpus(predictions).values()]


def figure(estimate: Estimate) -> Figure:
    """An estimate to four places.

    Examples:
        >>> figure(Estimate(0.66667, 0.5, 0.8))
        Figure(value=0.6667, interval=(0.5, 0.8))
    """
    ends = tuple(None if np.isnan(end) else round(end, 4) for end in (estimate.low, estimate.high))
    return Figure(round(estimate.value, 4), ends)


def interval(figure: Figure) -> str:
    """A figure and its interval in per cent.

    Examples:
        >>> interval(Figure(0.6612, (0.62, 0.702)))
        ' 66.1 [62.0, 70.2]'
    """
    low, high = figure.interval
    if low is None or high is None:
        return f"{100 * figure.value:5.1f} [one speaker]"
    return f"{100 * figure.value:5.1f} [{100 * low:4.1f}, {100 * high:4.1f}]"


def sexes(predictions: Predictions) -> list[str]:
    """The known sexes of the speakers, sorted."""
    return [str(sex) for sex in np.unique(predictions.sex) if sex]


def _figures(predictions: Predictions) -> dict[str, Figure]:
    """UAR, WA and F1 with intervals."""
    figures = metrics.figures(predictions.truth, predictions.prediction, predictions.speaker, len(predictions.classes))
    return {name: figure(estimate) for name, estimate in figures._asdict().items()}


def _women_less_men(predictions: Predictions) -> Figure | None:
    if len(sexes(predictions)) < 2:
        return None
    women, men = (counts(predictions.select(predictions.sex == sex)) for sex in ("female", "male"))
    return figure(metrics.uar_gap(women, men))


def _recalls(predictions: Predictions, owners: npt.NDArray[np.str_]) -> dict[str, Recall]:
    return {str(owner): _recall(predictions.select(owners == owner)) for owner in np.unique(owners)}


def _recall(predictions: Predictions) -> Recall:
    confusion = metrics.confusion(predictions.truth, predictions.prediction, len(predictions.classes))
    uar, wa = round(float(metrics.uar(confusion)), 4), round(float(metrics.wa(confusion)), 4)
    return Recall(uar, wa, len(np.unique(predictions.utterance)))
