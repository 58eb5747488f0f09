"""The errors that voxaffect raises on purpose.

Every message is one line that names the value, the reason and the remedy, so that a command can print it as it is.
"""


class VoxaffectError(Exception):
    """Base of all errors below: catch it to catch whatever voxaffect itself refuses."""


class AudioError(VoxaffectError):
    """A recording that cannot be read, or that is not something an emotion can be heard in."""


class CorpusError(VoxaffectError):
    """A corpus that is not where it should be, or not what it should be."""


class TableError(VoxaffectError):
    """A table of recordings that cannot be read, or says of some of them only what it should say of all."""


class SplitError(VoxaffectError):
    """A division into training, development and test sides that would mislead."""


class EvaluationError(VoxaffectError):
    """Predictions that cannot be read, or that do not fit what they should be scored against."""


class BundleError(VoxaffectError):
    """A bundle that is missing, damaged, or newer than this version can read."""


class SettingsError(VoxaffectError, ValueError):
    """A setting that makes no sense, or a command used wrongly."""


class WorkerError(VoxaffectError):
    """A worker process that died."""


class MissingExtraError(VoxaffectError, ImportError):
    """A capability whose libraries are not installed."""


def missing_extra(extra: str, error: ImportError) -> MissingExtraError:
    """The error to raise where a heavy import failed.

    >>> print(missing_extra("train", ImportError("No module named 'torch'", name="torch")))
    torch is not installed: training needs it; pip install 'voxaffect[train]'
    """
    purpose = {
        "train": "training",
        "explore": "exploring",
        "tables": "such a table",
        "download": "downloading",
        "microphone": "hearing you",
    }[extra]
    return MissingExtraError(f"{error.name} is not installed: {purpose} needs it; pip install 'voxaffect[{extra}]'")
