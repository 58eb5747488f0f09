"""Leaks, duplicates and labels that are given away in any split, ours or somebody else's.

`reading` reads a split into a `listing` of rows, `fingerprint` describes each recording by what no copy loses,
`neighbours` finds candidates without comparing all with all, `twins` compares two recordings, and `findings` puts
together what is wrong. `properties` measures what may tell a label without an ear for emotion, and `shortcuts` finds
what does.
"""

import os
from collections.abc import Callable, Iterable, Mapping

from voxaffect.auditing import findings
from voxaffect.auditing.findings import Findings, Pair
from voxaffect.auditing.listing import Listing, Row
from voxaffect.auditing.properties import PROPERTIES, Properties
from voxaffect.auditing.reading import Split, divides_sources, read
from voxaffect.auditing.shortcuts import PropertyScore, Shortcuts
from voxaffect.auditing.twins import Twin
from voxaffect.corpora import Labels, Source, load_sources
from voxaffect.corpora.sources import as_list
from voxaffect.errors import SettingsError

__all__ = [
    "PROPERTIES",
    "Findings",
    "Listing",
    "Pair",
    "Properties",
    "PropertyScore",
    "Row",
    "Shortcuts",
    "Split",
    "Twin",
    "audit",
    "divides_sources",
    "read",
]


def audit(
    split: Split | Listing,
    sources: Source | Iterable[Source] = (),
    *,
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    labels: Labels | None = None,
    workers: int | None = None,
    progress: Callable[[int, str], Callable[[], None]] = lambda total, what: lambda: None,
) -> Findings:
    """Find speakers and recordings that are on two sides of a split, and properties that give labels away.

    Args:
        split: What `voxaffect split` wrote, a table with a column for the side, a list of a table for each side, as
            ["train.csv", "test.csv"] or ["train=a.csv", "test=b.csv"], a folder of train/ and test/, or rows.
        sources: The recordings that `voxaffect split` divided, as `corpora.load_sources` takes them.
        columns: Of the split or the sources, whichever is a table: role -> column, as {"file": "wav"}.
        root: Of that table: the folder that its files are named from.
        speaker: A regular expression with one group that finds the speaker in a recording's name.
        labels: Of the sources: label -> emotion, as {"wütend": "angry"}, or a CSV or TSV of these two columns.
        workers: Processes (default: one a core).
        progress: Called with the number of recordings and what is done to them; gives what is called after each.

    Raises:
        SettingsError: A parameter does not fit, or recordings are not there.
        SplitError, TableError, TranscriptError, CorpusError: The split or the sources cannot be read.

    Examples:
        >>> from pathlib import Path
        >>> rows = [Row(side, Path("examples/synthetic-voice.flac"), side) for side in ("train", "test")]
        >>> audit(Listing("mine", tuple(rows))).leaks
        True
    """
    if isinstance(split, Listing):
        return findings.audit(split, workers, progress)
    named = as_list(sources)
    if not named:
        return findings.audit(read(split, columns=columns, root=root, speaker=speaker), workers, progress)
    if not (isinstance(split, str | os.PathLike) and divides_sources(split)):
        raise SettingsError(f"{split}: is not what `voxaffect split` writes and needs no `sources`; leave them out")
    corpora = load_sources(named, columns=columns, root=root, speaker=speaker, labels=labels).corpora
    return findings.audit(read(split, corpora=corpora), workers, progress)
