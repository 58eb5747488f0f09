"""The bundle: a folder with `model.onnx` (waveform -> logits, embedding) and `card.json` (what it is and how good).

It is the one thing that passes from training to use. Reading it needs no library but the standard one.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxaffect.errors import BundleError

SCHEMA = 1
MODEL, CARD = "model.onnx", "card.json"
PACKAGED = Path(__file__).parent / "bundles"
DEFAULT = "common4"
"""The bundle in the package that is taken where none is named."""
_REQUIRED = {
    "classes": (),
    "scheme": (),
    "sample_rate": (),
    "window": ("shortest", "longest"),
    "licence": (),
    "model": ("parameters", "bytes", "sha256"),
    "training": ("corpora", "utterances", "styles", "split", "epochs", "best_epoch"),
    "scores": (),
    "versions": ("voxaffect",),
    "created": (),
}
"""What a card holds at least: key -> keys below it."""


@dataclass(frozen=True)
class Bundle:
    """A bundle in memory, its sum verified.

    card: the content of card.json. model: the bytes of model.onnx.
    """

    name: str
    card: Mapping[str, Any]
    model: bytes

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names, in the order of the logits."""
        return tuple(self.card["classes"])

    @property
    def sample_rate(self) -> int:
        """Rate of the waveform that the graph takes, in Hz."""
        return int(self.card["sample_rate"])


def assemble(name: str, model: bytes, card: Mapping[str, Any]) -> Bundle:
    """A bundle in memory. Size and SHA-256 of the model are put on the card here: they cannot be another model's.

    Raises BundleError where the card lacks what a reader goes by.
    """
    card = {"schema": SCHEMA} | dict(card)
    card["model"] = dict(card["model"]) | {"bytes": len(model), "sha256": hashlib.sha256(model).hexdigest()}
    _refuse_incomplete(name, card)
    return Bundle(name, card, model)


def write(folder: str | os.PathLike[str], bundle: Bundle) -> Path:
    """Write a bundle, whole or not at all; a bundle that is already there is replaced once the new one is complete.

    Raises BundleError where the folder holds something that is not a bundle, or cannot be written.
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
        _write(new / CARD, (json.dumps(bundle.card, indent=2, ensure_ascii=False) + "\n").encode())
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
    """Raise BundleError where a folder holds anything but a bundle: writing one there would lose it."""
    if not folder.exists():
        return
    strange = [] if not folder.is_dir() else [each.name for each in folder.iterdir() if each.name not in (MODEL, CARD)]
    if strange or not folder.is_dir():
        raise BundleError(
            f"{folder}: holds something else than a bundle ({(strange or ['a file'])[0]}); choose another folder"
        )


def find(name: str | os.PathLike[str] | None) -> Path:
    """The folder of that name, or of the bundle of that name in the package; None: of the one that is the default."""
    if name is None:
        return PACKAGED / DEFAULT
    return Path(name) if Path(name).exists() else _packaged().get(str(name), Path(name))


def _packaged() -> dict[str, Path]:
    return {each.name: each for each in PACKAGED.iterdir() if each.is_dir()}


def read(folder: str | os.PathLike[str]) -> Bundle:
    """Read a bundle and verify it.

    Raises BundleError where a file is missing, the card is of a newer schema or not a card, or the model is not the
    one that the card was written for.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise BundleError(
            f"{folder}: is not a bundle's folder; name the folder that holds {MODEL} and {CARD}, or a bundle of the "
            f"package: {', '.join(sorted(_packaged()))}"
        )
    for name in (CARD, MODEL):
        if not (folder / name).is_file():
            raise BundleError(f"{folder}: {name} is missing; copy the whole folder again or train it anew")
    card = _read_card(folder / CARD)
    try:
        model = (folder / MODEL).read_bytes()
    except OSError as error:
        raise BundleError(f"{folder / MODEL}: cannot be read ({error.strerror})") from None
    if hashlib.sha256(model).hexdigest() != card["model"].get("sha256"):
        raise BundleError(
            f"{folder / MODEL}: its SHA-256 is not the one on the card: damaged, or of another bundle; "
            "copy the whole folder again"
        )
    return Bundle(folder.resolve().name, card, model)


def _read_card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BundleError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise BundleError(f"{path}: is not JSON ({error}); copy the whole folder again") from None
    schema = card.get("schema") if isinstance(card, dict) else None
    if not isinstance(schema, int) or schema < 1:
        raise BundleError(f"{path}: is not a bundle's card; name the folder of a bundle")
    if schema > SCHEMA:
        raise BundleError(
            f"{path}: is of schema {schema}, and this voxaffect reads up to {SCHEMA}; pip install -U voxaffect"
        )
    _refuse_incomplete(str(path), card)
    return card


def _refuse_incomplete(name: str, card: Mapping[str, Any]) -> None:
    """Raise BundleError where the card lacks what a reader of bundles goes by."""
    for key, parts in _REQUIRED.items():
        value = card.get(key)
        lacking = [part for part in parts if not isinstance(value, dict) or part not in value]
        if value is None or lacking:
            raise BundleError(
                f"{name}: the card lacks {' and '.join(f'{key}.{part}' for part in lacking) or key}; make it anew"
            )


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
