"""The errors that voxaffect raises on purpose, and its warnings.

A message is one line that names the value, the reason and the remedy. A parameter to change stands in backticks, as
`columns`: the command line prints the option that sets it in its place.
"""

import importlib.util

from voxaffect.text import printable


class VoxaffectError(Exception):
    """Base of all errors below: catch it to catch whatever voxaffect itself refuses. Its message is one line.

    Examples:
        >>> import voxaffect as va
        >>> try:
        ...     va.load("nowhere")
        ... except VoxaffectError as error:
        ...     print(error)
        nowhere: is not a bundle's folder; name the folder that holds model.onnx and card.json, or ...
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(message))  # a file's name may hold control characters


class VoxaffectWarning(UserWarning):
    """Something that does not stop the work and that a user should know, as labels without a class.

    Examples:
        >>> import warnings
        >>> warnings.simplefilter("error", VoxaffectWarning)  # doctest: +SKIP
    """


class AudioError(VoxaffectError):
    """A recording that cannot be read, or in which no emotion can be recognised."""


class CorpusError(VoxaffectError):
    """A corpus that is not where it should be, or not what it should be."""


class TableError(VoxaffectError):
    """A table of recordings that cannot be read, or says of some of them only what it should say of all."""


class TranscriptError(VoxaffectError):
    """A transcript or table of segments that cannot be read, or whose times make no sense."""


class SplitError(VoxaffectError):
    """A division into training, development and test sides that would mislead."""


class EvaluationError(VoxaffectError):
    """Predictions that cannot be read, or that do not fit what they should be scored against."""


class BundleError(VoxaffectError):
    """A bundle that is missing, damaged, or newer than this version can read."""


class SettingsError(VoxaffectError, ValueError):
    """A setting that makes no sense, or a command used wrongly."""


def check(ok: bool, message: str) -> None:
    """Raise SettingsError with this message unless a condition holds.

    Examples:
        >>> check(3 >= 1, "epochs=3: choose at least 1")
    """
    if not ok:
        raise SettingsError(message)


class WorkerError(VoxaffectError):
    """A worker process that died."""


class MissingExtraError(VoxaffectError, ImportError):
    """A capability whose libraries are not installed."""


EXTRAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "train": ("training", ("torch", "lightning", "onnx", "onnxscript", "tqdm", "librosa")),
    "encoders": ("a pretrained encoder", ("transformers", "safetensors", "peft")),
    "explore": ("exploring", ("librosa", "matplotlib", "scipy", "sklearn")),
    "tables": ("such a table", ("pyarrow", "audformat", "yaml")),
    "download": ("downloading", ("pooch", "tqdm")),
    "formats": ("sound of phones, browsers and videos", ("av",)),
    "microphone": ("live input", ("sounddevice",)),
}
"""Extra -> what needs it, and the modules that it installs."""


def require(extra: str) -> None:
    """Check that an extra is installed, without importing it.

    Raises:
        MissingExtraError: A module of it is missing.
    """
    for module in EXTRAS[extra][1]:
        try:
            there = importlib.util.find_spec(module)
        except ImportError:
            there = None
        if there is None:
            raise missing_extra(extra, ImportError(name=module))


def missing_extra(extra: str, error: ImportError) -> MissingExtraError:
    """The error to raise where a heavy import failed.

    Examples:
        >>> print(missing_extra("train", ImportError("No module named 'torch'", name="torch")))
        torch is not installed: training needs it; pip install 'voxaffect[train]'
    """
    purpose = EXTRAS[extra][0]
    return MissingExtraError(f"{error.name} is not installed: {purpose} needs it; pip install 'voxaffect[{extra}]'")
