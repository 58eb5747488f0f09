"""Weights to begin with: what a network has learnt of other speakers, by name in the package or in a folder.

A start is a folder of `weights.npz` (every tensor but those of the last layer, in half precision) and `card.json`,
which says whom it has heard: nobody of them can be validated or tested on by what begins with it.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from voxaffect.atomic import write_bytes, write_text
from voxaffect.errors import BundleError, SettingsError, SplitError
from voxaffect.models import Classifier
from voxaffect.splits import Sides
from voxaffect.training.experiment import Experiment

WEIGHTS, CARD = "weights.npz", "card.json"
PACKAGED = Path(__file__).parents[1] / "starts"
_KEPT = ("normalise.", "network.")
_SAID = ("licence", "training", "versions", "created")


@dataclass(frozen=True)
class Start:
    """Weights in memory, and whose they are.

    weights: by the names that PyTorch gives them. card: the content of card.json, a bundle's in short.
    """

    name: str
    weights: Mapping[str, npt.NDArray[Any]]
    card: Mapping[str, Any]

    @property
    def speakers(self) -> frozenset[str]:
        """Everybody whom it has heard."""
        split = self.card["training"]["split"]
        return frozenset({*split["train"], *split["dev"]})


def refuse_several(experiment: Experiment) -> None:
    """Raise SettingsError where a model is several networks, and so is no start."""
    if experiment.training.members > 1:
        raise SettingsError("weights to begin with are one network's; set training.members=1")


def write(folder: Path, model: Classifier, card: Mapping[str, Any]) -> None:
    """Keep what a trained model has learnt, but for its last layer. card: that of its bundle."""
    state = {name: each.numpy() for name, each in model.state_dict().items() if name.startswith(_KEPT)}
    halves = {name: each.astype(np.float16) if each.dtype == np.float32 else each for name, each in state.items()}
    content = io.BytesIO()
    np.savez_compressed(content, **halves)
    write_bytes(folder / WEIGHTS, content.getvalue())
    write_text(
        folder / CARD,
        json.dumps({key: card[key] for key in _SAID}, indent=1, ensure_ascii=False, sort_keys=True) + "\n",
    )


def read(name: str) -> Start:
    """The start of that name in the package, or in the folder of that name.

    Raises BundleError where there is none, or it is damaged.
    """
    folder = Path(name) if Path(name).is_dir() else PACKAGED / name
    if not folder.is_dir():
        there = ", ".join(sorted(each.name for each in PACKAGED.iterdir() if each.is_dir()))
        raise BundleError(f"training.start: {name} is no folder and none of the package; choose one of {there}")
    try:
        with np.load(folder / WEIGHTS, allow_pickle=False) as file:
            weights = {key: file[key] for key in file.files}
        card = json.loads((folder / CARD).read_text("utf-8"))
        start = Start(folder.name, weights, card)
        _ = start.speakers, card["licence"], card["training"]["corpora"]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise BundleError(f"{folder}: holds no weights to begin with ({error}); train it anew with --weights") from None
    return start


def begin(model: Classifier, start: Start) -> None:
    """Give an untrained model these weights; its last layer stays as it is.

    Raises SettingsError where they are of another network.
    """
    wanted = {name: each for name, each in model.state_dict().items() if name.startswith(_KEPT)}
    strange = sorted(set(wanted) ^ set(start.weights))
    strange += [name for name in set(wanted) & set(start.weights) if wanted[name].shape != start.weights[name].shape]
    if strange:
        raise SettingsError(
            f"training.start={start.name} is of another network ({strange[0]} differs); take model, network and "
            f"frontend from its card, {CARD}"
        )
    weights = {name: torch.from_numpy(each).to(wanted[name].dtype) for name, each in start.weights.items()}
    model.load_state_dict(weights, strict=False)


def refuse_heard(split: Sides, starts: Iterable[Start]) -> None:
    """Raise SplitError where a start has heard a speaker who is to be validated or tested on."""
    for start in starts:
        heard = sorted(start.speakers & {*split.dev, *split.test})
        if heard:
            raise SplitError(
                f"split {split.name}: {len(heard)} of its validation and test speakers, {heard[0]} first, were heard "
                f"by {start.name}, which training begins with; set training.start=[]"
            )


def speakers(starts: Iterable[Start]) -> frozenset[str]:
    """Everybody whom any of them has heard."""
    return frozenset().union(*(each.speakers for each in starts))


def corpora(starts: Sequence[Start]) -> list[dict[str, Any]]:
    """What a card says of the corpora that were heard before training, each once."""
    return list({each["name"]: each for start in starts for each in start.card["training"]["corpora"]}.values())
