"""`voxaffect batch FOLDER|PATTERN|LIST --out TABLE`: many recordings into one table, on all cores."""

import argparse
import sys
from pathlib import Path

from voxaffect.apps.cli import listener
from voxaffect.apps.cli.terminal import Counter, complain, cores
from voxaffect.errors import SettingsError
from voxaffect.text import printable

_SHOWN = 20  # bad files that are named on the terminal


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("batch", description=__doc__)
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="FOLDER|PATTERN|LIST",
        help="a folder, 'calls/**/*.wav', a text file with a name a line, a table with a column of files, or files",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="TABLE", help="a .parquet, .csv or .jsonl file")
    parser.add_argument("--timeline", action="store_true", help="a row for every segment of speech, not for every file")
    parser.add_argument("--mix", action="store_true", help="with --timeline: mix all channels into one")
    parser.add_argument("--workers", type=int, default=cores(), help="processes (default: one a core)")
    parser.add_argument("--resume", action="store_true", help="go on from where the same command was interrupted")
    listener.add(parser, threads=False)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Recognise them all; bad ones are named at the end and in the table, and do not stop the rest."""
    from voxaffect.files import rows
    from voxaffect.inference import batch
    from voxaffect.output import tables

    rows.refuse(options.out)
    if options.out.exists() and any(Path(each).exists() and options.out.samefile(each) for each in options.sources):
        raise SettingsError(f"{options.out}: is one of the sources; name another table")
    if options.workers < 1:
        raise SettingsError(f"--workers {options.workers}: choose at least 1")
    if options.mix and not options.timeline:
        raise SettingsError("--mix is of --timeline; a whole file's channels are mixed anyway")
    names = batch.files(options.sources)
    recognizer = listener.load(options)
    job = batch.Job(recognizer, options.timeline, options.mix)
    journal = batch.Journal(options.out.with_name(f"{options.out.name}.partial"), job)
    if journal.path.exists() and not options.resume:
        raise SettingsError(f"{journal.path}: holds files that are done; add --resume to go on, or delete it")
    counter = Counter(len(set(names) - set(journal.read())), "recognised")
    try:
        results = batch.run(names, job, workers=options.workers, journal=journal, progress=lambda _: counter())
    except KeyboardInterrupt:
        counter.clear()
        raise KeyboardInterrupt(f"what is done is in {journal.path}; --resume goes on") from None
    table = [row for result in results for row in result.to_dicts()]
    tables.write(options.out, recognizer.classes, table)
    journal.remove()
    bad = [result.error for result in results if result.error is not None]
    for error in bad[:_SHOWN]:
        complain(str(error))
    if len(bad) > _SHOWN:
        complain(f"and {len(bad) - _SHOWN} more; the column error names them")
    counts = f"{len(table)} row{'s' * (len(table) != 1)} of {len(results)} file{'s' * (len(results) != 1)}"
    print(f"{printable(str(options.out))}: {counts}, {len(bad)} of them bad", file=sys.stderr)
    return 1 if bad else 0
