"""The timeline of a recording of any length, which goes on from a file after an interruption."""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from voxaffect import audio
from voxaffect.audio import Raw
from voxaffect.errors import AudioError, SettingsError
from voxaffect.files.atomic import replacing
from voxaffect.inference.network import Network
from voxaffect.inference.record import Record
from voxaffect.inference.results import Segment, Snapshot
from voxaffect.inference.smoothing import Smoothing
from voxaffect.inference.sources import Opened, Recording
from voxaffect.inference.stream import Stream, beginning

_EVERY = 20.0  # seconds between two checkpoints


class _Saved(NamedTuple):
    arrays: Mapping[str, npt.NDArray[Any]]
    segments: Sequence[Segment]
    snapshots: Sequence[Snapshot]


class TimelineRun:
    """A recording on its way to a timeline: iterate over it once, for the segments as they become known.

    Args:
        model: A recogniser.
        source: As `sources.Recording` says.
        mix: Mix all channels into one; else every channel is a speaker.
        raw: What a headerless recording is.
        resume: A file that holds what is done while it is not all; if it is there, the run goes on from it. Whoever
            has the segments calls `finish`, which deletes it. None: an interrupted run begins anew.

    Attributes:
        record: What is known so far.
        duration: Seconds, by the recording's header; None: it does not tell.
        channels: That are processed.

    Raises:
        AudioError: The recording cannot be read.
        SettingsError: The file to resume from is damaged, or of another recording, model or settings.
    """

    def __init__(
        self,
        model: Network,
        source: Recording,
        *,
        mix: bool = False,
        raw: Raw | None = None,
        resume: Path | None = None,
    ) -> None:
        self._resume, self._mix = resume, mix
        about = {**model.identity(), "mix": mix, "smoothing": vars(Smoothing()), **_stamp(source)}
        self._about = json.loads(json.dumps(about))
        saved = self._read()
        snapshots = saved.snapshots if saved else ()
        opened, start = Opened(source, raw), beginning(snapshots)
        self._blocks = opened.blocks(start=start)
        header = self._blocks.header
        rate, self._name = header.sample_rate, opened.name
        self.duration, self.channels = header.duration, 1 if mix else header.channels
        self.record = Record(opened.file, rate, self.channels, model.classes)
        options: dict[str, Any] = {"name": opened.name, "file": opened.file, "mixed": mix, "resume": snapshots}
        self._stream = Stream(model, rate, channels=self.channels, watch=self.record.watch, **options)
        if saved:
            self.record.restore(saved.arrays, saved.segments, start=start, snapshots=snapshots)

    def __iter__(self) -> Iterator[list[Segment]]:
        """The segments that a resumed run knows, then those that every block of the recording brings.

        Raises:
            AudioError: The recording is damaged or empty; raised after all segments up to there.
        """
        saved, snapshots = time.monotonic(), self._stream.snapshots()
        try:
            yield sorted(self.record.segments, key=lambda segment: segment.end)
            for block, segments in self._processed():
                self.record.push(block, segments)
                snapshots = self._stream.snapshots()  # not before what they stand for is recorded
                yield self._marked(segments)
                if self._resume and time.monotonic() - saved > _EVERY:
                    self._write(snapshots)
                    saved = time.monotonic()
            self.record.segments = self._marked(self.record.segments)
            self._blocks.warn()
        except AudioError:
            raise
        except BaseException:  # an interruption, or a caller that stops here
            if self._resume:
                self._write(snapshots)
            raise

    def _processed(self) -> Iterator[tuple[npt.NDArray[np.float32], list[Segment]]]:
        """Blocks (samples, channels) and the segments that are known by them; the last block is empty."""
        end = np.zeros((0, self.channels), np.float32)
        with self._stream as stream:
            try:
                for block in self._blocks:
                    samples = audio.downmix(block, self._name)[:, None] if self._mix else block
                    yield samples, stream.push(samples)
            except AudioError:
                yield end, stream.close()
                raise
            yield end, stream.close()
            if not stream.seconds:
                raise AudioError(f"{self._name}: holds no samples; record it again")

    @property
    def warning(self) -> str | None:
        """What is wrong with a recording that is used anyway; whole after the last segment."""
        return self._blocks.warning

    def _marked(self, segments: list[Segment]) -> list[Segment]:
        """Segments with what is known to be wrong with the recording."""
        return [replace(segment, warning=self.warning) for segment in segments] if self.warning else segments

    def finish(self) -> None:
        """Delete the file to resume from."""
        if self._resume:
            self._resume.unlink(missing_ok=True)

    def _read(self) -> _Saved | None:
        if self._resume is None:
            return None
        try:
            with np.load(self._resume, allow_pickle=False) as file:
                arrays = dict(file)
            if arrays.pop("sum") != _sum(arrays):
                raise self._damaged()
            state = json.loads(str(arrays.pop("state")))
            about = state["about"]
            segments = list(map(Segment.from_fields, state["segments"]))
            saved = _Saved(arrays, segments, list(map(Snapshot.from_dict, state["snapshots"])))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except Exception as error:  # whatever a damaged archive makes of itself
            if isinstance(error, OSError) and error.errno:  # it cannot be read
                raise
            raise self._damaged() from None
        if about != self._about:
            other = "another recording, another model or other settings"
            raise SettingsError(f"{self._resume}: is of {other}; delete it to begin anew")
        return saved

    def _write(self, snapshots: Sequence[Snapshot]) -> None:
        """Write what is known, whole, or leave what was written before."""
        assert self._resume is not None
        state = {"about": self._about}
        state |= {"snapshots": [one.to_dict() for one in snapshots]}
        state |= {"segments": [segment.to_fields() for segment in self.record.segments]}
        arrays = {"state": np.array(json.dumps(state)), **self.record.arrays()}
        with replacing(self._resume) as partial, partial.open("wb") as file:
            np.savez(file, sum=np.array(_sum(arrays)), allow_pickle=False, **arrays)

    def _damaged(self) -> SettingsError:
        return SettingsError(f"{self._resume}: is damaged; delete it to begin anew")


def _sum(arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """A checksum, so that nothing else need be checked of a file that was damaged or edited."""
    content = hashlib.sha256()
    for name in sorted(arrays):
        content.update(f"{name} {arrays[name].shape} {arrays[name].dtype} ".encode() + arrays[name].tobytes())
    return content.hexdigest()


def _stamp(source: Recording) -> dict[str, int | None]:
    """Size and time of a file, by which a changed one is noticed."""
    try:
        stat = Path(source).stat()  # type: ignore[arg-type]
    except (OSError, TypeError, ValueError):
        return {"bytes": None, "changed": None}
    return {"bytes": stat.st_size, "changed": stat.st_mtime_ns}
