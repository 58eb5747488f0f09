"""Options that name labelled recordings, as `corpora.load_sources` takes them."""

import argparse
from typing import Any

from voxaffect.apps.cli.options import LIST
from voxaffect.errors import SettingsError


def add_sources(parser: argparse.ArgumentParser, *, style: bool = True) -> None:
    """Where recordings and their labels come from."""
    group = parser.add_argument_group("labelled recordings")
    option = group.add_argument
    text = "your own: a table (.csv, .tsv, .json, .parquet), a folder for each label, a Hugging Face dataset, "
    text += "audformat, or "
    text += "a transcript whose texts are labels"
    option("own", nargs="*", metavar="SOURCE", help=text)
    add_corpora(group)
    if style:
        option("--style", choices=("speech", "song"), help="only utterances of this style")
        option("--strict", action="store_true", help="refuse recordings that cannot be read (default: leave them out)")
    add_reading(group)


def add_reading(group: Any) -> None:
    """How recordings of one's own are read."""
    option = group.add_argument
    text = "of your table: which holds file, label, speaker, sex, sentence, split, start, end, channel, if not by that "
    text += "name: label=mood; "
    text += "speaker= says that there is none"
    option("--columns", **LIST | {"default": None}, metavar="ROLE=NAME,...", help=text)
    option("--root", metavar="FOLDER", help="the folder that your table names files from (default: its own)")
    text = "the speaker in your files' names, in ( ), as '([A-Z]+)_' or '-([0-9]+)'"
    option("--speaker", metavar="REGEX", help=text)
    text = "what your labels stand for, as genervt=angry; or a table of two columns, label and emotion"
    option("--labels", **LIST | {"default": None}, metavar="LABEL=EMOTION,...|TABLE", help=text)


def add_corpora(group: Any) -> None:
    """Which known corpora."""
    text = "known corpora, as ravdess=RAVDESS/; without a folder, NAME below $VOXAFFECT_DATA"
    group.add_argument("--corpus", **LIST, metavar="NAME[=FOLDER],...", help=text)


def of(options: argparse.Namespace) -> list[str]:
    """The sources that are named."""
    from voxaffect import corpora

    for named in options.corpus:
        corpora.describe(named.partition("=")[0])
    return [*options.corpus, *options.own]


def how(options: argparse.Namespace) -> dict[str, Any]:
    """How they are read: the keywords of `load_sources`."""
    columns = None if options.columns is None else pairs("--columns", options.columns, "file=path,speaker=who")
    labels = options.labels
    if labels is not None:
        file = len(labels) == 1 and "=" not in labels[0]
        labels = labels[0] if file else pairs("--labels", labels, "genervt=angry,froh=happy, or name a table")
    given = {"columns": columns, "root": options.root, "speaker": options.speaker, "labels": labels}
    return given | {name: getattr(options, name) for name in ("style", "strict") if name in options}


def pairs(option: str, pairs: list[str], example: str) -> dict[str, str]:
    """What an option of NAME=VALUE,... says: name -> value."""
    parts = [pair.partition("=") for pair in pairs]
    if not parts or not all(equals for _, equals, _ in parts):
        raise SettingsError(f"{option} {','.join(pairs)!r} is not NAME=VALUE,...; write it as {example}")
    return {name.strip(): value.strip() for name, _, value in parts}
