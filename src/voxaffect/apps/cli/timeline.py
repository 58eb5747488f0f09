"""`voxaffect timeline RECORDING`: who speaks in which emotion, from when to when, in a recording of any length."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from voxaffect.apps.cli import listener
from voxaffect.apps.cli.terminal import Gauge, complain, percent, row_writer
from voxaffect.errors import AudioError, SettingsError
from voxaffect.text import printable

if TYPE_CHECKING:
    from voxaffect.inference.recognizer import Recognizer
    from voxaffect.inference.results import Segment
    from voxaffect.inference.timeline import TimelineRun

FORMATS = ("table", "csv", "jsonl", "audformat", "textgrid", "vtt", "srt")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("timeline", description=__doc__)
    parser.add_argument(
        "files",
        nargs="*",
        metavar="RECORDING",
        help="an audio file, of which each channel is a speaker; or - for one on standard input",
    )
    listener.add(parser)
    parser.add_argument("--mix", action="store_true", help="mix all channels into one, as of a podcast in stereo")
    parser.add_argument("--format", choices=FORMATS, help="what to print (default: table, and nothing with --out)")
    parser.add_argument(
        "--out",
        type=_paths,
        action="extend",
        default=[],
        metavar="FILE,...",
        help="what to write, by ending: .html .csv .jsonl .parquet .TextGrid .vtt .srt .audformat.csv; may be given "
        "several times",
    )
    parser.add_argument("--resume", action="store_true", help="go on from where the same command was interrupted")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Process it all; what is known by then is written even where it breaks off."""
    from voxaffect.inference.timeline import TimelineRun

    file = _refuse(options)
    recognizer = listener.load(options)
    partial = options.out[0].with_name(f"{options.out[0].name}.partial") if options.out else None
    if partial and partial.exists() and not options.resume:
        raise SettingsError(f"{partial}: holds what is done already; add --resume to go on, or delete it")
    timeline = TimelineRun(recognizer, listener.source(file), mix=options.mix, resume=partial)
    printed = options.format or ("" if options.out else "table")
    show = _printer(printed, timeline, recognizer.classes)
    gauge, code = Gauge(timeline.stream.duration, "done"), 0
    try:
        for segments in timeline:
            gauge.clear()
            for segment in segments:
                show(segment)
            gauge(timeline.record.duration)
    except AudioError as error:
        gauge.clear()
        complain(str(error))
        code = 1
    except KeyboardInterrupt:
        gauge.clear()
        _write(options, recognizer, timeline, printed)
        done = f"{timeline.record.duration:.0f} s of {timeline.stream.duration:.0f} are done"
        raise KeyboardInterrupt(f"{done} and written; --resume goes on" if options.out else done) from None
    gauge.clear()
    _write(options, recognizer, timeline, printed)
    segments = timeline.record.segments
    if not (segments or code):
        complain(f"{file}: nobody speaks in it")
    for path in options.out:
        print(f"{printable(str(path))}: {len(segments)} segments in {timeline.record.duration:.1f} s", file=sys.stderr)
    timeline.finish()
    return code


def _paths(text: str) -> list[Path]:
    """Paths, separated by commas where each part has the ending of a format: a name may hold a comma itself."""
    parts = [Path(part) for part in text.split(",")]
    return parts if all(part.suffix for part in parts) else [Path(text)]


def _refuse(options: argparse.Namespace) -> str:
    """Refuse options that do not go together; the recording."""
    from voxaffect.output import formats

    if len(options.files) != 1:
        raise SettingsError(
            f"{len(options.files)} recordings are named, and timeline takes one; for many there is batch --timeline, "
            "and several files to write are --out a.html,a.csv"
        )
    file: str = options.files[0]
    if options.resume and (not options.out or file == "-"):
        raise SettingsError("--resume goes on with files; name a recording, and what to write with --out")
    for path in options.out:
        if path.suffix.lower() != ".html":
            formats.refuse(path)
        if path.is_dir():
            raise SettingsError(f"{path}: is a folder; name a file in it")
        if path.exists() and Path(file).exists() and path.samefile(file):
            raise SettingsError(f"{path}: is the recording itself; name another")
    return file


def _write(options: argparse.Namespace, recognizer: "Recognizer", timeline: "TimelineRun", printed: str) -> None:
    """Write all files, and print the formats that need all segments."""
    from voxaffect.files.atomic import write_text
    from voxaffect.output import formats, timeline_page

    record = timeline.record
    for path in options.out:
        if path.suffix.lower() == ".html":
            about = f"Recognised by {recognizer.bundle.name}, in half seconds smoothed over time."
            if recognizer.threshold:
                about += f" Uncertain is what is less probable than {100 * recognizer.threshold:.0f} %."
            address = _address(Path(options.files[0]), path.parent)
            write_text(path, timeline_page.write(record, address, about))
        else:
            formats.write(path, record.timeline)
    if printed not in ("", "table", "csv", "jsonl"):
        sys.stdout.write(formats.TEXTS[printed](record.timeline))


def _address(recording: Path, folder: Path) -> str | None:
    """Of a recording, for a page in a folder; None where it has none, as what came through a pipe."""
    if not recording.is_file():
        return None
    try:
        return quote(Path(os.path.relpath(recording, folder)).as_posix())
    except ValueError:  # on another drive of Windows
        return recording.resolve().as_uri()


def _printer(name: str, timeline: "TimelineRun", classes: tuple[str, ...]) -> "Callable[[Segment], None]":
    """What prints a segment as it becomes known."""
    if name == "table":
        return _Table(timeline.stream.channels > 1)
    if name in ("csv", "jsonl"):
        rows = row_writer(name, classes)
        return lambda segment: rows.write(segment.to_dict())
    return lambda segment: None


class _Table:
    """A line a segment."""

    def __init__(self, channels: bool) -> None:
        self._channels = channels
        print(f"{'from':>8}  {'to':>8}  {'channel  ' if channels else ''}{'emotion':9}  {'sure':>5}  or else")

    def __call__(self, segment: "Segment") -> None:
        ranked = sorted(segment.probabilities.items(), key=lambda item: -item[1])
        others = ", ".join(f"{printable(name)} {percent(each)}" for name, each in ranked if name != segment.emotion)
        channel = f"{segment.channel:>7}  " if self._channels else ""
        print(
            f"{_clock(segment.start):>8}  {_clock(segment.end):>8}  {channel}{printable(segment.emotion):9}  "
            f"{percent(segment.confidence):>5}  {others}",
            flush=True,
        )


def _clock(seconds: float) -> str:
    """`1:02:03.4`, or `2:03.4` below an hour."""
    tenths = round(10 * seconds)
    hours = f"{tenths // 36_000}:" if tenths >= 36_000 else ""
    return f"{hours}{tenths // 600 % 60:0{2 if hours else 1}}:{tenths // 10 % 60:02}.{tenths % 10}"
