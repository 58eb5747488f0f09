"""What was heard of a recording before an interruption, in a file beside the one that will be written."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect.errors import SettingsError
from voxaffect.files.atomic import replacing
from voxaffect.inference.record import Record
from voxaffect.inference.results import Segment, Snapshot


@dataclass(frozen=True)
class Found:
    """What was known: a record's arrays and segments, and from where each line goes on."""

    arrays: Mapping[str, npt.NDArray[Any]]
    segments: Sequence[Segment]
    snapshots: Sequence[Snapshot]


class Kept:
    """The file OUT.partial: it is there until OUT holds all.

    about: what must be the same for a run to go on from it: the recording, the model, the settings; plain values.
    """

    def __init__(self, out: Path, about: Mapping[str, Any]) -> None:
        self.path, self._about = out.with_name(f"{out.name}.partial"), dict(about)

    def read(self) -> Found | None:
        """What `write` wrote; None where there is nothing to go on from.

        Raises SettingsError where it is damaged or about something else.
        """
        try:
            with np.load(self.path, allow_pickle=False) as file:
                arrays = dict(file)
            told = json.loads(str(arrays.pop("told")))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile):
            raise SettingsError(f"{self.path}: is damaged; delete it to begin anew") from None
        if told["about"] != self._about:
            raise SettingsError(
                f"{self.path}: is of another recording, or was heard in another way; delete it to begin anew"
            )
        segments = [Segment(**each) for each in told["segments"]]
        return Found(arrays, segments, [Snapshot.from_dict(each) for each in told["snapshots"]])

    def write(self, record: Record, snapshots: Sequence[Snapshot]) -> None:
        """Keep what is known, whole, or as it was kept before."""
        told = {
            "about": self._about,
            "snapshots": [each.to_dict() for each in snapshots],
            "segments": [vars(each) for each in record.segments],
        }
        with replacing(self.path) as partial, partial.open("wb") as file:
            np.savez(file, told=np.array(json.dumps(told)), allow_pickle=False, **record.arrays())

    def remove(self) -> None:
        """All is done."""
        self.path.unlink(missing_ok=True)
