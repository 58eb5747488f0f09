"""Speech emotion recognition that knows what it knows.

>>> import voxaffect as va
>>> recognizer = va.load()
>>> recognizer.sample_rate
16000
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# ONNX Runtime sends what it counts to its maker, and keeps a number for the machine below the home folder, unless it is
# told not to before it is first imported; its own switch, `disable_telemetry_events`, comes too late.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from voxaffect import corpora as corpora
    from voxaffect.benchmarking import benchmark as benchmark
    from voxaffect.errors import VoxaffectError as VoxaffectError
    from voxaffect.inference.recognizer import Recognizer as Recognizer
    from voxaffect.inference.recognizer import load as load
    from voxaffect.inference.results import Recognition as Recognition
    from voxaffect.splits import Split as Split

# Loaded when first asked for: importing the package costs nothing, and nobody pays for the half that is not used.
_HOME = {
    "Recognition": "voxaffect.inference.recognizer",
    "Recognizer": "voxaffect.inference.recognizer",
    "Split": "voxaffect.splits",
    "VoxaffectError": "voxaffect.errors",
    "benchmark": "voxaffect.benchmarking",
    "load": "voxaffect.inference.recognizer",
}

__all__ = ["Recognition", "Recognizer", "Split", "VoxaffectError", "__version__", "benchmark", "corpora", "load"]


def __getattr__(name: str) -> Any:
    if name == "corpora":
        return importlib.import_module("voxaffect.corpora")
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'voxaffect' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
