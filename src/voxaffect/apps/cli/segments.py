"""`voxaffect recognize --segments TRANSCRIPT`: an emotion for each line of a transcript."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from voxaffect.apps.cli import recognizer
from voxaffect.apps.cli.sources import pairs
from voxaffect.apps.cli.terminal import Gauge, complain, many, note, percent, row_writer, show
from voxaffect.errors import AudioError, SettingsError
from voxaffect.text import printable

if TYPE_CHECKING:
    from voxaffect.files.transcripts import GivenSegment
    from voxaffect.inference.results import Segment

_LONGEST = 60  # characters of a text that a table shows


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument_group("segments").add_argument
    text = "recognise these segments: .srt, .vtt, .TextGrid, .rttm, .json of Whisper, or a table with start and end"
    option("--segments", metavar="TRANSCRIPT", help=text)
    text = "of that table: which holds start, end, file, channel, speaker, sentence, if not by that name: start=begin"
    option("--columns", action="append", metavar="ROLE=NAME,...", help=text)
    option("--out", type=Path, metavar="TABLE", help="write them to a .csv, .jsonl or .parquet file")


def run(options: argparse.Namespace) -> int:
    """Recognise every segment; one without an emotion has an error in its row, and does not stop the rest."""
    from voxaffect.files import rows
    from voxaffect.inference.given import read_segments
    from voxaffect.output import tables

    if options.explain:
        raise SettingsError("--explain is of whole recordings; leave out --segments")
    if options.out:
        rows.refuse(options.out)
    columns = pairs("--columns", ",".join(options.columns).split(","), "start=begin") if options.columns else None
    given = read_segments(options.segments, columns=columns, channel=options.channel)
    recordings = _recordings(options, given)
    if not given:
        complain(f"{options.segments}: holds no segment")
    raw, model = recognizer.raw(options), recognizer.load(options)
    table: list[Segment] = []
    write = table.append if options.out else _printer(options.format, model.classes, given)
    failed, missing = 0, list[str]()
    for file in recordings:
        last = max((each.end or each.start for each in given), default=0.0)
        gauge = Gauge(last, "recognised")
        try:
            source = recognizer.recording(file, headerless=raw is not None)
            for segment in model.recognize_segments(source, read_segments(given, file), raw=raw):
                gauge.clear()
                write(segment)
                gauge(segment.end)
                missing += [segment.error] if segment.error else []
        except AudioError as error:
            gauge.clear()
            complain(str(error))
            failed += 1
    if options.out:
        tables.write(options.out, model.classes, [segment.to_dict() for segment in table])
        note(f"{options.out}: {many(len(table), 'segment')}")
    if missing:
        complain(f"{many(len(missing), 'segment')} without an emotion, the first: {missing[0]}")
    return 1 if failed else 0


def _recordings(options: argparse.Namespace, given: "Sequence[GivenSegment]") -> list[str]:
    """The recordings that are named, or those that the transcript names."""
    from voxaffect.files import tables

    files: list[str] = options.files
    named = list(dict.fromkeys(each.file for each in given if each.file))
    if not files and named:
        return [str(tables.locate(Path(options.segments).parent, file)) for file in named]
    if not files:
        raise SettingsError(f"{options.segments}: names no recording; name it, as --segments call.vtt call.wav")
    if len(files) > 1 and not named:
        raise SettingsError(f"{options.segments}: is of one recording, and {len(files)} are named; name one at a time")
    return files


def _printer(form: str, classes: tuple[str, ...], given: "Sequence[GivenSegment]") -> "Callable[[Segment], None]":
    """What prints a segment; the header of a table comes at once."""
    if form != "table":
        write = row_writer(form, classes)
        return lambda segment: write(segment.to_dict())
    speakers = max((len(printable(each.speaker)) for each in given), default=0)
    head = f"{'speaker':{max(speakers, 7)}}  " if speakers else ""
    show(f"{'from':>8}  {'to':>8}  {head}{'emotion':9}  {'sure':>5}  text")

    def line(segment: "Segment") -> None:
        who = f"{printable(segment.speaker or ''):{max(speakers, 7)}}  " if speakers else ""
        emotion, sure = ("–", "") if segment.error else (printable(segment.emotion), percent(segment.confidence))
        text = printable(" ".join((segment.text or "").split()))
        shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        span = f"{recognizer.clock(segment.start):>8}  {recognizer.clock(segment.end):>8}"
        show(f"{span}  {who}{emotion:9}  {sure:>5}  {shown}".rstrip())

    return line
