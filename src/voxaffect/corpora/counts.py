"""How many clips and speakers each label and side has, and what a user should know of these numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from voxaffect.corpora.utterance import UNKNOWN, Utterance
from voxaffect.labels import Scheme

FEW = 10
"""Clips of a class; with fewer, a network learns these clips and not the class."""

FEW_TOGETHER = 50
"""Clips of all classes, likewise."""


@dataclass(frozen=True)
class Counts:
    """The clips that have a class.

    Attributes:
        clips: Side -> class -> number of clips; every class on every side.
        speakers: Side -> number of speakers; None where they are unknown.
        speakers_of: Class -> number of speakers on all sides; None likewise.
    """

    clips: Mapping[str, Mapping[str, int]]
    speakers: Mapping[str, int | None]
    speakers_of: Mapping[str, int | None]

    def to_rows(self) -> list[dict[str, str | int | None]]:
        """A row for each class, one for all of them, and one for the speakers; a column for each side.

        Examples:
            >>> from pathlib import Path
            >>> from voxaffect.labels import SCHEMES
            >>> clip = Utterance("x/1", Path("1.wav"), "x/ann", None, "sad")
            >>> count({"train": [clip]}, SCHEMES["article-2"]).to_rows()[0]
            {'class': 'negative', 'train': 1, 'speakers': 1}
        """
        together = {side: sum(counts.values()) for side, counts in self.clips.items()}
        rows: list[dict[str, str | int | None]] = [
            {"class": name, **{side: counts[name] for side, counts in self.clips.items()}, "speakers": speakers}
            for name, speakers in self.speakers_of.items()
        ]
        return [
            *rows,
            {"class": "all", **together, "speakers": None},
            {"class": "speakers", **self.speakers, "speakers": None},
        ]


def count(sides: Mapping[str, Sequence[Utterance]], scheme: Scheme, extra: Sequence[str] = ()) -> Counts:
    """Count the clips of sides.

    Args:
        sides: Side -> its utterances; those without a class do not count.
        scheme: The classes.
        extra: Emotions outside the scheme that are classes too.
    """

    def class_of(clip: Utterance) -> str | None:
        index = scheme.index_of(clip)
        return scheme.classes[index] if index is not None else clip.emotion if clip.emotion in extra else None

    names = [*scheme.classes, *extra]
    pairs = {
        side: [(name, clip.speaker) for clip in clips if (name := class_of(clip))] for side, clips in sides.items()
    }
    counters = {side: Counter(name for name, _ in found) for side, found in pairs.items()}
    speakers = [pair for found in pairs.values() for pair in found]
    return Counts(
        {side: {name: counter[name] for name in names} for side, counter in counters.items()},
        {side: _known(who for _, who in found) for side, found in pairs.items()},
        {name: _known(who for each, who in speakers if each == name) for name in names},
    )


def doubts(counts: Counts) -> list[str]:
    """What makes training on so many clips doubtful, a sentence each."""
    sentences = []
    there = {name: clips for name, clips in counts.clips["train"].items() if clips}
    few = [f"{clips} {name}" for name, clips in there.items() if clips < FEW]
    total = sum(there.values())
    if total < FEW_TOGETHER:
        sentences.append(
            f"{total} clips ({', '.join(f'{clips} {name}' for name, clips in there.items())}) are too few to train on: "
            f"neither the model nor its scores can be relied on; record {FEW_TOGETHER} or more"
        )
    elif few:
        sentences.append(
            f"few clips of a class to train on: {', '.join(few)}; record {FEW} or more of each, or put the class "
            "together with another by `labels`"
        )
    return sentences


def _known(speakers: Iterable[str]) -> int | None:
    """The number of speakers; None where one is unknown."""
    there = set(speakers)
    return None if any(who.endswith(f"/{UNKNOWN}") for who in there) else len(there)
