"""What helps, one change at a time: docs/ablation.md."""

from collections.abc import Callable
from functools import partial
from typing import Any

from figures.tables import change, percent, result, table


def ablation(group: str) -> str:
    """Rows of one group, each against the base."""
    rows = result("ablation/next")["rows"]
    base = next(iter(rows.values()))

    def line(row: dict[str, Any]) -> list[str]:
        seeds = " ".join(f"{100 * each:.0f}" for each in row["by_seed"].values())
        return [
            row["title"],
            percent(row["uar"]),
            "" if row is base else change(row["difference"]),
            seeds,
            str(row["epochs"]),
        ]

    shown = [base, *(row for row in rows.values() if row["group"] == group and row is not base)]
    return table(["change", "UAR %", "difference to the base", "by seed", "epochs"], map(line, shown), numbers=True)


BLOCKS: dict[str, Callable[[], str]] = {
    f"ablation-{group}": partial(ablation, group) for group in ("input", "network", "augmentation", "copies")
}
