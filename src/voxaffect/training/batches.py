"""Batches: training windows augmented by (seed, epoch, index), development clips whole."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset, Sampler, default_collate

from voxaffect.audio import Waveform
from voxaffect.augment import nonspeech
from voxaffect.labels import Scheme, listener_distribution
from voxaffect.models import EncoderFrontend
from voxaffect.settings import Experiment
from voxaffect.settings.networks import NETWORKS
from voxaffect.training.clips import Clips, center_crop
from voxaffect.training.hidden import encode, of_waveform
from voxaffect.training.prepared import Prepared, compute_features

Batch = dict[str, Tensor]

_SOUNDS = 100  # of each kind that is no speech


class WholeClips(Dataset[Batch]):
    """Features of whole clips and their labels.

    Args:
        features: (n_features, frames) each, of any length.
        labels: (clips,) class indices; -1: no class.
    """

    def __init__(self, features: Sequence[Tensor], labels: npt.NDArray[np.int64]) -> None:
        self._features, self._labels = features, labels

    def __len__(self) -> int:
        return len(self._features)

    def __getitem__(self, index: int) -> Batch:
        return {"features": self._features[index], "label": torch.tensor(int(self._labels[index]))}

    def batches(self, size: int = 64, *, labelled: bool = False) -> list[list[int]]:
        """Indices of clips of the same length together, `size` at most, since padding would change their outputs.

        Args:
            size: Clips of a batch.
            labelled: Leave out clips without a class.
        """
        by_frames: dict[int, list[int]] = {}
        for index, features in enumerate(self._features):
            if not labelled or self._labels[index] >= 0:
                by_frames.setdefault(features.shape[1], []).append(index)
        return [same[first : first + size] for same in by_frames.values() for first in range(0, len(same), size)]


class TrainingClips(Dataset[Batch]):
    """Training clips, augmented. Indexed by (epoch, index): draws depend on these and on the seed alone.

    Where no augmentation works on waveforms, features are the same in every epoch and computed once; an encoder's
    are those of whole clips, of which the middle is taken. After the clips come noises and tones, if the experiment
    asks for them, whose target is the same for all classes.

    Attributes:
        weights: (clips,) probabilities of being drawn; None: the same for all.
    """

    def __init__(self, prepared: Prepared) -> None:
        experiment, clips, self._frontend = prepared.experiment, prepared.train.labelled, prepared.frontend
        given, sampling, self._seed = experiment.input, experiment.training.sampling, experiment.training.seed
        self._sample_rate, self._samples = given.sample_rate, given.window_samples
        self._shape = (self._frontend.n_features, self._frontend.frames(self._samples))
        self._augment = experiment.augment
        self._targets = targets(clips, prepared.scheme, prepared.n_outputs, experiment.training.targets.listener_weight)
        self.weights = balanced_weights(clips, sampling.balance)
        sounds = nonspeech_sounds(experiment) if sampling.nonspeech else []
        if sounds:
            of_clips = np.full(len(clips), 1 / len(clips)) if self.weights is None else self.weights
            of_sounds = np.full(len(sounds), sampling.nonspeech / len(sounds))
            self.weights = np.concatenate([(1 - sampling.nonspeech) * of_clips, of_sounds])
            even = torch.full((len(sounds), prepared.n_outputs), 1 / prepared.n_outputs)
            self._targets = torch.cat([self._targets, even])
        self._features: Sequence[Tensor] | None = None
        if isinstance(self._frontend, EncoderFrontend):
            every = [*clips.sounds(self._seed), *map(of_waveform, sounds)]
            self._features = _Middles(encode(every, self._frontend), self._shape[1])
            return
        self._waveforms = clips.waveforms(self._seed)
        self._waveforms += match_power(sounds, self._waveforms, self._seed) if experiment.appends_level else sounds
        if NETWORKS[experiment.model].fixed_length:
            frames = self._shape[1]
            whole = compute_features(self._waveforms, self._frontend)
            self._features = [nn.functional.pad(each, (0, frames))[:, :frames] for each in whole]
        elif not self._augment.of_waveforms:
            windows = [center_crop(each, self._samples) for each in self._waveforms]
            self._features = compute_features(windows, self._frontend)

    def __len__(self) -> int:
        return len(self._targets)

    def __getitem__(self, key: tuple[int, int]) -> Batch:
        epoch, index = key
        rng = np.random.default_rng((self._seed, epoch, index))
        item = {"targets": self._targets[index]}
        if self._features is not None:
            item["features"] = self._features[index]
        else:
            waveform = self._waveforms[index]
            for augmentation in self._augment.of_waveforms:
                waveform = augmentation.apply(waveform, self._sample_rate, augmentation.draw(rng))
            item["waveform"] = torch.from_numpy(center_crop(waveform, self._samples))
        if self._augment.channel is not None:
            curve, noise = self._augment.channel.draw(rng, self._shape, self._frontend.centres)
            item |= {"channel_curve": torch.from_numpy(curve), "channel_noise": torch.from_numpy(noise)}
        if self._augment.warp is not None:
            mel, time = self._augment.warp.draw(rng, self._shape)
            item |= {"warp_mel": torch.from_numpy(mel), "warp_time": torch.from_numpy(time)}
        if self._augment.masks is not None:
            item["masks"] = torch.from_numpy(self._augment.masks.draw(rng, self._shape))
        return item


class _Middles(Sequence[Tensor]):
    """The middle frames of each."""

    def __init__(self, features: Sequence[Tensor], frames: int) -> None:
        self._features, self._frames = features, frames

    def __len__(self) -> int:
        return len(self._features)

    def __getitem__(self, index: int) -> Tensor:  # type: ignore[override]
        features = self._features[index]
        spare = max(0, features.shape[1] - self._frames)
        return features[:, spare // 2 :][:, : self._frames]


def collate(items: Sequence[Batch]) -> Batch:
    """Join the items of a batch.

    Features of different lengths are padded with zeros, and one more row holds the weight of each frame, as
    `models.pooling` takes it: 1, and 0 where it is padding.
    """
    lengths = {item["features"].shape[1] for item in items if "features" in item}
    if len(lengths) > 1:
        items = [{**item, "features": _padded(item["features"], max(lengths))} for item in items]
    joined: Batch = default_collate(list(items))
    return joined


def _padded(features: Tensor, frames: int) -> Tensor:
    weighted = torch.cat([features, torch.ones(1, features.shape[1])])
    return nn.functional.pad(weighted, (0, frames - features.shape[1]))


def nonspeech_sounds(experiment: Experiment) -> list[Waveform]:
    """Noises and tones, of a training window's length each."""
    samples, rate = experiment.input.window_samples, experiment.input.sample_rate
    return [
        nonspeech.synthesize(name, np.random.default_rng((experiment.training.seed, kind, number)), samples, rate)
        for kind, name in enumerate(nonspeech.TRAINING_SOUNDS)
        for number in range(_SOUNDS)
    ]


