"""What a recording may be given as: a file in any form, or an array with its sample rate."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect import audio
from voxaffect.audio import CHUNK, Decoded, Header, Raw, Source, Waveform
from voxaffect.audio.channels import Levels
from voxaffect.errors import AudioError

Recording = Source | tuple[Any, Any] | Mapping[str, Any]
"""A path, the bytes of an audio file, an open binary file; (array, sample_rate), with samples (samples,), (samples,
channels) or (1, samples), floats in [-1, 1] or integers of 8, 16 or 32 bits; (sample_rate, int16 array) as Gradio
gives it; {"array": ..., "sampling_rate": ...} or {"bytes": ..., "path": ...} as Hugging Face's datasets give it."""

_FULL_SCALE = {"uint8": (128, 128), "int16": (0, 32_768), "int32": (0, 2_147_483_648)}  # zero, full scale


_Samples = tuple[npt.NDArray[np.floating], int]
"""An array (samples,) or (samples, channels) of floats, and its rate in Hz."""


class Opened:
    """A recording that has been given.

    Args:
        source: As `Recording` says.
        raw: What a headerless recording is.
        channel: To load, counted from 0; None: the mix of all.

    Attributes:
        name: What messages call it.
        file: Its name as it was given; None: it has none.
        channel: Likewise.
        warning: What is wrong with a recording that was used anyway; known when it has been loaded.

    Raises:
        AudioError: It is nothing of that.
    """

    def __init__(self, source: Recording, raw: Raw | None = None, channel: int | None = None) -> None:
        self._raw, self.channel = raw, channel
        self.warning: str | None = None
        path = None
        if isinstance(source, Mapping):
            path, source = source.get("path"), _of_mapping(source)
        self._content: _Samples | Source
        if isinstance(source, tuple | np.ndarray):
            self._content = _of_array(source)
        else:
            self._content = source
        if isinstance(self._content, tuple):
            self.file, self.name = path, path or "the array"
        else:
            named = isinstance(source, str | os.PathLike) or isinstance(getattr(source, "name", None), str)
            self.name = path or audio.name_of(self._content)
            self.file = path or (self.name if named else None)

    def load(self, sample_rate: int, *, longest: float) -> Waveform:
        """All of it, mono and resampled: (samples,) float32.

        Raises:
            AudioError: It cannot be read, holds no numbers, has no such channel, or lasts more than `longest` seconds.
        """
        if not isinstance(self._content, tuple):
            with audio.decode(self._content, max_duration=longest, raw=self._raw) as decoded:
                levels = self._levels(decoded.header.channels, decoded.header.sample_rate)
                waveform = decoded.waveform(sample_rate, channel=self.channel, levels=levels)
            self.warning = "; ".join(filter(None, (decoded.warning, _mixed(levels)))) or None
            return waveform
        array, rate = self._content
        audio.check_duration(self.name, len(array) / rate, longest)
        levels = self._levels(array.shape[1] if array.ndim == 2 else 1, rate)
        if levels:
            levels.push(array)
            self.warning = _mixed(levels)
        chosen = array if self.channel is None or array.ndim == 1 else array[:, self.channel]
        return audio.resample(audio.downmix(chosen, self.name), rate, sample_rate)

    def _levels(self, channels: int, rate: int) -> Levels | None:
        """What takes the levels of channels that are to be mixed; None: there is nothing to mix."""
        if self.channel is None:
            return Levels(rate) if channels > 1 else None
        if not 0 <= self.channel < channels:
            numbers = "one channel, 0" if channels == 1 else f"channels 0 to {channels - 1}"
            raise AudioError(f"{self.name}: `channel`={self.channel}: it has {numbers}; choose of these")
        return None

    def blocks(self, *, start: int = 0) -> "Decoded | Blocks":
        """Its samples from `start` seconds on in blocks (samples, channels) float32.

        Raises:
            AudioError: It cannot be read.
        """
        if not isinstance(self._content, tuple):
            return audio.decode(self._content, start=start, raw=self._raw)
        array, rate = self._content
        array = np.asarray(array if array.ndim == 2 else array[:, None], np.float32)
        return Blocks(array, rate, start * rate)


class Blocks:
    """An array as `audio.Decoded` gives a recording.

    Args:
        array: (samples, channels).
        rate: Hz.
        start: Sample from which on.

    Attributes:
        header: Of it.
        warning: None: an array is what it is.
    """

    warning: str | None = None

    def __init__(self, array: npt.NDArray[np.float32], rate: int, start: int) -> None:
        self.header, self._array, self._start = Header(len(array), rate, array.shape[1]), array, start

    def __iter__(self) -> Iterator[npt.NDArray[np.float32]]:
        """The blocks."""
        yield from (self._array[first : first + CHUNK] for first in range(self._start, len(self._array), CHUNK))

    def warn(self) -> None:
        """Nothing is wrong with it."""


def _mixed(levels: Levels | None) -> str | None:
    if levels is None or not levels.speakers_differ():
        return None
    return "two speakers are mixed, as its channels differ; use `voxaffect timeline`, or choose a `channel`"


def _of_mapping(source: Mapping[str, Any]) -> Source | tuple[Any, Any]:
    if source.get("array") is not None and "sampling_rate" in source:
        return source["array"], source["sampling_rate"]
    if source.get("bytes") is not None:
        return source["bytes"]
    if source.get("path") is not None:
        return source["path"]
    keys = ", ".join(map(str, source)) or "nothing"
    raise AudioError(f"the dict: has {keys}; give array and sampling_rate, or bytes or path")


def _of_array(source: Any) -> _Samples:
    """The samples and the rate of (array, sample_rate), or of Gradio's (sample_rate, array)."""
    if isinstance(source, np.ndarray):
        raise AudioError("the array: comes without its sample rate; give (array, sample_rate)")
    if len(source) == 2 and isinstance(source[0], int | np.integer) and getattr(source[1], "dtype", None) == np.int16:
        source = source[::-1]
    if len(source) != 2 or not isinstance(source[1], int | float | np.number) or not source[1] == source[1]:
        raise AudioError("the tuple: is not (array, sample_rate); give the samples first and then their rate in Hz")
    rate = float(min(source[1], 10**9))
    array = np.asarray(source[0])
    if array.dtype.name in _FULL_SCALE:
        zero, full = _FULL_SCALE[array.dtype.name]
        array = (array.astype(np.float64) - zero) / full
    if not np.issubdtype(array.dtype, np.floating) or array.ndim not in (1, 2) or array.size == 0:
        given = f"has shape {array.shape} and type {array.dtype}"
        raise AudioError(
            f"the array: {given}; give (samples,) or (samples, channels), of floats in [-1, 1] or of int16"
        )
    if array.ndim == 2 and array.shape[0] <= 16 < array.shape[1]:
        if array.shape[0] > 1:
            raise AudioError(f"the array: {array.shape} is channels first; give (samples, channels), as array.T")
        array = array[0]
    audio.check_sample_rate("the array", round(rate))
    return array, round(rate)
