"""What pages are made of: result files, figures with their intervals, and tables in Markdown."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from voxaffect import migration

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"


def result(name: str) -> dict[str, Any]:
    """A result file's content, its settings and its command included, under today's names."""
    found = migration.result(json.loads((RESULTS / f"{name}.json").read_text("utf-8")))
    if "settings" in found:
        found["settings"] = migration.experiment(found["settings"])
    side_by_side = any("side by side" in fold["device"] for fold in found.get("folds", []) if "device" in fold)
    return found | {"command": _command_today(found["command"], side_by_side)}


def _command_today(command: str, side_by_side: bool = False) -> str:
    """A command that made a result, as it is typed now.

    Examples:
        >>> _command_today("voxaffect benchmark P --set training.relative=false --seeds 0 1 2 --nonspeech")
        'voxaffect benchmark P --set training.baseline_head=false --seeds 0,1,2 --nonspeech'
    """
    if side_by_side and "--side-by-side" not in command:
        command += " --side-by-side"
    for old, new in migration.SETTINGS.items():
        command = command.replace(f"--set {old}=", f"--set {new}=")
    return re.sub(r"(?<=--seeds )\d+( \d+)+", lambda seeds: seeds[0].replace(" ", ","), command)


def percent(figure: dict[str, Any]) -> str:
    """`66.1 [62.0, 70.2]`."""
    low, high = figure["interval"]
    ends = "no interval" if low is None else f"{100 * low:.1f}, {100 * high:.1f}"
    return f"{100 * figure['value']:.1f} [{ends}]"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], below: str = "", numbers: bool = False) -> str:
    """A Markdown table and a line below it; `numbers` sets all columns but the first to the right."""
    rule = ["---"] + ["---:" if numbers else "---"] * (len(head) - 1)
    lines = [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]
    return "\n".join([*lines, *(["", below] if below else [])]) + "\n"


def change(figure: dict[str, Any]) -> str:
    """`−3.1 [−4.0, −2.2]`, bold where the interval leaves nothing out."""
    low, high = (100 * each for each in figure["interval"])
    text = f"{100 * figure['value']:+.1f} [{low:+.1f}, {high:+.1f}]".replace("-", "−")
    return f"**{text}**" if low > 0 or high < 0 else text
