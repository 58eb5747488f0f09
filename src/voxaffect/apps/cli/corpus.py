"""`voxaffect corpus [NAME[=FOLDER]]`: where a corpus comes from, and what a folder holds of it.

Without a name, all are listed; without a folder, NAME below $VOXAFFECT_DATA is looked into, if it is there.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voxaffect.apps.cli.catalog import corpora as known_corpora
from voxaffect.apps.cli.options import add_format
from voxaffect.apps.cli.terminal import complain, listed, many, print_rows, show, table_text
from voxaffect.errors import SettingsError
from voxaffect.text import printable

if TYPE_CHECKING:
    from voxaffect.corpora import Corpus, Description, Utterance

_NAMED = 5
"""Examples listed of each kind of trouble."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    text = "as ravdess=RAVDESS/, what the owner's archive unpacks to"
    parser.add_argument("name", metavar="NAME[=FOLDER]", nargs="?", help=text)
    parser.add_argument("folder", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("--download", action="store_true", help="fetch it from its owners into FOLDER")
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    """Print a table; exit 1 where a recording could not be read."""
    from voxaffect import corpora

    if options.folder is not None:
        raise SettingsError(f"NAME FOLDER is now {options.name}={options.folder}")
    if options.name is None:
        if options.download:
            raise SettingsError(f"--download of what? name one of {', '.join(corpora.CORPORA)}")
        print_rows(known_corpora(), options.format)
        if options.format == "table":
            show("\nvoxaffect corpus NAME says where to get one and what to cite.")
        return 0
    name, _, folder = options.name.partition("=")
    description = corpora.describe(name)
    place = Path(folder) if folder else corpora.default_folder(name)
    if options.download:
        return _download(description, place or Path(name))
    if place is None or not (folder or place.is_dir()):
        _print_about(description, options.format)
        return 0
    corpus = corpora.load(name, place)
    if options.format == "table":
        show(_as_text(corpus))
    else:
        print_rows(_counts(corpus.utterances), options.format)
        for paragraph in _troubles(corpus):
            for line in paragraph.splitlines():
                complain(line)
    return 1 if corpus.unreadable else 0


def _download(description: "Description", folder: Path) -> int:
    from voxaffect.corpora.download import download

    complain(f"{description.title}: {description.licence}. Please cite: {description.cite}")
    for copy in download(description, folder, progress=sys.stderr.isatty(), say=complain):
        show(f"{printable(str(copy.folder))}{'' if copy.new else ': was there already'}")
    return 0


def _as_text(corpus: "Corpus") -> str:
    about, size = corpus.description, f"{len(corpus.utterances)} clips of {many(len(corpus.speakers), 'speaker')}"
    styles = sorted({clip.style for clip in corpus.utterances}, reverse=True)
    tables = [_table(style, [clip for clip in corpus.utterances if clip.style == style]) for style in styles]
    head = f"{about.title}: {size}. {about.language}. {about.licence}.\n{about.cite}"
    return "\n\n".join([head, *tables, *_troubles(corpus)])


def _counts(utterances: "tuple[Utterance, ...]") -> list[dict[str, Any]]:
    counts = Counter((clip.style, clip.emotion, clip.sex or "") for clip in utterances)
    return [
        {"style": style, "emotion": emotion, "sex": sex or None, "clips": count}
        for (style, emotion, sex), count in sorted(counts.items())
    ]


def _print_about(corpus: "Description", form: str) -> None:
    if form == "table":
        show(_about(corpus))
        return
    names = "name title clips speakers hours language licence commercial cite url"
    print_rows([{name: getattr(corpus, name) for name in names.split()}], form)


def _about(corpus: "Description") -> str:
    from voxaffect.corpora import NO_LICENCE

    limit = "" if corpus.commercial else "; commercial models may not be trained on it"
    if corpus.licence == NO_LICENCE:
        limit = "; for tests: a bundle that was trained on it must not be passed on"
    facts = {
        "size": f"{corpus.clips} clips of {corpus.speakers} speakers",
        "language": corpus.language,
        "licence": f"{corpus.licence}{limit}",
        "cite": corpus.cite,
        "get it": f"voxaffect corpus {corpus.name} --download" if corpus.archives else corpus.obtain,
        "see": corpus.url,
    }
    notes = [f"note on the official release: {note}" for note in corpus.notes]
    return "\n".join([corpus.title, *(f"  {name:<10}{text}" for name, text in facts.items()), *notes])


def _table(style: str, utterances: "list[Utterance]") -> str:
    counts = Counter((clip.emotion, clip.sex) for clip in utterances)
    sexes, rows = {"women": "female", "men": "male"}, []
    for name in (*sorted({clip.emotion for clip in utterances}), "together"):
        chosen = {pair: count for pair, count in counts.items() if name in (pair[0], "together")}
        by_sex = {column: sum(chosen[pair] for pair in chosen if pair[1] == sex) for column, sex in sexes.items()}
        rows.append({style: f"  {name}", "all": sum(chosen.values()), **by_sex})
    return table_text(rows)


def _troubles(corpus: "Corpus") -> list[str]:
    from voxaffect.audio import Listing

    paragraphs = [f"note on the official release: {note}" for note in corpus.description.notes]
    expected = corpus.description.expected()
    for style, lost in corpus.missing.items():
        whole = expected[style].clips
        named = [identity.split("/", 1)[1] for identity in lost.ids]
        some = _list(f"missing: {lost.clips} of {whole} clips of {style}", named)
        paragraphs.append(f"missing: all {whole} clips of {style}" if lost.clips == whole else some)
    if twice := corpus.duplicates:
        pairs = [f"{_below(copy, corpus.folder)} (counted {_below(first, corpus.folder)})" for first, copy in twice]
        paragraphs.append(_list(f"duplicates: {len(pairs)} clips are here twice; they are counted once", pairs))
    if corpus.unreadable:
        broken = [f"{_below(path, corpus.folder)}: {reason}" for path, reason in corpus.unreadable]
        paragraphs.append(_list(f"unreadable: {len(broken)}", broken))
    if corpus.unrecognised:
        strange = [_below(path, corpus.folder) for path in corpus.unrecognised]
        paragraphs.append(_list(f"not of this corpus by their names: {len(strange)}", strange))
    if corpus.skipped:
        paragraphs.append(str(Listing((), corpus.skipped)))
    return paragraphs


def _list(head: str, items: list[str]) -> str:
    return listed(head, items, _NAMED)


def _below(path: Path, folder: Path) -> str:
    return printable(str(path.relative_to(folder)))
