"""The article's table with ours beside it."""

from pathlib import Path


def write(results: Path) -> str:
    """Write the table of the result files in a folder, and give it as text."""
    return "\n".join(sorted(path.stem for path in results.glob("*.json")))
