"""Labelled recordings as commands ask for them: known corpora by name, one's own by path."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from voxaffect.errors import SettingsError

if TYPE_CHECKING:
    from voxaffect.corpora import Corpus, Utterance
    from voxaffect.labels import Scheme


def add_sources(parser: argparse.ArgumentParser) -> None:
    """Where recordings and their labels come from."""
    group = parser.add_argument_group("labelled recordings")
    group.add_argument(
        "own",
        nargs="*",
        metavar="SOURCE",
        help="your own: a table (.csv, .tsv, .jsonl, .parquet), a folder for each label, an AudioFolder, audformat",
    )
    group.add_argument(
        "--corpus",
        action="append",
        default=[],
        metavar="NAME[=FOLDER]",
        help="a known corpus and its folder, as ravdess=RAVDESS/; without a folder, NAME below $VOXAFFECT_DATA; may be "
        "given several times",
    )
    group.add_argument("--style", choices=("speech", "song"), help="only utterances of this style")
    group.add_argument(
        "--columns",
        metavar="ROLE=NAME,...",
        help="of your table: which holds file, label, speaker, sex, sentence, if not by that name: label=mood",
    )
    group.add_argument(
        "--root", metavar="FOLDER", help="of your table: where its files are named from (default: its own)"
    )
    group.add_argument("--speaker", metavar="REGEX", help="the speaker in your files' names, in ( ), as '([A-Z]+)_'")


def load_sources(options: argparse.Namespace) -> "tuple[list[Corpus], list[Utterance]]":
    """The corpora that are asked for and their utterances of the style."""
    from voxaffect import corpora

    if not options.own and not options.corpus:
        raise SettingsError("no recordings are named; give a table or a folder, or --corpus NAME=FOLDER")
    told = {"--columns": options.columns, "--root": options.root, "--speaker": options.speaker}
    for option, value in told.items():
        if value is not None and not options.own:
            raise SettingsError(f"{option} is for recordings of your own; a known corpus tells that by itself")
    columns = read_columns(options.columns) if options.columns is not None else None
    found = [find_corpus(named) for named in options.corpus]
    found += [corpora.load_own(source, columns, options.root, options.speaker) for source in options.own]
    names = Counter(each.description.name for each in found)
    double = next((name for name, times in names.items() if times > 1), None)
    if double:
        raise SettingsError(f"two of the sources are called {double}; rename one, since their utterances would mix")
    for corpus in found:
        _complain(corpus)
    utterances = [each for corpus in found for each in corpus.utterances if options.style in (None, each.style)]
    if not utterances:
        raise SettingsError(f"none of the recordings is {options.style}; choose another --style")
    return found, utterances


def find_corpus(named: str) -> "Corpus":
    """The known corpus that `--corpus` names."""
    from voxaffect import corpora

    name, equals, folder = named.partition("=")
    corpora.describe(name)
    if equals and not folder:
        raise SettingsError(f"--corpus {named} names no folder; write {name}=FOLDER")
    if not equals:
        if not os.environ.get("VOXAFFECT_DATA"):
            raise SettingsError(f"--corpus {name} names no folder; write {name}=FOLDER, or set VOXAFFECT_DATA")
        folder = str(Path(os.environ["VOXAFFECT_DATA"]) / name)
    return corpora.load(name, folder)


def read_columns(text: str) -> dict[str, str]:
    """What `--columns` says: role -> column."""
    pairs = [each.partition("=") for each in text.split(",") if each]
    if not pairs or not all(equals for _, equals, _ in pairs):
        raise SettingsError(f"--columns {text!r} is not ROLE=NAME,...; write it as file=path,speaker=who")
    return {role.strip(): name.strip() for role, _, name in pairs}


def named(options: argparse.Namespace) -> str:
    """What the sources are called together: `crema-d+mine`; known before they are read."""
    known = [each.partition("=")[0] for each in options.corpus]
    own = [path.stem if path.is_file() else path.name for path in (Path(each).resolve() for each in options.own)]
    return "+".join(sorted([*known, *own]))


def say_dropped(utterances: "Sequence[Utterance]", scheme: "Scheme", fate: str = "left out") -> None:
    """Say on stderr how many utterances have no place in a scheme, and what becomes of them."""
    dropped = Counter(each.emotion for each in utterances if scheme.index_of(each) is None)
    if dropped:
        counts = ", ".join(f"{count} {emotion}" for emotion, count in sorted(dropped.items()))
        print(
            f"voxaffect: {dropped.total()} of {len(utterances)} utterances have no class in {scheme.name} and are "
            f"{fate}: {counts}",
            file=sys.stderr,
        )


def _complain(corpus: "Corpus") -> None:
    name = corpus.description.name
    for path, reason in corpus.unreadable:
        print(f"voxaffect: {path}: {reason}; left out", file=sys.stderr)
    for kept, _ in corpus.doubled if not corpus.description.expected() else ():
        print(f"voxaffect: {name}: lists {kept} twice; the first label is taken", file=sys.stderr)
    if not corpus.speakers_told:
        print(
            f"voxaffect: NOBODY KNOWS WHO SPEAKS in {name}: voices cannot be kept apart, and no honest figure can be "
            "had. Name the column (--columns speaker=NAME) or find the speaker in the files' names (--speaker REGEX)",
            file=sys.stderr,
        )
