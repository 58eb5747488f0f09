"""How many clips and speakers each label and side has, and what a user should know of these numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from voxaffect.corpora.own.renaming import example
from voxaffect.corpora.utterance import UNKNOWN, Utterance
from voxaffect.labels import Scheme, folded

FEW = 10
"""Clips of a class; with fewer, a network learns these clips and not the class."""

FEW_TOGETHER = 50
"""Clips of all classes, likewise."""

_LARGER = 5
"""Times as many clips as of a label make a larger one, of which the label may be a misspelling."""


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
    """What makes training on so many clips doubtful, a sentence each: labels that look misspelt, and small numbers."""
    every = {name: sum(side[name] for side in counts.clips.values()) for name in counts.speakers_of}
    sentences, slips = [], set()
    for name, clips in every.items():
        larger = [each for each in every if every[each] >= _LARGER * clips > 0 and _is_slip(name, each)]
        if larger:
            slips.add(name)
            sentences.append(
                f"{clips} clip{'s are' if clips > 1 else ' is'} {name}, a letter away from {larger[0]} "
                f"({every[larger[0]]} clips); if that is a slip, correct it by {example(name, larger[0])}"
            )
    there = {name: clips for name, clips in counts.clips["train"].items() if clips}
    few = [f"{clips} {name}" for name, clips in there.items() if clips < FEW and name not in slips]
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


def _is_slip(name: str, other: str) -> bool:
    """Whether two labels differ by one letter that is missing, added, changed or swapped with its neighbour.

    Digits are no letters, and of short labels a letter is too much: `take1` and `take2`, `sad` and `bad`.
    """
    first, second = sorted((folded(name), folded(other)), key=len)
    if name == other or len(first) < 4 or len(second) - len(first) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), len(first))
    rest, other_rest = first[start:], second[start:]
    if any(character.isdigit() for character in (*rest[:1], *other_rest[:1])):
        return False
    if len(first) < len(second):
        return rest == other_rest[1:]
    return rest[1:] == other_rest[1:] or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
