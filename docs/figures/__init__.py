"""Figures, tables and pictures of README and docs, made of the result files: nothing of them is typed.

A page says where one goes: `<!-- figures: NAME -->`, its text, `<!-- end of figures -->`. `make figures` writes them;
`stale` says which are not what the result files say.
"""

import re
from collections.abc import Callable
from pathlib import Path

from figures import (
    ablation,
    article,
    audit,
    calls,
    experiments,
    leaderboard,
    observations,
    reference,
    scores,
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
    **leaderboard.BLOCKS,
    **observations.BLOCKS,
    **reference.BLOCKS,
    **scores.BLOCKS,
    **speed.BLOCKS,
    **strangers.BLOCKS,
}
"""What fills a page's block, by its name."""

PICTURES: dict[str, Callable[[], str]] = {**calls.PICTURES, **speakers_picture.PICTURES}
"""File in docs/pictures -> what draws it."""

_BLOCK = re.compile(r"(<!-- figures: (\S+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)


def fill(page: str) -> str:
    """A page's text with its blocks of figures made anew."""
    return _BLOCK.sub(lambda match: match[1] + BLOCKS[match[2]]() + match[3], page)


def stale() -> dict[Path, str]:
    """Files that are not what the result files say -> what they should hold."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    made = {page: fill(page.read_text("utf-8")) for page in pages}
    made |= {ROOT / "docs" / "pictures" / name: draw() for name, draw in PICTURES.items()}
    made |= article.files()
    return {path: text for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text}
