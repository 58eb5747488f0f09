"""`voxaffect recognize FILE...`: the emotion of whole recordings."""

import argparse
import time
from typing import TYPE_CHECKING

from voxaffect.apps.cli import listener
from voxaffect.apps.cli.terminal import Counter, complain, percent, row_writer
from voxaffect.errors import AudioError, SettingsError
from voxaffect.text import printable

if TYPE_CHECKING:
    from voxaffect.inference.explain import Explanation
    from voxaffect.inference.results import Recognition

_BAR = 40


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("recognize", description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE", help="a recording, or - for one on standard input")
    listener.add(parser)
    parser.add_argument(
        "--explain", action="store_true", help="show the times and frequencies that each answer is due to"
    )
    parser.add_argument("--format", choices=("table", "csv", "jsonl"), default="table")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Recognise each file; a bad one is named on stderr and in the rows, and does not stop the rest."""
    from voxaffect.inference.schema import json_row

    if options.explain and options.format == "csv":
        raise SettingsError("--explain does not fit into CSV; choose --format table or jsonl")
    recognizer = listener.load(options)
    table = _Table(options.files, recognizer.classes) if options.format == "table" else None
    rows = None if table else row_writer(options.format, recognizer.classes)
    counter, failed = Counter(len(options.files), "recognised"), 0
    for file in options.files:
        begin = time.perf_counter()
        try:
            source = listener.source(file)
            found = recognizer.recognize(source)
            seconds = time.perf_counter() - begin
            why = recognizer.explain(source) if options.explain else None
        except AudioError as error:
            counter.clear()
            complain(str(error))
            if rows:
                rows.write(json_row(file=file, error=str(error)))
            failed += 1
        else:
            counter.clear()
            if table:
                table.write(file, found, seconds, why)
            if rows:
                rows.write(found.to_dict() | ({"explanation": why.to_dict()} if why else {}))
        counter()
    if failed and len(options.files) > 1:
        complain(f"{failed} of {len(options.files)} files could not be recognised")
    return 1 if failed else 0


class _Table:
    """A line a file; of a single file, every probability too."""

    def __init__(self, files: list[str], classes: tuple[str, ...]) -> None:
        self._width = min(max(len(printable(file)) for file in [*files, "file"]), 40)
        self._emotion = max(len(printable(name)) for name in [*classes, "uncertain"])
        self._bars = len(files) == 1
        self._head = False

    def write(self, file: str, found: "Recognition", seconds: float, why: "Explanation | None") -> None:
        if not self._head:
            print(
                f"{'file':{self._width}}  {'emotion':{self._emotion}}  {'sure':>5}  {'length':>7}  {'took':>7}  or else"
            )
            self._head = True
        ranked = [(printable(name), each) for name, each in found.probabilities.items()]
        ranked.sort(key=lambda item: -item[1])
        emotion, shown = printable(found.emotion), printable(file)
        rest = [each for each in ranked if each[0] != emotion]
        others = ", ".join(f"{name} {percent(probability)}" for name, probability in rest[:2])
        shown = shown if len(shown) <= self._width else f"…{shown[1 - self._width :]}"
        print(
            f"{shown:{self._width}}  {emotion:{self._emotion}}  {percent(found.confidence):>5}  "
            f"{found.duration:5.1f} s  {1000 * seconds:4.0f} ms  {others}",
            flush=True,
        )
        if self._bars:
            print()
            for name, probability in ranked:
                bar = "█" * round(_BAR * probability)
                print(f"  {name:{self._emotion}}  {percent(probability):>5}  {bar}".rstrip())
        if why is not None:
            print()
            print(why.as_text())
