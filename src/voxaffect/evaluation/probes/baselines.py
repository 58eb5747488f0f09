"""What a baseline is worth: UAR against the number of recordings that the baseline is computed from.

Of each unseen corpus, or of each unseen voice, some recordings of any emotion are drawn at random; the baseline is
computed from them, and the remaining ones are scored, with it and without.
"""

import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from voxaffect import metrics
from voxaffect.baseline_head import BaselineHead
from voxaffect.card.scores import Figure
from voxaffect.corpora import Utterance, corpus_of
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.probes.base import Probe, Progress, TestSet, silent
from voxaffect.evaluation.summary import figure, interval
from voxaffect.files.atomic import replacing
from voxaffect.inference.baseline import baseline_head
from voxaffect.inference.recognizer import Recognizer
from voxaffect.labels import Scheme
from voxaffect.records import Record

Counts = npt.NDArray[np.float64]

SIZES = (1, 5, 20, 100)
"""Recordings that a baseline is computed from."""

DRAWS = 10
"""Times that other recordings are drawn; their figures are averaged."""

OWNERS = ("corpus", "voice")
"""Whose recordings they are."""


@dataclass(frozen=True)
class Improvement(Record):
    """UAR with a baseline and without, on the same recordings; of several corpora, means over them.

    Attributes:
        uar, without, gain: With a baseline, without one, and the difference; None where one class is tested.
        recordings: That were scored, on average over the draws.
        speakers: Of these.
        by_corpus: Corpus -> the same, where there are several.
    """

    nulls: ClassVar[tuple[str, ...]] = ("uar", "without", "gain")

    uar: Figure | None
    without: Figure | None
    gain: Figure | None
    recordings: int
    speakers: int
    by_corpus: "Mapping[str, Improvement]" = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class BaselineCurve:
    """Improvement by owner of the baseline (of `OWNERS`) and by its number of recordings (of `SIZES`).

    A size is left out where every corpus or voice has too few recordings.
    """

    by_owner: Mapping[str, Mapping[int, Improvement]] = field(hash=False)

    def to_dict(self) -> dict[str, object]:
        """For a result file."""
        return {
            owner: {str(size): each.to_dict() for size, each in by_size.items()}
            for owner, by_size in self.by_owner.items()
        }

    def as_text(self) -> str:
        """A table for a terminal, in per cent."""
        lines = [f"  {'a baseline of':26}{'UAR':<21}  {'without one':<21}  gain"]
        for owner, by_size in self.by_owner.items():
            for size, each in by_size.items():
                name = f"{size} of the {owner}"
                lines.append(f"  {name:24}{interval(each.uar)}  {interval(each.without)}  {interval(each.gain)}")
        return "\n".join(lines)


@dataclass(frozen=True, eq=False, repr=False)
class Embeddings:
    """Recordings of any emotion, as a bundle computes them.

    Attributes:
        embeddings: (recordings, dim).
        logits: (recordings, classes), without a baseline.
        truth: (recordings,) class indices, -1 where the scheme has no class.
        speaker: (recordings,).
    """

    embeddings: npt.NDArray[np.float32]
    logits: npt.NDArray[np.float32]
    truth: npt.NDArray[np.int64]
    speaker: npt.NDArray[np.str_]

    @classmethod
    def of(
        cls, recognizer: Recognizer, utterances: Sequence[Utterance], scheme: Scheme, tick: Callable[[], None]
    ) -> "Embeddings":
        """Compute them. tick: called after every utterance."""
        outputs = []
        for utterance in utterances:
            outputs.append(recognizer.forward(utterance.sound.load(recognizer.sample_rate)))
            tick()
        logits, embeddings = (np.stack(each) for each in zip(*outputs, strict=True))
        indices = [scheme.index_of(each) for each in utterances]
        truth = np.array([-1 if index is None else index for index in indices])
        return cls(embeddings, logits, truth, np.array([each.speaker for each in utterances]))

    def write(self, path: Path) -> None:
        """Write as NumPy's archive, whole or not at all."""
        with replacing(path) as partial, partial.open("wb") as file:
            np.savez(file, **vars(self))

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> "Embeddings":
        """Read what `write` wrote."""
        with np.load(path) as arrays:
            return cls(**arrays)


