"""The tables of front ends and networks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from voxaffect.models.article import AncestorSettings, ArticleSettings, ancestor, article
from voxaffect.models.classifier import Classifier, Excerpt, Kind, Members
from voxaffect.models.cnn import Cnn, CnnSettings
from voxaffect.models.frontend import (
    Frontend,
    LogMel,
    LogMelMfcc,
    LogMelMfccSettings,
    LogMelSettings,
    Mfcc,
    MfccSettings,
)
from voxaffect.models.recurrent import Recurrent, RecurrentSettings

__all__ = [
    "FRONTENDS",
    "MODELS",
    "Classifier",
    "Cnn",
    "CnnSettings",
    "Excerpt",
    "Frontend",
    "Kind",
    "LogMel",
    "LogMelMfcc",
    "LogMelMfccSettings",
    "LogMelSettings",
    "Members",
    "Mfcc",
    "MfccSettings",
    "Recurrent",
    "RecurrentSettings",
]


@dataclass(frozen=True)
class FrontendKind:
    """A front end, built from (settings, sample_rate), and the class of its settings."""

    frontend: Callable[[Any, int], Frontend]
    settings: type


FRONTENDS: dict[str, FrontendKind] = {
    "log-mel": FrontendKind(LogMel, LogMelSettings),
    "mfcc": FrontendKind(Mfcc, MfccSettings),
    "log-mel+mfcc": FrontendKind(LogMelMfcc, LogMelMfccSettings),
}

MODELS: dict[str, Kind] = {
    "cnn": Kind(Cnn, CnnSettings, beside=True),
    "recurrent": Kind(Recurrent, RecurrentSettings),
    "ancestor": Kind(ancestor, AncestorSettings, fixed=True),
    "article": Kind(article, ArticleSettings, fixed=True),
}
