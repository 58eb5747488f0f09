"""Options that name labelled recordings, as `corpora.load_sources` takes them."""

import argparse
from typing import Any

from voxaffect.apps.cli.options import listed
from voxaffect.errors import SettingsError


def add_sources(parser: argparse.ArgumentParser, *, style: bool = True) -> None:
    """Where recordings and their labels come from."""
    group = parser.add_argument_group("labelled recordings")
    group.add_argument(
        "own",
        nargs="*",
        metavar="SOURCE",
        help="your own: a table (.csv, .tsv, .jsonl, .parquet), a folder for each label, an AudioFolder, audformat",
    )
    add_corpora(group)
    if style:
        group.add_argument("--style", choices=("speech", "song"), help="only utterances of this style")
    group.add_argument(
        "--columns",
        action="extend",
        type=listed(),
        metavar="ROLE=NAME,...",
        help="of your table: which holds file, label, speaker, sex, sentence, if not by that name: label=mood; "
        "speaker= says that there is none",
    )
    group.add_argument(
        "--root", metavar="FOLDER", help="of your table: where its files are named from (default: its own)"
    )
    group.add_argument(
        "--speaker", metavar="REGEX", help="the speaker in your files' names, in ( ), as '([A-Z]+)_' or '-([0-9]+)'"
    )


def add_corpora(group: Any) -> None:
    """Which known corpora."""
    group.add_argument(
        "--corpus",
        action="extend",
        type=listed(),
        default=[],
        metavar="NAME[=FOLDER],...",
        help="known corpora, as ravdess=RAVDESS/; without a folder, NAME below $VOXAFFECT_DATA",
    )


def of(options: argparse.Namespace) -> list[str]:
    """The sources that are named."""
    from voxaffect import corpora

    for named in options.corpus:
        corpora.describe(named.partition("=")[0])
    return [*options.corpus, *options.own]


def how(options: argparse.Namespace) -> dict[str, Any]:
    """How they are read: the keywords of `load_sources`."""
    columns = None if options.columns is None else read_columns(options.columns)
    given = {"columns": columns, "root": options.root, "speaker": options.speaker}
    return given | ({"style": options.style} if "style" in options else {})


def read_columns(pairs: list[str]) -> dict[str, str]:
    """What `--columns` says: role -> column."""
    parts = [pair.partition("=") for pair in pairs]
    if not parts or not all(equals for _, equals, _ in parts):
        raise SettingsError(f"--columns {','.join(pairs)!r} is not ROLE=NAME,...; write it as file=path,speaker=who")
    return {role.strip(): name.strip() for role, _, name in parts}
