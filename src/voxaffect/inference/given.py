"""Given segments of a recording: an emotion for each line of a transcript."""

import os
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect import audio
from voxaffect.audio.channels import Levels
from voxaffect.errors import AudioError, SettingsError, VoxaffectWarning
from voxaffect.files import transcripts
from voxaffect.files.transcripts import GivenSegment
from voxaffect.inference.results import Recognition, Segment
from voxaffect.inference.sources import Blocks, Opened, Recording

Transcript = str | os.PathLike[str] | Iterable[GivenSegment]
"""The path of a transcript, as `files.transcripts.read` takes it, or its segments."""

Samples = npt.NDArray[np.float32]
"""(samples, channels)."""

_ROUNDING = 0.1  # seconds that a segment may end after its recording without a word: transcripts round their times


def read_segments(
    transcript: Transcript,
    file: str | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    channel: int | None = None,
) -> tuple[GivenSegment, ...]:
    """The segments of a recording that a transcript names, in its order.

    Args:
        transcript: As `Transcript` says.
        file: The recording, where the transcript may name several; None, or "-" for standard input: all segments.
        channel: Of segments whose transcript names none; None: all channels mixed.
        columns: Of a table: role -> column, as `files.transcripts.read` takes it.

    Raises:
        TranscriptError, TableError: It cannot be read, or something in it is wrong.
        SettingsError: All of its segments are of other recordings, or two of its recordings may be this one.
    """
    if isinstance(transcript, str | os.PathLike):
        whose, segments = os.fspath(transcript), transcripts.read(transcript, columns)
    else:
        whose, segments = "the transcript", tuple(transcript)
    if channel is not None:
        segments = tuple(replace(each, channel=channel) if each.channel is None else each for each in segments)
    if file in (None, "-"):
        return segments
    names = list(dict.fromkeys(each.file for each in segments if each.file))
    same = next((alike for alike in (_alike(names, file, how) for how in _ALIKE) if alike), [])
    if names and not same and len(names) == len({each.file for each in segments}):
        raise SettingsError(f"{whose}: names no segment of {file}, but of {', '.join(names[:3])}; name one of these")
    if len(same) > 1:
        raise SettingsError(f"{whose}: names {' and '.join(same[:2])}; name the recording as it does, not {file}")
    return tuple(each for each in segments if not each.file or each.file in same)


_ALIKE: tuple[Callable[[Path, Path], bool], ...] = (
    lambda named, file: named == file,
    lambda named, file: named.parts == file.parts[-len(named.parts) :] or file.parts == named.parts[-len(file.parts) :],
    lambda named, file: named.name == file.name,
    lambda named, file: named.name == file.stem,  # as RTTM names recordings
)
"""Whether a transcript may name a recording so, from the surest sign on."""


def _alike(names: Sequence[str], file: str, how: Callable[[Path, Path], bool]) -> list[str]:
    return [name for name in names if how(Path(name), Path(file))]


def recognize_segments(
    recognize: Callable[[Recording], Recognition], opened: Opened, segments: Sequence[GivenSegment], longest: float
) -> Iterator[Segment]:
    """Recognise segments of a recording, which is decoded once, block by block.

    Of several channels that are mixed, all segments come at the end: only then it is known whether two speak.

    Args:
        recognize: The emotion of a whole recording.
        opened: The recording.
        segments: Of it.
        longest: Seconds of the longest that one emotion is given for.

    Yields:
        One for each, in their order; with an `error` where it is too short, too long, silent or not in the recording.

    Raises:
        AudioError: The recording cannot be read or is damaged; raised after all segments.
    """
    try:
        decoded = opened.blocks()
    except AudioError as error:
        yield from (_without(given, opened, error) for given in segments)
        raise
    blocks, rate = iter(decoded), decoded.header.sample_rate
    cuts, known, following = Cuts(segments, rate, longest), dict[int, Segment](), 0
    mixed = decoded.header.channels > 1 and any(each.channel is None for each in segments)
    levels = Levels(rate) if mixed else None
    damage: AudioError | None = None
    while cuts.waiting:
        try:
            block = next(blocks, None)
        except AudioError as error:
            block, damage = None, error
        if levels and block is not None:
            levels.push(block)
        for place, samples in cuts.close() if block is None else cuts.push(block):
            given = segments[place]
            try:
                if damage and (given.end is None or given.end > cuts.seconds):
                    raise damage
                known[place] = _recognized(recognize, opened, given, samples, decoded, cuts.seconds, longest)
            except AudioError as error:
                known[place] = _without(given, opened, error)
        while following in known and not levels:  # or only the end tells whether two speakers are mixed
            yield known.pop(following)
            following += 1
    if levels and levels.speakers_differ():
        remedy = "name the channel of each segment, or choose a `channel`"
        text = f"two speakers are mixed, as its channels differ; {remedy}"
        warnings.warn(f"{opened.name}: {text}", VoxaffectWarning, stacklevel=2)
        known = {place: _mixed(segment, text) for place, segment in known.items()}
    yield from (known[place] for place in range(following, len(segments)))
    if damage:
        raise damage
    decoded.warn()


