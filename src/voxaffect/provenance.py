"""What a result was computed with: the commit of the source and the versions of the packages."""

import platform
import subprocess
from importlib import metadata
from pathlib import Path

PACKAGES = ("voxaffect", "torch", "lightning", "onnx", "onnxruntime", "numpy", "soundfile", "soxr", "librosa")


def versions() -> dict[str, str]:
    """Package -> version, of everything that is installed and could change a result."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """The commit of this source tree, `-dirty` where it has changes, or unknown where it is not in one."""
    described = ["git", "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"]
    try:
        here = Path(__file__).parent
        return subprocess.run(described, cwd=here, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
