"""Emotions, and the class sets (schemes) that models and protocols choose among them.

An emotion is one lower-case word that every corpus maps its own codes to; a scheme names an ordered set of classes
and says which emotions fall into which class. Emotions that a scheme has no place for are never guessed at: they
are dropped, and whoever drops them says how many.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from voxaffect.errors import SettingsError

EMOTIONS = (
    "angry",
    "bored",
    "calm",
    "disgust",
    "fearful",
    "happy",
    "neutral",
    "pleasantly surprised",
    "sad",
    "surprised",
)


_SYNONYMS = {
    "anger": "angry",
    "boredom": "bored",
    "calmness": "calm",
    "disgusted": "disgust",
    "fear": "fearful",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "surprise": "surprised",
}


def emotion(label: str) -> str:
    """The emotion that somebody's label means, or the label as it is where it is none of ours.

    >>> emotion("Anger"), emotion("on hold")
    ('angry', 'on hold')
    """
    lower = label.strip().lower()
    return _SYNONYMS.get(lower, lower if lower in EMOTIONS else label.strip())


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
    """A named, ordered set of classes and the mapping of emotions into it.

    classes: the class names, in the order of a model's outputs.
    mapping: emotion -> class; an emotion that is absent has no place in the scheme.
    by_sex: each class is of one sex, as `female angry`, and a voice whose sex is not known has no place.
    """

    name: str
    classes: tuple[str, ...]
    mapping: Mapping[str, str] = field(hash=False)
    by_sex: bool = False

    def __post_init__(self) -> None:
        sexes = ("female ", "male ") if self.by_sex else ("",)
        strangers = {f"{sex}{each}" for sex in sexes for each in self.mapping.values()} - set(self.classes)
        if strangers:
            raise SettingsError(f"scheme {self.name} maps to {sorted(strangers)}, not among its classes {self.classes}")
        object.__setattr__(self, "mapping", MappingProxyType(dict(self.mapping)))

    def index(self, emotion: str, sex: str | None = None) -> int | None:
        """Position of the emotion's class among `classes`, or None where the scheme has no place for it."""
        name = self.mapping.get(emotion)
        if name is None or (self.by_sex and not sex):
            return None
        return self.classes.index(f"{sex} {name}" if self.by_sex else name)

    def index_of(self, utterance: Labelled) -> int | None:
        """Position of the utterance's class among `classes`, or None where the scheme has no place for it."""
        return self.index(utterance.emotion, utterance.sex)


def listener_distribution(
    scheme: Scheme, votes: Mapping[str, int], sex: str | None = None
) -> tuple[float, ...] | None:
    """The share of listener votes for each class.

    Args:
        scheme: The classes.
        votes: Emotion -> how many listeners heard it; votes for emotions without a class do not count.
        sex: Of the speaker, where classes are by sex.

    Returns:
        (classes,), sums to 1; None where no vote counts.

    Example:
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


def _identity(name: str, *classes: str) -> Scheme:
    return Scheme(name, classes, {emotion: emotion for emotion in classes})


def _by_sex(name: str, *emotions: str) -> Scheme:
    classes = tuple(f"{sex} {emotion}" for sex in ("female", "male") for emotion in emotions)
    return Scheme(name, classes, {emotion: emotion for emotion in emotions}, by_sex=True)


# Those named `article` are of Reza Chu, "Speech Emotion Recognition with Convolutional Neural Network" (2019).
_FIVE = ("angry", "calm", "fearful", "happy", "sad")
_EIGHT = ("angry", "calm", "disgust", "fearful", "happy", "neutral", "sad", "surprised")
_SIX = ("angry", "disgust", "fearful", "happy", "neutral", "sad")
_NEGATIVE = dict.fromkeys(("angry", "fearful", "sad"), "negative")

_ALL = (
    _identity("ravdess-8", *_EIGHT),
    _by_sex("ravdess-16", *_EIGHT),
    _identity("ravdess-6", "angry", "calm", "fearful", "happy", "neutral", "sad"),  # what is sung
    # Six basic emotions (Ekman 1992) and neutral. A pleasant surprise is one; calm, which RAVDESS's actors kept apart
    # from neutral, is not neutral here either, and has no place.
    Scheme(
        "ekman-7",
        (*_SIX, "surprised"),
        {each: each for each in (*_SIX, "surprised")} | {"pleasantly surprised": "surprised"},
    ),
    _identity("crema-6", *_SIX),
    _identity("emodb-7", "angry", "bored", "disgust", "fearful", "happy", "neutral", "sad"),
    # What most corpora share.
    _identity("common-4", "angry", "happy", "neutral", "sad"),
    # Thirds of the circumplex (Russell 1980). Surprise may be either; a pleasant one is not.
    Scheme(
        "valence-3",
        ("negative", "neutral", "positive"),
        dict.fromkeys(("angry", "bored", "disgust", "fearful", "sad"), "negative")
        | {"neutral": "neutral"}
        | dict.fromkeys(("calm", "happy", "pleasantly surprised"), "positive"),
    ),
    Scheme(
        "arousal-3",
        ("low", "medium", "high"),
        dict.fromkeys(("bored", "calm", "sad"), "low")
        | dict.fromkeys(("disgust", "neutral"), "medium")
        | dict.fromkeys(("angry", "fearful", "happy", "pleasantly surprised", "surprised"), "high"),
    ),
    _by_sex("article-10", *_FIVE),
    _identity("article-5", *_FIVE),
    Scheme(
        "article-3",
        ("negative", "neutral", "positive"),
        _NEGATIVE | {"calm": "neutral", "neutral": "neutral", "happy": "positive"},
    ),
    Scheme("article-2", ("negative", "positive"), _NEGATIVE | {"calm": "positive", "happy": "positive"}),
)

SCHEMES: dict[str, Scheme] = {each.name: each for each in _ALL}


def scheme(name: str) -> Scheme:
    """The scheme of that name, or of the classes that the name lists, as `busy, on hold`.

    Raises SettingsError for an unknown one, and for a list with an empty class or one twice.
    """
    if "," in name:
        classes = tuple(each.strip() for each in name.split(","))
        if len(set(classes)) < len(classes) or not all(classes):
            raise SettingsError(f"scheme {name!r} names a class twice or an empty one; list each once")
        return _identity(name, *classes)
    if name not in SCHEMES:
        raise SettingsError(
            f"scheme {name!r} is not known; choose one of {', '.join(SCHEMES)}, or list classes with commas"
        )
    return SCHEMES[name]


def of_labels(found: Iterable[str]) -> str:
    """The name of the scheme whose classes are these labels.

    >>> of_labels(["sad", "angry", "sad"])
    'angry,sad'

    Raises SettingsError where there is but one, or a comma in one.
    """
    classes = sorted(set(found))
    if len(classes) < 2:
        raise SettingsError(f"the labels are {classes}; a model needs two or more to tell apart")
    comma = next((each for each in classes if "," in each), None)
    if comma:
        raise SettingsError(f"label {comma!r} has a comma in it, which parts the names of classes; write it without")
    return ",".join(classes)
