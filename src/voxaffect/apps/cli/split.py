"""`voxaffect split`: divide recordings into train, dev and test sides that share no speaker, as JSON.

By default: the first of five folds by speaker, as voxaffect train takes it.
"""

import argparse
from pathlib import Path

from voxaffect.apps.cli import sources
from voxaffect.apps.cli.options import LIST, chosen
from voxaffect.apps.cli.terminal import show
from voxaffect.errors import SettingsError
from voxaffect.text import printable


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    sources.add_sources(parser)
    text = "test speakers, as ravdess/01,ravdess/02; see --dev"
    option("--test", **LIST | {"default": None}, metavar="SPEAKER,...", help=text)
    option("--dev", **LIST, metavar="SPEAKER,...", help="with --test: development speakers")
    option("--folds", type=int, metavar="K", help="K folds, each speaker tested once; OUT is a folder")
    option("--protocol", metavar="NAME|TOML", help="the folds of a published set-up or your own; OUT is a folder")
    option("--given", action="store_true", help="the split that a table's column or a dataset's folders give")
    option("--seed", type=int, default=0, help="of the order in which speakers are dealt (default: 0)")
    text = "the JSON file, or the folder of fold1.json ... (default: as my-split.json or my-folds of my.csv)"
    option("--out", type=Path, metavar="PATH", help=text)


def run(options: argparse.Namespace) -> int:
    """Write the split or splits and print their sizes."""
    from voxaffect.corpora import source_name
    from voxaffect.evaluation.split import split

    named = sources.of(options)
    made = split(named, **chosen(options, "test dev folds protocol given seed"), **sources.how(options))
    if options.folds is None and options.protocol is None:
        paths = [options.out or Path(f"{source_name(named)}-split.json")]
    else:
        folder = options.out or Path(f"{source_name(named)}-folds")
        paths = [folder / f"fold{number}.json" for number in range(1, len(made) + 1)]
        strange = sorted(set(folder.glob("fold*.json")) - set(paths))
        if strange:
            raise SettingsError(f"{strange[0]}: is a fold of another split; name another folder, or remove it")
    for path, sides in zip(paths, made, strict=True):
        sides.write(path)
        show(f"{printable(str(path))}: {sides.sizes}")
    return 0