def match_power(sounds: Sequence[Waveform], clips: Sequence[Waveform], seed: int) -> list[Waveform]:
    """Scale each sound to the mean power of a random clip, so that its level does not reveal that it is no speech.

    The level that a network gets is that of loud frames in mel bands. For the same power it lies within some 5 dB of a
    clip's, but for brown noise, most of whose power is below the bands.

    Args:
        sounds: (samples,) each.
        clips: (samples,) each.
        seed: Of the draw.
    """
    drawn = np.random.default_rng((seed, len(sounds))).integers(len(clips), size=len(sounds))
    return [
        sound * np.float32(_rms(clips[index]) / max(_rms(sound), 1e-9))
        for sound, index in zip(sounds, drawn.tolist(), strict=True)
    ]


def targets(clips: Clips, scheme: Scheme, n_outputs: int, listener_weight: float) -> Tensor:
    """Training targets: (clips, n_outputs) float32, rows sum to 1.

    Args:
        clips: Each with a class.
        scheme: The classes, which come first among the outputs.
        n_outputs: Classes, extra classes included.
        listener_weight: Weight of listener votes, where there are any for a class of the scheme.
    """
    rows = nn.functional.one_hot(torch.from_numpy(clips.labels), n_outputs).float()
    n_classes = len(scheme.classes)
    for row, utterance, label in zip(rows, clips.utterances, clips.labels, strict=True):
        if not listener_weight or label >= n_classes:
            continue
        votes = listener_distribution(scheme, utterance.votes, utterance.sex)
        if votes is not None:
            row[:n_classes] = (1 - listener_weight) * row[:n_classes] + listener_weight * torch.tensor(votes)
    return rows


