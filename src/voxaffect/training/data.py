"""Utterances to batches: decoded once and cached, cut to a window, augmented by (seed, epoch, index)."""

import hashlib
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler
from tqdm import tqdm

from voxaffect import audio
from voxaffect.atomic import replacing
from voxaffect.audio import Waveform
from voxaffect.corpora import Utterance
from voxaffect.labels import Scheme
from voxaffect.training.experiment import Experiment
from voxaffect.training.progress import bars

Batch = dict[str, Tensor]


def cache_folder() -> Path:
    """Where decoded waveforms are kept: VOXAFFECT_CACHE, else the user's cache folder."""
    named = os.environ.get("VOXAFFECT_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voxaffect"


def waveform(path: Path, sample_rate: int) -> Waveform:
    """What `audio.load` gives, through a cache on disk -> (samples,) float32.

    Kept as float16: its rounding lies 66 dB below each sample, and half the room.
    """
    stat = path.stat()
    decoder = f"{soundfile.__libsndfile_version__} {soxr.__version__}"
    key = f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}\0{sample_rate}\0{decoder}"
    cached = cache_folder() / "waveforms" / f"{hashlib.sha256(os.fsencode(key)).hexdigest()[:32]}.npy"
    try:
        return np.load(cached).astype(np.float32)
    except (OSError, ValueError, EOFError):
        samples = audio.load(path, sample_rate).astype(np.float16)
    try:
        with replacing(cached) as partial, partial.open("wb") as file:
            np.save(file, samples)
    except OSError as error:  # slower next time, but no reason not to train
        warnings.warn(
            f"{cached.parent}: cannot keep decoded clips ({error.strerror}); set VOXAFFECT_CACHE", stacklevel=2
        )
    return samples.astype(np.float32)


def labelled(utterances: Sequence[Utterance], scheme: Scheme) -> list[tuple[Utterance, int]]:
    """The utterances that the scheme has a class for, each with the class's index."""
    pairs = ((utterance, scheme.index(utterance.emotion)) for utterance in utterances)
    return [(utterance, index) for utterance, index in pairs if index is not None]


def _waveforms(pairs: Sequence[tuple[Utterance, int]], sample_rate: int) -> list[Waveform]:
    paths = [utterance.path for utterance, _ in pairs]
    shown = tqdm(paths, "decoding", leave=False, file=sys.stderr, dynamic_ncols=True, disable=not bars())
    return [waveform(path, sample_rate) for path in shown]


class WholeClips(Dataset[Batch]):
    """Development clips as the recogniser will hear them: whole, nothing done to them."""

    def __init__(self, pairs: Sequence[tuple[Utterance, int]], sample_rate: int) -> None:
        self._labels = [label for _, label in pairs]
        self._waveforms = _waveforms(pairs, sample_rate)

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> Batch:
        return {"waveform": torch.from_numpy(self._waveforms[index]), "label": torch.tensor(self._labels[index])}


class TrainingClips(Dataset[Batch]):
    """Training clips, augmented. Indexed by (epoch, index): the draw depends on these and the seed alone."""

    def __init__(self, pairs: Sequence[tuple[Utterance, int]], experiment: Experiment, shape: tuple[int, int]) -> None:
        """shape: (n_mels, frames) of a window's spectrogram."""
        self._labels = [label for _, label in pairs]
        self._waveforms = _waveforms(pairs, experiment.input.sample_rate)
        self._sample_rate, self._shape = experiment.input.sample_rate, shape
        self._samples = window_samples(experiment)
        self._augment, self._seed = experiment.augment, experiment.training.seed

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, key: tuple[int, int]) -> Batch:
        epoch, index = key
        rng = np.random.default_rng((self._seed, epoch, index))
        augment, clip = self._augment, self._waveforms[index]
        if augment.shift is not None:
            clip = augment.shift.apply(clip, self._sample_rate, augment.shift.draw(rng))
        if augment.gain is not None:
            clip = augment.gain.apply(clip, augment.gain.draw(rng))
        if augment.noise is not None:
            clip = augment.noise.apply(clip, augment.noise.draw(rng))
        item = {"waveform": torch.from_numpy(middle(clip, self._samples)), "label": torch.tensor(self._labels[index])}
        if augment.warp is not None:
            mel, time = augment.warp.draw(rng, self._shape)
            item |= {"warp_mel": torch.from_numpy(mel), "warp_time": torch.from_numpy(time)}
        if augment.masks is not None:
            item["keep"] = torch.from_numpy(augment.masks.draw(rng, self._shape))
        return item


class Shuffle(Sampler[tuple[int, int]]):
    """Every clip once an epoch in an order drawn from (seed, epoch); yields (epoch, index)."""

    def __init__(self, size: int, seed: int) -> None:
        self._size, self._seed, self._epoch = size, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Called by Lightning before each epoch."""
        self._epoch = epoch

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[tuple[int, int]]:
        order = np.random.default_rng((self._seed, self._epoch)).permutation(self._size)
        return iter((self._epoch, int(index)) for index in order)


def window_samples(experiment: Experiment) -> int:
    """Samples of a training window."""
    return round(experiment.input.window * experiment.input.sample_rate)


def middle(clip: Waveform, samples: int) -> Waveform:
    """The middle `samples` of a clip, or the clip between equal silences: (any,) -> (samples,)."""
    spare = samples - len(clip)
    if spare <= 0:
        return clip[-spare // 2 :][:samples]
    return np.pad(clip, (spare // 2, spare - spare // 2))
