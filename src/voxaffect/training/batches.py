"""Batches: training windows augmented by (seed, epoch, index), development clips whole."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset, Sampler

from voxaffect import labels
from voxaffect.audio import Waveform
from voxaffect.augment import nonspeech
from voxaffect.corpora import Utterance
from voxaffect.models import Frontend
from voxaffect.settings import Experiment
from voxaffect.training.clips import all_heard, middle

Batch = dict[str, Tensor]
Pairs = Sequence[tuple[Utterance, int]]

_SOUNDS = 100  # of each kind that is no speech


class WholeClips(Dataset[Batch]):
    """Development clips as the recogniser will hear them, nothing done to them: the front end's features of each."""

    def __init__(self, pairs: Pairs, experiment: Experiment, frontend: Frontend) -> None:
        self._labels = [label for _, label in pairs]
        clips = all_heard([utterance for utterance, _ in pairs], experiment)
        if experiment.input.pad:
            clips = [middle(clip, max(len(clip), experiment.input.window_samples)) for clip in clips]
        self._energies = _features(clips, frontend)

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> Batch:
        return {"energies": self._energies[index], "label": torch.tensor(self._labels[index])}

    def batches(self, size: int = 64) -> list[list[int]]:
        """Indices of clips of equal length together: to pad others would change what is heard."""
        by_frames: dict[int, list[int]] = {}
        for index, energies in enumerate(self._energies):
            by_frames.setdefault(energies.shape[1], []).append(index)
        return [same[first : first + size] for same in by_frames.values() for first in range(0, len(same), size)]


class TrainingClips(Dataset[Batch]):
    """Training clips, augmented. Indexed by (epoch, index): the draw depends on these and the seed alone.

    Where nothing is done to waveforms, features are the same in every epoch and made once. After the clips come sounds
    that nobody makes with a voice, if the experiment asks for them, of which no class is more likely than another.
    weights: how likely each is to be drawn; None: all alike.
    """

    def __init__(
        self, pairs: Pairs, experiment: Experiment, frontend: Frontend, n_outputs: int, n_frames: int | None
    ) -> None:
        """n_outputs: classes that are told apart, those that the finished model has first.

        n_frames: what clips' features are filled up to with zeros; None: windows of waveform are cut or padded.
        """
        self._targets = targets(pairs, experiment, n_outputs)
        self.weights = evenly(pairs, experiment.training.sampling.balance)
        self._sample_rate, self._samples = experiment.input.sample_rate, experiment.input.window_samples
        self._shape = (frontend.n_features, frontend.frames(self._samples))
        self._centres = frontend.centres
        self._augment, self._seed = experiment.augment, experiment.training.seed
        self._waveforms = all_heard([utterance for utterance, _ in pairs], experiment)
        share = experiment.training.sampling.nonspeech
        if share:
            sounds = nonspeech_sounds(experiment)
            if experiment.appends_level:
                sounds = as_loud(sounds, self._waveforms, self._seed)
            voices = np.full(len(pairs), 1 / len(pairs)) if self.weights is None else self.weights
            self.weights = np.concatenate([(1 - share) * voices, np.full(len(sounds), share / len(sounds))])
            self._waveforms += sounds
            self._targets = torch.cat([self._targets, torch.full((len(sounds), n_outputs), 1 / n_outputs)])
        self._energies: list[Tensor] | None = None
        if n_frames is not None:
            self._energies = [_filled(each, n_frames) for each in _features(self._waveforms, frontend)]
        elif not experiment.augment.of_waveforms:
            self._energies = _features([middle(clip, self._samples) for clip in self._waveforms], frontend)

    def __len__(self) -> int:
        return len(self._targets)

    def __getitem__(self, key: tuple[int, int]) -> Batch:
        epoch, index = key
        rng = np.random.default_rng((self._seed, epoch, index))
        item = {"target": self._targets[index]}
        if self._energies is not None:
            item["energies"] = self._energies[index]
        else:
            clip = self._waveforms[index]
            for augmentation in self._augment.of_waveforms:
                clip = augmentation.apply(clip, self._sample_rate, augmentation.draw(rng))
            item["waveform"] = torch.from_numpy(middle(clip, self._samples))
        if self._augment.channel is not None:
            curve, noise = self._augment.channel.draw(rng, self._shape, self._centres)
            item |= {"channel_curve": torch.from_numpy(curve), "channel_noise": torch.from_numpy(noise)}
        if self._augment.warp is not None:
            mel, time = self._augment.warp.draw(rng, self._shape)
            item |= {"warp_mel": torch.from_numpy(mel), "warp_time": torch.from_numpy(time)}
        if self._augment.masks is not None:
            item["keep"] = torch.from_numpy(self._augment.masks.draw(rng, self._shape))
        return item


