"""Every setting of a training run: frozen values that need no PyTorch, so that experiments can be listed and checked.

`frontends` and `networks` hold the settings of one front end or network each, `training` how a model is fitted,
`experiment` all of a run; `toml` reads them.
"""

from voxaffect.settings.experiment import AugmentSettings, CopySettings, Experiment, InputSettings
from voxaffect.settings.toml import experiment_from_tables, experiment_names, read_experiment
from voxaffect.settings.training import (
    DiscriminantSettings,
    OptimizerSettings,
    SamplingSettings,
    TargetSettings,
    TrainingSettings,
)

__all__ = [
    "AugmentSettings",
    "CopySettings",
    "DiscriminantSettings",
    "Experiment",
    "InputSettings",
    "OptimizerSettings",
    "SamplingSettings",
    "TargetSettings",
    "TrainingSettings",
    "experiment_from_tables",
    "experiment_names",
    "read_experiment",
]
