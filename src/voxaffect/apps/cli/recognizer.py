"""What the commands that recognise share: their options, the recogniser, and how segments are printed."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from voxaffect.apps.cli.options import chosen
from voxaffect.apps.cli.terminal import note, or_else, percent, row_writer, show
from voxaffect.errors import check
from voxaffect.text import printable

if TYPE_CHECKING:
    from voxaffect.audio import Raw
    from voxaffect.inference.recognizer import Recognizer
    from voxaffect.inference.results import Segment
    from voxaffect.inference.sources import Recording


def add_bundle(parser: argparse.ArgumentParser, *, threads: bool = True) -> None:
    """Which model, and how many threads it runs on, where that can be chosen."""
    text = "the model to use (default: the package's base; common4 is several times as fast and less often right)"
    parser.add_argument("--bundle", metavar="NAME|FOLDER", help=text)
    if threads:
        parser.add_argument("--threads", type=int, default=1, metavar="N", help="of the network (default: 1)")
    else:
        parser.set_defaults(threads=1)


def add(parser: argparse.ArgumentParser, *, threads: bool = True) -> None:
    """Which model, and when its answer is uncertain."""
    add_bundle(parser, threads=threads)
    parser.add_argument("--baseline", metavar="JSON", help="of this line or voice, as `voxaffect baseline` writes it")
    option = parser.add_mutually_exclusive_group().add_argument
    option("--accuracy", type=float, metavar="SHARE", help='as 0.8: "uncertain" rather than be wrong more often')
    option("--threshold", type=float, metavar="SHARE", help='as 0.5: "uncertain" where the confidence is lower')


def add_own_baseline(parser: argparse.ArgumentParser) -> None:
    """Whether a call gives itself a baseline."""
    text = "work against what the same channel has said before, as well"
    parser.add_argument("--own-baseline", action="store_true", help=text)


def add_channel(parser: argparse.ArgumentParser) -> None:
    """Which channel of a recording."""
    text = "of recordings whose channels are different speakers: which, from 0 (default: all of them mixed)"
    parser.add_argument("--channel", type=int, metavar="N", help=text)


def load(options: argparse.Namespace) -> "Recognizer":
    """The recogniser that the options ask for."""
    from voxaffect.inference.recognizer import load

    own = getattr(options, "own_baseline", False)
    return load(**chosen(options, "bundle threads baseline threshold accuracy"), own_baseline=own)


def add_raw(parser: argparse.ArgumentParser) -> None:
    """What a headerless recording is."""
    option = parser.add_argument
    option("--rate", type=int, metavar="HZ", help="of headerless recordings, as .raw and .vox: their sample rate")
    option("--encoding", metavar="NAME", help="likewise: s16 (the default), s24, s32, f32, u8, mulaw, alaw, gsm, vox")
    option("--channels", type=int, metavar="N", help="likewise: how many (default: 1)")


def raw(options: argparse.Namespace) -> "Raw | None":
    """What the options say that headerless recordings are; None: recordings have headers."""
    given = {"encoding": options.encoding, "channels": options.channels}
    given = {name: value for name, value in given.items() if value is not None}
    if options.rate is None:
        check(not given, f"--{next(iter(given), '')} is of headerless recordings; give their --rate as well")
        return None
    from voxaffect.audio import Raw

    return Raw(options.rate, **given)


def recording(file: str, *, headerless: bool = False) -> "Recording":
    """The recording of that name, or the one on standard input for `-`."""
    from voxaffect.audio import collect

    return collect(sys.stdin.buffer, "-", headerless=headerless) if file == "-" else awaited(file)


def awaited(file: str) -> str:
    """A file's name. Of a pipe it is said that bytes are waited for: whoever should write them may never come."""
    from voxaffect.audio.folders import special

    if special(Path(file)) == "pipe":
        note(f"waiting for {file}, a pipe")
    return file


def segment_printer(form: str, classes: tuple[str, ...], channels: int) -> "Callable[[Segment], None]":
    """What prints a segment, as a line of a table or as a row; the header comes at once."""
    if form != "table":
        write = row_writer(form, classes)
        return lambda segment: write(segment.to_dict())
    show(f"{'from':>8}  {'to':>8}  {'channel  ' if channels > 1 else ''}{'emotion':9}  {'sure':>5}  or else")

    def line(segment: "Segment") -> None:
        channel = f"{segment.channel:>7}  " if channels > 1 else ""
        answer = f"{printable(segment.emotion):9}  {percent(segment.confidence):>5}  {or_else(segment)}"
        show(f"{clock(segment.start):>8}  {clock(segment.end):>8}  {channel}{answer}")

    return line


def clock(seconds: float) -> str:
    """A time as `1:02:03.4`, or `2:03.4` below an hour."""
    tenths = round(10 * seconds)
    hours = f"{tenths // 36_000}:" if tenths >= 36_000 else ""
    return f"{hours}{tenths // 600 % 60:0{2 if hours else 1}}:{tenths // 10 % 60:02}.{tenths % 10}"
