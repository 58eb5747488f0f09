"""What baselines are worth: UAR against the number of recordings that they are computed from.

Some recordings are drawn at random, the baseline is computed from them, and others are scored, with it and without:
those of the same corpus, or of the same voice. Labels are looked at only where the question is what a voice loses that
was heard in one emotion alone.
"""

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from voxaffect import metrics
from voxaffect.baseline_head import BaselineHead
from voxaffect.card.scores import Figure
from voxaffect.corpora import corpus_of
from voxaffect.evaluation.probes.embeddings import Embeddings
from voxaffect.evaluation.summary import figure, interval
from voxaffect.records import Record

Counts = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

DRAWS = 10
"""Times that other recordings are drawn; their figures are averaged."""

LEAST = 30
"""Recordings that a voice must have, so that the same voices stand behind all figures of voices."""

_FEWEST_ALIKE = 6  # recordings of one emotion, of which at most half are drawn, so that it is still scored


@dataclass(frozen=True)
class Kind:
    """A kind of baseline.

    Args:
        name: As `20 of the voice` has it, after the number of recordings.
        sizes: How many recordings it is computed from.
        line: How many recordings of other voices of the corpus are known besides.
        voice: Whether it is of a voice, and not of a corpus.
        one_emotion: Whether the voice was heard in one emotion alone, each in turn; `sizes` are at most, then,
            and half of that emotion's recordings.
        recalled: Whether recordings of that emotion alone are scored, so that the UAR is how well it is recalled: it is
            lost first, while all others gain by whatever is known of the voice.
    """

    name: str
    sizes: tuple[int, ...]
    line: int = 0
    voice: bool = True
    one_emotion: bool = False
    recalled: bool = False

    @property
    def title(self) -> str:
        """As `the voice, line 100`."""
        return self.name + (f", line {self.line}" if self.line else "")


_OF_VOICES = (3, 5, 10, 20)

KINDS = {
    "corpus": Kind("the corpus", (1, 3, 5, 10, 20, 50, 100), voice=False),
    "voice": Kind("the voice", _OF_VOICES),
    "voice-line-20": Kind("the voice", _OF_VOICES, 20),
    "voice-line-100": Kind("the voice", _OF_VOICES, 100),
    "one-emotion": Kind("one emotion", (8,), one_emotion=True),
    "one-emotion-line-20": Kind("one emotion", (8,), 20, one_emotion=True),
    "one-emotion-line-100": Kind("one emotion", (8,), 100, one_emotion=True),
    "that-emotion": Kind("that emotion", (8,), one_emotion=True, recalled=True),
    "that-emotion-line-20": Kind("that emotion", (8,), 20, one_emotion=True, recalled=True),
    "that-emotion-line-100": Kind("that emotion", (8,), 100, one_emotion=True, recalled=True),
}
"""Kinds of baselines by their names in result files. Of one emotion: against no baseline of the voice."""


