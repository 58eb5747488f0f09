"""The article's table and ours: docs/article.md, and the tables in the folder of its results."""

from collections.abc import Callable
from pathlib import Path

from figures.tables import RESULTS
from voxaffect.reproduction import report as reproduction


def article() -> str:
    """The article's table and ours."""
    return reproduction.as_markdown(reproduction.read(RESULTS / "article"))


def files() -> dict[Path, str]:
    """The same, as files in the folder of results."""
    found = reproduction.files(reproduction.read(RESULTS / "article"))
    return {RESULTS / "article" / name: text for name, text in found.items()}


BLOCKS: dict[str, Callable[[], str]] = {"article": article}
