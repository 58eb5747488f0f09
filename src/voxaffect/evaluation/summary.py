"""Predictions to figures, with 95 % intervals that resample speakers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from voxaffect import metrics, migration
from voxaffect.calibration import risk_coverage
from voxaffect.card.scores import Comparison, Figure, GroupScores, RiskCoverage
from voxaffect.evaluation.predictions import Predictions
from voxaffect.metrics import Estimate
from voxaffect.records import Record, refuse


@dataclass(frozen=True, kw_only=True)
class Recall(Record):
    """Figures of one speaker or one seed, in [0, 1], without intervals.

    Attributes:
        uar: Of the tested classes; None where this is one.
        wa: Accuracy.
        utterances: How many were predicted.
        classes_tested: Where these are fewer than of the whole.
    """

    nulls: ClassVar[tuple[str, ...]] = ("uar",)

    uar: float | None = None
    wa: float
    utterances: int
    classes_tested: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class ClassScores(Record):
    """A tested class. recall: share that is predicted as it. utterances, speakers: how many have it."""

    recall: Figure
    utterances: int
    speakers: int


@dataclass(frozen=True, kw_only=True, repr=False)
class Summary(Record):
    """Figures of predictions, in [0, 1].

    Attributes:
        classes: Class names.
        classes_tested: Those that utterances have: UAR, F1 and chance are of these.
        chance: UAR of guessing: one by the number of tested classes; None where this is one.
        corpora: That the utterances are of; empty in older results.
        utterances, speakers: How many were predicted.
        uar, wa, f1: Unweighted average recall, accuracy, macro F1. With several seeds, means over them. UAR and F1 are
            None where one class is tested.
        ece: Expected calibration error.
        confidence: Mean; None in older results.
        by_class: Tested class -> its figures; empty in older results.
        risk_coverage: Accuracy and coverage by threshold of confidence; empty in older results.
        by_sex: Sex -> its figures, where it is known.
        women_less_men: Difference in UAR of the classes that both have, where both sexes are known and share two.
        mean_of_corpora, by_corpus: Mean of the corpora's UAR, and corpus -> its figures, where there are several.
        by_seed: Seed -> its figures, where there are several.
        by_speaker: Speaker -> its figures.
        confusion: Counts, truth in rows and prediction in columns, (classes, classes).
    """

    nulls: ClassVar[tuple[str, ...]] = ("chance", "uar", "f1")

    classes: tuple[str, ...]
    classes_tested: tuple[str, ...]
    chance: float | None = None
    corpora: tuple[str, ...] = ()
    utterances: int
    speakers: int
    uar: Figure | None = None
    wa: Figure
    f1: Figure | None = None
    ece: float
    confidence: float | None = None
    by_class: Mapping[str, ClassScores] = field(default_factory=dict, hash=False)
    risk_coverage: tuple[RiskCoverage, ...] = ()
    by_sex: Mapping[str, GroupScores] = field(hash=False)
    women_less_men: Comparison | None = None
    mean_of_corpora: Figure | None = None
    by_corpus: Mapping[str, GroupScores] = field(default_factory=dict, hash=False)
    by_seed: Mapping[str, Recall] = field(default_factory=dict, hash=False)
    by_speaker: Mapping[str, Recall] = field(hash=False)
    confusion: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        refuse(self.uar is None and len(self.classes_tested) > 1, "uar is missing, and several classes are tested")

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.headline}, {self.utterances} utterances of "
            f"{self.speakers} speakers, {len(self.classes)} classes)"
        )

    @property
    def headline_uar(self) -> Figure | None:
        """The UAR to judge by: of several corpora, the mean of theirs, so that a large one does not decide alone."""
        return self.mean_of_corpora or self.uar

    @property
    def headline(self) -> str:
        """`UAR 66.1 [62.0, 70.2] %`, of several corpora with `, mean of 7 corpora`; or why there is none."""
        if self.headline_uar is None:
            return f"no UAR: only {self.classes_tested[0]} is tested"
        mean = f", mean of {len(self.by_corpus)} corpora" if self.mean_of_corpora else ""
        return f"UAR {interval(self.headline_uar).strip()} %{mean}"

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """From a result file's content, of this version or an older one; unknown keys are ignored.

        Raises:
            RecordError: A value is missing, of another type or out of range.
        """
        return super().from_dict(migration.result(values) if isinstance(values, Mapping) else values)


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
    corpora, seeds, tested = by_corpus(predictions), np.unique(predictions.seed), classes_tested(predictions)
    several = len(corpora) > 1
    return Summary(
        classes=predictions.classes,
        classes_tested=tested,
        chance=round(1 / len(tested), 4) if len(tested) > 1 else None,
        corpora=tuple(corpora),
        utterances=len(np.unique(predictions.utterance)),
        speakers=len(np.unique(predictions.speaker)),
        **overall(predictions),
        risk_coverage=risk_coverage(truth, predictions.probabilities),
        by_sex={sex: _group(predictions.select(predictions.sex == sex), tested) for sex in sexes(predictions)},
        women_less_men=_women_less_men(predictions, tested),
        mean_of_corpora=figure(metrics.mean_uar([counts(each) for each in corpora.values()])) if several else None,
        by_corpus={name: _group(each, tested, compare=True) for name, each in corpora.items() if several},
        by_seed=_recalls(predictions, predictions.seed, tested) if len(seeds) > 1 else {},
        by_speaker=_recalls(predictions, predictions.speaker, tested),
        confusion=tuple(map(tuple, metrics.confusion(truth, prediction, n_classes).tolist())),
    )


def overall(predictions: Predictions) -> dict[str, Any]:
    """The figures of a `Summary` that are of all predictions together, by their names."""
    truth, probabilities = predictions.truth, predictions.probabilities
    figures = metrics.figures(truth, predictions.prediction, predictions.speaker, len(predictions.classes))
    return {
        "uar": figure(figures.uar),
        "wa": _known(figures.wa),
        "f1": figure(figures.f1),
        "ece": round(metrics.ece(truth, probabilities), 4),
        "confidence": round(float(probabilities.max(axis=1).mean()), 4),
        "by_class": _by_class(predictions, figures.recalls),
    }


def by_corpus(predictions: Predictions) -> dict[str, Predictions]:
    """Corpus -> its predictions, sorted by name."""
    return {str(name): predictions.select(predictions.corpus == name) for name in np.unique(predictions.corpus)}


def counts(predictions: Predictions) -> npt.NDArray[np.int64]:
    """Confusion matrices by speaker, in the order of their names: (speakers, classes, classes)."""
    return metrics.by_speaker(predictions.truth, predictions.prediction, predictions.speaker, len(predictions.classes))


def counts_by_corpus(predictions: Predictions) -> list[npt.NDArray[np.int64]]:
    """`counts` of each corpus, sorted by name."""
    return [counts(each) for each in by_corpus(predictions).values()]


def classes_tested(predictions: Predictions) -> tuple[str, ...]:
    """The classes that utterances have, in the order of all."""
    return tuple(name for index, name in enumerate(predictions.classes) if (predictions.truth == index).any())


def figure(estimate: Estimate) -> Figure | None:
    """An estimate to four places; None where it is not a number.

    Examples:
        >>> figure(Estimate(0.66667, 0.5, 0.8))
        Figure(value=0.6667, interval=(0.5, 0.8))
    """
    return None if np.isnan(estimate.value) else _known(estimate)


def interval(figure: Figure | None) -> str:
    """A figure and its interval in per cent.

    Examples:
        >>> interval(Figure(0.6612, (0.62, 0.702)))
        ' 66.1 [62.0, 70.2]'
        >>> interval(Figure(0.6612))
        ' 66.1 [no interval]'
    """
    if figure is None:
        return "    -"
    low, high = figure.interval
    ends = "no interval" if low is None or high is None else f"{100 * low:4.1f}, {100 * high:4.1f}"
    return f"{100 * figure.value:5.1f} [{ends}]"


def percent(figure: Figure | None) -> str:
    """A figure in per cent, without its interval.

    Examples:
        >>> percent(Figure(0.6612)), percent(None)
        ('66.1', '-')
    """
    return "-" if figure is None else f"{100 * figure.value:.1f}"


def sexes(predictions: Predictions) -> list[str]:
    """The known sexes of the speakers, sorted."""
    return [str(sex) for sex in np.unique(predictions.sex) if sex]


def _known(estimate: Estimate) -> Figure:
    ends = tuple(None if np.isnan(end) else round(end, 4) for end in (estimate.low, estimate.high))
    return Figure(round(estimate.value, 4), ends)


def _by_class(predictions: Predictions, recalls: Sequence[Estimate]) -> dict[str, ClassScores]:
    found = {}
    for index, (name, recall) in enumerate(zip(predictions.classes, recalls, strict=True)):
        rows = predictions.truth == index
        if rows.any():
            utterances, speakers = (
                len(np.unique(names[rows])) for names in (predictions.utterance, predictions.speaker)
            )
            found[name] = ClassScores(recall=_known(recall), utterances=utterances, speakers=speakers)
    return found


def _group(predictions: Predictions, tested: tuple[str, ...], *, compare: bool = False) -> GroupScores:
    """Figures of a part. tested: classes of the whole. compare: women with men as well."""
    figures = metrics.figures(predictions.truth, predictions.prediction, predictions.speaker, len(predictions.classes))
    own = classes_tested(predictions)
    return GroupScores(
        uar=figure(figures.uar),
        wa=figure(figures.wa),
        f1=figure(figures.f1),
        women_less_men=_women_less_men(predictions, own) if compare else None,
        utterances=len(np.unique(predictions.utterance)),
        speakers=len(np.unique(predictions.speaker)),
        classes_tested=_fewer(own, tested),
    )


def _women_less_men(predictions: Predictions, tested: tuple[str, ...]) -> Comparison | None:
    """Of the classes that both have; None where these are not two."""
    if not {"female", "male"} <= set(sexes(predictions)):
        return None
    women, men = (predictions.select(predictions.sex == sex) for sex in ("female", "male"))
    gap = figure(metrics.uar_gap(counts(women), counts(men)))
    shared = tuple(name for name in classes_tested(women) if name in classes_tested(men))
    return Comparison(gap.value, gap.interval, _fewer(shared, tested)) if gap else None


def _recalls(predictions: Predictions, owners: npt.NDArray[np.str_], tested: tuple[str, ...]) -> dict[str, Recall]:
    return {str(owner): _recall(predictions.select(owners == owner), tested) for owner in np.unique(owners)}


def _recall(predictions: Predictions, tested: tuple[str, ...]) -> Recall:
    confusion = metrics.confusion(predictions.truth, predictions.prediction, len(predictions.classes))
    own = classes_tested(predictions)
    return Recall(
        uar=round(float(metrics.uar(confusion)), 4) if len(own) > 1 else None,
        wa=round(float(metrics.wa(confusion)), 4),
        utterances=len(np.unique(predictions.utterance)),
        classes_tested=_fewer(own, tested),
    )


def _fewer(own: tuple[str, ...], tested: tuple[str, ...]) -> tuple[str, ...] | None:
    return None if own == tested else own
