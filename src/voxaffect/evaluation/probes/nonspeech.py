"""Sounds that are not speech: how many a bundle refuses, and how sure it is of an emotion in the others."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from voxaffect import migration
from voxaffect.augment import nonspeech
from voxaffect.calibration import softmax
from voxaffect.corpora import corpus_of
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.probes.base import Probe, Progress, TestSet, silent
from voxaffect.files.atomic import write_text
from voxaffect.inference.recognizer import Recognizer
from voxaffect.records import Record

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

COUNT = 20
"""Sounds of each kind."""

_SECONDS = (1.0, 5.0)
_DECIBELS = (-40.0, 0.0)  # re a peak of a half: near and far
_SEED = 2**32  # which no training has: none of these sounds was trained on


@dataclass(frozen=True)
class SoundScore(Record):
    """One kind of sound.

    Attributes:
        learnt: Whether training had other sounds of the kind.
        confidence: Mean.
        emotion: The most frequent prediction.
        coverage: Threshold of confidence -> share of sounds that are answered at or above it.
        refused: Share of sounds that the bundle takes for no speech, and does not answer; None: it has no speech
            detector.
    """

    learnt: bool
    confidence: float
    emotion: str
    coverage: Mapping[str, float] = field(hash=False)
    refused: float | None = None


@dataclass(frozen=True)
class SpeechScore(Record):
    """Speech that is refused. recordings: of test speakers. refused: share of them that is taken for no speech."""

    recordings: int
    refused: float


@dataclass(frozen=True)
class SoundScores(Record):
    """All kinds of sounds, and the speech of a test set.

    Attributes:
        by_kind: Name -> its score.
        speech: Corpus -> its score; empty without a test set or a speech detector.
    """

    by_kind: Mapping[str, SoundScore] = field(hash=False)
    speech: Mapping[str, SpeechScore] = field(default_factory=dict, hash=False)

    def to_dict(self) -> dict[str, object]:
        """For a result file: a key for each kind, and `speech` where there is any."""
        plain = super().to_dict()
        return plain["by_kind"] | ({"speech": plain["speech"]} if self.speech else {})

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "SoundScores":
        """From what `to_dict` returned."""
        by_kind = {name: each for name, each in values.items() if name != "speech"}
        return super().from_dict({"by_kind": by_kind, "speech": values.get("speech", {})})

    def as_text(self) -> str:
        """A table for a terminal, in per cent."""
        lines = [f"  Of {COUNT} sounds of a kind that are not speech, share answered with confidence at or above:", ""]
        lines.append(f"    {'':12}" + "".join(f"{threshold:>6}" for threshold in THRESHOLDS) + "   mostly as")
        for name, score in self.by_kind.items():
            cells = "".join(f"{100 * share:>4.0f} %" for share in score.coverage.values())
            refused = "" if score.refused is None else f"; {100 * score.refused:.0f} % no speech"
            lines.append(f"    {name:12}{cells}   {score.emotion}{refused}{'; in training' if score.learnt else ''}")
        lines += [
            f"  Of {each.recordings} recordings of speech in {corpus}, {100 * each.refused:.1f} % are refused."
            for corpus, each in self.speech.items()
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Nonspeech(Probe[SoundScores]):
    """The probe.

    Examples:
        >>> Nonspeech().words
        ('--nonspeech',)
    """

    name: ClassVar[str] = "nonspeech"
    needs_recordings: ClassVar[bool] = False
    files: ClassVar[tuple[str, ...]] = ("nonspeech.json",)
    words: ClassVar[tuple[str, ...]] = ("--nonspeech",)

    def measure(
        self, recognizer: Recognizer, test: TestSet, *, folder: Path | None = None, progress: Progress = silent
    ) -> SoundScores:
        """Score each kind of sound, some of them soft and some loud, and count what is refused of the test set."""
        path = folder / self.files[0] if folder else None
        if path and path.exists():
            return SoundScores.from_dict(json.loads(path.read_text("utf-8")))
        kinds = list(nonspeech.TRAINING_SOUNDS | nonspeech.TEST_SOUNDS)
        tick, by_kind = progress(len(kinds), "kinds of sounds"), {}
        for number, name in enumerate(kinds):
            by_kind[name] = _score(recognizer, number, name)
            tick()
        refused: dict[str, list[bool]] = {}
        if recognizer.detector is not None and test.utterances:
            tick = progress(len(test.utterances), "recordings of speech")
            for each in test.utterances:
                answer = recognizer.answer(each.sound.load(recognizer.sample_rate))
                refused.setdefault(corpus_of(each.speaker), []).append(not answer.speech)
                tick()
        speech = {name: SpeechScore(len(each), round(float(np.mean(each)), 6)) for name, each in refused.items()}
        scores = SoundScores(by_kind, speech)
        if path:
            write_text(path, json.dumps(scores.to_dict(), indent=1) + "\n")
        return scores

    def merge(self, measured: Sequence[SoundScores], predictions: Predictions | None) -> SoundScores:
        """Means over the folds' bundles, and over all their test recordings; `predictions` are not used."""
        by_kind = {name: _mean([each.by_kind[name] for each in measured]) for name in measured[0].by_kind}
        corpora = sorted({corpus for each in measured for corpus in each.speech})
        return SoundScores(
            by_kind,
            {name: _joined([each.speech[name] for each in measured if name in each.speech]) for name in corpora},
        )


def _score(recognizer: Recognizer, number: int, name: str) -> SoundScore:
    settings = migration.experiment(recognizer.bundle.card.training.experiment).get("training", {})
    detects = recognizer.detector is not None
    in_training = (detects or settings.get("sampling", {}).get("nonspeech", 0)) and name in nonspeech.TRAINING_SOUNDS
    answers = []
    for place in range(COUNT):
        rng = np.random.default_rng((_SEED, number, place))
        samples = round(rng.uniform(*_SECONDS) * recognizer.sample_rate)
        sound = nonspeech.synthesize(name, rng, samples, recognizer.sample_rate)
        sound *= np.float32(10 ** (rng.uniform(*_DECIBELS) / 20))
        answers.append(recognizer.answer(sound))
    probabilities = softmax(np.stack([each.logits for each in answers]))
    confidence, speech = probabilities.max(axis=1), np.array([each.speech for each in answers])
    return SoundScore(
        bool(in_training),
        round(float(confidence.mean()), 4),
        recognizer.classes[np.bincount(probabilities.argmax(axis=1)).argmax()],
        {str(least): round(float((speech & (confidence >= least)).mean()), 4) for least in THRESHOLDS},
        round(float(1 - speech.mean()), 4) if detects else None,
    )


def _joined(scores: Sequence[SpeechScore]) -> SpeechScore:
    """Of a corpus whose recordings are tested in several folds."""
    recordings = sum(each.recordings for each in scores)
    return SpeechScore(recordings, round(sum(each.recordings * each.refused for each in scores) / recordings, 6))


def _mean(scores: Sequence[SoundScore]) -> SoundScore:
    emotions = [each.emotion for each in scores]

    def mean(values: Iterable[float]) -> float:
        return round(float(np.mean(list(values))), 4)

    coverage = {least: mean(each.coverage[least] for each in scores) for least in scores[0].coverage}
    confidence = mean(each.confidence for each in scores)
    refused = [each.refused for each in scores if each.refused is not None]
    kind = (scores[0].learnt, confidence, max(emotions, key=emotions.count), coverage)
    return SoundScore(*kind, mean(refused) if refused else None)
