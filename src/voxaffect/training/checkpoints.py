"""Checkpoints of a training: written whole or not at all, and read without running what is in them."""

import io
import pickle
import re
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins import TorchCheckpointIO

from voxaffect.errors import SettingsError
from voxaffect.files.atomic import write_bytes
from voxaffect.training.run_folder import BEST, LAST, same_run


class Checkpoints(TorchCheckpointIO):
    """How Lightning writes and reads checkpoints."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        """Replace a checkpoint; Lightning would copy onto it where temporary files lie on another file system."""
        content = io.BytesIO()  # PyTorch reports no full disk when it writes to a file itself
        torch.save(checkpoint, content)
        try:
            write_bytes(Path(path), content.getbuffer())
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from None

    def load_checkpoint(self, path: str | Path, *_: Any, **__: Any) -> dict[str, Any]:
        """What `read` gives, whatever Lightning asks for."""
        return read(Path(path))


def read(path: Path) -> dict[str, Any]:
    """Read a checkpoint: tensors, numbers and text, on the CPU.

    Raises:
        SettingsError: It is missing or damaged, or holds anything else, which could be code.
    """
    checkpoint = _tried(path)
    if isinstance(checkpoint, str):
        last, best = path.with_name(LAST), path.with_name(BEST)
        whole = path == last and not isinstance(_tried(best), str)
        way = f"copy {best}, which is whole, over it and resume from its epoch, or " if whole else ""
        raise SettingsError(f"{path}: {checkpoint}; {way}remove {last} to begin anew")
    return checkpoint


def read_own(path: Path, identity: str) -> dict[str, Any]:
    """`read` a checkpoint of a run. One that does not say of which run it is, is taken.

    Raises:
        SettingsError: It is of another run, as where two train in one folder, or as `read`.
    """
    checkpoint = read(path)
    own = checkpoint["voxaffect"].get("run")
    if own is not None and not same_run(own, identity):
        raise SettingsError(f"{path}: is of another run; name a folder for this one alone and train anew")
    return checkpoint


def _tried(path: Path) -> dict[str, Any] | str:
    """A checkpoint, or what is wrong with it."""
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        return "is missing"
    except OSError:
        raise
    except pickle.UnpicklingError as error:
        asked = re.search(r"GLOBAL (\S+)", str(error))
        return f"holds more than weights ({asked[1]}), which is not run" if asked else "is damaged"
    except Exception:  # what PyTorch raises depends on where a file is cut
        return "is damaged"
    try:
        checkpoint["state_dict"], checkpoint["epoch"]
        checkpoint["voxaffect"]["history"], checkpoint["voxaffect"]["seconds"]
    except (LookupError, TypeError):
        return "is no checkpoint of a training"
    return checkpoint
