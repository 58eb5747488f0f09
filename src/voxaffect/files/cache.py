"""Where files are cached."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """The folder of cached files: VOXAFFECT_CACHE, else in the user's cache folder."""
    named = os.environ.get("VOXAFFECT_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voxaffect"
