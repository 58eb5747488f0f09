"""Figures, tables and pictures of README and docs, made of the result files: nothing of them is typed.

A page says where one goes: `<!-- figures: NAME -->`, its text, `<!-- end of figures -->`. `make figures` writes them;
`stale` says which are not what the result files say.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from figures import (
    ablation,
    article,
    audit,
    calls,
    experiments,
    headline,
    invariance,
    leaderboard,
    observations,
    reference,
    scores,
    sounds,
    speakers_picture,
    speed,
    strangers,
)
from figures.tables import ROOT

BLOCKS: dict[str, Callable[[], str]] = {
    **ablation.BLOCKS,
    **article.BLOCKS,
    **audit.BLOCKS,
    **calls.BLOCKS,
    **experiments.BLOCKS,
    **headline.BLOCKS,
    **invariance.BLOCKS,
    **leaderboard.BLOCKS,
    **observations.BLOCKS,
    **reference.BLOCKS,
    **scores.BLOCKS,
    **sounds.BLOCKS,
    **speed.BLOCKS,
    **strangers.BLOCKS,
}
"""What fills a page's block, by its name."""

PICTURES: dict[str, Callable[[], str]] = {**calls.PICTURES, **speakers_picture.PICTURES}
"""File in docs/pictures -> what draws it."""

DOCS = ROOT / "docs"

_BLOCK = re.compile(r"(<!-- figures: (\S+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)
_LINK = re.compile(r"(?<=\]\()(?!https?:|#)[^)#]+")
_INTERVAL = re.compile(r"(?<=\d) \[([^\s,\]]+), ([^\s\]]+)\]")


def fill(page: Path) -> str:
    """A page's text with its blocks of figures made anew."""
    return _BLOCK.sub(
        lambda match: match[1] + _fitted(BLOCKS[match[2]](), page.parent) + match[3], page.read_text("utf-8")
    )


def _fitted(block: str, folder: Path) -> str:
    """A block for a page in a folder: links lead from there, and intervals and units stay on their figure's line."""
    block = _LINK.sub(lambda match: Path(os.path.relpath(DOCS / match[0], folder)).as_posix(), block)
    return _INTERVAL.sub("\u00a0[\\1,\u00a0\\2]", block).replace(" %", "\u00a0%")


def stale() -> dict[Path, str]:
    """Files that are not what the result files say -> what they should hold."""
    pages = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    made = {page: fill(page) for page in pages}
    made |= {DOCS / "pictures" / name: draw() for name, draw in PICTURES.items()}
    made |= article.files()
    return {path: text for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text}
