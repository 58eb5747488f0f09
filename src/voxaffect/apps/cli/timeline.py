"""`voxaffect timeline RECORDING`: who speaks in which emotion, from when to when, in a recording of any length."""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from voxaffect.apps.cli import listener
from voxaffect.apps.cli.terminal import Gauge, percent
from voxaffect.errors import AudioError, SettingsError

if TYPE_CHECKING:
    from voxaffect.inference.recognizer import Recognizer
    from voxaffect.inference.record import Record
    from voxaffect.inference.results import Segment
    from voxaffect.inference.resumption import Found, Kept
    from voxaffect.inference.stream import Listening

FORMATS = ("table", "jsonl", "csv", "audformat", "textgrid", "vtt", "srt")

_EVERY = 20.0  # seconds after which what is done is kept


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("timeline", help="emotions over time, of calls and podcasts", description=__doc__)
    parser.add_argument(
        "file",
        nargs="?",
        metavar="RECORDING",
        help="an audio file, of which each channel is a speaker; or - for one on standard input",
    )
    listener.add(parser)
    parser.add_argument("--mix", action="store_true", help="hear all channels as one, as of a podcast in stereo")
    parser.add_argument("--format", choices=FORMATS, help="what to print (default: table, and nothing with --out)")
    parser.add_argument(
        "--out",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="what to write, by ending: .html .csv .jsonl .parquet .TextGrid .vtt .srt .audformat.csv",
    )
    parser.add_argument("--resume", action="store_true", help="go on from where the same command was interrupted")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Hear it all; what is known by then is written even where it breaks off."""
    _refuse(options)
    recognizer = listener.load(options)
    kept = _kept(options, recognizer) if options.out else None
    if kept and kept.path.exists() and not options.resume:
        raise SettingsError(f"{kept.path}: holds what was heard already; add --resume to go on, or delete it")
    found = kept.read() if kept else None
    record, listening = _open(options, recognizer, found)
    printed = options.format or ("" if options.out else "table")
    printer = _PRINTERS.get(printed, _nothing)(options.file, listening)
    for segment in sorted(record.segments, key=lambda each: each.end):
        printer(segment)
    gauge, saved = Gauge(listening.duration, "heard"), time.monotonic()
    code, snapshots = 0, listening.stream.snapshots()
    try:
        for block, segments in listening:
            record.push(block, segments)
            snapshots = listening.stream.snapshots()  # not before what they stand for is recorded
            gauge.clear()
            for segment in segments:
                printer(segment)
            gauge(record.duration)
            if kept and time.monotonic() - saved > _EVERY:
                kept.write(record, snapshots)
                saved = time.monotonic()
    except AudioError as error:
        gauge.clear()
        print(f"voxaffect: {error}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        gauge.clear()
        if kept:
            kept.write(record, snapshots)
        _write(options, recognizer, record)
        _print(printed, record)
        heard = f"{record.duration:.0f} s of {listening.duration:.0f}"
        told = f"what was heard, {heard}, is written; --resume goes on" if kept else f"heard {heard}"
        raise KeyboardInterrupt(told) from None
    gauge.clear()
    _write(options, recognizer, record)
    _print(printed, record)
    if not (record.segments or code):
        print(f"voxaffect: {options.file}: nobody speaks in it", file=sys.stderr)
    for path in options.out:
        print(f"{path}: {len(record.segments)} segments in {record.duration:.1f} s", file=sys.stderr)
    if kept:
        kept.remove()
    return code


def _refuse(options: argparse.Namespace) -> None:
    from voxaffect.output import formats

    if options.file is None:
        raise SettingsError("no recording is named; write it first: voxaffect timeline RECORDING --out FILE")
    if options.resume and (not options.out or options.file == "-"):
        raise SettingsError("--resume goes on with files; name a recording, and what to write with --out")
    for path in options.out:
        if path.suffix.lower() != ".html":
            formats.refuse(path)
        if path.is_dir():
            raise SettingsError(f"{path}: is a folder; name a file in it")
        if path.exists() and Path(options.file).exists() and path.samefile(options.file):
            raise SettingsError(f"{path}: is the recording itself; name another")


def _print(name: str, record: "Record") -> None:
    """What is printed when all is known."""
    from voxaffect.output import formats

    if name and name not in _PRINTERS:
        sys.stdout.write(formats.TEXTS[name](record.timeline))


def _kept(options: argparse.Namespace, recognizer: "Recognizer") -> "Kept":
    from voxaffect.inference.resumption import Kept
    from voxaffect.inference.smoothing import Smoothing

    recording, baseline = Path(options.file), options.baseline
    stat = recording.stat() if recording.is_file() else None
    about = {
        "bytes": stat and stat.st_size,
        "changed": stat and stat.st_mtime_ns,
        "model": recognizer.bundle.card["model"]["sha256"],
        "threshold": recognizer.threshold,
        "baseline": baseline and Path(baseline).read_text("utf-8"),
        "mix": options.mix,
        "smoothing": vars(Smoothing()),
    }
    return Kept(options.out[0], about)


def _open(options: argparse.Namespace, recognizer: "Recognizer", found: "Found | None") -> "tuple[Record, Listening]":
    from voxaffect.audio import NamedBytes
    from voxaffect.inference.record import Record
    from voxaffect.inference.stream import Listening

    snapshots = found.snapshots if found else ()
    moments: list[Any] = []  # none is decided before the record is there
    listening = Listening(
        recognizer,
        NamedBytes("standard input", sys.stdin.buffer.read()) if options.file == "-" else options.file,
        options.mix,
        watch=lambda channel, moment: moments[0].watch(channel, moment),
        resume=snapshots,
    )
    record = Record(Path(options.file).name, listening.sample_rate, listening.channels, recognizer.classes)
    moments.append(record)
    if found:
        record.restore(found.arrays, found.segments, listening.start, snapshots)
    return record, listening


def _write(options: argparse.Namespace, recognizer: "Recognizer", record: "Record") -> None:
    from voxaffect.files.atomic import write_text
    from voxaffect.output import formats, timeline_page

    for path in options.out:
        if path.suffix.lower() == ".html":
            about = f"Heard by {recognizer.bundle.name}, in half seconds smoothed over time."
            if recognizer.threshold:
                about += f" Uncertain is what is less probable than {100 * recognizer.threshold:.0f} %."
            write_text(path, timeline_page.write(record, _address(Path(options.file), path.parent), about))
        else:
            formats.write(path, record.timeline)


def _address(recording: Path, folder: Path) -> str | None:
    """Of a recording, for a page in a folder; None where it has none, as what came through a pipe."""
    if not recording.is_file():
        return None
    try:
        return quote(Path(os.path.relpath(recording, folder)).as_posix())
    except ValueError:  # on another drive of Windows
        return recording.resolve().as_uri()


class _Table:
    """A line a segment, as it becomes known."""

    def __init__(self, file: str, listening: "Listening") -> None:
        self._channels = listening.channels > 1
        print(f"{'from':>8}  {'to':>8}  {'channel  ' if self._channels else ''}{'emotion':9}  {'sure':>5}  or else")

    def __call__(self, segment: "Segment") -> None:
        rest = sorted(segment.probabilities.items(), key=lambda item: -item[1])
        others = ", ".join(f"{name} {percent(share)}" for name, share in rest if name != segment.emotion)
        channel = f"{segment.channel:>7}  " if self._channels else ""
        print(
            f"{_clock(segment.start):>8}  {_clock(segment.end):>8}  {channel}{segment.emotion:9}  "
            f"{percent(segment.confidence):>5}  {others}",
            flush=True,
        )


class _JsonLines:
    """A JSON object a segment, as it becomes known."""

    def __init__(self, file: str, listening: "Listening") -> None:
        self._file = Path(file).name

    def __call__(self, segment: "Segment") -> None:
        from voxaffect.output.formats import json_line

        print(json_line(self._file, segment), flush=True)


def _nothing(file: str, listening: "Listening") -> Any:
    return lambda segment: None


def _clock(seconds: float) -> str:
    """`1:02:03.4`, or `2:03.4` below an hour."""
    tenths = round(10 * seconds)
    hours = f"{tenths // 36_000}:" if tenths >= 36_000 else ""
    return f"{hours}{tenths // 600 % 60:0{2 if hours else 1}}:{tenths // 10 % 60:02}.{tenths % 10}"


_PRINTERS: dict[str, Any] = {"table": _Table, "jsonl": _JsonLines}
