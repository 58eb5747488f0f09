"""Baselines: the statistics of a line's or person's embeddings, from a few recordings of any emotion."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect.baseline_head import BaselineHead, Statistics
from voxaffect.bundle import Bundle
from voxaffect.errors import BundleError, SettingsError
from voxaffect.files.atomic import write_text

SCHEMA = 1

FEW = 20
"""Recordings fewer than which help little."""

_LARGEST = 1e8  # of an embedding's mean, and of one by its deviation: normalised, it has to fit into single precision

_NAMES = ("centre", "deviation")  # in the file, of mean and std


@dataclass(frozen=True, eq=False)
class Baseline:
    """The embeddings of a line or person, as one bundle computes them.

    Attributes:
        statistics: Their mean and deviation.
        recordings: How many they are of.
        model: SHA-256 of the bundle's graph.
    """

    statistics: Statistics = field(repr=False)
    recordings: int
    model: str

    @classmethod
    def of(cls, source: Bundle, embeddings: Sequence[npt.NDArray[np.float32]]) -> "Baseline":
        """From the embeddings (dim,) that the bundle gives of recordings.

        Raises:
            SettingsError: There is none.
            BundleError: The bundle has no baseline head.
        """
        if not len(embeddings):
            raise SettingsError(f"a baseline needs recordings; give {FEW} or more, of any emotion")
        head = baseline_head(source)
        statistics = head.statistics(head.sums(np.stack(embeddings)))
        return cls(statistics, len(embeddings), source.card.model.sha256)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write as JSON, whole or not at all. It contains no audio and no file names."""
        content: dict[str, Any] = {
            "schema": SCHEMA,
            "what": "voxaffect baseline",
            "recordings": self.recordings,
            "model": self.model,
        }
        for name, values in zip(_NAMES, self.statistics, strict=True):
            content[name] = [float(f"{value:.5g}") for value in values]
        write_text(Path(path), json.dumps(content) + "\n")

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> "Baseline":
        """Read what `write` wrote.

        Raises:
            SettingsError: The file is missing, not a baseline, or of a newer schema.
        """
        try:
            content = json.loads(Path(path).read_text("utf-8"))
            if content["what"] != "voxaffect baseline":
                raise ValueError("it is something else")
            if content["schema"] > SCHEMA:
                raise ValueError(f"it is of schema {content['schema']}, and this voxaffect reads up to {SCHEMA}")
            statistics = Statistics(*(np.array(content[name], dtype=np.float64) for name in _NAMES))
            believable = all(value.ndim == 1 and (np.abs(value) <= _LARGEST).all() for value in statistics)
            if not believable or statistics.std.min() < 1 / _LARGEST:
                raise ValueError("its numbers are not those of a baseline")
            if len(statistics.mean) != len(statistics.std) or int(content["recordings"]) < 1:
                raise ValueError("part of it is missing")
            return cls(statistics, int(content["recordings"]), str(content["model"]))
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read ({error.strerror}); voxaffect baseline makes one") from None
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise SettingsError(f"{path}: is not a baseline ({error}); voxaffect baseline makes one") from None


def baseline_head(source: Bundle) -> BaselineHead:
    """The bundle's output layer for use with a baseline.

    Raises:
        BundleError: It has none.
    """
    if source.card.baseline_head is None:
        raise BundleError(f"{source.name}: has no baseline head; train it with training.baseline_head=true")
    return BaselineHead.from_record(source.card.baseline_head)
