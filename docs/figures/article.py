"""The article's table beside ours: docs/article.md, and the tables that lie beside its results."""

from collections.abc import Callable
from pathlib import Path

from figures.tables import RESULTS
from voxaffect.reproduction import report as reproduction


def article() -> str:
    """The article's table with ours beside it."""
    return reproduction.as_markdown(reproduction.read(RESULTS / "article"))


def files() -> dict[Path, str]:
    """The same as files beside the results."""
    found = reproduction.files(reproduction.read(RESULTS / "article"))
    return {RESULTS / "article" / name: text for name, text in found.items()}


BLOCKS: dict[str, Callable[[], str]] = {"article": article}
