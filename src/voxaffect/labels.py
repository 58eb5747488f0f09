"""Emotions, and the schemes that map them to the classes of a model or a protocol.

An emotion is one of `EMOTIONS`, to which every corpus maps its own codes. A scheme is an ordered set of classes with
the mapping of emotions into it. Utterances whose emotion a scheme does not map are left out and counted.

Examples:
    >>> scheme("valence-3").classes
    ('negative', 'neutral', 'positive')
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from voxaffect.errors import SettingsError

_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))

EMOTIONS: tuple[str, ...] = tuple(_TABLES["emotions"])


_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "_": " ", "-": " "})


def folded(label: str) -> str:
    """A label without case, accents, and the difference of space, _ and -: what is compared.

    Examples:
        >>> folded(" Très_Fâché"), folded("WÜTEND"), folded("złość")
        ('tres fache', 'wutend', 'zlosc')
    """
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", label).casefold().translate(_LETTERS))
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())


NAMES: dict[str, str] = dict(zip(EMOTIONS, EMOTIONS, strict=True)) | {
    name: emotion for language in _TABLES["names"].values() for emotion, known in language.items() for name in known
}
"""What an emotion is called, as it is written -> the emotion."""

_FOLDED = {
    key: emotion for name, emotion in NAMES.items() for key in (folded(name), folded(name.lower().translate(_SPELLED)))
}


def canonical_emotion(label: str) -> str:
    """Map an emotion label to its name in `EMOTIONS`.

    Args:
        label: An adjective or a noun, in one of the languages of `labels.toml`; case and accents do not matter.

    Returns:
        The emotion; a label that is not known, without spaces around it.

    Examples:
        >>> [canonical_emotion(label) for label in ("Anger", "wuetend", "радость", "Tristezza", " on hold ")]
        ['angry', 'angry', 'happy', 'sad', 'on hold']
    """
    return _FOLDED.get(folded(label), label.strip())


class Labelled(Protocol):
    """Anything with an emotion and the sex of its speaker, as an utterance."""

    @property
    def emotion(self) -> str:
        """What is expressed."""

    @property
    def sex(self) -> str | None:
        """Of the speaker: "male", "female" or None where it is unknown."""


@dataclass(frozen=True)
class Scheme:
    """A named, ordered set of classes with the mapping of emotions into it.

    Args:
        name: Of the scheme.
        classes: Names of the classes, in the order of a model's outputs.
        mapping: Emotion -> class, without the sex. An emotion that is absent has no class.
        by_sex: Whether each class is of one sex, as "female angry". A speaker of unknown sex then has no class.

    Raises:
        SettingsError: The mapping names a class that is not among `classes`.

    Examples:
        >>> scheme = Scheme("two", ("calm", "upset"), {"neutral": "calm", "angry": "upset", "sad": "upset"})
        >>> scheme.index("sad"), scheme.index("happy")
        (1, None)
    """

    name: str
    classes: tuple[str, ...]
    mapping: Mapping[str, str] = field(hash=False)
    by_sex: bool = False

    def __post_init__(self) -> None:
        sexes = ("female ", "male ") if self.by_sex else ("",)
        unknown = {f"{sex}{name}" for sex in sexes for name in self.mapping.values()} - set(self.classes)
        if unknown:
            raise SettingsError(
                f"scheme {self.name} maps to {sorted(unknown)}, not among its classes {self.classes}; add them to the "
                "classes or correct the mapping"
            )
        object.__setattr__(self, "mapping", MappingProxyType(dict(self.mapping)))

    def index(self, emotion: str, sex: str | None = None) -> int | None:
        """Map an emotion to the index of its class.

        Args:
            emotion: One of `EMOTIONS`, or a label of a scheme that was made of labels.
            sex: "female" or "male"; only a scheme by sex needs it.

        Returns:
            The position among `classes`; None where the scheme has no class for it.
        """
        name = self.mapping.get(emotion)
        if name is None or (self.by_sex and not sex):
            return None
        return self.classes.index(f"{sex} {name}" if self.by_sex else name)

    def index_of(self, utterance: Labelled) -> int | None:
        """Map an utterance to the index of its class, or None."""
        return self.index(utterance.emotion, utterance.sex)


def listener_distribution(scheme: Scheme, votes: Mapping[str, int], sex: str | None = None) -> tuple[float, ...] | None:
    """The share of listener votes for each class.

    Args:
        scheme: The classes.
        votes: Emotion -> how many listeners chose it; votes for emotions without a class do not count.
        sex: Of the speaker, where classes are by sex.

    Returns:
        (classes,), sums to 1; None where no vote counts.

    Examples:
        >>> listener_distribution(SCHEMES["common-4"], {"angry": 3, "sad": 1, "disgust": 6})
        (0.75, 0.0, 0.0, 0.25)
    """
    counts = [0.0] * len(scheme.classes)
    for emotion, count in votes.items():
        index = scheme.index(emotion, sex)
        if index is not None:
            counts[index] += count
    total = sum(counts)
    return tuple(count / total for count in counts) if total else None


def _scheme(
    name: str,
    classes: Sequence[str],
    by_sex: bool = False,
    emotions: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Scheme:
    """emotions: class -> its emotions; a class that is absent is the emotion of its name."""
    mapping = {emotion: one for one in classes for emotion in emotions.get(one, [one])}
    outputs = [f"{sex} {one}" for sex in ("female", "male") for one in classes] if by_sex else classes
    return Scheme(name, tuple(outputs), mapping, by_sex)


SCHEMES: dict[str, Scheme] = {name: _scheme(name, **content) for name, content in _TABLES["schemes"].items()}


def scheme(name: str) -> Scheme:
    """Look up a scheme by its name, or make one of a list of classes.

    Args:
        name: In `SCHEMES`, or two or more classes with commas between; each class is then an emotion of its own, or the
            emotion that it is a name of.

    Returns:
        The scheme.

    Raises:
        SettingsError: The scheme is not known, or the list has an empty class or one twice.

    Examples:
        >>> scheme("common-4").classes, scheme("busy, on hold").classes
        (('angry', 'happy', 'neutral', 'sad'), ('busy', 'on hold'))
        >>> scheme("Freude, Wut").index("angry")
        1
    """
    if "," in name:
        classes = tuple(part.strip() for part in name.split(","))
        if len(set(classes)) < len(classes) or not all(classes):
            raise SettingsError(f"scheme {name!r} has an empty class or one twice; list every class once")
        emotions = [canonical_emotion(each) for each in classes]
        pairs = zip(classes, emotions, strict=True)
        same = {one: [one, emotion] for one, emotion in pairs if emotions.count(emotion) == 1}
        return _scheme(name, classes, emotions=same)
    if name not in SCHEMES:
        raise SettingsError(
            f"scheme {name!r} is not known; choose one of {', '.join(SCHEMES)}, or list classes with commas"
        )
    return SCHEMES[name]


def scheme_name(labels: Iterable[str]) -> str:
    """Name the scheme whose classes are the labels that occur.

    Args:
        labels: One for each recording.

    Returns:
        A name that `scheme` takes: the sorted labels with commas between.

    Raises:
        SettingsError: There are fewer than two labels, or one has a comma in it.

    Examples:
        >>> scheme_name(["sad", "angry", "sad"])
        'angry,sad'
    """
    classes = sorted(set(labels))
    if len(classes) < 2:
        raise SettingsError(f"the labels are {classes}: a model needs at least two classes; add recordings of another")
    with_comma = next((name for name in classes if "," in name), None)
    if with_comma:
        raise SettingsError(f"label {with_comma!r} has a comma in it, which separates classes; rename the label")
    return ",".join(classes)
