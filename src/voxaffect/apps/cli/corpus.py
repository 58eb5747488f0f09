"""`voxaffect corpus NAME FOLDER`: what a folder holds of a corpus, and what is missing, doubled or unreadable."""

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voxaffect.corpora import Corpus, Utterance

_NAMED = 5
"""Examples listed of each kind of trouble."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("corpus", help="what a folder holds of a corpus", description=__doc__)
    parser.add_argument("name", metavar="NAME", help="ravdess")
    parser.add_argument("folder", metavar="FOLDER", help="what the owner's archive unpacks to")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the table; exit 1 where a recording could not be read."""
    from voxaffect import corpora

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
    for group, ids in corpus.missing.items():
        whole = len(expected[group])
        named = [identity.split("/", 1)[1] for identity in ids]
        paragraphs.append(
            f"missing: all {whole} clips of {group}"
            if len(ids) == whole
            else _listed(f"missing: {len(ids)} of {whole} clips of {group}", named)
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
