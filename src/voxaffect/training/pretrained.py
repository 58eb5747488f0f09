"""Pretrained weights: what a network was trained to on other speakers, by name in the package or in a folder.

A folder holds `weights.npz` (every tensor but those of the output layer, the large ones in half precision) and
`card.json`, which names the speakers: none of them can be validated or tested on by what begins with these weights.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from voxaffect.card import PretrainedCard
from voxaffect.card.training import CorpusRecord, PretrainedRecord, WeightsRecord
from voxaffect.corpora import Utterance, any_unknown, speaker_names
from voxaffect.errors import BundleError, SplitError, check
from voxaffect.files.atomic import write_bytes, write_text
from voxaffect.models import Classifier
from voxaffect.settings import Experiment, experiment_from_tables
from voxaffect.training.compact import LARGE

WEIGHTS, CARD = "weights.npz", "card.json"
PACKAGED = Path(__file__).parents[1] / "pretrained"
_SAVED = ("normalise.", "network.")

_DAMAGE = (
    OSError,
    ValueError,
    EOFError,
    MemoryError,
    RecursionError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What NumPy raises depends on where a file is damaged."""


@dataclass(frozen=True, eq=False)
class PretrainedWeights:
    """Weights in memory, and whose they are.

    Args:
        name: Of their folder.
        weights: By PyTorch's names.
        card: A bundle's in short.
        sha256: Of both files.
    """

    name: str
    weights: Mapping[str, npt.NDArray[Any]]
    card: PretrainedCard
    sha256: str

    @property
    def speakers(self) -> frozenset[str]:
        """The speakers they were trained on, those of the weights that they began with included."""
        return self.card.training.all_speakers

    @property
    def corpora(self) -> tuple[CorpusRecord, ...]:
        """The corpora of these speakers."""
        return self.card.training.all_corpora


def load_pretrained(experiment: Experiment) -> tuple[PretrainedWeights, ...]:
    """The weights that an experiment may begin with, in its order.

    Raises:
        BundleError: Weights are missing or damaged.
        SettingsError: They are of another network.
    """
    choices = tuple(read_pretrained(name) for name in experiment.training.pretrained)
    for each in choices:
        _check_network(each, experiment)
    return choices


def read_pretrained(name: str) -> PretrainedWeights:
    """Read the weights of that name in the package, or in the folder of that name.

    Raises:
        BundleError: There are none, or they are damaged.

    Examples:
        >>> len(read_pretrained("small-0").speakers)
        101
    """
    packaged = sorted(each.name for each in PACKAGED.iterdir() if each.is_dir())
    folder = PACKAGED / name if name in packaged else Path(name)
    if not folder.is_dir():
        raise BundleError(
            f"training.pretrained: {name} is no folder in {Path.cwd()} and none of the package; train with "
            f"`save_pretrained`, or choose one of {', '.join(packaged)}"
        )
    try:
        content, card = (folder / WEIGHTS).read_bytes(), (folder / CARD).read_bytes()
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            weights = {key: file[key] for key in file.files}
        if wrong := next((key for key, each in weights.items() if not _is_weight(each)), None):
            raise ValueError(f"{wrong} is no numbers")
        record = PretrainedCard.from_dict(json.loads(card))
    except (*_DAMAGE, BundleError) as error:
        raise BundleError(
            f"{folder}: holds no pretrained weights ({error}); train it anew with `save_pretrained`"
        ) from None
    return PretrainedWeights(folder.resolve().name, weights, record, hashlib.sha256(content + card).hexdigest())


def check_save_pretrained(folder: Path, out: Path, experiment: Experiment) -> None:
    """Check before training that `save_pretrained` can write.

    Args:
        folder: For the weights.
        out: For the bundle.
        experiment: What is trained.

    Raises:
        SettingsError: The experiment has several members, or the folder holds something else.
    """
    members = experiment.training.members
    check(members == 1, "pretrained weights are those of one network; set training.members=1")
    there = [folder.name] if folder.is_file() else []
    there += [each.name for each in folder.iterdir() if each.name not in (WEIGHTS, CARD)] if folder.is_dir() else []
    check(
        not there and folder.resolve() != out.resolve(),
        f"`save_pretrained` {folder}: holds something else ({(there or ['the bundle'])[0]}); name another folder",
    )


