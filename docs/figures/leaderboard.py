"""The leaderboard: each protocol's committed results and the published ones."""

import tomllib
from collections.abc import Callable
from typing import Any

from figures.tables import RESULTS, ROOT, percent, result, table
from voxaffect.evaluation.protocols import PROTOCOLS

_HEAD = ["system", "UAR %", "WA %", "parameters", "graph, MB", "training a fold", "where it comes from"]


def boards() -> str:
    """A table for each protocol that has a result, the best UAR first and rows without one last."""
    published = tomllib.loads((ROOT / "benchmarks" / "published.toml").read_text("utf-8"))["system"]
    parts = []
    for name, setup in PROTOCOLS.items():
        ours = [
            result(f"{name}/{path.stem}")
            for path in sorted((RESULTS / name).glob("*.json"))
            if path.with_suffix(".csv").exists()
        ]
        if not ours:
            continue
        rows = [_ours(each) for each in ours] + [_published(each) for each in published if each["protocol"] == name]
        rows.sort(key=lambda row: row[0])
        classes = ours[0]["classes"]
        about = (
            f"{setup.title[0].upper()}{setup.title[1:]}: {', '.join(classes)}; chance {100 * ours[0]['chance']:.1f} %."
        )
        parts.append(f"## {name}\n\n{about}\n\n{table(_HEAD, [row[1] for row in rows])}")
    return "\n".join(parts)


def _ours(found: dict[str, Any]) -> tuple[float, list[str]]:
    uar = found.get("mean_of_corpora", found["uar"])
    pretrained = ", pretrained on other corpora" if found["settings"]["training"].get("pretrained") else ""
    row = [
        f"**`{found['experiment']}`**{pretrained}",
        percent(uar),
        percent(found["wa"]),
        _millions(found["parameters"]),
        f"{found['model_bytes'] / 1e6:.1f}",
        _cost(found["folds"]),
        f"`{found['command']}`, commit `{found['commit'].split()[0]}`",
    ]
    return -uar["value"], row


def _cost(folds: list[dict[str, Any]]) -> str:
    """The mean time of a fold's training; where several shared a GPU, a fold's part of it."""
    by_device: dict[str, list[float]] = {}
    for fold in folds:
        by_device.setdefault(fold["device"], []).append(fold["seconds"])
    means = {device: sum(each) / len(each) for device, each in by_device.items()}
    return "; ".join(
        f"{f'{mean / 60:.0f} min' if mean >= 60 else f'{mean:.0f} s'} on {device}" for device, mean in means.items()
    )


def _published(found: dict[str, Any]) -> tuple[float, list[str]]:
    note = f" ({found['note']})" if "note" in found else ""
    row = [
        found["name"],
        f"{found['uar']:.1f}{note}" if "uar" in found else "",
        f"{found['wa']:.1f}" if "wa" in found else "",
        _millions(found["parameters"]),
        *("", ""),
        found["cite"],
    ]
    return -found["uar"] / 100 if "uar" in found else 1.0, row


def _millions(parameters: int) -> str:
    return f"{parameters / 1e6:.2f} M" if parameters < 1e7 else f"{parameters / 1e6:.0f} M"


BLOCKS: dict[str, Callable[[], str]] = {"leaderboard": boards}
