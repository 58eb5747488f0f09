"""Properties of a recording that need no ear for emotion and may still tell its label.

Most are the recording's: how much silence lies around the speech, how loud the noise is, which frequencies there are.
Two are the voice's, how long and how loud it speaks.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from voxaffect import audio
from voxaffect.audio import formats
from voxaffect.errors import AudioError

_FRAMES = 100  # a second
_SPECTRA = 10  # a second, each of 32 ms
_SPECTRUM = 31.25  # Hz between two of its frequencies
_QUIETEST = 5  # frames of the quietest moment
_LEAST = 1e-12  # power of digital silence, -120 dB
_SILENT = 1e-7  # power that no frame of a silent recording reaches, -70 dB

# Sound is less than 40 dB below the loudest frame and 6 dB above the noise, but up to 15 dB below the loudest it is
# sound in any noise, and it lasts 50 ms.
_RANGE, _ABOVE_NOISE, _SURE, _SHORTEST = 1e-4, 4.0, 0.03, 5

_FAINT = 1e-7  # of the power of the strongest frequency: 70 dB below
_BAND, _OFFSET = 250.0, 1_000  # steps that a band and an offset are rounded to: Hz, and parts of full scale


class Property(NamedTuple):
    """What a property is.

    Attributes:
        title: Its name in reports.
        of: Whose it is.
        unit: Of its values; empty where they are names.
        decimals: How many are worth showing.
    """

    title: str
    of: Literal["recording", "voice"]
    unit: str = ""
    decimals: int = 0


PROPERTIES: dict[str, Property] = {
    "length": Property("length", "recording", "s", 2),
    "leading": Property("silence before the sound", "recording", "s", 2),
    "trailing": Property("silence after the sound", "recording", "s", 2),
    "noise": Property("noise floor", "recording", "dB"),
    "band": Property("highest frequency", "recording", "Hz"),
    "offset": Property("offset", "recording", "of full scale", 3),
    "format": Property("format", "recording"),
    "sentence": Property("sentence", "recording"),
    "sound": Property("length of the sound", "voice", "s", 2),
    "level": Property("level of the sound", "voice", "dB"),
}
"""Every property, in the order of reports; the sentence is what the corpus says it is."""


@dataclass(frozen=True)
class Properties:
    """The properties of one recording or segment, in the units of `PROPERTIES`; NaN where there is none.

    Args:
        format: Container, sample rate and channels of the file.
        length: From the first to the last sample.
        leading: Before the first sound.
        trailing: After the last sound.
        noise: Level of the quietest 50 ms, re full scale.
        band: Up to where frequencies are less than 70 dB below the strongest, as a codec or a resampler left them.
        offset: Mean of the samples.
        sound: From the first to the last sound.
        level: RMS of the sound, re full scale.
    """

    format: str
    length: float
    leading: float = np.nan
    trailing: float = np.nan
    noise: float = np.nan
    band: float = np.nan
    offset: float = np.nan
    sound: float = np.nan
    level: float = np.nan


class Meter:
    """Measures a recording while it is decoded, in a small part of the time that decoding takes.

    Args:
        path: The file.
        header: Its header.

    Examples:
        >>> path = Path("examples/synthetic-voice.flac")
        >>> meter = Meter(path, audio.header(path))
        >>> meter.push(audio.load(path, None))
        >>> meter.properties().format
        'flac, 22.05 kHz, 1 channel'
    """

    def __init__(self, path: Path, header: audio.Header) -> None:
        self._rate = header.sample_rate
        self._format = _format(path, header)
        self._powers: list[npt.NDArray[np.float32]] = []
        self._rest = np.zeros(0, np.float32)
        self._samples, self._sum = 0, 0.0
        window = np.hanning(round(self._rate / _SPECTRUM) + 1)[:-1]
        self._window, self._spectrum = window.astype(np.float32), np.zeros(len(window) // 2 + 1)

    def push(self, chunk: audio.Waveform) -> None:
        """Take the next samples: (samples,) at the recording's own rate."""
        self._samples += len(chunk)
        self._sum += float(chunk.sum(dtype=np.float64))
        joined, frame = np.concatenate([self._rest, chunk]), max(self._rate // _FRAMES, 1)
        whole = len(joined) // frame * frame
        self._powers.append(joined[:whole].reshape(-1, frame).var(axis=1))
        self._rest = joined[whole:]
        if len(chunk) >= len(self._window):
            parts = np.lib.stride_tricks.sliding_window_view(chunk, len(self._window))[:: self._rate // _SPECTRA]
            self._spectrum += np.square(np.abs(np.fft.rfft(parts * self._window, axis=1))).sum(axis=0)

    def properties(self) -> Properties:
        """The properties of what was pushed."""
        length = round(self._samples / self._rate, 4)
        power = np.concatenate([np.zeros(0, np.float32), *self._powers]).astype(np.float64)
        if len(power) < _QUIETEST or power.max() < _SILENT:
            return Properties(self._format, length)
        noise = np.convolve(power, np.full(_QUIETEST, 1 / _QUIETEST), "valid").min()
        frames = np.flatnonzero(_sounding(power, noise))
        if not len(frames):
            return Properties(self._format, length)
        first, last = int(frames[0]), int(frames[-1]) + 1
        present = np.flatnonzero(self._spectrum[1:] > self._spectrum.max() * _FAINT)
        band = (int(present[-1]) + 1) * _SPECTRUM if len(present) else np.nan
        return Properties(
            self._format,
            length,
            leading=first / _FRAMES,
            trailing=round(length - last / _FRAMES, 2),
            noise=_decibels(noise),
            band=round(band / _BAND) * _BAND if len(present) else np.nan,
            offset=round(self._sum / self._samples * _OFFSET) / _OFFSET,
            sound=(last - first) / _FRAMES,
            level=_decibels(power[frames].mean()),
        )


def _sounding(power: npt.NDArray[np.float64], noise: float) -> npt.NDArray[np.bool_]:
    """Which frames hold sound: (frames,)."""
    loudest = power.max()
    loud = power > max(loudest * _RANGE, min(noise * _ABOVE_NOISE, loudest * _SURE))
    edges = np.flatnonzero(np.diff(loud, prepend=False, append=False))
    for start, end in edges.reshape(-1, 2):
        if end - start < _SHORTEST:
            loud[start:end] = False
    return loud


def _decibels(power: float) -> float:
    return round(float(10 * np.log10(max(power, _LEAST))), 1)


def _format(path: Path, header: audio.Header) -> str:
    try:
        with path.open("rb") as file:
            container = formats.sniff(file.read(formats.HEAD)) or "unknown"
    except OSError as error:
        raise AudioError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    channels = "1 channel" if header.channels == 1 else f"{header.channels} channels"
    return f"{container}, {header.sample_rate / 1000:g} kHz, {channels}"
