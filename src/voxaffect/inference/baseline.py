"""Baselines: what is normal for a line or a person, learnt from a few recordings of whatever emotion."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voxaffect.baseline_head import Normal, Relative
from voxaffect.bundle import Bundle
from voxaffect.errors import BundleError, SettingsError
from voxaffect.files.atomic import write_text

SCHEMA = 1


@dataclass(frozen=True)
class Baseline:
    """What is normal for a line or a person, as one bundle hears it.

    recordings: that it was learnt from. model: SHA-256 of the bundle's graph, whose embeddings these are.
    """

    normal: Normal
    recordings: int
    model: str

    @classmethod
    def of(cls, source: Bundle, embeddings: Sequence[npt.NDArray[np.float32]]) -> "Baseline":
        """From the embeddings that the bundle gives of recordings, each (dim,).

        Raises SettingsError where there is none, BundleError where the bundle cannot work against a baseline.
        """
        if not len(embeddings):
            raise SettingsError("no recording to learn what is normal from; give 5 or more, of any emotion")
        normal = relative(source).voices.normal(np.stack(embeddings))
        return cls(normal, len(embeddings), source.card["model"]["sha256"])

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write as JSON, whole or not at all. No sound and no file's name is in it."""
        content = {
            "schema": SCHEMA,
            "what": "voxaffect baseline",
            "recordings": self.recordings,
            "model": self.model,
            **{name: [float(f"{each:.5g}") for each in value] for name, value in self.normal._asdict().items()},
        }
        write_text(Path(path), json.dumps(content) + "\n")

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> "Baseline":
        """Read what `write` wrote.

        Raises SettingsError where it is not there, not a baseline, or of a newer schema.
        """
        try:
            content = json.loads(Path(path).read_text("utf-8"))
            if content["what"] != "voxaffect baseline":
                raise ValueError("it is something else")
            if content["schema"] > SCHEMA:
                raise ValueError(f"it is of schema {content['schema']}, and this voxaffect reads up to {SCHEMA}")
            normal = Normal(*(np.array(content[name], dtype=np.float64) for name in Normal._fields))
            if not all(value.ndim == 1 and np.isfinite(value).all() for value in normal) or normal.deviation.min() <= 0:
                raise ValueError("its numbers are not those of a baseline")
            if len(normal.centre) != len(normal.deviation) or int(content["recordings"]) < 1:
                raise ValueError("part of it is missing")
            return cls(normal, int(content["recordings"]), str(content["model"]))
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read ({error.strerror}); voxaffect baseline makes one") from None
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{path}: is not a baseline ({error}); voxaffect baseline makes one") from None


def relative(source: Bundle) -> Relative:
    """The bundle's last layer against what is normal.

    Raises BundleError where it has none.
    """
    if "relative" not in source.card:
        raise BundleError(f"{source.name}: has no baseline head; train it with training.baseline_head=true")
    return Relative.from_dict(source.card["relative"])
