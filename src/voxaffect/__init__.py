"""Speech emotion recognition that knows what it knows.

>>> import voxaffect as va
>>> recognizer = va.load()
>>> recognizer.sample_rate
16000
"""

import os

# Not from `typing`, whose import takes longer than all the rest here.
TYPE_CHECKING = False

__version__ = "0.1.0"

# ONNX Runtime sends telemetry to its maker, and writes a device id below the home folder, unless this is set before its
# first import; its own switch, `disable_telemetry_events`, comes too late.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from voxaffect import audio as audio
    from voxaffect import corpora as corpora
    from voxaffect import labels as labels
    from voxaffect import metrics as metrics
    from voxaffect.auditing import audit as audit
    from voxaffect.benchmarking import benchmark as benchmark
    from voxaffect.bundle import Bundle as Bundle
    from voxaffect.card import Card as Card
    from voxaffect.corpora import Corpus as Corpus
    from voxaffect.corpora import Utterance as Utterance
    from voxaffect.errors import VoxaffectError as VoxaffectError
    from voxaffect.errors import VoxaffectWarning as VoxaffectWarning
    from voxaffect.evaluation.evaluate import evaluate as evaluate
    from voxaffect.evaluation.split import split as split
    from voxaffect.inference.recognizer import Recognizer as Recognizer
    from voxaffect.inference.recognizer import load as load
    from voxaffect.inference.results import Recognition as Recognition
    from voxaffect.inference.results import Segment as Segment
    from voxaffect.inference.stream import Stream as Stream
    from voxaffect.reporting import explore as explore
    from voxaffect.runs.train import train as train
    from voxaffect.settings import Experiment as Experiment
    from voxaffect.splits import Split as Split

# Loaded when first asked for: importing the package costs nothing, and the half that is not used costs nothing.
_HOME = {
    "Bundle": "voxaffect.bundle",
    "Card": "voxaffect.card",
    "Corpus": "voxaffect.corpora",
    "Experiment": "voxaffect.settings",
    "Recognition": "voxaffect.inference.results",
    "Recognizer": "voxaffect.inference.recognizer",
    "Segment": "voxaffect.inference.results",
    "Split": "voxaffect.splits",
    "Stream": "voxaffect.inference.stream",
    "Utterance": "voxaffect.corpora",
    "VoxaffectError": "voxaffect.errors",
    "VoxaffectWarning": "voxaffect.errors",
    "audit": "voxaffect.auditing",
    "benchmark": "voxaffect.benchmarking",
    "evaluate": "voxaffect.evaluation.evaluate",
    "explore": "voxaffect.reporting",
    "load": "voxaffect.inference.recognizer",
    "split": "voxaffect.evaluation.split",
    "train": "voxaffect.runs.train",
}
_MODULES = ("audio", "corpora", "labels", "metrics")

__all__ = ["__version__", *_HOME, *_MODULES]


def __getattr__(name: str) -> object:
    import importlib

    if name in _MODULES:
        return importlib.import_module(f"voxaffect.{name}")
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'voxaffect' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
