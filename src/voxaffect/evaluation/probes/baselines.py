"""What a baseline is worth: UAR against the number of recordings that it was learnt from.

So many recordings of an unseen corpus, or of each unseen voice, are set aside by chance, whatever their emotion; what
is normal is learnt from them, and only the rest is scored, with it and without.
"""

import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect import audio, metrics
from voxaffect.baseline_head import BaselineHead
from voxaffect.corpora import Utterance
from voxaffect.evaluation.report import interval
from voxaffect.files.atomic import replacing
from voxaffect.inference.recognizer import Recognizer
from voxaffect.labels import Scheme

COUNTS = (1, 5, 20, 100)
"""Recordings that are set aside."""

DRAWS = 10
"""Times that others are set aside; their figures are averaged."""

OF = ("corpus", "voice")
"""Whose recordings a baseline is learnt from."""


@dataclass(frozen=True)
class Heard:
    """Test recordings of whatever emotion, as a bundle hears them.

    embeddings: (recordings, dim). logits: (recordings, classes), without a baseline. truth: (recordings,) class
    indices, -1 where the scheme has no class. speaker: (recordings,) with their corpus before a slash.
    """

    embeddings: npt.NDArray[np.float32]
    logits: npt.NDArray[np.float32]
    truth: npt.NDArray[np.int64]
    speaker: npt.NDArray[np.str_]

    @property
    def corpus(self) -> npt.NDArray[np.str_]:
        """(recordings,) names."""
        return np.array([speaker.split("/")[0] for speaker in self.speaker])

    def write(self, path: Path) -> None:
        """Write as NumPy's archive, whole or not at all."""
        with replacing(path) as partial, partial.open("wb") as file:
            np.savez(file, **vars(self))

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> "Heard":
        """Read what `write` wrote."""
        with np.load(path) as found:
            return cls(**found)


def hear(
    recognizer: Recognizer, utterances: Sequence[Utterance], scheme: Scheme, tick: Callable[[], None] = lambda: None
) -> Heard:
    """Let a recogniser without a baseline hear every utterance. tick: called after each."""
    found = []
    for utterance in utterances:
        found.append(recognizer.forward(audio.load(utterance.path, recognizer.sample_rate)))
        tick()
    indices = [scheme.index(each.emotion, each.sex) for each in utterances]
    logits, embeddings = (np.stack(each) for each in zip(*found, strict=True))
    truth = np.array([-1 if index is None else index for index in indices])
    return Heard(embeddings, logits, truth, np.array([each.speaker for each in utterances]))


def curve(folds: Sequence[tuple[BaselineHead, Heard]]) -> dict[str, Any]:
    """UAR with a baseline and without on the same recordings, by whose it is and how many recordings it is from.

    Of several corpora, the mean of their UAR, and each one's own. Where a corpus or a voice has too few recordings
    for a number of them, it is left out there.
    """
    found: dict[str, Any] = {}
    for of in OF:
        found[of] = {}
        for count in COUNTS:
            counts = [_counts(layer, heard, of, count) for layer, heard in folds]
            corpora = sorted({corpus for each in counts for corpus in each})
            if not corpora:
                continue
            both = {
                corpus: [
                    np.concatenate(part)
                    for part in zip(*(each[corpus] for each in counts if corpus in each), strict=True)
                ]
                for corpus in corpora
            }
            found[of][str(count)] = _beside(list(both.values())) | (
                {"by_corpus": {corpus: _beside([each]) for corpus, each in both.items()}} if len(both) > 1 else {}
            )
    return found


def as_text(found: Mapping[str, Any]) -> str:
    """The curve as a table for a terminal, in per cent."""
    lines = [f"  {'a baseline of':26}{'UAR':<21}  {'without one':<21}  gain"]
    for of, by_count in found.items():
        for count, each in by_count.items():
            name = f"{count} of the {of}"
            lines.append(f"  {name:24}{interval(each['uar'])}  {interval(each['without'])}  {interval(each['gain'])}")
    return "\n".join(lines)


def _counts(layer: BaselineHead, heard: Heard, of: str, count: int) -> dict[str, list[npt.NDArray[np.float64]]]:
    """Corpus -> mean confusions over the draws, with a baseline and without: (speakers, classes, classes) each."""
    owner = heard.corpus if of == "corpus" else heard.speaker
    n_classes = heard.logits.shape[1]
    found: dict[str, list[npt.NDArray[np.float64]]] = {}
    for name in np.unique(owner):
        mine = np.flatnonzero(owner == name)
        if len(mine) <= count:
            continue
        speakers = np.unique(heard.speaker[mine])
        sums = np.zeros((2, len(speakers), n_classes, n_classes))
        for draw in range(DRAWS):
            rng = np.random.default_rng([zlib.crc32(str(name).encode()), count, draw])
            aside = rng.choice(mine, count, replace=False)
            rest = np.setdiff1d(mine, aside)
            rest = rest[heard.truth[rest] >= 0]
            normal = layer.population.estimate(heard.embeddings[aside])
            place = np.searchsorted(speakers, heard.speaker[rest])
            for one, logits in zip(
                sums, (layer.logits(heard.embeddings[rest], normal), heard.logits[rest]), strict=True
            ):
                np.add.at(one, (place, heard.truth[rest], logits.argmax(axis=1)), 1 / DRAWS)
        corpus = str(name).split("/")[0]
        kept = found.setdefault(corpus, [np.zeros((0, n_classes, n_classes))] * 2)
        found[corpus] = [np.concatenate(pair) for pair in zip(kept, sums, strict=True)]
    return found


def _beside(pairs: Sequence[Sequence[npt.NDArray[np.float64]]]) -> dict[str, Any]:
    ours, without = zip(*pairs, strict=True)
    return {
        "uar": metrics.mean_uar(ours).to_dict(),
        "without": metrics.mean_uar(without).to_dict(),
        "gain": metrics.mean_uar_difference(ours, without).to_dict(),
        "recordings": round(float(sum(each.sum() for each in ours))),
        "speakers": sum(map(len, ours)),
    }
