"""What a baseline is worth: UAR against the number of recordings that the baseline is computed from.

Of each unseen corpus, or of each unseen voice, some recordings of any emotion are drawn at random; the baseline is
computed from them, and the remaining ones are scored, with it and without. Under a condition, all of them are.
"""

import os
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from voxaffect import metrics
from voxaffect.audio import Waveform
from voxaffect.augment.conditions import named
from voxaffect.baseline_head import BaselineHead
from voxaffect.card.scores import Figure
from voxaffect.corpora import Utterance, corpus_of
from voxaffect.evaluation.predictions import CLEAN, Predictions
from voxaffect.evaluation.probes.base import Probe, Progress, TestSet, silent
from voxaffect.evaluation.probes.under import Under
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
        all_speakers: Of the test set, also those with too few recordings; None in older results.
        by_corpus: Corpus -> the same, where there are several.
    """

    nulls: ClassVar[tuple[str, ...]] = ("uar", "without", "gain")

    uar: Figure | None
    without: Figure | None
    gain: Figure | None
    recordings: int
    speakers: int
    all_speakers: int | None = None
    by_corpus: "Mapping[str, Improvement]" = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class BaselineCurve:
    """Improvement by owner of the baseline (of `OWNERS`) and by its number of recordings (of `SIZES`).

    A size is left out where every corpus or voice has too few recordings. by_condition: condition -> the same under it.
    """

    by_owner: Mapping[str, Mapping[int, Improvement]] = field(hash=False)
    by_condition: "Mapping[str, BaselineCurve]" = field(default_factory=dict, hash=False)

    def to_dict(self) -> dict[str, Any]:
        """For a result file; `by_condition` is there where there are conditions."""
        curves = {
            owner: {str(size): each.to_dict() for size, each in by_size.items()}
            for owner, by_size in self.by_owner.items()
        }
        by_condition = {name: each.to_dict() for name, each in self.by_condition.items()}
        return {**curves, "by_condition": by_condition} if by_condition else curves

    def as_text(self) -> str:
        """A table for a terminal, in per cent."""
        lines = [f"  {'a baseline of':22}{'UAR':<21} {'without one':<21} {'gain':<20} voices", *self._rows()]
        for name, each in self.by_condition.items():
            lines += ["", f"  under {name}", *each._rows()]
        return "\n".join(lines)

    def _rows(self) -> list[str]:
        return [
            f"  {f'{size} of the {owner}':20}{interval(each.uar):20}  {interval(each.without):20}  "
            f"{interval(each.gain):20} {each.speakers} of {each.all_speakers}"
            for owner, by_size in self.by_owner.items()
            for size, each in by_size.items()
        ]


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
        cls,
        recognizer: Recognizer,
        utterances: Sequence[Utterance],
        scheme: Scheme,
        tick: Callable[[], None],
        load: Callable[[Utterance, int], Waveform] | None = None,
    ) -> "Embeddings":
        """Compute them. tick: called after every utterance. load: as `predict` takes it."""
        outputs, rate = [], recognizer.sample_rate
        for utterance in utterances:
            outputs.append(recognizer.forward(load(utterance, rate) if load else utterance.sound.load(rate)))
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


def curve(folds: Sequence[tuple[BaselineHead, Embeddings]]) -> BaselineCurve:
    """UAR with a baseline and without, from a baseline head and test embeddings of each fold."""
    curves: dict[str, dict[int, Improvement]] = {owner: {} for owner in OWNERS}
    everybody = sorted({str(name) for _, test in folds for name in test.speaker[test.truth >= 0]})
    counted = Counter(map(corpus_of, everybody))
    for owner, size in product(OWNERS, SIZES):
        counts = [_counts(head, embeddings, owner, size) for head, embeddings in folds]
        both = {
            corpus: [
                np.concatenate(part) for part in zip(*(each[corpus] for each in counts if corpus in each), strict=True)
            ]
            for corpus in sorted({corpus for each in counts for corpus in each})
        }
        if both:
            several = both if len(both) > 1 else {}
            by_corpus = {corpus: _improvement([each], counted[corpus]) for corpus, each in several.items()}
            curves[owner][size] = _improvement(list(both.values()), len(everybody), by_corpus)
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
            statistics = head.statistics(head.sums(test.embeddings[drawn]))
            place = np.searchsorted(speakers, test.speaker[rest])
            both = head.logits(test.embeddings[rest], statistics), test.logits[rest]
            for one, logits in zip(sums, both, strict=True):
                np.add.at(one, (place, test.truth[rest], logits.argmax(axis=1)), 1 / DRAWS)
        sums = sums[:, sums[0].sum(axis=(1, 2)) > 0]  # all that some speakers said may be of no class
        before = by_corpus.setdefault(corpus_of(str(name)), [np.zeros((0, n_classes, n_classes))] * 2)
        by_corpus[corpus_of(str(name))] = [np.concatenate(pair) for pair in zip(before, sums, strict=True)]
    return by_corpus


def _improvement(
    pairs: Sequence[Sequence[Counts]], speakers: int, by_corpus: Mapping[str, Improvement] | None = None
) -> Improvement:
    ours, without = zip(*pairs, strict=True)
    return Improvement(
        figure(metrics.mean_uar(ours)),
        figure(metrics.mean_uar(without)),
        figure(metrics.mean_uar_difference(ours, without)),
        round(float(sum(each.sum() for each in ours))),
        sum(map(len, ours)),
        speakers,
        by_corpus or {},
    )
