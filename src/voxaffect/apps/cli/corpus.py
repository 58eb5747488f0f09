"""`voxaffect corpus [NAME [FOLDER]]`: which corpora are known, where one comes from, what a folder holds of it."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from voxaffect.errors import SettingsError

if TYPE_CHECKING:
    from voxaffect.corpora import Corpus, Description, Utterance

_NAMED = 5
"""Examples listed of each kind of trouble."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("corpus", help="corpora, and what a folder holds of one", description=__doc__)
    parser.add_argument("name", metavar="NAME", nargs="?", help="as ravdess; without one, all are listed")
    parser.add_argument("folder", metavar="FOLDER", nargs="?", help="what the owner's archive unpacks to")
    parser.add_argument(
        "--download",
        action="store_true",
        help="fetch it from its owners (FOLDER: NAME below $VOXAFFECT_DATA)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print a table; exit 1 where a recording could not be read."""
    from voxaffect import corpora

    if options.download:
        return _download(options.name, options.folder)
    if options.name is None:
        print(_list(corpora.CORPORA.values()))
        return 0
    if options.folder is None:
        print(_about(corpora.describe(options.name)))
        return 0
    corpus = corpora.load(options.name, options.folder)
    about = corpus.description
    size = f"{len(corpus.utterances)} clips of {len(corpus.speakers)} speaker{'s' * (len(corpus.speakers) > 1)}"
    print(f"{about.title}: {size}. {about.language}. {about.licence}.")
    print(about.cite)
    for style in sorted({each.style for each in corpus.utterances}, reverse=True):
        print()
        print(_table(style, [each for each in corpus.utterances if each.style == style]))
    for paragraph in _troubles(corpus):
        print()
        print(paragraph)
    return 1 if corpus.unreadable else 0


def _download(name: str | None, folder: str | None) -> int:
    from voxaffect import corpora
    from voxaffect.corpora.download import download

    if name is None:
        raise SettingsError(f"--download of what? name one of {', '.join(corpora.CORPORA)}")
    about = corpora.describe(name)
    place = Path(folder) if folder else Path(os.environ.get("VOXAFFECT_DATA") or ".") / name
    print(f"{about.title}: {about.licence}. Please cite: {about.cite}", file=sys.stderr)
    found = download(about, place, sys.stderr.isatty(), lambda line: print(line, file=sys.stderr))
    for each in found:
        print(f"{each.folder}{'' if each.new else ': was there already'}")
    return 0


def _list(known: "Iterable[Description]") -> str:
    lines = [f"{'':<9}{'clips':>6}{'speakers':>10}{'hours':>7}  {'language':<27}licence"]
    for each in known:
        hours = "" if each.hours is None else f"{each.hours:.1f}"
        lines.append(f"{each.name:<9}{each.clips:>6}{each.speakers:>10}{hours:>7}  {each.language:<27}{each.licence}")
    return "\n".join([*lines, "", "`voxaffect corpus NAME` says where to get one and what to cite."])


def _about(corpus: "Description") -> str:
    sold = "" if corpus.commercial else "; models that are sold may not be trained on it"
    facts = {
        "size": f"{corpus.clips} clips of {corpus.speakers} speakers",
        "language": corpus.language,
        "licence": f"{corpus.licence}{sold}",
        "cite": corpus.cite,
        "get it": f"voxaffect corpus {corpus.name} --download" if corpus.archives else corpus.obtain,
        "see": corpus.url,
    }
    notes = [f"note on the official release: {note}" for note in corpus.notes]
    return "\n".join([corpus.title, *(f"  {name:<10}{text}" for name, text in facts.items()), *notes])


def _table(style: str, utterances: "list[Utterance]") -> str:
    counts = Counter((each.emotion, each.sex) for each in utterances)
    emotions = sorted({each.emotion for each in utterances})
    lines = [f"{style:<12}{'all':>7}{'women':>8}{'men':>7}"]
    for emotion in emotions:
        women, men = counts[emotion, "female"], counts[emotion, "male"]
        whole = sum(count for (name, _), count in counts.items() if name == emotion)
        lines.append(f"  {emotion:<10}{whole:>7}{women:>8}{men:>7}")
    women, men = (sum(counts[emotion, sex] for emotion in emotions) for sex in ("female", "male"))
    lines.append(f"  {'together':<10}{len(utterances):>7}{women:>8}{men:>7}")
    return "\n".join(lines)


def _troubles(corpus: "Corpus") -> list[str]:
    paragraphs = [f"note on the official release: {note}" for note in corpus.description.notes]
    expected = corpus.description.expected()
    for style, lost in corpus.missing.items():
        whole = expected[style].clips
        named = [identity.split("/", 1)[1] for identity in lost.ids]
        paragraphs.append(
            f"missing: all {whole} clips of {style}"
            if lost.clips == whole
            else _listed(f"missing: {lost.clips} of {whole} clips of {style}", named)
        )
    if corpus.doubled:
        pairs = [f"{_below(copy, corpus.folder)} (kept {_below(kept, corpus.folder)})" for kept, copy in corpus.doubled]
        paragraphs.append(_listed(f"doubled: {len(pairs)} clips are here more than once; each is counted once", pairs))
    if corpus.unreadable:
        broken = [f"{_below(path, corpus.folder)}: {reason}" for path, reason in corpus.unreadable]
        paragraphs.append(_listed(f"unreadable: {len(broken)}", broken))
    if corpus.unrecognised:
        strange = [_below(path, corpus.folder) for path in corpus.unrecognised]
        paragraphs.append(_listed(f"not of this corpus by their names: {len(strange)}", strange))
    return paragraphs


def _listed(head: str, items: list[str]) -> str:
    more = [f"  and {len(items) - _NAMED} more"] if len(items) > _NAMED else []
    return "\n".join([head, *(f"  {item}" for item in items[:_NAMED]), *more])


def _below(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder))
