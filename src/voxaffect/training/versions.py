"""What a training run was computed with."""

import platform
from importlib import metadata

PACKAGES = ("voxaffect", "torch", "lightning", "onnx", "onnxruntime", "numpy", "soundfile", "soxr", "librosa")


def versions() -> dict[str, str]:
    """Package -> version, of everything that could change a result."""
    return {
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in PACKAGES},
    }
