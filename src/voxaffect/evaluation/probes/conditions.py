"""What telephones, rooms and noise cost: the same utterances scored as recorded and under each condition."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from voxaffect import metrics
from voxaffect.audio import Waveform
from voxaffect.augment import CONDITIONS, ConditionContext
from voxaffect.card.scores import Figure
from voxaffect.corpora import Utterance
from voxaffect.errors import check
from voxaffect.evaluation.predictions import Predictions, join, predict
from voxaffect.evaluation.probes.base import Probe, Progress, TestSet, silent
from voxaffect.evaluation.summary import counts_by_corpus, figure, interval, percent, sexes
from voxaffect.inference.recognizer import Recognizer
from voxaffect.records import Record

CLEAN = "clean"
"""As recorded."""

_ALL = "all"
_VOICES = 40
"""Recordings that babble is made of."""


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
    """A condition. by_sex: sex -> the same, where it is known."""

    by_sex: Mapping[str, Loss] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class ConditionScores:
    """What each condition costs. by_condition: name -> its score, that of `CLEAN` first."""

    by_condition: Mapping[str, ConditionScore] = field(hash=False)

    def to_dict(self) -> dict[str, object]:
        """For a result file."""
        return {name: score.to_dict() for name, score in self.by_condition.items()}

    def as_text(self) -> str:
        """A table for a terminal, in per cent."""
        by_sex = list(self.by_condition[CLEAN].by_sex)
        width = max(map(len, self.by_condition)) + 2
        lines = [f"  {'':{width}}{'UAR':>5}   {'less than clean':<22}" + "".join(f"{sex:>8}" for sex in by_sex)]
        for name, score in self.by_condition.items():
            loss = "" if name == CLEAN else interval(score.loss)
            cells = "".join(f"{percent(score.by_sex[sex].uar):>8}" for sex in by_sex)
            lines.append(f"  {name:{width}}{percent(score.uar):>5}   {loss:<22}{cells}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Conditions(Probe[dict[str, Predictions]]):
    """The probe.

    Args:
        names: Of `augment.CONDITIONS`, or "all".

    Raises:
        SettingsError: No condition has one of the names.

    Examples:
        >>> Conditions(("mu-law", "white-20")).words
        ('--conditions', 'mu-law,white-20')
    """

    names: tuple[str, ...] = (_ALL,)

    name: ClassVar[str] = "conditions"

    def __post_init__(self) -> None:
        names: list[str] = []
        for name in self.names:
            known = name in (*CONDITIONS, _ALL)
            check(known, f"condition {name!r} is not known; choose among {_ALL}, {', '.join(CONDITIONS)}")
            names += CONDITIONS if name == _ALL else [name]
        object.__setattr__(self, "names", tuple(dict.fromkeys(names)))

    @property
    def files(self) -> tuple[str, ...]:
        """A table of predictions a condition."""
        return tuple(f"predictions-{name}.csv" for name in self.names)

    @property
    def words(self) -> tuple[str, ...]:
        """Command line words."""
        return ("--conditions", _ALL if self.names == tuple(CONDITIONS) else ",".join(self.names))

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


class Under:
    """Loads utterances as they sound under a condition; the same whatever was loaded before.

    Args:
        name: Of the condition.
        utterances: The babble consists of some of them, of other speakers.
    """

    def __init__(self, name: str, utterances: Sequence[Utterance]) -> None:
        self._name, self._babble = name, list[tuple[str, Waveform]]()
        self._voices = utterances[:: max(1, len(utterances) // _VOICES)][:_VOICES]

    def __call__(self, utterance: Utterance, sample_rate: int) -> Waveform:
        """(samples,).

        Raises:
            SettingsError: The condition needs voices of other speakers, and there is one speaker.
        """
        rng = np.random.default_rng([zlib.crc32(each.encode()) for each in (utterance.id, self._name)])
        voices: Sequence[Waveform] = ()
        if self._name.startswith("babble"):
            if not self._babble:
                self._babble = [(each.speaker, each.sound.load(sample_rate)) for each in self._voices]
            voices = [voice for speaker, voice in self._babble if speaker != utterance.speaker]
            check(bool(voices), f"condition {self._name} needs other people's voices, and there is one speaker")
        waveform = utterance.sound.load(sample_rate)
        return CONDITIONS[self._name](waveform, sample_rate, ConditionContext(rng, voices))


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
        scores[name] = ConditionScore(*_loss(*both), by_sex)
    return ConditionScores(scores)


def _loss(predictions: Predictions, clean: Predictions) -> tuple[Figure | None, Figure | None]:
    under, before = counts_by_corpus(predictions), counts_by_corpus(clean)
    return figure(metrics.mean_uar(under)), figure(metrics.mean_uar_difference(before, under))
