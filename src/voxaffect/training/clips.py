"""Utterances to waveforms as a model will hear them: decoded once and cached, trimmed, cut, copied."""

import hashlib
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np
import soundfile
import soxr
from tqdm import tqdm

from voxaffect import audio
from voxaffect.audio import Waveform
from voxaffect.augment import COPIES, copies
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError
from voxaffect.files.atomic import replacing
from voxaffect.labels import Scheme
from voxaffect.settings import Experiment, InputSettings
from voxaffect.training.progress import bars


def cache_folder() -> Path:
    """Where decoded waveforms are kept: VOXAFFECT_CACHE, else the user's cache folder."""
    named = os.environ.get("VOXAFFECT_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voxaffect"


def waveform(path: Path, sample_rate: int) -> Waveform:
    """What `audio.load` gives, through a cache on disk -> (samples,) float32."""
    return _cached(_key(path, sample_rate), lambda: audio.load(path, sample_rate))


def heard(utterance: Utterance, experiment: Experiment) -> Waveform:
    """The part of an utterance that the experiment hears, and of a copy what its augmentation makes of it: (samples,).

    The article's copies are made of the part alone, and so are these.

    Raises SettingsError where nothing is left of it.
    """
    settings, seed = experiment.input, experiment.training.seed

    def part() -> Waveform:
        found = excerpt(waveform(utterance.path, settings.sample_rate), settings)
        if not len(found):
            raise SettingsError(
                f"{utterance.path}: ends before input.start={settings.start} s; set it lower, or leave the clip out"
            )
        return found

    if not utterance.copy:
        return part()
    drawn = copies.draw_parameters(utterance, seed)
    made_by = f"{COPIES[utterance.copy]} {metadata.version('librosa')}"
    key = f"{_key(utterance.path, settings.sample_rate)}\0{settings}\0{made_by}\0{drawn}"
    return _cached(key, lambda: COPIES[utterance.copy].apply(part(), settings.sample_rate, drawn))


def excerpt(waveform: Waveform, settings: InputSettings) -> Waveform:
    """The part of a clip that the model gets: (samples,) -> (any,)."""
    if settings.trim is not None:
        waveform = audio.trim(waveform, settings.sample_rate, settings.trim)
    if settings.start is not None:
        first = round(settings.start * settings.sample_rate)
        waveform = waveform[first : first + settings.window_samples]
    return waveform


def labelled(
    utterances: Sequence[Utterance], scheme: Scheme, others: Sequence[str] = ()
) -> list[tuple[Utterance, int]]:
    """The utterances that the scheme has a class for, each with the class's index.

    others: emotions that are taken as further classes where the scheme has none for them.
    """
    further = {emotion: len(scheme.classes) + place for place, emotion in enumerate(others)}
    pairs = [(utterance, scheme.index(utterance.emotion, utterance.sex)) for utterance in utterances]
    indices = [further.get(utterance.emotion) if index is None else index for utterance, index in pairs]
    return [(utterance, index) for utterance, index in zip(utterances, indices, strict=True) if index is not None]


def others_of(utterances: Sequence[Utterance], scheme: Scheme) -> list[str]:
    """The emotions of these utterances that the scheme has no class for, sorted."""
    return sorted({each.emotion for each in utterances if scheme.index(each.emotion, each.sex) is None})


def all_heard(utterances: Sequence[Utterance], experiment: Experiment) -> list[Waveform]:
    """What `heard` gives of each, with progress on stderr."""
    shown = tqdm(utterances, "decoding", leave=False, file=sys.stderr, dynamic_ncols=True, disable=not bars())
    return [heard(utterance, experiment) for utterance in shown]


def middle(clip: Waveform, samples: int) -> Waveform:
    """The middle `samples` of a clip, or the clip between equal silences: (any,) -> (samples,)."""
    spare = samples - len(clip)
    return clip[-spare // 2 :][:samples] if spare <= 0 else audio.pad(clip, samples)


def _key(path: Path, sample_rate: int) -> str:
    stat = path.stat()
    decoder = f"{soundfile.__libsndfile_version__} {soxr.__version__}"
    return f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}\0{sample_rate}\0{decoder}"


def _cached(key: str, make: Callable[[], Waveform]) -> Waveform:
    """Kept as float16: its rounding lies 66 dB below each sample, and half the room."""
    cached = cache_folder() / "waveforms" / f"{hashlib.sha256(os.fsencode(key)).hexdigest()[:32]}.npy"
    try:
        return np.load(cached).astype(np.float32)
    except (OSError, ValueError, EOFError):
        samples = make().astype(np.float16)
    try:
        with replacing(cached) as partial, partial.open("wb") as file:
            np.save(file, samples)
    except OSError as error:  # slower next time, but no reason not to train
        warnings.warn(
            f"{cached.parent}: cannot keep decoded clips ({error.strerror}); set VOXAFFECT_CACHE", stacklevel=2
        )
    return samples.astype(np.float32)