@dataclass(frozen=True)
class Baselines(Probe[tuple[BaselineHead, Embeddings]]):
    """The probe.

    Examples:
        >>> Baselines().words
        ('--baseline-curve',)
    """

    name: ClassVar[str] = "baselines"
    needs_baseline_head: ClassVar[bool] = True
    files: ClassVar[tuple[str, ...]] = ("embeddings.npz",)
    words: ClassVar[tuple[str, ...]] = ("--baseline-curve",)

    def measure(
        self, recognizer: Recognizer, test: TestSet, *, folder: Path | None = None, progress: Progress = silent
    ) -> tuple[BaselineHead, Embeddings]:
        """The bundle's baseline head, and embeddings of the test speakers' recordings."""
        head, path = baseline_head(recognizer.bundle), folder / self.files[0] if folder else None
        if path and path.exists():
            return head, Embeddings.read(path)
        tick = progress(len(test.recordings), "recordings for baselines")
        embeddings = Embeddings.of(recognizer, test.recordings, test.scheme, tick)
        if path:
            embeddings.write(path)
        return head, embeddings

    def merge(
        self, measured: Sequence[tuple[BaselineHead, Embeddings]], predictions: Predictions | None
    ) -> BaselineCurve:
        """The curve over all folds; `predictions` are not used."""
        return curve(measured)


def curve(folds: Sequence[tuple[BaselineHead, Embeddings]]) -> BaselineCurve:
    """UAR with a baseline and without, from a baseline head and test embeddings of each fold."""
    curves: dict[str, dict[int, Improvement]] = {owner: {} for owner in OWNERS}
    for owner, size in product(OWNERS, SIZES):
        counts = [_counts(head, embeddings, owner, size) for head, embeddings in folds]
        both = {
            corpus: [
                np.concatenate(part) for part in zip(*(each[corpus] for each in counts if corpus in each), strict=True)
            ]
            for corpus in sorted({corpus for each in counts for corpus in each})
        }
        if both:
            by_corpus = {corpus: _improvement([each]) for corpus, each in both.items()} if len(both) > 1 else {}
            curves[owner][size] = _improvement(list(both.values()), by_corpus)
    return BaselineCurve(curves)


def _counts(head: BaselineHead, test: Embeddings, owner: str, size: int) -> dict[str, list[Counts]]:
    """Corpus -> mean confusions over the draws, with a baseline and without: (speakers, classes, classes) each."""
    corpora = np.array([corpus_of(speaker) for speaker in test.speaker])
    owners, n_classes = corpora if owner == "corpus" else test.speaker, test.logits.shape[1]
    by_corpus: dict[str, list[Counts]] = {}
    for name in np.unique(owners):
        own = np.flatnonzero(owners == name)
        if len(own) <= size:
            continue
        speakers = np.unique(test.speaker[own])
        sums = np.zeros((2, len(speakers), n_classes, n_classes))
        for draw in range(DRAWS):
            rng = np.random.default_rng([zlib.crc32(str(name).encode()), size, draw])
            drawn = rng.choice(own, size, replace=False)
            rest = np.setdiff1d(own, drawn)
            rest = rest[test.truth[rest] >= 0]
            statistics = head.population.estimate(test.embeddings[drawn])
            place = np.searchsorted(speakers, test.speaker[rest])
            both = head.logits(test.embeddings[rest], statistics), test.logits[rest]
            for one, logits in zip(sums, both, strict=True):
                np.add.at(one, (place, test.truth[rest], logits.argmax(axis=1)), 1 / DRAWS)
        before = by_corpus.setdefault(corpus_of(str(name)), [np.zeros((0, n_classes, n_classes))] * 2)
        by_corpus[corpus_of(str(name))] = [np.concatenate(pair) for pair in zip(before, sums, strict=True)]
    return by_corpus


def _improvement(pairs: Sequence[Sequence[Counts]], by_corpus: Mapping[str, Improvement] | None = None) -> Improvement:
    ours, without = zip(*pairs, strict=True)
    return Improvement(
        figure(metrics.mean_uar(ours)),
        figure(metrics.mean_uar(without)),
        figure(metrics.mean_uar_difference(ours, without)),
        round(float(sum(each.sum() for each in ours))),
        sum(map(len, ours)),
        by_corpus or {},
    )
