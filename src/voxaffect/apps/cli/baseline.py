"""`voxaffect baseline FILE...`: the baseline of a line or a voice, for `recognize --baseline`.

The recordings are of a line, by whatever voices, or of one voice: `--voice`, or `--line` where its line is known.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from voxaffect.apps.cli.recognizer import add_bundle, add_channel, awaited
from voxaffect.apps.cli.terminal import Counter, complain, many, show
from voxaffect.errors import AudioError
from voxaffect.text import printable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from voxaffect.inference.recognizer import Recognizer


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    option("files", nargs="+", metavar="FILE", help="20 or more recordings of one line or voice, of any emotion")
    file = parser.add_mutually_exclusive_group(required=True).add_argument
    file("--out", type=Path, metavar="JSON", help="output file; it contains no audio")
    file("--update", type=Path, metavar="JSON", help="add the recordings, all of them new, to this baseline")
    option("--voice", action="store_true", help="they are of one voice, whose line is not known")
    option("--line", metavar="JSON", help="they are of one voice, and this is the baseline of its line")
    add_channel(parser)
    add_bundle(parser)


def run(options: argparse.Namespace) -> int:
    """Recognise each file; a bad one is named on stderr and does not stop the rest."""
    from voxaffect.inference.baseline import ENOUGH, Baseline, baseline_head, given_baseline
    from voxaffect.inference.recognizer import load

    recognizer, used = load(options.bundle, threads=options.threads), 0

    def embeddings() -> "Iterator[npt.NDArray[np.float32]]":
        nonlocal used
        for embedding in _embeddings(recognizer, options):
            used += 1
            yield embedding

    update = given_baseline(options.update)
    known = {"line": given_baseline(options.line), "update": update}
    baseline = Baseline.of(recognizer.bundle, embeddings(), voice=options.voice, **known)
    out = options.out or options.update
    baseline.write(out)
    added = f"{many(used, 'recording')} added, " if update else ""
    about = f"; {ENOUGH} or more are better" if baseline.recordings < ENOUGH else ""
    # Where the line is not known, recordings count in full.
    if baseline.line and baseline.voice and (share := baseline_head(recognizer.bundle).variety(baseline.voice)) < 0.5:
        weight = round(share * baseline.recordings)
        about = f"; they sound alike and count as {weight}, add others of other moods"
    show(f"{printable(str(out))}: {added}baseline of {many(baseline.recordings, 'recording')}{about}")
    return 0 if used == len(options.files) else 1


def _embeddings(recognizer: "Recognizer", options: argparse.Namespace) -> "Iterator[npt.NDArray[np.float32]]":
    counter = Counter(len(options.files), "recognised")
    for file in options.files:
        try:
            yield recognizer.recognize(awaited(file), channel=options.channel).embedding
        except AudioError as error:
            counter.clear()
            complain(str(error))
        counter()
