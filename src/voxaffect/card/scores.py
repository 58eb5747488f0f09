"""What a card says of quality: figures with intervals, and how confidence and accuracy go together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from voxaffect.records import Record, refuse


@dataclass(frozen=True)
class RiskCoverage(Record):
    """A point of the risk-coverage curve.

    Attributes:
        threshold: Of confidence.
        coverage: Share of recordings at or above it.
        accuracy: Share of these that are classified correctly; None where fewer than 20 are.
    """

    threshold: float
    coverage: float
    accuracy: float | None = None

    def __post_init__(self) -> None:
        values = (self.threshold, self.coverage, self.accuracy or 0.0)
        refuse(not all(0 <= value <= 1 for value in values), "a point of the curve is not within 0 and 1")


@dataclass(frozen=True)
class Calibration(Record):
    """How confidence and accuracy go together.

    Attributes:
        on: The recordings that it was measured on.
        temperature: What logits were divided by; the graph contains it.
        risk_coverage: By ascending thresholds.
    """

    on: str
    temperature: float
    risk_coverage: tuple[RiskCoverage, ...]

    def __post_init__(self) -> None:
        refuse(not self.temperature > 0, f"temperature={self.temperature} is not above 0")
        thresholds = [point.threshold for point in self.risk_coverage]
        refuse(sorted(set(thresholds)) != thresholds, "thresholds of risk_coverage do not ascend")


@dataclass(frozen=True)
class Figure(Record):
    """A figure in [0, 1] (a difference: in [-1, 1]) and its 95 % interval over speakers; None: of a single speaker."""

    value: float
    interval: tuple[float | None, ...] = (None, None)

    def __post_init__(self) -> None:
        refuse(len(self.interval) != 2, "an interval has two ends")
        values = [end for end in (self.value, *self.interval) if end is not None]
        refuse(any(abs(value) > 1 for value in values), f"{values} are no figures between -1 and 1")


@dataclass(frozen=True)
class Comparison(Figure):
    """A difference. classes_tested: the classes that both have, where these are fewer than all that are tested."""

    classes_tested: tuple[str, ...] | None = None


@dataclass(frozen=True)
class GroupScores(Record):
    """Figures of a part of the recordings: of one sex or one corpus.

    Attributes:
        uar, wa, f1: As of `Scores`.
        women_less_men: As of `Scores`.
        utterances, speakers: How many were scored; None in older results.
        classes_tested: Where these are fewer than of the whole.
    """

    nulls: ClassVar[tuple[str, ...]] = ("uar", "f1")

    uar: Figure | None = None
    wa: Figure | None = None
    f1: Figure | None = None
    women_less_men: Comparison | None = None
    utterances: int | None = None
    speakers: int | None = None
    classes_tested: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Scores(Record):
    """Figures of speakers that training did not use; all None where there were none.

    Attributes:
        on: The recordings that were scored.
        uar, wa, f1: Unweighted average recall, accuracy, macro F1; UAR and F1 are of the tested classes, and None where
            one class is tested.
        classes_tested: Classes that the recordings had; None in older cards, where it was all.
        chance: UAR of guessing: one by the number of the tested classes.
        ece: Expected calibration error.
        by_sex, by_corpus: Sex or corpus -> its figures.
        women_less_men: Difference in UAR.
        mean_of_corpora: Mean of the corpora's UAR.
        utterances, speakers: How many were scored.
        caveats: What limits the figures: few classes, clips or speakers.
        commit: Of the source that scored them.
    """

    on: str = ""
    uar: Figure | None = None
    wa: Figure | None = None
    f1: Figure | None = None
    classes_tested: tuple[str, ...] | None = None
    chance: float | None = None
    ece: float | None = None
    by_sex: Mapping[str, GroupScores] = field(default_factory=dict, hash=False)
    women_less_men: Comparison | None = None
    mean_of_corpora: Figure | None = None
    by_corpus: Mapping[str, GroupScores] = field(default_factory=dict, hash=False)
    utterances: int | None = None
    speakers: int | None = None
    caveats: tuple[str, ...] = ()
    commit: str | None = None