def _recognized(
    recognize: Callable[[Recording], Recognition],
    opened: Opened,
    given: GivenSegment,
    samples: Samples,
    decoded: audio.Decoded | Blocks,
    seconds: float,
    longest: float,
) -> Segment:
    """seconds: of the recording that are decoded, which is all of it where the segment is not whole."""
    name, channels = f"{opened.name} from {given.start:g} s", decoded.header.channels
    if given.channel is not None and given.channel >= channels:
        count = "1 channel" if channels == 1 else f"{channels} channels"
        raise AudioError(f"{name}: the recording has {count}, and none is number {given.channel}; they count from 0")
    if given.end is not None:
        audio.check_duration(name, given.end - given.start, longest)
    if given.start == given.end:
        raise AudioError(f"{name}: lasts 0 s, which is too short; correct the times")
    if not len(samples):
        remedy = decoded.warning or "check that the transcript is of this one"
        raise AudioError(f"{name}: the recording ends at {seconds:.1f} s; {remedy}")
    chosen = audio.downmix(samples, name) if given.channel is None else samples[:, given.channel]
    answer = recognize({"array": chosen, "sampling_rate": decoded.header.sample_rate, "path": name})
    end, remarks = given.start + answer.duration, [decoded.warning] if decoded.warning else []
    if given.end is not None and given.end - end > _ROUNDING:
        remarks.append(f"ends {given.end - end:.1f} s after the recording, and is cut there")
    elif given.end is not None:
        end = given.end
    result = (answer.emotion, answer.confidence, answer.probabilities)
    warning = "; ".join(remarks) or None
    return Segment(given.start, end, given.channel, *result, warning=warning, **_about(given, opened))


def _without(given: GivenSegment, opened: Opened, error: AudioError) -> Segment:
    """A segment that has no emotion."""
    end = given.start if given.end is None else given.end
    return Segment(given.start, end, given.channel, "", 0.0, {}, error=str(error), **_about(given, opened))


def _mixed(segment: Segment, text: str) -> Segment:
    """With this warning too, if it is of all channels."""
    if segment.channel is not None or segment.error:
        return segment
    return replace(segment, warning="; ".join(filter(None, (segment.warning, text))))


def _about(given: GivenSegment, opened: Opened) -> dict[str, Any]:
    return {"file": opened.file, "speaker": given.speaker or None, "text": given.text or None}


class Cuts:
    """Cuts segments out of blocks of a recording; memory grows with the segments and not with the recording.

    Args:
        segments: In any order; they may overlap.
        sample_rate: Hz of the blocks.
        longest: Seconds that are cut out of a segment at most, and one more, by which too long ones are known.

    Attributes:
        waiting: (first sample, sample after the last, place) of the segments that are not complete, sorted.
    """

    def __init__(self, segments: Sequence[GivenSegment], sample_rate: int, longest: float) -> None:
        self._rate, self._samples = sample_rate, 0
        self._blocks: deque[tuple[int, Samples]] = deque()  # each with its first sample
        spans = []
        for place, each in enumerate(segments):
            limit = each.start + longest + 1
            end = limit if each.end is None else min(each.end, limit)
            spans.append((round(each.start * sample_rate), round(end * sample_rate), place))
        self.waiting = sorted(spans)

    @property
    def seconds(self) -> float:
        """How much has arrived."""
        return self._samples / self._rate

    def push(self, block: Samples) -> Iterator[tuple[int, Samples]]:
        """Take the next block; yields the segments that it completes: their place, and their samples."""
        self._blocks.append((self._samples, block))
        self._samples += len(block)
        return self._cut([span for span in self.waiting if span[1] <= self._samples])

    def close(self) -> Iterator[tuple[int, Samples]]:
        """The recording has ended; yields the rest, which may lack samples."""
        return self._cut(self.waiting)

    def _cut(self, spans: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, Samples]]:
        done = {place for _, _, place in spans}
        self.waiting = [span for span in self.waiting if span[2] not in done]
        for first, last, place in spans:
            parts = [block[max(0, first - begin) : max(0, last - begin)] for begin, block in self._blocks]
            yield place, np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
        needed = min((first for first, _, _ in self.waiting), default=self._samples)
        while self._blocks and self._blocks[0][0] + len(self._blocks[0][1]) <= needed:
            self._blocks.popleft()
