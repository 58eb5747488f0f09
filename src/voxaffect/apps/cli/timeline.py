"""`voxaffect timeline RECORDING`: who speaks in which emotion, from when to when, in a recording of any length."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from voxaffect.apps.cli import recognizer
from voxaffect.apps.cli.options import LIST
from voxaffect.apps.cli.terminal import Gauge, complain, many, note, show_exactly
from voxaffect.errors import AudioError, SettingsError

if TYPE_CHECKING:
    from voxaffect.inference.recognizer import Recognizer
    from voxaffect.inference.timeline import TimelineRun

LIVE = ("table", "csv", "jsonl")
"""Formats that are printed segment by segment."""

FORMATS = (*LIVE, "audformat", "textgrid", "vtt", "srt")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    text = "an audio file, of which each channel is a speaker; or - for one on standard input"
    option("files", nargs="*", metavar="RECORDING", help=text)
    recognizer.add(parser)
    recognizer.add_own_baseline(parser)
    recognizer.add_raw(parser)
    option("--mix", action="store_true", help="mix all channels into one, as of a podcast in stereo")
    option("--format", choices=FORMATS, help="what to print (default: table, and nothing with --out)")
    text = "what to write, by ending: .html .csv .jsonl .parquet .TextGrid .vtt .srt .audformat.csv"
    option("--out", **LIST | {"type": _paths}, metavar="FILE,...", help=text)
    option("--resume", action="store_true", help="go on from where the same command was interrupted")


def run(options: argparse.Namespace) -> int:
    """Process it all; what is known by then is written even where it breaks off."""
    file = _refuse(options)
    model = recognizer.load(options)
    partial = options.out[0].with_name(f"{options.out[0].name}.partial") if options.out else None
    if partial and partial.exists() and not options.resume:
        raise SettingsError(f"{partial}: holds what is done already; add --resume to go on, or delete it")
    raw = recognizer.raw(options)
    source = recognizer.recording(file, headerless=raw is not None)
    timeline = model.timeline_run(source, mix=options.mix, raw=raw, resume=partial)
    printed = options.format or ("" if options.out else "table")
    live = printed in LIVE
    show = recognizer.segment_printer(printed, model.classes, timeline.channels) if live else lambda _: None
    gauge, code = Gauge(timeline.duration, "done"), 0
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
        _write(options, model, timeline, printed)
        of = "" if timeline.duration is None else f" of {timeline.duration:.0f}"
        done = f"{timeline.record.duration:.0f} s{of} are done"
        raise KeyboardInterrupt(f"{done} and written; --resume goes on" if options.out else done) from None
    gauge.clear()
    _write(options, model, timeline, printed)
    segments = timeline.record.segments
    if not (segments or code):
        complain(f"{file}: nobody speaks in it")
    size = many(len(segments), "segment")
    for path in options.out:
        note(f"{path}: {size} in {timeline.record.duration:.1f} s")
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
        remedy = "for many there is batch --timeline, and several files to write are --out a.html,a.csv"
        raise SettingsError(f"{len(options.files)} recordings are named, and timeline takes one; {remedy}")
    file: str = options.files[0]
    if options.resume and (not options.out or file == "-"):
        raise SettingsError("--resume goes on with files; name a recording, and what to write with --out")
    for path in options.out:
        if path.suffix.lower() != ".html":
            formats.format_of(path)
        if path.is_dir():
            raise SettingsError(f"{path}: is a folder; name a file in it")
        if path.exists() and Path(file).exists() and path.samefile(file):
            raise SettingsError(f"{path}: is the recording itself; name another")
    return file


def _write(options: argparse.Namespace, model: "Recognizer", timeline: "TimelineRun", printed: str) -> None:
    """Write all files, and print the formats that need all segments."""
    from voxaffect.files.atomic import write_text
    from voxaffect.output import formats, timeline_page

    record = timeline.record
    for path in options.out:
        if path.suffix.lower() == ".html":
            about = f"Recognised by {model.bundle.name}, in half seconds smoothed over time."
            if model.threshold:
                about += f" Uncertain is what is less probable than {100 * model.threshold:.0f} %."
            address = _address(Path(options.files[0]), path.parent)
            write_text(path, timeline_page.write(record, address, about, model.sure))
        else:
            formats.write(path, record.timeline)
    if printed in formats.TEXTS and printed not in LIVE:
        show_exactly(formats.TEXTS[printed](record.timeline))


def _address(recording: Path, folder: Path) -> str | None:
    """Of a recording, for a page in a folder; None where it has none, as what came through a pipe."""
    if not recording.is_file():
        return None
    try:
        return quote(Path(os.path.relpath(recording, folder)).as_posix())
    except ValueError:  # on another drive of Windows
        return recording.resolve().as_uri()
