"""Augmented copies that are made once and added to the training clips; each kind doubles them.

Six kinds and their ranges are the article's; pitch and stretch use librosa's phase vocoder, as its notebook does. The
others are channels: what a line, a room and a microphone do to a voice.

Source:
    Reza Chu (2019), "Speech Emotion Recognition with Convolutional Neural Network".
"""

import dataclasses
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from voxaffect.audio import Waveform
from voxaffect.augment import lines
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError, missing_extra
from voxaffect.labels import Scheme

_Parameters = tuple[float, ...]


class Copy(NamedTuple):
    """A kind of copy. Its parameters are a tuple of numbers, so that they can name a copy in the cache.

    Args:
        draw: Generator -> parameters.
        apply: (samples,), its rate in Hz, parameters -> a waveform, of another length if the kind changes it.
    """

    draw: Callable[[np.random.Generator], _Parameters]
    apply: Callable[[Waveform, int, _Parameters], Waveform]


def _add_noise(waveform: Waveform, sample_rate: int, parameters: _Parameters) -> Waveform:
    """parameters: deviation as a fraction of the highest sample, seed."""
    noise = np.random.default_rng(int(parameters[1])).standard_normal(len(waveform), dtype=np.float32)
    return waveform + noise * np.float32(parameters[0] * waveform.max())


def _speed_up(waveform: Waveform, sample_rate: int, parameters: _Parameters) -> Waveform:
    """Read samples faster, which raises the pitch, and pad with silence. parameters: fraction of the length."""
    places = np.arange(0, len(waveform), 1 / parameters[0])
    faster = np.interp(places, np.arange(len(waveform)), waveform)
    return np.pad(faster, (0, len(waveform)))[: len(waveform)].astype(np.float32)


def _through(channel: Callable[[Waveform, int, np.random.Generator], Waveform]) -> Copy:
    """A copy through a channel, whose only parameter is the seed of what is drawn for it."""
    return Copy(
        lambda rng: (float(rng.integers(2**32)),),
        lambda x, rate, parameters: channel(x, rate, np.random.default_rng(int(parameters[0]))),
    )


COPIES: dict[str, Copy] = {
    "gain": Copy(
        lambda rng: (float(rng.uniform(1.5, 3)),),
        lambda x, rate, parameters: x * np.float32(parameters[0]),
    ),
    "pitch": Copy(
        lambda rng: (float(rng.uniform(0, 4)),),
        lambda x, rate, parameters: _librosa_effects().pitch_shift(
            x, sr=rate, n_steps=parameters[0], res_type="soxr_hq"
        ),
    ),
    "shift": Copy(
        lambda rng: (float(int(rng.uniform(-5, 5) * 500)),),
        lambda x, rate, parameters: np.roll(x, int(parameters[0])),
    ),
    "noise": Copy(lambda rng: (float(0.005 * rng.uniform()), float(rng.integers(2**32))), _add_noise),
    "stretch": Copy(
        lambda rng: (0.8,), lambda x, rate, parameters: _librosa_effects().time_stretch(x, rate=parameters[0])
    ),
    "speed-pitch": Copy(lambda rng: (float(rng.uniform(0.8, 1)),), _speed_up),
    "telephone": _through(lines.over_telephone),
    "noise-room": _through(lines.in_room),
    "line": _through(lines.over_line),
}
"""The kinds of copies, by the names that `copies.kinds` of an experiment takes.

"gain" makes a clip 1.5 to 3 times louder, without clipping (the article's "dynamic change"), "pitch" raises it by up to
4 semitones, "shift" rolls it by up to 2500 samples, "noise" adds white noise of up to 0.5 % of the highest sample,
"stretch" plays it at 0.8 times the speed, "speed-pitch" shortens it to 0.8 to 1 of its length. "telephone" is a
telephone's band and µ-law, "noise-room" another room, microphone and level (`lines.in_room`), and "line" both of them
with one of four codecs and up to 30 ms cut off (`lines.over_line`).
"""

VERSION = 1
"""Of what the kinds do, for copies that are cached."""


def copied(utterances: Iterable[Utterance], kind: str) -> list[Utterance]:
    """Copy utterances.

    Args:
        utterances: What to copy.
        kind: Name in `COPIES`.

    Returns:
        An utterance for each, whose id ends with `+kind`; its waveform is made when it is loaded for training.

    Raises:
        SettingsError: The kind is not known.
    """
    if kind not in COPIES:
        raise SettingsError(f"copies of kind {kind!r} are not known; choose among {', '.join(COPIES)}")
    return [dataclasses.replace(clip, id=f"{clip.id}+{kind}", copy=kind) for clip in utterances]


def augmented(
    utterances: Iterable[Utterance], kinds: Sequence[str], classes: Sequence[str], scheme: Scheme
) -> list[Utterance]:
    """Copy the utterances of some classes.

    Args:
        utterances: What to copy.
        kinds: Names in `COPIES`.
        classes: Classes of the scheme whose utterances are copied; empty: all.
        scheme: Maps utterances to classes.

    Returns:
        The copies alone, kind by kind.

    Raises:
        SettingsError: A kind is not known, or the scheme has no such class.
    """
    for name in classes:
        if name not in scheme.classes:
            raise SettingsError(
                f"copies.classes: {name!r} is not in scheme {scheme.name}; choose among {', '.join(scheme.classes)}"
            )
    wanted = {scheme.classes.index(name) for name in classes or scheme.classes}
    chosen = [utterance for utterance in utterances if scheme.index_of(utterance) in wanted]
    return [copy for kind in kinds for copy in copied(chosen, kind)]


def draw_parameters(utterance: Utterance, seed: int) -> tuple[float, ...]:
    """Draw the parameters of an utterance's copy.

    Args:
        utterance: A copy, as `copied` gives it.
        seed: Of the training run.

    Returns:
        The parameters; they depend on seed, utterance and kind alone.
    """
    rng = np.random.default_rng((seed, zlib.crc32(utterance.id.encode())))
    return COPIES[utterance.copy].draw(rng)


def _librosa_effects() -> Any:
    try:
        import librosa.effects
    except ImportError as error:
        raise missing_extra("train", error) from error
    return librosa.effects
