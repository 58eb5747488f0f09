"""Labels that look misspelt: a letter away from another label, or from a known name of an emotion."""

from collections.abc import Iterator, Mapping

from voxaffect.corpora.own.renaming import Renaming, example
from voxaffect.labels import EMOTIONS, NAMES, canonical_emotion, folded

_LARGER = 5
"""Times as many clips as of a label make a larger one, of which the label may be a misspelling."""


def slips(clips: Mapping[str, int], renaming: Renaming) -> Iterator[str]:
    """A sentence for each label that looks misspelt.

    Args:
        clips: Label, as it is written -> number of its clips.
        renaming: What the caller names labels; those are meant as they are.
    """
    for label, count in clips.items():
        if renaming.names(label) or canonical_emotion(label) in EMOTIONS:
            continue
        larger = [other for other, many in clips.items() if many >= _LARGER * count and is_slip(label, other)]
        if near := f"{larger[0]} ({clips[larger[0]]} clips)" if larger else known_slip(label):
            meant = larger[0] if larger else near
            yield (
                f"{count} clip{'s are' if count > 1 else ' is'} {label}, a letter away from {near}; if that is a slip, "
                f"correct it by {example({label: meant})}"
            )


def known_slip(label: str) -> str | None:
    """The known name of an emotion that a label, itself none, is a slip of.

    Examples:
        >>> [known_slip(label) for label in ("Freud", "wütned", "Freude", "on hold")]
        ['Freude', 'wütend', None, None]
    """
    if canonical_emotion(label) in EMOTIONS:
        return None
    return next((name for name in NAMES if is_slip(label, name)), None)


def is_slip(name: str, other: str) -> bool:
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