def balanced_weights(clips: Clips, by: Sequence[str]) -> npt.NDArray[np.float64] | None:
    """Probabilities of drawing each clip such that groups are as likely as each other, and groups within groups.

    Args:
        clips: Each with a class.
        by: "corpus", "class", "speaker", the outermost first.

    Returns:
        (clips,), sums to 1; None where `by` is empty.
    """
    if not by:
        return None
    keys: dict[str, list[Any]] = {
        "corpus": [each.corpus for each in clips.utterances],
        "class": clips.labels.tolist(),
        "speaker": [each.speaker for each in clips.utterances],
    }
    groups: list[tuple[Any, ...]] = [()] * len(clips)
    weights = np.ones(len(clips))
    for name in by:
        inner = [(*group, key) for group, key in zip(groups, keys[name], strict=True)]
        parts = Counter(group[:-1] for group in set(inner))
        weights /= [parts[group] for group in groups]
        groups = inner
    sizes = Counter(groups)
    weights /= [sizes[group] for group in groups]
    return weights / weights.sum()


class EpochSampler(Sampler[tuple[int, int]]):
    """Clips of an epoch, drawn from (seed, epoch); yields (epoch, index).

    Args:
        size: How many clips there are.
        seed: Of all draws.
        weights: (size,) probabilities, drawn with replacement; None: every clip comes before any comes again.
        clips_per_epoch: None: `size`.
    """

    def __init__(
        self,
        size: int,
        seed: int,
        *,
        weights: npt.NDArray[np.float64] | None = None,
        clips_per_epoch: int | None = None,
    ) -> None:
        self._size, self._seed, self._weights, self._epoch = size, seed, weights, 0
        self._drawn = size if clips_per_epoch is None else clips_per_epoch

    def set_epoch(self, epoch: int) -> None:
        """Called by Lightning before each epoch."""
        self._epoch = epoch

    def __len__(self) -> int:
        return self._drawn

    def __iter__(self) -> Iterator[tuple[int, int]]:
        if self._weights is None:
            # An epoch is a part of an endless row of permutations, the n-th of them drawn from (seed, n).
            first, last = self._epoch * self._drawn, (self._epoch + 1) * self._drawn
            rounds = range(first // self._size, -(-last // self._size))
            order = np.concatenate([self._rng(each).permutation(self._size) for each in rounds])
            order = order[first - rounds[0] * self._size :][: self._drawn]
        else:
            order = self._rng(self._epoch).choice(self._size, self._drawn, p=self._weights)
        return iter((self._epoch, int(index)) for index in order)

    def _rng(self, number: int) -> np.random.Generator:
        return np.random.default_rng((self._seed, number))


def sampler_of(clips: TrainingClips, prepared: Prepared) -> EpochSampler:
    """The sampler of a run's training clips."""
    training = prepared.experiment.training
    count = training.sampling.clips_per_epoch or len(prepared.train.labelled)
    return EpochSampler(len(clips), training.seed, weights=clips.weights, clips_per_epoch=count)


def _rms(waveform: Waveform) -> float:
    return float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))))
