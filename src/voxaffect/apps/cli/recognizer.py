"""What the commands that recognise share: their options, the recogniser, and how segments are printed."""

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from voxaffect.apps.cli.options import chosen
from voxaffect.apps.cli.terminal import or_else, percent, row_writer, show
from voxaffect.text import printable

if TYPE_CHECKING:
    from voxaffect.inference.recognizer import Recognizer
    from voxaffect.inference.results import Segment
    from voxaffect.inference.sources import Recording


def add_bundle(parser: argparse.ArgumentParser, *, threads: bool = True) -> None:
    """Which model, and how many threads it runs on, where that can be chosen."""
    parser.add_argument("--bundle", metavar="NAME|FOLDER", help="the model to use (default: the package's common4)")
    if threads:
        parser.add_argument("--threads", type=int, default=1, metavar="N", help="of the network (default: 1)")
    else:
        parser.set_defaults(threads=1)


def add(parser: argparse.ArgumentParser, *, threads: bool = True) -> None:
    """Which model, and when its answer is uncertain."""
    add_bundle(parser, threads=threads)
    parser.add_argument("--baseline", metavar="JSON", help="of this line or person, as `voxaffect baseline` writes it")
    option = parser.add_mutually_exclusive_group().add_argument
    option("--accuracy", type=float, metavar="SHARE", help='as 0.8: "uncertain" rather than be wrong more often')
    option("--threshold", type=float, metavar="SHARE", help='as 0.5: "uncertain" where the confidence is lower')


def load(options: argparse.Namespace) -> "Recognizer":
    """The recogniser that the options ask for."""
    from voxaffect.inference.recognizer import load

    return load(**chosen(options, "bundle threads baseline threshold accuracy"))


def recording(file: str) -> "Recording":
    """The recording of that name, or the one on standard input for `-`."""
    from voxaffect.audio import NamedBytes

    return NamedBytes("-", sys.stdin.buffer.read()) if file == "-" else file


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
