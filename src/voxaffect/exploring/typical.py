"""Compare a recording with the clips of an emotion in the corpora that a bundle was trained on, in words.

Percentiles of those clips are in typical.json, which `make typical` writes.
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


def compare_with_typical(measured: Measures, emotion: str, corpora: Iterable[str]) -> list[str]:
    """Describe where the measures of a recording lie among clips of an emotion.

    Args:
        measured: The recording's measures.
        emotion: Which emotion.
        corpora: Names of the corpora of the clips; all have the same weight.

    Returns:
        A sentence for each measure that the recording has; none where the corpora lack the emotion.

    Examples:
        >>> measured = Measures(2.0, pitch=320.0)
        >>> compare_with_typical(measured, "angry", ["ravdess"])
        ['Pitch 320 Hz: usual for angry women (240 to 320), higher than most angry men (156 to 270)']
    """
    table, values, lines = _read(), asdict(measured), []
    rows_of = {
        plural: [table[name][emotion][sex] for name in corpora if sex in table.get(name, {}).get(emotion, {})]
        for sex, plural in (("female", "women"), ("male", "men"))
    }
    for name in COMPARED:
        measure, parts = MEASURES[name], []
        for plural, rows in rows_of.items():
            if rows and np.isfinite(values[name]):
                low, high = np.percentile([row[name] for row in rows], [25, 75])
                span = f"{low:.{measure.decimals}f} to {high:.{measure.decimals}f}"
                parts.append(f"{_place(values[name], low, high)} {emotion} {plural} ({span})")
        if parts:
            line = f"{measure.title} {values[name]:.{measure.decimals}f} {measure.unit}: {', '.join(parts)}"
            lines.append(line.replace("-", "−"))
    return lines


def _place(value: float, low: float, high: float) -> str:
    return "lower than most" if value < low else "higher than most" if value > high else "usual for"


def _read() -> Mapping[str, Any]:
    return json.loads(_TABLE.read_text("utf-8"))["corpora"]
