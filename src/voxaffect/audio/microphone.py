"""Sound from a microphone, by sounddevice and PortAudio: the extra `microphone`."""

import queue
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from voxaffect.errors import AudioError, SettingsError, missing_extra

_USUAL = (48_000, 44_100)  # Hz that a microphone has if it has not the wanted rate
_CHUNKS = 10  # a second


class Microphone:
    """A microphone that is open: iterate over it for chunks (samples, channels) float32, a tenth of a second each.

    Args:
        device: Its number, its name or part of that; None: the system's own.
        sample_rate: Hz, if the microphone has it; else it is used at one that it has.
        channels: How many.

    Attributes:
        name: What the system calls it.
        sample_rate: Hz that it is used at.
        channels: How many.
        warning: None.

    Raises:
        SettingsError: There is no such device, or it has not so many channels.
        AudioError: There is no microphone, or it cannot be opened.
        MissingExtraError: sounddevice is missing.
    """

    def __init__(self, device: str | None = None, sample_rate: int = 16_000, channels: int = 1) -> None:
        self._sounddevice, self.channels, self.warning = _sounddevice(), channels, None
        about = self._find(device)
        self.name: str = about["name"]
        most = about["max_input_channels"]
        if not 1 <= channels <= most:
            raise SettingsError(f"`channels`={channels}: {self.name} has 1 to {most}; choose so many")
        self._settings = {"device": about["index"], "channels": channels, "dtype": "float32"}
        self.sample_rate = self._rate(sample_rate, round(about["default_samplerate"]))
        self._chunks: queue.SimpleQueue[npt.NDArray[np.float32] | None] = queue.SimpleQueue()
        self._stream = self._opened()

    def _find(self, device: str | None) -> dict[str, Any]:
        try:
            if device is None:
                return self._sounddevice.query_devices(kind="input")
            return self._sounddevice.query_devices(int(device) if device.isdecimal() else device, "input")
        except (ValueError, self._sounddevice.PortAudioError):
            devices = [one for one in self._sounddevice.query_devices() if one["max_input_channels"]]
            if not devices:
                raise AudioError("the microphone: there is none; plug one in") from None
            names = ", ".join(f"{one['index']} {one['name']}" for one in devices)
            given = "the system names none" if device is None else "is no microphone, or more than one"
            raise SettingsError(f"`device`={device}: {given}; choose one of {names}") from None

    def _rate(self, wanted: int, own: int) -> int:
        """The first rate that it has: the wanted one, its own, the usual ones."""
        refused = None
        for rate in dict.fromkeys((wanted, own, *_USUAL)):
            try:
                self._sounddevice.check_input_settings(samplerate=rate, **self._settings)
            except self._sounddevice.PortAudioError as error:
                refused = refused or error
            else:
                return rate
        raise self._unopened(refused)

    def _opened(self) -> Any:
        def callback(samples: npt.NDArray[np.float32], frames: int, time: Any, status: Any) -> None:
            self._chunks.put(samples.copy())

        try:
            return self._sounddevice.InputStream(
                self.sample_rate,
                self.sample_rate // _CHUNKS,
                callback=callback,
                finished_callback=lambda: self._chunks.put(None),
                **self._settings,
            )
        except self._sounddevice.PortAudioError as error:
            raise self._unopened(error) from None

    def _unopened(self, error: Exception | None) -> AudioError:
        return AudioError(f"the microphone: {self.name} cannot be opened ({error}); close what uses it, or try another")

    def __iter__(self) -> Iterator[npt.NDArray[np.float32]]:
        """The chunks, until the microphone is unplugged.

        Raises:
            AudioError: It is.
        """
        try:
            self._stream.start()
        except self._sounddevice.PortAudioError as error:
            raise self._unopened(error) from None
        while (chunk := self._chunks.get()) is not None:
            yield chunk
        raise AudioError(f"the microphone: {self.name} has stopped; plug it in again")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()


def _sounddevice() -> Any:
    try:
        import sounddevice
    except ImportError as error:
        raise missing_extra("microphone", error) from error
    except OSError as error:  # where PortAudio is not there
        raise AudioError(f"the microphone: cannot be opened ({error}); install PortAudio") from None
    return sounddevice