def save_pretrained(folder: Path, model: Classifier, card: PretrainedCard) -> None:
    """Write the weights of a trained model, without its output layer, for `training.pretrained`.

    Args:
        folder: Where they go.
        model: On the CPU.
        card: As `Card.pretrained` of its bundle gives it.
    """
    state = {name: each.numpy() for name, each in model.state_dict().items() if name.startswith(_SAVED)}
    content = io.BytesIO()
    rounded: dict[str, Any] = {name: _rounded(each) for name, each in state.items()}
    np.savez_compressed(content, **rounded)
    write_bytes(folder / WEIGHTS, content.getvalue())
    write_text(folder / CARD, json.dumps(card.to_dict(), indent=1, ensure_ascii=False) + "\n")


def initialize_by_seed(model: Classifier, choices: Sequence[PretrainedWeights], seed: int) -> None:
    """Give an untrained model one of several pretrained weights, if there are any."""
    if choices:
        initialize(model, choices[seed % len(choices)])


def initialize(model: Classifier, pretrained: PretrainedWeights) -> None:
    """Give an untrained model pretrained weights; its output layer stays as it is.

    So do the weights of clip features that the pretrained network did not have; they come last.

    Raises:
        BundleError: The weights are not those of the network on their card.
    """
    state = model.state_dict()
    damaged = BundleError(
        f"{pretrained.name}: its weights are not of the network on its card; train it anew with `save_pretrained`"
    )
    if {name for name in state if name.startswith(_SAVED)} != set(pretrained.weights):
        raise damaged
    for name, values in pretrained.weights.items():
        more = np.subtract(state[name].shape, values.shape) if state[name].ndim == values.ndim else [-1]
        if min(more, default=0) < 0 or sum(more) > model.frontend.clip_features:
            raise damaged
        state[name][tuple(slice(size) for size in values.shape)] = torch.from_numpy(values).to(state[name].dtype)


def check_unseen(utterances: Iterable[Utterance], split: str, choices: Iterable[PretrainedWeights]) -> None:
    """Check that no pretrained weights were trained on speakers who are validated or tested on.

    Speakers are known by their names, and by the official file names of the corpora in the weights' cards.

    Args:
        utterances: Of the development and test sides.
        split: Its name.
        choices: The weights.

    Raises:
        SplitError: Some were, or it is unknown.
    """
    utterances = list(utterances)
    for each in choices:
        if utterances and any_unknown(each.speakers):
            raise SplitError(
                f"split {split}: the speakers that {each.name} was pretrained on are unknown; train on all "
                "speakers, or set training.pretrained=[]"
            )
        seen = sorted(each.speakers & speaker_names(utterances, [corpus.name for corpus in each.corpora]))
        if seen:
            raise SplitError(
                f"split {split}: {each.name} was pretrained on {len(seen)} of its validation and test speakers, "
                f"{seen[0]} first; set training.pretrained=[]"
            )


def pretrained_record(choices: Sequence[PretrainedWeights]) -> PretrainedRecord | None:
    """For the card of a bundle; None where its training began with random weights."""
    if not choices:
        return None
    return PretrainedRecord(
        weights=tuple(WeightsRecord(each.name, each.sha256) for each in choices),
        corpora=tuple(dict.fromkeys(corpus for each in choices for corpus in each.corpora)),
        speakers=tuple(sorted(frozenset().union(*(each.speakers for each in choices)))),
    )


def _check_network(pretrained: PretrainedWeights, experiment: Experiment) -> None:
    """Raise SettingsError where weights are of another network or other features than an experiment says."""
    theirs, ours = _network(experiment_from_tables(pretrained.card.training.experiment)), _network(experiment)
    for key, value in ours.items():
        check(
            theirs.get(key) == value,
            f"training.pretrained={pretrained.name} is of another network: its {key} is {theirs.get(key)}, here it "
            f"is {value}; take its settings, or begin with random weights: training.pretrained=[]",
        )


def _network(experiment: Experiment) -> dict[str, Any]:
    """The settings by which weights mean what they mean."""
    settings = experiment.to_dict()
    if "encoder" in settings["frontend"]:  # its folder may lie elsewhere; cards hold its name
        settings["frontend"]["encoder"] = Path(settings["frontend"]["encoder"]).name
    ignored = ("network.dropout", "frontend.append_level")  # `initialize` allows for a level that they did not have
    return (
        {key: settings[key] for key in ("model", "features")}
        | {
            f"{table}.{key}": value
            for table in ("network", "frontend")
            for key, value in settings[table].items()
            if f"{table}.{key}" not in ignored
        }
        | {"input.sample_rate": experiment.input.sample_rate}
    )


def _is_weight(values: npt.NDArray[Any]) -> bool:
    return values.dtype.kind in "fiu" and bool(np.isfinite(values).all())


def _rounded(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Weights in half precision; statistics, which may be of any size, as they are."""
    return values.astype(np.float16) if values.dtype == np.float32 and values.size >= LARGE else values
