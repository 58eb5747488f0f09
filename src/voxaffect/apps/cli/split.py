"""`voxaffect split`: divide a corpus into train, dev and test sides that share no speaker, as JSON."""

import argparse
from pathlib import Path

from voxaffect.apps.cli.sources import add_sources, load_sources, named
from voxaffect.errors import SettingsError


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("split", help="divide a corpus by speakers", description=__doc__)
    add_sources(parser)
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--test", metavar="SPEAKERS", help="test speakers, as ravdess/01,ravdess/02; see --dev")
    how.add_argument("--folds", type=int, metavar="K", help="K folds, each speaker tested once; OUT is a folder")
    how.add_argument("--protocol", metavar="NAME", help="the folds of a published set-up; OUT is a folder")
    parser.add_argument("--dev", metavar="SPEAKERS", default="", help="with --test: development speakers")
    parser.add_argument("--seed", type=int, default=0, help="of the order in which --folds deals speakers")
    parser.add_argument("--out", type=Path, required=True, help="the JSON file, or the folder of fold1.json ...")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the split or splits and print their sizes."""
    from voxaffect import splits

    if options.test is not None and not _speakers(options.test):
        raise SettingsError("--test names no speaker; write it as ravdess/01,ravdess/02")
    if options.dev and not options.test:
        raise SettingsError("--dev goes with --test; --folds and --protocol name their own development speakers")
    found, utterances = load_sources(options)
    if not all(each.speakers_told for each in found):
        raise SettingsError("a split keeps speakers apart, and these are not known; nothing is written")
    name = named(options)
    if options.test:
        made = {options.out: splits.by_speaker(name, utterances, _speakers(options.dev), _speakers(options.test))}
    elif options.folds is not None:
        made = _numbered(
            options.out, splits.k_folds(f"{name}-{options.folds}fold", utterances, options.folds, options.seed)
        )
    else:
        from voxaffect.evaluation.protocols import protocol

        made = _numbered(options.out, protocol(options.protocol).splits(utterances))
    if not options.test:
        strange = sorted(set(options.out.glob("fold*.json")) - set(made))
        if strange:
            raise SettingsError(f"{strange[0]}: is a fold of another split; name another folder, or remove it")
    for path, split in made.items():
        split.write(path)
        sizes = ", ".join(
            f"{side} {len(split.ids(side))} of {len(getattr(split, side))} speakers" for side in splits.SIDES
        )
        print(f"{path}: {sizes}")
    return 0


def _speakers(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _numbered(folder: Path, made: list) -> dict:  # type: ignore[type-arg]
    return {folder / f"fold{number}.json": split for number, split in enumerate(made, 1)}
