"""Weights to begin with: what a network has learnt of other speakers, by name in the package or in a folder.

A start is a folder of `weights.npz` (every tensor but those of the last layer, the large ones in half precision) and
`card.json`, which says whom it has heard: nobody of them can be validated or tested on by what begins with it.
"""

import hashlib
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

from voxaffect.card import CorpusRecord, PretrainedCard, PretrainedRecord, WeightsRecord
from voxaffect.corpora import Utterance, any_unknown, speaker_names
from voxaffect.errors import BundleError, SettingsError, SplitError
from voxaffect.files.atomic import write_bytes, write_text
from voxaffect.models import Classifier
from voxaffect.settings import Experiment, experiment_from_tables
from voxaffect.splits import Sides
from voxaffect.training.compact import LARGE

WEIGHTS, CARD = "weights.npz", "card.json"
PACKAGED = Path(__file__).parents[1] / "pretrained"
_KEPT = ("normalise.", "network.")


@dataclass(frozen=True)
class Start:
    """Weights in memory, and whose they are.

    weights: by the names that PyTorch gives them. card: a bundle's in short.
    sha256: of both files.
    """

    name: str
    weights: Mapping[str, npt.NDArray[Any]]
    card: PretrainedCard
    sha256: str

    @property
    def speakers(self) -> frozenset[str]:
        """Everybody whom it has heard, those included whom what it began with itself has heard."""
        return self.card.training.all_speakers

    @property
    def corpora(self) -> tuple[CorpusRecord, ...]:
        """The corpora that these are of."""
        return self.card.training.all_corpora


def refuse_unwritable(folder: Path, out: Path, experiment: Experiment) -> None:
    """Raise what `write` could not do: SettingsError where it cannot be a start, or its folder is something else."""
    if experiment.training.members > 1:
        raise SettingsError("weights to begin with are one network's; set training.members=1")
    there = [folder.name] if folder.is_file() else []
    there += [each.name for each in folder.iterdir() if each.name not in (WEIGHTS, CARD)] if folder.is_dir() else []
    if there or folder.resolve() == out.resolve():
        raise SettingsError(
            f"weights {folder}: holds something else ({(there or ['the bundle'])[0]}); name another folder"
        )


def write(folder: Path, model: Classifier, card: PretrainedCard) -> None:
    """Write the weights of a trained model, but for its last layer. card: `Card.pretrained` of its bundle."""
    state = {name: each.numpy() for name, each in model.state_dict().items() if name.startswith(_KEPT)}
    content = io.BytesIO()
    halves: dict[str, Any] = {name: _halved(each) for name, each in state.items()}
    np.savez_compressed(content, **halves)
    write_bytes(folder / WEIGHTS, content.getvalue())
    write_text(folder / CARD, json.dumps(card.to_dict(), indent=1, ensure_ascii=False) + "\n")


