"""The bundle: a folder with `model.onnx` (waveform -> logits, embedding) and `card.json` (what it is and how good).

It is the one thing that passes from training to use. Reading it needs no library but the standard one.
"""

import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from voxaffect.card import Card
from voxaffect.errors import BundleError
from voxaffect.text import as_document

MODEL, CARD = "model.onnx", "card.json"
PACKAGED = Path(__file__).parent / "bundles"
DEFAULT = "base"
"""The bundle in the package that is taken where none is named."""

_LARGEST = {CARD: 2**24, MODEL: 2**31}  # bytes; of a graph, protobuf's own limit


@dataclass(frozen=True)
class Bundle:
    """A bundle in memory. model: the bytes of model.onnx, whose SHA-256 is the one on the card.

    Examples:
        >>> read(find("common4")).card.classes
        ('angry', 'happy', 'neutral', 'sad')
    """

    name: str
    card: Card
    model: bytes = field(repr=False)


def assemble(name: str, model: bytes, card: Card) -> Bundle:
    """A bundle in memory. Size and SHA-256 of the model are put on the card here: they cannot be another model's."""
    about = dataclasses.replace(card.model, bytes=len(model), sha256=hashlib.sha256(model).hexdigest())
    return Bundle(name, dataclasses.replace(card, model=about), model)


def write(folder: str | os.PathLike[str], bundle: Bundle) -> Path:
    """Write a bundle, whole or not at all; a bundle that is already there is replaced once the new one is complete.

    Raises:
        BundleError: The folder holds something that is not a bundle, or cannot be written.
    """
    folder = Path(folder)
    refuse_other(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written ({error.strerror})") from None
    new, old = room / "new", room / "old"
    try:
        new.mkdir()
        _write(new / MODEL, bundle.model)
        _write(new / CARD, as_document(bundle.card.to_dict()).encode())
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written ({error.strerror}); what was there is as it was") from None
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)
        shutil.rmtree(room, ignore_errors=True)
    return folder


def refuse_other(folder: Path) -> None:
    """Refuse to write a bundle where that would replace something else.

    Raises:
        BundleError: The folder holds anything but a bundle, or is a file.
    """
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else ["a file"] * folder.exists()
    other = next((name for name in names if name not in (MODEL, CARD)), None)
    if other:
        raise BundleError(f"{folder}: holds something else than a bundle ({other}); choose another folder")


def find(name: str | os.PathLike[str] | None) -> Path:
    """The folder of that name, or of the bundle of that name in the package; None: of the default bundle."""
    if name is None:
        return PACKAGED / DEFAULT
    return PACKAGED / name if str(name) in packaged() and not Path(name).exists() else Path(name)


def packaged() -> list[str]:
    """The names of the bundles in the package, sorted."""
    return sorted(folder.name for folder in PACKAGED.iterdir() if folder.is_dir())


def read(folder: str | os.PathLike[str]) -> Bundle:
    """Read a bundle and verify it.

    Raises:
        BundleError: A file is missing, the card is not valid or of a newer schema, or the model is not the one that
            the card was written for.
    """
    folder = Path(folder)
    if not folder.is_dir():
        remedy = f"name the folder that holds {MODEL} and {CARD}, or a bundle of the package: {', '.join(packaged())}"
        raise BundleError(f"{folder}: is not a bundle's folder; {remedy}")
    for name in (CARD, MODEL):
        if not (folder / name).is_file():
            raise BundleError(f"{folder}: {name} is missing; copy the whole folder again or train it anew")
        if (folder / name).stat().st_size > _LARGEST[name]:
            reason = f"{name} is larger than {_LARGEST[name] // 2**20} MB, which no bundle's is"
            raise BundleError(f"{folder}: {reason}; copy the whole folder again")
    card = _read_card(folder / CARD)
    try:
        model = (folder / MODEL).read_bytes()
    except OSError as error:
        raise BundleError(f"{folder / MODEL}: cannot be read ({error.strerror})") from None
    if hashlib.sha256(model).hexdigest() != card.model.sha256:
        reason = "its SHA-256 is not the one on the card: damaged, or of another bundle"
        raise BundleError(f"{folder / MODEL}: {reason}; copy the whole folder again")
    return Bundle(folder.resolve().name, card, model)


def _read_card(path: Path) -> Card:
    try:
        return Card.from_dict(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise BundleError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path}: is not JSON ({error}); copy the whole folder again") from None
    except BundleError as error:
        raise BundleError(f"{path}: {error}") from None


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
