"""Baselines: what is normal for a line or a voice, from recordings of any emotion."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect.baseline_head import BaselineHead, Statistics, Sums
from voxaffect.bundle import Bundle
from voxaffect.errors import BundleError, SettingsError, check
from voxaffect.files.atomic import write_text
from voxaffect.records import Record, RecordError, refuse

SCHEMA = 2

WHAT = "voxaffect baseline"

ENOUGH = 20
"""Recordings beyond which more help little."""

_LARGEST = 1e8  # of a mean: normalised by it, an embedding has to fit into single precision


@dataclass(frozen=True, eq=False)
class Baseline:
    """What one bundle remembers of recordings of a line, of a voice, or of a voice on a line.

    It holds sums, so recordings can be added and baselines merged as if all had been learnt at once.

    Attributes:
        model: SHA-256 of the bundle's graph.
        line: Of recordings of the line, by whatever voices; None: the line is not known.
        voice: Of recordings of the voice; None: it is of a line alone.
    """

    model: str
    line: Sums | None = field(default=None, repr=False)
    voice: Sums | None = field(default=None, repr=False)

    @property
    def recordings(self) -> int:
        """How many recordings it is of: those of the voice, if it is a voice's."""
        own = self.line if self.voice is None else self.voice
        return own.count if own else 0

    @classmethod
    def of(
        cls,
        source: Bundle,
        embeddings: Iterable[npt.NDArray[np.float32]],
        *,
        voice: bool = False,
        line: "Baseline | None" = None,
        update: "Baseline | None" = None,
    ) -> "Baseline":
        """From the embeddings (dim,) that the bundle gives of recordings; parameters as `Recognizer.baseline` has them.

        Raises:
            SettingsError: There is no embedding, or `line` or `update` is of another bundle, or of another kind.
            BundleError: The bundle has no baseline head.
        """
        head, model = baseline_head(source), source.card.model.sha256
        for given in filter(None, (line, update)):
            given.statistics(source)  # before minutes are spent
        if update is not None:
            check(not voice and line is None, "`update` is of a voice or a line already; leave `voice` and `line` out")
            voice, line = update.voice is not None, update
        elif line is not None:
            check(line.voice is None, "`line` is the baseline of a voice; give that of a line")
            voice = True
        rows = list(embeddings)
        check(len(rows) > 0, f"a baseline needs recordings; give {ENOUGH} or more, of any emotion")
        sums = head.sums(np.stack(rows))
        new = cls(model, line.line if line else None, sums) if voice else cls(model, sums)
        return new if update is None else update.merge(new)

    def merge(self, other: "Baseline") -> "Baseline":
        """The baseline of the recordings of both: two of a line, or two of a voice on one line.

        Raises:
            SettingsError: They are of different bundles, one is of a line and one of a voice, or the lines differ.
        """
        check(self.model == other.model, "the baselines are of different bundles; make them anew with one")
        if self.voice and other.voice:
            same = _plain(self.line) == _plain(other.line)
            check(same, "the baselines are of voices on different lines; make them anew upon one")
            return Baseline(self.model, self.line, self.voice + other.voice)
        if self.line and other.line and not (self.voice or other.voice):
            return Baseline(self.model, self.line + other.line)
        raise SettingsError("one baseline is of a voice, the other of a line; merge like with like")

    def statistics(self, source: Bundle) -> Statistics:
        """What the bundle normalises by with this baseline.

        Raises:
            SettingsError: It is of another bundle.
            BundleError: The bundle has no baseline head.
        """
        head = baseline_head(source)
        if self.model != source.card.model.sha256:
            raise SettingsError(f"the baseline is of another bundle than {source.name}; make it anew with this one")
        wanted = head.sums(np.zeros((0, head.weight.shape[1])))
        for sums in filter(None, (self.line, self.voice)):
            for given, right in ((sums.total, wanted.total), (sums.squares, wanted.squares)):
                numbers = f"the baseline has {len(given)} numbers, not {source.name}'s {len(right)}"
                check(len(given) == len(right), f"{numbers}; make it anew")
        return head.statistics(self.line, self.voice)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write as JSON, whole or not at all. It contains no audio and no names."""
        parts = {"line": _plain(self.line), "voice": _plain(self.voice)}
        content = {"schema": SCHEMA, "what": WHAT, "model": self.model}
        write_text(Path(path), json.dumps(content | {name: part for name, part in parts.items() if part}) + "\n")

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> "Baseline":
        """Read what `write` wrote.

        Raises:
            SettingsError: The file is missing, not a baseline, or of another schema.
        """
        try:
            content = json.loads(Path(path).read_text("utf-8"))
            if content["what"] != WHAT:
                raise ValueError("it is something else")
            if content["schema"] != SCHEMA:
                raise ValueError(f"it is of schema {content['schema']}, not {SCHEMA}; make it anew with this voxaffect")
            record = _BaselineRecord.from_dict(content)
            line, voice = (None if part is None else part.sums() for part in (record.line, record.voice))
            return cls(record.model, line, voice)
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read ({error.strerror}); voxaffect baseline makes one") from None
        except (ValueError, KeyError, TypeError, RecordError, RecursionError) as error:
            raise SettingsError(f"{path}: is not a baseline ({error}); voxaffect baseline makes one") from None


def baseline_head(source: Bundle) -> BaselineHead:
    """The bundle's output layer for use with a baseline.

    Raises:
        BundleError: It has none.
    """
    if source.card.baseline_head is None:
        raise BundleError(f"{source.name}: has no baseline head; train it with training.baseline_head=true")
    return BaselineHead.from_record(source.card.baseline_head)


def given_baseline(given: Baseline | str | os.PathLike[str] | None) -> Baseline | None:
    """A baseline that is given as such or by the path of its file."""
    return given if given is None or isinstance(given, Baseline) else Baseline.read(given)


@dataclass(frozen=True)
class _SumsRecord(Record):
    recordings: int
    total: tuple[float, ...]
    squares: tuple[float, ...]

    def __post_init__(self) -> None:
        refuse(self.recordings < 1, "it is of no recordings")
        refuse(not self.total or not self.squares, "part of it is missing")
        believable = max(map(abs, self.total)) <= _LARGEST * self.recordings and min(self.squares) >= 0
        refuse(not believable, "its numbers are not those of a baseline")

    def sums(self) -> Sums:
        return Sums(self.recordings, np.array(self.total), np.array(self.squares))


@dataclass(frozen=True)
class _BaselineRecord(Record):
    model: str
    line: _SumsRecord | None = None
    voice: _SumsRecord | None = None

    def __post_init__(self) -> None:
        refuse(self.line is None and self.voice is None, "it is of no recordings")


def _plain(sums: Sums | None) -> dict[str, Any] | None:
    if sums is None:
        return None
    return _SumsRecord(sums.count, tuple(sums.total.tolist()), tuple(sums.squares.tolist())).to_dict()