def _halved(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Weights in half precision; statistics, which may be of any size, as they are."""
    return values.astype(np.float16) if values.dtype == np.float32 and values.size >= LARGE else values


def of(experiment: Experiment) -> tuple[Start, ...]:
    """What an experiment may begin with, in its order.

    Raises BundleError where one is not there or damaged, SettingsError where one is of another network.
    """
    starts = tuple(read(name) for name in experiment.training.pretrained)
    for each in starts:
        _refuse_another(each, experiment)
    return starts


def read(name: str) -> Start:
    """The start of that name in the package, or in the folder of that name.

    Raises BundleError where there is none, or it is damaged.
    """
    there = sorted(each.name for each in PACKAGED.iterdir() if each.is_dir())
    folder = PACKAGED / name if name in there else Path(name)
    if not folder.is_dir():
        raise BundleError(
            f"training.pretrained: {name} is no folder in {Path.cwd()} and none of the package; write one by "
            f"`save_pretrained`, or choose one of {', '.join(there)}"
        )
    try:
        content, said = (folder / WEIGHTS).read_bytes(), (folder / CARD).read_bytes()
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            weights = {key: file[key] for key in file.files}
        card = PretrainedCard.from_dict(json.loads(said))
    except (OSError, ValueError, EOFError, RecursionError, zipfile.BadZipFile, BundleError) as error:
        raise BundleError(f"{folder}: holds no pretrained weights ({error}); train it anew") from None
    return Start(folder.resolve().name, weights, card, hashlib.sha256(content + said).hexdigest())


def _refuse_another(start: Start, experiment: Experiment) -> None:
    """Raise SettingsError where a start has heard otherwise, or is another network, than an experiment says."""
    theirs, ours = _network(experiment_from_tables(start.card.training.experiment)), _network(experiment)
    for key, value in ours.items():
        if theirs.get(key) != value:
            raise SettingsError(
                f"training.pretrained={start.name} is of another network: its {key} is {theirs.get(key)}, here it is "
                f"{value}; take its settings, or none to begin with: training.pretrained=[]"
            )


def _network(experiment: Experiment) -> dict[str, Any]:
    """The settings by which weights mean what they mean."""
    settings = experiment.to_dict()
    found = {key: settings[key] for key in ("model", "features")} | {
        f"{table}.{key}": value for table in ("network", "frontend") for key, value in settings[table].items()
    }
    for key in ("network.dropout", "frontend.append_level"):  # a level is told beside what the start has heard
        found.pop(key, None)
    return found | {"input.sample_rate": experiment.input.sample_rate}


def begin_by_seed(model: Classifier, starts: Sequence[Start], seed: int) -> None:
    """Give an untrained model the weights of one of several starts; of none, nothing."""
    if starts:
        begin(model, starts[seed % len(starts)])


def begin(model: Classifier, start: Start) -> None:
    """Give an untrained model these weights; its last layer stays as it is.

    So does what is only there for what is told beside the bands, and was not when the start was trained: it comes last.

    Raises BundleError where they are not what their card says.
    """
    state = model.state_dict()
    damaged = BundleError(f"{start.name}: its weights are not of the network on its card; train it anew")
    if {name for name in state if name.startswith(_KEPT)} != set(start.weights):
        raise damaged
    for name, values in start.weights.items():
        more = np.subtract(state[name].shape, values.shape) if state[name].ndim == values.ndim else [-1]
        if min(more, default=0) < 0 or sum(more) > model.frontend.clip_features:
            raise damaged
        state[name][tuple(slice(size) for size in values.shape)] = torch.from_numpy(values).to(state[name].dtype)


def refuse_heard(split: Sides, utterances: Sequence[Utterance], starts: Iterable[Start]) -> None:
    """Raise SplitError where a start has heard a speaker who is to be validated or tested on.

    Speakers are known by their names, and by the official file names of the corpora that it has heard.
    """
    judging = [each for side in ("dev", "test") for each in split.select(utterances, side)]
    for start in starts:
        if judging and any_unknown(start.speakers):
            raise SplitError(
                f"split {split.name}: nobody knows whom {start.name} has heard, which training begins with; train on "
                "everybody, or set training.pretrained=[]"
            )
        heard = sorted(start.speakers & speaker_names(judging, [each.name for each in start.corpora]))
        if heard:
            raise SplitError(
                f"split {split.name}: {len(heard)} of its validation and test speakers, {heard[0]} first, were heard "
                f"by {start.name}, which training begins with; set training.pretrained=[]"
            )


def on_card(starts: Sequence[Start]) -> PretrainedRecord | None:
    """What the card of a bundle says of what its training began with; None where it began with nothing."""
    if not starts:
        return None
    return PretrainedRecord(
        weights=tuple(WeightsRecord(each.name, each.sha256) for each in starts),
        corpora=tuple(dict.fromkeys(corpus for each in starts for corpus in each.corpora)),
        speakers=tuple(sorted(frozenset().union(*(each.speakers for each in starts)))),
    )
