"""`voxaffect batch FOLDER|PATTERN|LIST --out TABLE`: many recordings into one table, on all cores."""

import argparse
import warnings
from pathlib import Path

from voxaffect.apps.cli import recognizer
from voxaffect.apps.cli.terminal import Counter, complain, cores, many, note
from voxaffect.errors import SettingsError, VoxaffectWarning

_SHOWN = 20  # files with errors, and with warnings, that are named on the terminal


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    text = "a folder, 'calls/**/*.wav', a text file with a name a line, a table with a column of files, or files"
    option("sources", nargs="+", metavar="FOLDER|PATTERN|LIST", help=text)
    option("--out", type=Path, required=True, metavar="TABLE", help="a .parquet, .csv or .jsonl file")
    option("--timeline", action="store_true", help="a row for every segment of speech, not for every file")
    text = "with --timeline: a row for every file, with talk time, shares of emotions and turning points by channel"
    option("--summary", type=Path, metavar="TABLE", help=text)
    option("--mix", action="store_true", help="with --timeline: mix all channels into one")
    recognizer.add_channel(parser)
    option("--workers", type=int, default=cores(), help="processes (default: one a core)")
    text = "keep what the same command has done, interrupted or not, and recognise only what is new or has changed"
    option("--resume", action="store_true", help=text)
    recognizer.add(parser, threads=False)
    recognizer.add_own_baseline(parser)


def run(options: argparse.Namespace) -> int:
    """Recognise them all; bad ones are named at the end and in the table, and do not stop the rest."""
    from voxaffect.inference import batch
    from voxaffect.output import summaries, tables

    _refuse(options)
    names = batch.files(options.sources)
    model = recognizer.load(options)
    job = batch.Job(model, options.timeline, options.mix, options.channel)
    journal = batch.Journal(options.out.with_name(f"{options.out.name}.partial"), job)
    finished = batch.Journal(options.out.with_name(f"{options.out.name}.done"), job)
    if journal.path.exists() and not options.resume:
        raise SettingsError(f"{journal.path}: holds files that are done; add --resume to go on, or delete it")
    if options.resume and not journal.path.exists() and finished.read():
        finished.path.replace(journal.path)
    new = set(names) - set(journal.read())
    counter = Counter(len(new), "recognised")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VoxaffectWarning)  # they come at the end, with the errors
            results = batch.run(names, job, workers=options.workers, journal=journal, progress=lambda _: counter())
    except KeyboardInterrupt:
        counter.clear()
        raise KeyboardInterrupt(f"what is done is in {journal.path}; --resume goes on") from None
    table = [row for result in results for row in result.to_dicts()]
    tables.write(options.out, model.classes, table)
    if options.summary:
        summaries.write(options.summary, model.classes, model.summarize(results))
    journal.path.replace(finished.path)
    bad = [result.error for result in results if result.error is not None]
    _complain(bad, "error")
    _complain([f"{one.file}: {one.warning}" for one in results if one.warning and one.file in new], "warning")
    counts = f"{many(len(table), 'row')} of {many(len(results), 'file')}, {len(bad)} of them bad"
    counts += f"; {len(new)} recognised, the others as before" if len(new) < len(results) else ""
    note(f"{options.out}: {counts}")
    return 1 if bad else 0


def _refuse(options: argparse.Namespace) -> None:
    """Refuse options that do not go together, and tables that would take the place of something else."""
    from voxaffect.files import rows

    if options.summary and not options.timeline:
        raise SettingsError("--summary is of --timeline; add it")
    if options.own_baseline and not options.timeline:
        raise SettingsError("--own-baseline is of --timeline; add it")
    outs = [options.out, *([options.summary] if options.summary else [])]
    if len({path.absolute() for path in outs}) < len(outs):
        raise SettingsError(f"{options.summary}: is the table of --out; name another")
    there = [source for source in options.sources if Path(source).exists()]
    for path in outs:
        rows.refuse(path)
        if path.exists() and any(map(path.samefile, there)):
            raise SettingsError(f"{path}: is one of the sources; name another table")


def _complain(lines: list[str], column: str) -> None:
    for line in lines[:_SHOWN]:
        complain(line)
    if len(lines) > _SHOWN:
        complain(f"and {len(lines) - _SHOWN} more; the column {column} names them")
