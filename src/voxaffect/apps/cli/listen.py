"""`voxaffect listen`: live speech, from the microphone or as raw samples on standard input."""

import argparse
import io
import queue
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from voxaffect.apps.cli import listener
from voxaffect.apps.cli.terminal import percent, row_writer
from voxaffect.errors import AudioError, SettingsError, missing_extra
from voxaffect.text import printable

if TYPE_CHECKING:
    from voxaffect.inference.results import Segment
    from voxaffect.inference.stream import Stream

_BYTES = 2  # a sample's, of 16 bits
_BAR = 20


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("listen", description=__doc__)
    parser.add_argument("source", nargs="?", metavar="-", help="raw samples on standard input, not the microphone")
    parser.add_argument("--rate", type=int, default=16_000, help="samples a second (default: 16000)")
    parser.add_argument("--channels", type=int, default=1, help="each of them a speaker (default: 1)")
    parser.add_argument("--format", choices=("table", "csv", "jsonl"), default="table")
    listener.add(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print every segment when it has ended, and meanwhile, on a terminal, the emotion of the speech that goes on."""
    from voxaffect.inference.stream import Stream

    if options.source not in (None, "-"):
        raise SettingsError(f"listen {options.source}: of a file there is `voxaffect timeline`; give - or nothing")
    chunks = _microphone if options.source is None else _standard_input
    recognizer = listener.load(options)
    show = _printer(options, recognizer.classes)
    meter = _Meter()
    name = "standard input" if options.source else "the microphone"
    stream = Stream(recognizer, options.rate, channels=options.channels, name=name, file=options.source)
    with stream, _Interrupts() as interrupts:
        try:
            for chunk in chunks(options.rate, options.channels):
                with interrupts.held():
                    for segment in stream.push(chunk):
                        meter.clear()
                        show(segment)
                    meter(stream)
        except KeyboardInterrupt:  # as one ends what has no end
            pass
        with interrupts.held():
            meter.clear()
            for segment in stream.close():
                show(segment)
    return 0


class _Interrupts:
    """Ctrl-C while a chunk is awaited, never in the middle of one: what it gives would be lost."""

    def __init__(self) -> None:
        self._holding = self._came = False

    def __enter__(self) -> "_Interrupts":
        self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *error: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    @contextmanager
    def held(self) -> Iterator[None]:
        """An interrupt within this block comes at its end."""
        self._holding = True
        yield
        self._holding = False
        if self._came:
            self._came = False
            raise KeyboardInterrupt

    def _handle(self, number: int, frame: object) -> None:
        if not self._holding:
            raise KeyboardInterrupt
        self._came = True


def _standard_input(rate: int, channels: int) -> Iterator[npt.NDArray[np.float32]]:
    """16-bit samples, little-endian, channels interleaved -> (samples, channels) as they come."""
    rest, whole, first = b"", _BYTES * channels, True
    source = cast(io.BufferedReader, sys.stdin.buffer)
    while data := source.read1(_BYTES * channels * rate):
        if first and data[:4] in (b"RIFF", b"fLaC", b"OggS", b"FORM"):
            raise AudioError(
                "standard input: is an audio file, and raw samples are wanted; give it to `voxaffect timeline`, or "
                f"ffmpeg -i FILE -f s16le -ar {rate} -ac {channels} - | voxaffect listen --rate {rate} "
                f"--channels {channels} -"
            )
        first, rest = False, rest + data
        end = len(rest) // whole * whole
        samples = np.frombuffer(rest[:end], "<i2").reshape(-1, channels)
        rest = rest[end:]
        yield (samples / 32768).astype(np.float32)


def _microphone(rate: int, channels: int) -> Iterator[npt.NDArray[np.float32]]:
    """The system's own microphone -> (samples, channels), every tenth of a second."""
    try:
        import sounddevice
    except (ImportError, OSError) as error:  # the latter where PortAudio is not there
        if isinstance(error, ImportError):
            raise missing_extra("microphone", error) from error
        raise AudioError(f"the microphone: cannot be opened ({error}); install PortAudio") from None
    chunks: queue.Queue[npt.NDArray[np.float32]] = queue.Queue()

    def callback(samples: npt.NDArray[np.float32], frames: int, time: Any, status: Any) -> None:
        chunks.put(samples.copy())

    try:
        with sounddevice.InputStream(rate, rate // 10, channels=channels, dtype="float32", callback=callback):
            while True:
                yield chunks.get()
    except sounddevice.PortAudioError as error:
        raise AudioError(f"the microphone: cannot be opened ({error}); plug one in, or try another --rate") from None


def _printer(options: argparse.Namespace, classes: tuple[str, ...]) -> "Callable[[Segment], None]":
    """What prints a segment."""
    if options.format != "table":
        rows = row_writer(options.format, classes)
        return lambda segment: rows.write(segment.to_dict())

    def line(segment: "Segment") -> None:
        channel = f"{segment.channel:>2}  " if options.channels > 1 else ""
        print(
            f"{segment.start:8.1f}  {segment.end:8.1f}  {channel}{printable(segment.emotion):9}  "
            f"{percent(segment.confidence):>5}",
            flush=True,
        )

    return line


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
            if now is None:
                parts.append(f"{'…':{_BAR + 16}}")
                continue
            emotion, probability = max(now.items(), key=lambda item: item[1])
            bar = "█" * round(_BAR * probability)
            parts.append(f"{printable(emotion):9} {bar:{_BAR}} {percent(probability):>5}")
        print(f"\033[K{stream.seconds:8.1f}  {'  │  '.join(parts)}\r", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Make room for a line on stdout."""
        if self._shown:
            print("\033[K", end="", file=sys.stderr, flush=True)
