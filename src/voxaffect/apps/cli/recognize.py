"""`voxaffect recognize FILE...`: the emotion of whole recordings."""

import argparse
import csv
import json
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

from voxaffect.apps.cli import listener
from voxaffect.apps.cli.terminal import Counter, percent
from voxaffect.errors import AudioError, SettingsError

if TYPE_CHECKING:
    from voxaffect.apps.cli.explanation import Explanation
    from voxaffect.inference.results import Recognition

_BAR = 40


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("recognize", help="the emotion of recordings", description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE", help="a recording, or - for one on standard input")
    listener.add(parser)
    parser.add_argument(
        "--explain", action="store_true", help="show which times and bands of frequency drove each answer"
    )
    parser.add_argument("--format", choices=tuple(_WRITERS), default="table")
    parser.add_argument("--threads", type=int, default=1, help="of the network (default: 1)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Recognise each file; a bad one is named on stderr and does not stop the rest."""
    from voxaffect.apps.cli.explanation import explain
    from voxaffect.audio import NamedBytes

    if options.explain and options.format == "csv":
        raise SettingsError("--explain does not fit into CSV; choose --format table or jsonl")
    recognizer = listener.load(options, options.threads)
    writer = _WRITERS[options.format](options.files, recognizer.classes)
    counter, failed = Counter(len(options.files), "heard"), 0
    for file in options.files:
        begin = time.perf_counter()
        try:
            source = NamedBytes("standard input", sys.stdin.buffer.read()) if file == "-" else file
            found = recognizer.recognize(source)
            seconds = time.perf_counter() - begin
            why = explain(recognizer, source) if options.explain else None
        except AudioError as error:
            counter.clear()
            print(f"voxaffect: {error}", file=sys.stderr)
            failed += 1
        else:
            counter.clear()
            writer.write(file, found, seconds, why)
        counter()
    if failed and len(options.files) > 1:
        print(f"voxaffect: {failed} of {len(options.files)} files could not be recognised", file=sys.stderr)
    return 1 if failed else 0


class _Writer(Protocol):
    def __init__(self, files: list[str], classes: tuple[str, ...]) -> None: ...
    def write(self, file: str, found: "Recognition", seconds: float, why: "Explanation | None") -> None: ...


class _Table:
    """A line a file; of a single file, every probability too."""

    def __init__(self, files: list[str], classes: tuple[str, ...]) -> None:
        self._width = min(max(len(file) for file in [*files, "file"]), 40)
        self._emotion = max(len(name) for name in [*classes, "uncertain"])
        self._bars = len(files) == 1
        self._head = False

    def write(self, file: str, found: "Recognition", seconds: float, why: "Explanation | None") -> None:
        if not self._head:
            print(
                f"{'file':{self._width}}  {'emotion':{self._emotion}}  {'sure':>5}  {'length':>7}  {'took':>7}  or else"
            )
            self._head = True
        ranked = sorted(found.probabilities.items(), key=lambda item: -item[1])
        rest = [each for each in ranked if each[0] != found.emotion]
        others = ", ".join(f"{name} {percent(share)}" for name, share in rest[:2])
        shown = file if len(file) <= self._width else f"…{file[1 - self._width :]}"
        print(
            f"{shown:{self._width}}  {found.emotion:{self._emotion}}  {percent(found.confidence):>5}  "
            f"{found.duration:5.1f} s  {1000 * seconds:4.0f} ms  {others}",
            flush=True,
        )
        if self._bars:
            print()
            for name, share in ranked:
                print(f"  {name:{self._emotion}}  {percent(share):>5}  {'█' * round(_BAR * share)}".rstrip())
        if why is not None:
            print()
            print(why.as_text())


class _JsonLines:
    """One JSON object a line."""

    def __init__(self, files: list[str], classes: tuple[str, ...]) -> None:
        pass

    def write(self, file: str, found: "Recognition", seconds: float, why: "Explanation | None") -> None:
        explained = {} if why is None else {"explanation": why.to_dict()}
        print(json.dumps({"file": file} | _plain(found) | explained, ensure_ascii=False), flush=True)


class _Csv:
    """A header and a row a file."""

    def __init__(self, files: list[str], classes: tuple[str, ...]) -> None:
        self._table = csv.writer(sys.stdout, lineterminator="\n")
        self._table.writerow(["file", "emotion", "confidence", "duration", *classes])

    def write(self, file: str, found: "Recognition", seconds: float, why: "Explanation | None") -> None:
        row = _plain(found)
        self._table.writerow([file, row["emotion"], row["confidence"], row["duration"], *row["probabilities"].values()])
        sys.stdout.flush()


def _plain(found: "Recognition") -> dict[str, Any]:
    return {
        "emotion": found.emotion,
        "confidence": round(found.confidence, 4),
        "duration": round(found.duration, 3),
        "probabilities": {name: round(share, 4) for name, share in found.probabilities.items()},
    }


_WRITERS: dict[str, type[_Writer]] = {"table": _Table, "jsonl": _JsonLines, "csv": _Csv}
