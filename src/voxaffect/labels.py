"""Emotions, and the class sets (schemes) that models and protocols choose among them.

An emotion is one lower-case word that every corpus maps its own codes to; a scheme names an ordered set of classes
and says which emotions fall into which class. Emotions that a scheme has no place for are never guessed at: they
are dropped, and whoever drops them says how many.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from voxaffect.errors import SettingsError

EMOTIONS = ("angry", "calm", "disgust", "fearful", "happy", "neutral", "sad", "surprised")


@dataclass(frozen=True)
class Scheme:
    """A named, ordered set of classes and the mapping of emotions into it.

    classes: the class names, in the order of a model's outputs.
    mapping: emotion -> class; an emotion that is absent has no place in the scheme.
    """

    name: str
    classes: tuple[str, ...]
    mapping: Mapping[str, str] = field(hash=False)

    def __post_init__(self) -> None:
        strangers = set(self.mapping.values()) - set(self.classes)
        if strangers:
            raise SettingsError(f"scheme {self.name} maps to {sorted(strangers)}, not among its classes {self.classes}")
        object.__setattr__(self, "mapping", MappingProxyType(dict(self.mapping)))

    def index(self, emotion: str) -> int | None:
        """Position of the emotion's class among `classes`, or None where the scheme has no place for it."""
        name = self.mapping.get(emotion)
        return None if name is None else self.classes.index(name)


def _identity(name: str, *classes: str) -> Scheme:
    return Scheme(name, classes, {emotion: emotion for emotion in classes})


SCHEMES: dict[str, Scheme] = {
    "ravdess-8": _identity("ravdess-8", *EMOTIONS),
}


def scheme(name: str) -> Scheme:
    """The scheme of that name.

    Raises SettingsError for an unknown one.
    """
    if name not in SCHEMES:
        raise SettingsError(f"scheme {name!r} is not known; choose one of {', '.join(SCHEMES)}")
    return SCHEMES[name]
