"""Every setting of a training run: frozen values that need no PyTorch, so that experiments can be listed and checked.

`frontends` and `networks` hold the settings of one front end or network each, `experiment` those of a run, `toml` reads
them.
"""

from voxaffect.settings.experiment import (
    AugmentSettings,
    CopySettings,
    Experiment,
    InputSettings,
    OptimizerSettings,
    SamplingSettings,
    TargetSettings,
    TrainingSettings,
)
from voxaffect.settings.toml import experiment_from_tables, experiment_names, read_experiment

__all__ = [
    "AugmentSettings",
    "CopySettings",
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