def nonspeech_sounds(experiment: Experiment) -> list[Waveform]:
    """Sounds that nobody makes with a voice, of a training window's length each."""
    samples, rate = experiment.input.window_samples, experiment.input.sample_rate
    return [
        nonspeech.synthesize(name, np.random.default_rng((experiment.training.seed, kind, number)), samples, rate)
        for kind, name in enumerate(nonspeech.TRAINING_SOUNDS)
        for number in range(_SOUNDS)
    ]


def as_loud(sounds: Sequence[Waveform], voices: Sequence[Waveform], seed: int) -> list[Waveform]:
    """Sounds, each with the mean power of a voice drawn at random: a level alone shall not tell that nobody speaks.

    What is told is the level of loud frames in mel bands. For the same power it lies within some 5 dB of a voice's, but
    for brown noise, most of whose power is below the bands.
    """
    drawn = np.random.default_rng((seed, len(sounds))).integers(len(voices), size=len(sounds))
    return [
        sound * np.float32(_rms(voices[index]) / max(_rms(sound), 1e-9))
        for sound, index in zip(sounds, drawn.tolist(), strict=True)
    ]


def targets(pairs: Pairs, experiment: Experiment, n_outputs: int) -> Tensor:
    """What the network should say of each clip: (clips, n_outputs) float32, rows sum to 1."""
    scheme, weight = labels.scheme(experiment.training.scheme), experiment.training.targets.listener_weight
    n_classes = len(scheme.classes)
    found = nn.functional.one_hot(torch.tensor([label for _, label in pairs]), n_outputs).float()
    for row, (utterance, label) in enumerate(pairs):
        heard = (
            labels.listener_distribution(scheme, utterance.votes, utterance.sex)
            if weight and label < n_classes
            else None
        )
        if heard is not None:
            found[row, :n_classes] = (1 - weight) * found[row, :n_classes] + weight * torch.tensor(heard)
    return found


def evenly(pairs: Pairs, by: Sequence[str]) -> npt.NDArray[np.float64] | None:
    """How likely each clip is to be drawn so that groups are drawn evenly, and groups within groups: (clips,).

    by: "corpus", "class", "speaker", the outermost first; nothing: None.
    """
    if not by:
        return None
    keys: dict[str, list[Any]] = {
        "corpus": [utterance.speaker.split("/")[0] for utterance, _ in pairs],
        "class": [label for _, label in pairs],
        "speaker": [utterance.speaker for utterance, _ in pairs],
    }
    groups: list[tuple[Any, ...]] = [()] * len(pairs)
    weights = np.ones(len(pairs))
    for name in by:
        inner = [(*group, key) for group, key in zip(groups, keys[name], strict=True)]
        parts = Counter(group for group, *_ in {(tuple(each[:-1]), each[-1]) for each in inner})
        weights /= [parts[group] for group in groups]
        groups = inner
    sizes = Counter(groups)
    weights /= [sizes[group] for group in groups]
    return weights / weights.sum()


class Draws(Sampler[tuple[int, int]]):
    """So many clips an epoch, drawn from (seed, epoch); yields (epoch, index).

    Without weights every clip comes before any comes again; with them, (clips,), as often as they say, by chance.
    """

    def __init__(
        self, size: int, seed: int, weights: npt.NDArray[np.float64] | None = None, drawn: int | None = None
    ) -> None:
        """size: how many clips there are. drawn: how many an epoch has; None: as many."""
        self._size, self._seed, self._weights, self._epoch = size, seed, weights, 0
        self._drawn = size if drawn is None else drawn

    def set_epoch(self, epoch: int) -> None:
        """Called by Lightning before each epoch."""
        self._epoch = epoch

    def __len__(self) -> int:
        return self._drawn

    def __iter__(self) -> Iterator[tuple[int, int]]:
        if self._weights is None:
            # An epoch is a stretch of one long row of permutations, the n-th of them drawn from (seed, n).
            first, last = self._epoch * self._drawn, (self._epoch + 1) * self._drawn
            rounds = range(first // self._size, -(-last // self._size))
            order = np.concatenate([self._rng(each).permutation(self._size) for each in rounds])
            order = order[first - rounds[0] * self._size :][: self._drawn]
        else:
            order = self._rng(self._epoch).choice(self._size, self._drawn, p=self._weights)
        return iter((self._epoch, int(index)) for index in order)

    def _rng(self, number: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, number))


def _rms(clip: Waveform) -> float:
    return float(np.sqrt(np.mean(np.square(clip, dtype=np.float64))))


def _features(clips: Sequence[Waveform], frontend: Frontend) -> list[Tensor]:
    """The front end's features of each clip: (n_features, frames)."""
    with torch.no_grad():
        return [frontend(torch.from_numpy(clip)[None])[0] for clip in clips]


def _filled(energies: Tensor, n_frames: int) -> Tensor:
    return nn.functional.pad(energies, (0, n_frames))[:, :n_frames]
