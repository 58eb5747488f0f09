"""`voxaffect recognize FILE...`: the emotion of whole recordings, or of the segments that a transcript names."""

import argparse
import time
from typing import TYPE_CHECKING

from voxaffect.apps.cli import recognizer, segments
from voxaffect.apps.cli.options import add_format
from voxaffect.apps.cli.terminal import Counter, bar, complain, or_else, percent, row_writer, show
from voxaffect.errors import AudioError, SettingsError
from voxaffect.text import printable

if TYPE_CHECKING:
    from voxaffect.inference.results import Recognition

_WIDEST = 40


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="a recording, or - for one on standard input")
    recognizer.add(parser)
    recognizer.add_channel(parser)
    recognizer.add_raw(parser)
    parser.add_argument("--explain", action="store_true", help="show the times and frequencies that answers depend on")
    add_format(parser)
    segments.add(parser)


def run(options: argparse.Namespace) -> int:
    """Recognise each file; a bad one is named on stderr and in the rows, and does not stop the rest."""
    from voxaffect.inference.schema import json_row

    if options.segments:
        return segments.run(options)
    if not options.files:
        raise SettingsError("no recording is named; name files, or - for one on standard input")
    if options.columns or options.out:
        raise SettingsError("--columns and --out are of --segments; `voxaffect batch` writes tables")
    if options.explain and options.format == "csv":
        raise SettingsError("--explain does not fit into CSV; choose --format table or jsonl")
    raw = recognizer.raw(options)
    model = recognizer.load(options)
    table = _Table(options.files, model.classes) if options.format == "table" else None
    write = None if table else row_writer(options.format, model.classes)
    counter, failed = Counter(len(options.files), "recognised"), 0
    for file in options.files:
        begin = time.perf_counter()
        try:
            source = recognizer.recording(file, headerless=raw is not None)
            answer = model.recognize(source, raw=raw, channel=options.channel)
            seconds = time.perf_counter() - begin
            why = model.explain(source, raw=raw, channel=options.channel) if options.explain else None
        except AudioError as error:
            counter.clear()
            complain(str(error))
            if write:
                write(json_row(file=file, error=str(error)))
            failed += 1
        else:
            counter.clear()
            if table:
                table.write(file, answer, seconds, why.as_text() if why else "")
            if write:
                write(answer.to_dict() | ({"explanation": why.to_dict()} if why else {}))
        counter()
    if failed and len(options.files) > 1:
        complain(f"{failed} of {len(options.files)} files could not be recognised")
    return 1 if failed else 0


class _Table:
    """A line a file; of a single file, every probability too."""

    def __init__(self, files: list[str], classes: tuple[str, ...]) -> None:
        self._file = min(max(len(printable(file)) for file in [*files, "file"]), _WIDEST)
        self._emotion = max(len(printable(name)) for name in [*classes, "uncertain"])
        self._bars = len(files) == 1
        self._head = f"{'file':{self._file}}  {'emotion':{self._emotion}}   sure   length     took  or else\n"

    def write(self, file: str, answer: "Recognition", seconds: float, why: str) -> None:
        shown = printable(file)
        shown = shown if len(shown) <= self._file else f"…{shown[1 - self._file :]}"
        text = f"{self._head}{shown:{self._file}}  {printable(answer.emotion):{self._emotion}}  "
        text += f"{percent(answer.confidence):>5}  {answer.duration:5.1f} s  {1000 * seconds:4.0f} ms  "
        lines, self._head = [text + or_else(answer, 2)], ""
        if self._bars:
            ranked = sorted(answer.probabilities.items(), key=lambda item: -item[1])
            lines += ["", *(f"  {bar(name, value, self._emotion, 40)}".rstrip() for name, value in ranked)]
        show("\n".join([*lines, *(["", why] if why else [])]))
