"""How a recording compares with what is typical of an emotion in the corpora that a bundle was trained on, in words.

What is typical stands in typical.json beside this file, which `make typical` makes.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from voxaffect.exploring.measures import MEASURES, Measures

COMPARED = ("pitch", "pitch_range", "level", "rate", "centre")
"""Measures that are compared."""

_TABLE = Path(__file__).with_name("typical.json")


def compare(measured: Measures, emotion: str, corpora: Iterable[str]) -> list[str]:
    """A sentence for each measure that the recording has: where it lies among clips of that emotion.

    corpora: whose clips; each counts alike.
    """
    table, values, lines = _read(), asdict(measured), []
    of = {
        whose: [table[name][emotion][sex] for name in corpora if sex in table.get(name, {}).get(emotion, {})]
        for sex, whose in (("female", "women"), ("male", "men"))
    }
    for name in COMPARED:
        about, parts = MEASURES[name], []
        for whose, each in of.items():
            if each and np.isfinite(values[name]):
                low, high = np.percentile([row[name] for row in each], [25, 75])
                span = f"{low:.{about.decimals}f} to {high:.{about.decimals}f}"
                parts.append(f"{_place(values[name], low, high)} {emotion} {whose} ({span})")
        if parts:
            line = f"{about.title} {values[name]:.{about.decimals}f} {about.unit}: {', '.join(parts)}"
            lines.append(line.replace("-", "−"))
    return lines


def _place(value: float, low: float, high: float) -> str:
    return "lower than most" if value < low else "higher than most" if value > high else "usual for"


def _read() -> Mapping[str, Any]:
    return json.loads(_TABLE.read_text("utf-8"))["corpora"]
