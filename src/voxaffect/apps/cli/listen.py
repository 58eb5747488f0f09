"""`voxaffect listen`: live speech, from a microphone or on standard input."""

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from voxaffect.apps.cli import recognizer
from voxaffect.apps.cli.options import add_format
from voxaffect.apps.cli.terminal import bar, complain
from voxaffect.errors import AudioError, SettingsError
from voxaffect.processes import interrupts_wait

if TYPE_CHECKING:
    from voxaffect.audio.live import Live
    from voxaffect.audio.microphone import Microphone
    from voxaffect.inference.stream import Stream

_BAR = 20

_EVERY, _SHARE = 0.1, 0.2  # seconds between two looks at the meter at least, and the share of time that they may take


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    text = "standard input, not the microphone: raw samples, or a recording as WebM, MP3 or WAV, while it arrives"
    option("source", nargs="?", metavar="-", help=text)
    option("--device", metavar="NAME|NUMBER", help="the microphone (default: the system's own); a wrong name lists all")
    text = "samples a second, of the microphone or of raw samples; a recording has its own (default: 16000)"
    option("--rate", type=int, default=16_000, metavar="HZ", help=text)
    option("--channels", type=int, default=1, metavar="N", help="likewise: how many, each a speaker (default: 1)")
    text = (
        "of raw samples: s16 (the default, unless the first bytes are of a recording), s24, s32, f32, u8, mulaw, alaw"
    )
    option("--encoding", metavar="NAME", help=text)
    add_format(parser)
    recognizer.add(parser)
    recognizer.add_own_baseline(parser)


def run(options: argparse.Namespace) -> int:
    """Print every segment when it has ended, and meanwhile, on a terminal, the emotion of the speech that goes on."""
    from voxaffect.inference.stream import Stream

    if options.source not in (None, "-"):
        raise SettingsError(f"listen {options.source}: of a file there is `voxaffect timeline`; give - or nothing")
    if options.source and options.device:
        raise SettingsError("--device is a microphone; leave it out for standard input")
    if options.encoding and not options.source:
        raise SettingsError("--encoding is of raw samples on standard input; give - to listen to them")
    model = recognizer.load(options)
    code = 0
    with _opened(options) as sound:
        show = recognizer.segment_printer(options.format, model.classes, sound.channels)
        meter = _Meter()
        about: dict[str, Any] = {"channels": sound.channels, "name": sound.name, "file": options.source}
        with Stream(model, sound.sample_rate, **about) as stream:
            try:
                for chunk in sound:
                    with interrupts_wait():
                        for segment in stream.push(chunk):
                            meter.clear()
                            show(segment)
                        meter(stream)
            except KeyboardInterrupt:  # as one ends what has no end
                pass
            except AudioError as error:  # a microphone that is unplugged, a recording that is damaged
                meter.clear()
                complain(str(error))
                code = 1
            meter.clear()
            with interrupts_wait():
                for segment in stream.close():
                    show(segment)
        if sound.warning:
            complain(f"{sound.name}: {sound.warning}")
    return code


def _opened(options: argparse.Namespace) -> "Live | Microphone":
    """What arrives, before anything is printed."""
    if options.source is None:
        from voxaffect.audio.microphone import Microphone

        return Microphone(options.device, options.rate, options.channels)
    from voxaffect.audio import Raw
    from voxaffect.audio.live import Live

    raw = Raw(options.rate, options.encoding or "s16", options.channels)
    # Without the buffer, whose lock a thread that waits for more would hold for ever.
    stream = getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)
    return Live(stream, "standard input", raw, headerless=options.encoding is not None)


class _Meter:
    """The emotion of whoever speaks, redrawn on one line of a terminal."""

    def __init__(self) -> None:
        self._shown, self._next = sys.stderr.isatty(), 0.0

    def __call__(self, stream: "Stream") -> None:
        if not self._shown or stream.seconds < self._next:
            return
        begin, parts = time.monotonic(), []
        for now in stream.now():
            best = max(now, key=lambda emotion: now[emotion]) if now else ""
            parts.append(f"{bar(best, now[best], 9, _BAR) if now else '…':{_BAR + 18}}")
        print(f"\033[K{stream.seconds:8.1f}  {'  │  '.join(parts)}\r", end="", file=sys.stderr, flush=True)
        # A window is encoded anew for each channel: many of them, or a slow machine, would not keep up otherwise.
        self._next = stream.seconds + max(_EVERY, (time.monotonic() - begin) / _SHARE)

    def clear(self) -> None:
        """Make room for a line on stdout."""
        if self._shown:
            print("\033[K", end="", file=sys.stderr, flush=True)