@dataclass(frozen=True)
class Improvement(Record):
    """UAR with a baseline and without, on the same recordings; of several corpora, means over them.

    Attributes:
        uar, without, gain: With a baseline, without one (of one emotion: without the voice's), and the difference; None
            where one class is tested.
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
    """Improvement by kind of baseline (of `KINDS`) and by its number of recordings.

    A size is left out where every corpus or voice has too few recordings. by_condition: condition -> the same under it.
    """

    by_kind: Mapping[str, Mapping[int, Improvement]] = field(hash=False)
    by_condition: "Mapping[str, BaselineCurve]" = field(default_factory=dict, hash=False)

    def to_dict(self) -> dict[str, Any]:
        """For a result file; `by_condition` is there where there are conditions."""
        curves = {
            kind: {str(size): each.to_dict() for size, each in by_size.items()}
            for kind, by_size in self.by_kind.items()
        }
        by_condition = {name: each.to_dict() for name, each in self.by_condition.items()}
        return {**curves, "by_condition": by_condition} if by_condition else curves

    def as_text(self) -> str:
        """A table for a terminal, in per cent."""
        lines = [f"  {'a baseline of':30}{'UAR':<18} {'without it':<18} {'gain':<19} voices", *self._rows()]
        for name, each in self.by_condition.items():
            lines += ["", f"  under {name}", *each._rows()]
        return "\n".join(lines)

    def _rows(self) -> list[str]:
        return [
            f"  {f'{size} of {KINDS[kind].title}':28}{interval(each.uar):18} {interval(each.without):18} "
            f"{interval(each.gain):20} {each.speakers} of {each.all_speakers}"
            for kind, by_size in self.by_kind.items()
            for size, each in by_size.items()
        ]


class Draw(NamedTuple):
    """Indices of recordings: of the line's baseline, of the voice's, and of those that are scored; and its weight."""

    line: Indices
    voice: Indices
    scored: Indices
    weight: float


def curve(folds: Sequence[tuple[BaselineHead, Embeddings]]) -> BaselineCurve:
    """UAR with a baseline and without, from a baseline head and test embeddings of each fold."""
    curves: dict[str, dict[int, Improvement]] = {}
    everybody = sorted({str(name) for _, test in folds for name in test.speaker[test.truth >= 0]})
    counted = Counter(map(corpus_of, everybody))
    for name, kind in KINDS.items():
        curves[name] = {}
        for size in kind.sizes:
            counts = [_counts(head, embeddings, kind, size) for head, embeddings in folds]
            both = {
                corpus: [np.concatenate(part) for part in zip(*(c[corpus] for c in counts if corpus in c), strict=True)]
                for corpus in sorted({corpus for each in counts for corpus in each})
            }
            if both:
                several = both if len(both) > 1 else {}
                by_corpus = {corpus: _improvement([each], counted[corpus]) for corpus, each in several.items()}
                curves[name][size] = _improvement(list(both.values()), len(everybody), by_corpus)
    return BaselineCurve({name: by_size for name, by_size in curves.items() if by_size})


def draws(test: Embeddings, kind: Kind, size: int) -> Iterator[Draw]:
    """All draws of recordings for baselines of a kind and size, owner by owner."""
    corpora = np.array([corpus_of(speaker) for speaker in test.speaker])
    owners, none = test.speaker if kind.voice else corpora, np.zeros(0, int)
    for name in np.unique(owners):
        own, corpus = np.flatnonzero(owners == name), corpus_of(str(name)) if kind.voice else str(name)
        others = np.flatnonzero((corpora == corpus) & (owners != name))
        if len(own) <= size or (kind.voice and len(own) < LEAST) or len(others) < kind.line:
            continue
        pools = [own]
        if kind.one_emotion:
            pools = [own[test.truth[own] == each] for each in range(test.logits.shape[1])]
            pools = [pool for pool in pools if len(pool) >= _FEWEST_ALIKE]
        for pool, draw in product(pools, range(DRAWS)):
            rng = np.random.default_rng([zlib.crc32(str(name).encode()), size, draw])
            most = len(pool) // 2 if kind.one_emotion else len(pool)
            drawn = rng.choice(pool, min(size, most), replace=False)
            line = rng.choice(others, kind.line, replace=False) if kind.line else none
            rest = np.setdiff1d(own, drawn)
            wanted = test.truth[rest] == test.truth[pool[0]] if kind.recalled else test.truth[rest] >= 0
            parts = (line, drawn) if kind.voice else (drawn, none)
            yield Draw(*parts, rest[wanted], 1 / DRAWS / len(pools))


def _counts(head: BaselineHead, test: Embeddings, kind: Kind, size: int) -> dict[str, list[Counts]]:
    """Corpus -> mean confusions over the draws, with a baseline and without: (speakers, classes, classes) each."""
    speakers, place = np.unique(test.speaker, return_inverse=True)
    n_classes = test.logits.shape[1]
    sums = np.zeros((2, len(speakers), n_classes, n_classes))
    for draw in draws(test, kind, size):
        line, voice = (head.sums(test.embeddings[part]) if len(part) else None for part in (draw.line, draw.voice))
        scored = test.embeddings[draw.scored]
        without = test.logits[draw.scored]
        if kind.one_emotion and line is not None:
            without = head.logits(scored, head.statistics(line))
        both = head.logits(scored, head.statistics(line, voice)), without
        for one, logits in zip(sums, both, strict=True):
            np.add.at(one, (place[draw.scored], test.truth[draw.scored], logits.argmax(axis=1)), draw.weight)
    # Some speakers have too few recordings, and all that some said may be of no class.
    tested = np.flatnonzero(sums[0].sum(axis=(1, 2)) > 0)
    corpora = np.array([corpus_of(str(speaker)) for speaker in speakers])[tested]
    return {str(each): list(sums[:, tested[corpora == each]]) for each in np.unique(corpora)}


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
