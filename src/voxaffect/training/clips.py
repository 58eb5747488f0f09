"""Labelled clips as a model gets them: decoded once and cached on disk, trimmed, cropped."""

import functools
import hashlib
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from voxaffect import audio
from voxaffect.audio import Waveform
from voxaffect.audio.choosing import DECODING
from voxaffect.augment import COPIES, copies
from voxaffect.corpora import Sound, Utterance
from voxaffect.errors import check
from voxaffect.files.atomic import replacing
from voxaffect.files.cache import cache_folder
from voxaffect.settings import InputSettings
from voxaffect.training.bars import counted
from voxaffect.training.hidden import Encodable

_PREPARATION = 1  # counts the changes to `audio.prepare`, whose results are cached by what is made of them


@dataclass(frozen=True, eq=False)
class Clips:
    """The clips of a side. Each recording is decoded once, however often its waveform is asked for.

    Args:
        utterances: (clips,).
        labels: (clips,) class indices, those of the scheme first; -1: no class.
        settings: The part of a clip that the model gets.
    """

    utterances: tuple[Utterance, ...]
    labels: npt.NDArray[np.int64]
    settings: InputSettings
    _decoded: dict[str, Waveform] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.utterances)

    @property
    def labelled(self) -> "Clips":
        """Those that have a class."""
        return self._select(self.labels >= 0)

    @property
    def recordings(self) -> "Clips":
        """Those that are no augmented copies."""
        return self._select(np.array([not each.copy for each in self.utterances], bool))

    def waveforms(self, seed: int) -> list[Waveform]:
        """The clips' waveforms, (any,) each, with progress on stderr.

        Args:
            seed: Of the augmented copies.

        Raises:
            AudioError: A recording cannot be read.
            SettingsError: A recording ends before `input.start`.
        """
        return [self._waveform(utterance, seed) for utterance in counted(self.utterances, "decoding")]

    def sounds(self, seed: int) -> list[Encodable]:
        """What `hidden.encode` takes of the clips.

        Args:
            seed: Of the augmented copies.
        """
        return [
            Encodable(_clip_key(each, self.settings, seed), functools.partial(load_clip, each, self.settings, seed))
            for each in self.utterances
        ]

    def _waveform(self, utterance: Utterance, seed: int) -> Waveform:
        if utterance.copy:
            return load_clip(utterance, self.settings, seed)
        if utterance.id not in self._decoded:
            self._decoded[utterance.id] = load_clip(utterance, self.settings, seed)
        return self._decoded[utterance.id]

    def _select(self, mask: npt.NDArray[np.bool_]) -> "Clips":
        chosen = tuple(self.utterances[index] for index in np.flatnonzero(mask))
        return Clips(chosen, self.labels[mask], self.settings, self._decoded)


def load_clip(utterance: Utterance, settings: InputSettings, seed: int) -> Waveform:
    """The part of an utterance that the model gets, through the cache: (samples,).

    Args:
        utterance: A recording, or an augmented copy, which is made of this part alone, as in the article.
        settings: Which part.
        seed: Of the augmented copies.

    Raises:
        AudioError: The recording cannot be read.
        SettingsError: It ends before `input.start`.
    """

    def part() -> Waveform:
        waveform = excerpt(load_waveform(utterance.sound, settings.sample_rate), settings)
        start = settings.start
        check(len(waveform) > 0, f"{utterance.path}: ends before input.start={start} s; set it lower, or omit the clip")
        return waveform

    if not utterance.copy:
        return part()
    drawn = copies.draw_parameters(utterance, seed)
    key = _clip_key(utterance, settings, seed)
    return _cached(key, lambda: COPIES[utterance.copy].apply(part(), settings.sample_rate, drawn))


def load_waveform(sound: Sound, sample_rate: int) -> Waveform:
    """`Sound.load` through the cache on disk -> (samples,) float32."""
    return _cached(_key(sound, sample_rate), lambda: sound.load(sample_rate))


def cache_place(sound: Sound, sample_rate: int) -> Path:
    """Where `load_waveform` caches a sound.

    Raises:
        OSError: The recording is gone.
    """
    return _place(_key(sound, sample_rate))


def excerpt(waveform: Waveform, settings: InputSettings) -> Waveform:
    """The part of a waveform that the model gets: (samples,) -> (any,)."""
    rate = settings.sample_rate
    waveform = audio.prepare(waveform, rate, trim_db=settings.trim, period=settings.align, least=settings.least)
    if settings.start is not None:
        first = round(settings.start * rate)
        waveform = waveform[first : first + settings.window_samples]
    return waveform


def center_crop(waveform: Waveform, samples: int) -> Waveform:
    """The middle of a waveform; a shorter one is padded with silence on both sides: (any,) -> (samples,)."""
    spare = samples - len(waveform)
    return waveform[-spare // 2 :][:samples] if spare <= 0 else audio.pad(waveform, samples)


def _key(sound: Sound, sample_rate: int) -> str:
    stat = sound.path.stat()
    decoder = f"{DECODING} {soundfile.__libsndfile_version__} {soxr.__version__}"
    span = "" if sound.whole else f"\0{sound.start}\0{sound.end}\0{sound.channel}"
    return f"{sound.path.resolve()}{span}\0{stat.st_size}\0{stat.st_mtime_ns}\0{sample_rate}\0{decoder}"


def _clip_key(utterance: Utterance, settings: InputSettings, seed: int) -> str:
    """Of what `load_clip` gives."""
    span = None if settings.start is None else (settings.start, settings.window)
    prepared = f"{settings.trim} {settings.align} {settings.least} {span} {_PREPARATION}"
    key = f"{_key(utterance.sound, settings.sample_rate)}\0{prepared}"
    if not utterance.copy:
        return key
    made_by = f"{utterance.copy} {copies.VERSION} {metadata.version('librosa')}"
    return f"{key}\0{made_by}\0{copies.draw_parameters(utterance, seed)}"


def _place(key: str) -> Path:
    return cache_folder() / "waveforms" / f"{hashlib.sha256(os.fsencode(key)).hexdigest()[:32]}.npy"


def _cached(key: str, make: Callable[[], Waveform]) -> Waveform:
    """Cached as float16, whose rounding lies 66 dB below each sample: half the size."""
    cached = _place(key)
    try:
        return np.load(cached).astype(np.float32)
    except (OSError, ValueError, EOFError):
        samples = make().astype(np.float16)
    try:
        with replacing(cached) as partial, partial.open("wb") as file:
            np.save(file, samples)
    except OSError as error:  # slower next time, but no reason not to train
        warnings.warn(
            f"{cached.parent}: decoded clips cannot be cached ({error.strerror}); set VOXAFFECT_CACHE", stacklevel=2
        )
    return samples.astype(np.float32)
