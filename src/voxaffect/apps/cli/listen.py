"""`voxaffect listen`: live speech, from the microphone or as raw samples on standard input."""

import argparse
import io
import queue
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from voxaffect.apps.cli import recognizer
from voxaffect.apps.cli.options import add_format
from voxaffect.apps.cli.terminal import bar
from voxaffect.errors import AudioError, SettingsError, missing_extra
from voxaffect.processes import interrupts_wait

if TYPE_CHECKING:
    from voxaffect.inference.stream import Stream

_BYTES = 2  # a sample's, of 16 bits
_BAR = 20


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    option("source", nargs="?", metavar="-", help="raw samples on standard input, not the microphone")
    option("--rate", type=int, default=16_000, help="samples a second (default: 16000)")
    option("--channels", type=int, default=1, help="each of them a speaker (default: 1)")
    add_format(parser)
    recognizer.add(parser)


def run(options: argparse.Namespace) -> int:
    """Print every segment when it has ended, and meanwhile, on a terminal, the emotion of the speech that goes on."""
    from voxaffect.inference.stream import Stream

    if options.source not in (None, "-"):
        raise SettingsError(f"listen {options.source}: of a file there is `voxaffect timeline`; give - or nothing")
    chunks = _microphone if options.source is None else _standard_input
    model = recognizer.load(options)
    if options.source is None:
        _sounddevice()  # before anything is printed
    show = recognizer.segment_printer(options.format, model.classes, options.channels)
    meter = _Meter()
    name = "standard input" if options.source else "the microphone"
    with Stream(model, options.rate, channels=options.channels, name=name, file=options.source) as stream:
        try:
            for chunk in chunks(options.rate, options.channels):
                with interrupts_wait():
                    for segment in stream.push(chunk):
                        meter.clear()
                        show(segment)
                    meter(stream)
        except KeyboardInterrupt:  # as one ends what has no end
            pass
        meter.clear()
        with interrupts_wait():
            for segment in stream.close():
                show(segment)
    return 0


def _standard_input(rate: int, channels: int) -> Iterator[npt.NDArray[np.float32]]:
    """16-bit samples, little-endian, channels interleaved -> (samples, channels) as they come."""
    rest, whole, first = b"", _BYTES * channels, True
    source = cast(io.BufferedReader, sys.stdin.buffer)
    while data := source.read1(_BYTES * channels * rate):
        if first and data[:4] in (b"RIFF", b"fLaC", b"OggS", b"FORM"):
            remedy = (
                f"give it to `voxaffect timeline`, or decode it: ffmpeg -i FILE -f s16le -ar {rate} -ac {channels} -"
            )
            raise AudioError(f"standard input: is an audio file, and raw samples are wanted; {remedy}")
        first, rest = False, rest + data
        end = len(rest) // whole * whole
        samples = np.frombuffer(rest[:end], "<i2").reshape(-1, channels)
        rest = rest[end:]
        yield (samples / 32768).astype(np.float32)


def _microphone(rate: int, channels: int) -> Iterator[npt.NDArray[np.float32]]:
    """The system's own microphone -> (samples, channels), every tenth of a second."""
    sounddevice = _sounddevice()
    chunks: queue.Queue[npt.NDArray[np.float32]] = queue.Queue()

    def callback(samples: npt.NDArray[np.float32], frames: int, time: Any, status: Any) -> None:
        chunks.put(samples.copy())

    try:
        with sounddevice.InputStream(rate, rate // 10, channels=channels, dtype="float32", callback=callback):
            while True:
                yield chunks.get()
    except sounddevice.PortAudioError as error:
        raise AudioError(f"the microphone: cannot be opened ({error}); plug one in, or try another --rate") from None


def _sounddevice() -> Any:
    try:
        import sounddevice
    except ImportError as error:
        raise missing_extra("microphone", error) from error
    except OSError as error:  # where PortAudio is not there
        raise AudioError(f"the microphone: cannot be opened ({error}); install PortAudio") from None
    return sounddevice


class _Meter:
    """The emotion of whoever speaks, redrawn on one line of a terminal."""

    def __init__(self) -> None:
        self._shown, self._next = sys.stderr.isatty(), 0.0

    def __call__(self, stream: "Stream") -> None:
        if not self._shown or stream.seconds < self._next:
            return
        self._next = stream.seconds + 0.1
        parts = []
        for now in stream.now():
            best = max(now, key=lambda emotion: now[emotion]) if now else ""
            parts.append(f"{bar(best, now[best], 9, _BAR) if now else '…':{_BAR + 18}}")
        print(f"\033[K{stream.seconds:8.1f}  {'  │  '.join(parts)}\r", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Make room for a line on stdout."""
        if self._shown:
            print("\033[K", end="", file=sys.stderr, flush=True)
