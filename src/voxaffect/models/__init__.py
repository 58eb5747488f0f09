"""Front ends and networks; needs `voxaffect[train]`, and encoders `voxaffect[encoders]`."""

from collections.abc import Callable
from typing import Any

from voxaffect.errors import missing_extra
from voxaffect.settings import Experiment

try:
    import torch
    from torch import nn
except ImportError as error:
    raise missing_extra("train", error) from error

from voxaffect import labels
from voxaffect.models.article import ancestor, article
from voxaffect.models.classifier import Classifier, Excerpt
from voxaffect.models.cnn import Cnn
from voxaffect.models.encoder import EncoderFrontend
from voxaffect.models.frontend import Frontend, LogMel, LogMelMfcc, Mfcc
from voxaffect.models.pooling import Pooling
from voxaffect.models.recurrent import Recurrent
from voxaffect.settings.networks import NETWORKS

__all__ = ["FRONTENDS", "MODELS", "Classifier", "EncoderFrontend", "Frontend", "build", "build_frontend"]

FRONTENDS: dict[str, Callable[..., Frontend]] = {
    "log-mel": LogMel,
    "mfcc": Mfcc,
    "log-mel+mfcc": LogMelMfcc,
    "encoder": EncoderFrontend,
}
"""Name -> front end, built from (settings, sample_rate)."""

MODELS: dict[str, Callable[..., nn.Module]] = {
    "cnn": Cnn,
    "recurrent": Recurrent,
    "ancestor": ancestor,
    "article": article,
    "pooling": Pooling,
}
"""Name -> network, built from (settings, n_features) and what its kind in `settings.networks.NETWORKS` says."""


def build_frontend(experiment: Experiment) -> Frontend:
    """The front end of an experiment."""
    options = {"upper": experiment.network.upper} if NETWORKS[experiment.model].pools_states else {}
    return FRONTENDS[experiment.features](experiment.frontend, experiment.input.sample_rate, **options)


def build(experiment: Experiment, extra_classes: int = 0) -> Classifier:
    """An untrained classifier, its weights drawn from the experiment's seed.

    Args:
        experiment: The settings.
        extra_classes: Classes after those of the experiment's scheme.

    Examples:
        >>> from voxaffect.settings import read_experiment
        >>> build(read_experiment("cnn")).head.out_features
        8
    """
    torch.manual_seed(experiment.training.seed)
    given, kind = experiment.input, NETWORKS[experiment.model]
    frontend = build_frontend(experiment)
    options: dict[str, Any] = {}
    if kind.fixed_length:
        options["n_frames"] = frontend.frames(given.window_samples)
    if kind.accepts_clip_features:
        options["clip_features"] = frontend.clip_features
    if isinstance(frontend, EncoderFrontend):
        options |= {"n_states": frontend.n_states, "upper": frontend.take_upper()}
    network = MODELS[experiment.model](experiment.network, frontend.n_features, **options)
    return Classifier(
        frontend,
        network,
        len(labels.scheme(experiment.training.scheme).classes) + extra_classes,
        excerpt=None if given.start is None else Excerpt(round(given.start * given.sample_rate), given.window_samples),
        # A pooling network normalises itself, the frames that are there alone.
        normalised=experiment.network.normalised if kind.fixed_length else not kind.pools_states,
        glorot=kind.fixed_length,
    )
