"""What telephones, rooms and noise cost: the same utterances scored as recorded and under each condition."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from voxaffect import audio, metrics
from voxaffect.audio import Waveform
from voxaffect.augment import CONDITIONS, ConditionContext
from voxaffect.card.scores import Figure
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError
from voxaffect.evaluation.predictions import Predictions, join, predict
from voxaffect.evaluation.probes.base import Progress, TestSet, silent
from voxaffect.evaluation.summary import counts_by_corpus, figure, interval
from voxaffect.inference.recognizer import Recognizer
from voxaffect.records import Record

CLEAN = "clean"
"""As recorded."""

_ALL = "all"
_VOICES = 40
"""Recordings that babble is made of."""


@dataclass(frozen=True)
class Loss(Record):
    """UAR under a condition, and what is lost of the UAR as recorded; of several corpora, means over them."""

    uar: Figure
    loss: Figure


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
        sexes = list(self.by_condition[CLEAN].by_sex)
        width = max(map(len, self.by_condition)) + 2
        lines = [f"  {'':{width}}{'UAR':>5}   {'less than clean':<22}" + "".join(f"{sex:>8}" for sex in sexes)]
        for name, score in self.by_condition.items():
            loss = "" if name == CLEAN else interval(score.loss)
            by_sex = "".join(f"{100 * score.by_sex[sex].uar.value:8.1f}" for sex in sexes)
            lines.append(f"  {name:{width}}{100 * score.uar.value:5.1f}   {loss:<22}{by_sex}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Conditions:
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
    needs_baseline_head: ClassVar[bool] = False
    needs_recordings: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", _expanded(self.names))

    @property
    def files(self) -> tuple[str, ...]:
        """A table of predictions a condition."""
        return tuple(map(_file, self.names))

    @property
    def words(self) -> tuple[str, ...]:
        """Command line words."""
        return ("--conditions", _ALL if self.names == tuple(CONDITIONS) else ",".join(self.names))

    def measure(
        self, recognizer: Recognizer, test: TestSet, *, folder: Path | None = None, progress: Progress = silent
    ) -> dict[str, Predictions]:
        """Condition -> predictions."""
        found = {}
        for name in self.names:
            path = folder / _file(name) if folder else None
            if path and path.exists():
                found[name] = Predictions.read(path)
                continue
            found[name] = predict(
                recognizer,
                test.utterances,
                test.scheme,
                fold=test.fold,
                seed=test.seed,
                load=Under(name, test.utterances),
                tick=progress(len(test.utterances), f"under {name}"),
            )
            if path:
                found[name].write(path)
        return found

    def merge(self, measured: Sequence[Mapping[str, Predictions]], predictions: Predictions | None) -> ConditionScores:
        """What each condition costs, over all folds."""
        assert predictions is not None  # it needs recordings
        return compare({CLEAN: predictions, **{name: join([each[name] for each in measured]) for name in self.names}})


class Under:
    """Loads utterances as they sound under a condition; the same whatever was loaded before.

    Args:
        name: Of the condition.
        utterances: Some of them are the babble in which somebody else's are recorded.
    """

    def __init__(self, name: str, utterances: Sequence[Utterance]) -> None:
        self._name = name
        self._babble: list[tuple[str, Waveform]] = []
        every = max(1, len(utterances) // _VOICES)
        self._voices = utterances[::every][:_VOICES]

    def __call__(self, utterance: Utterance, sample_rate: int) -> Waveform:
        """(samples,).

        Raises:
            SettingsError: The condition needs voices of other speakers, and there is one speaker.
        """
        rng = np.random.default_rng([zlib.crc32(each.encode()) for each in (utterance.id, self._name)])
        voices: Sequence[Waveform] = ()
        if self._name.startswith("babble"):
            if not self._babble:
                self._babble = [(each.speaker, audio.load(each.path, sample_rate)) for each in self._voices]
            voices = [voice for speaker, voice in self._babble if speaker != utterance.speaker]
            if not voices:
                raise SettingsError(f"condition {self._name} needs other people's voices, and there is one speaker")
        waveform = audio.load(utterance.path, sample_rate)
        return CONDITIONS[self._name](waveform, sample_rate, ConditionContext(rng, voices))


def compare(by_condition: Mapping[str, Predictions]) -> ConditionScores:
    """Score each condition against the recordings as they are.

    Args:
        by_condition: Name -> predictions of the same utterances, those of `CLEAN` among them.
    """
    clean = by_condition[CLEAN]
    sexes = [str(sex) for sex in np.unique(clean.sex) if sex]
    found = {}
    for name, predictions in by_condition.items():
        by_sex = {sex: Loss(*_loss(*(each.select(each.sex == sex) for each in (predictions, clean)))) for sex in sexes}
        found[name] = ConditionScore(*_loss(predictions, clean), by_sex)
    return ConditionScores(found)


def _loss(predictions: Predictions, clean: Predictions) -> tuple[Figure, Figure]:
    under, before = counts_by_corpus(predictions), counts_by_corpus(clean)
    return figure(metrics.mean_uar(under)), figure(metrics.mean_uar_difference(before, under))


def _expanded(names: Iterable[str]) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        if name not in (*CONDITIONS, _ALL):
            raise SettingsError(f"condition {name!r} is not known; choose among {_ALL}, {', '.join(CONDITIONS)}")
        found += CONDITIONS if name == _ALL else [name]
    return tuple(dict.fromkeys(found))


def _file(name: str) -> str:
    return f"predictions-{name}.csv"
