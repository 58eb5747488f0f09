"""Recognise the emotion of a recording with a bundle, by ONNX Runtime."""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, overload

import numpy as np

from voxaffect.audio import LOUDEST, SILENCE, Raw, Waveform
from voxaffect.bundle import find, read
from voxaffect.calibration import UNCERTAIN, softmax
from voxaffect.errors import AudioError, SettingsError, VoxaffectWarning
from voxaffect.inference import batch
from voxaffect.inference.baseline import Baseline, given_baseline
from voxaffect.inference.explain import Explanation, explain
from voxaffect.inference.given import Transcript, read_segments, recognize_segments
from voxaffect.inference.network import Network, no_speech
from voxaffect.inference.results import Recognition, Segment
from voxaffect.inference.sources import Opened, Recording
from voxaffect.inference.stream import Stream
from voxaffect.inference.summary import CallSummary, summarize
from voxaffect.inference.timeline import TimelineRun

LONGEST = 600.0
"""Seconds of the longest recording that one emotion is given for."""


class Recognizer(Network):
    """A bundle, ready for use. Safe to share between threads.

    Args:
        source: The bundle.
        threads: Of the network; one is fastest for single clips and leaves other cores to the program around it.
        baseline: Of the line or voice whose recordings follow; None: of no line or voice.
        own_baseline: Whether timelines and streams work against what the same channel has said before, too.
        threshold: Of confidence, in [0, 1], below which the answer is "uncertain".
        accuracy: The share of answers that shall be correct, in place of a threshold: the lowest one that reached it
            on the recordings that the card names. Other voices, lines and emotions may differ.

    Attributes:
        bundle: The bundle, with its card.
        name: Of the bundle.
        classes: That it tells apart, in the order of the logits.
        sample_rate: Hz of the waveforms that it takes.
        shortest: Seconds of the shortest recording that it takes.
        threshold: In use.

    Raises:
        SettingsError: A value is out of range, or the baseline is of another bundle.
        BundleError: ONNX Runtime cannot load the graph, the graph does not fit the card, or it has no baseline head.

    Examples:
        >>> recognizer = Recognizer(read(find("common4")), threshold=0.9)
        >>> recognizer.recognize("examples/synthetic-voice.flac").emotion
        'uncertain'
    """

    @overload
    def recognize(self, source: Recording, *, raw: Raw | None = None, channel: int | None = None) -> Recognition: ...
    @overload
    def recognize(
        self, source: list[Recording], *, raw: Raw | None = None, channel: int | None = None
    ) -> list[Recognition]: ...
    def recognize(
        self, source: Recording | list[Recording], *, raw: Raw | None = None, channel: int | None = None
    ) -> Recognition | list[Recognition]:
        """The emotion of a whole recording, or of all in a list.

        Args:
            source: A path, bytes or an open file of any audio format; (array, sample_rate); Gradio's
                (sample_rate, int16 array); a Hugging Face dict. See `sources.Recording`.
            raw: What a headerless recording is.
            channel: Counted from 0; None: the mix of all.

        Warns:
            VoxaffectWarning: It is cut off or damaged, and was used as far as it goes; or two speakers have a channel
                each, and are mixed. See `Recognition.warning`.

        Raises:
            AudioError: It cannot be read, is shorter than half a second, longer than ten minutes, silent, or not
                scaled to [-1, 1]; or it holds no speech, as the bundle's speech detector finds, if it has one.
            BundleError: The graph fails.

        Examples:
            >>> import voxaffect as va
            >>> va.load().recognize("examples/synthetic-voice.flac").emotion
            'neutral'
        """
        if isinstance(source, list):
            return [self._recognize(one, raw, channel) for one in source]
        return self._recognize(source, raw, channel)

    def recognize_many(
        self,
        sources: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        workers: int = 1,
        timeline: bool = False,
        mix: bool = False,
        channel: int | None = None,
        progress: Callable[[batch.FileResult], None] | None = None,
        resume: str | os.PathLike[str] | None = None,
    ) -> list[batch.FileResult]:
        """Recognise many files on several cores; a bad file has an error and does not stop the rest.

        Args:
            sources: Files, folders with all below them, patterns as `calls/**/*.wav`, or lists: text files with a name
                a line, or tables with a column of them.
            workers: Processes; 1: this one.
            timeline: Give a file's segments rather than one emotion.
            mix: With `timeline`: mix all channels into one.
            channel: Without `timeline`: counted from 0; None: the mix of all.
            progress: Called with every result as it is done.
            resume: A file that holds the results; if it is there, only files are recognised that are new, have changed
                or had an error. None: all are.

        Returns:
            One for every file, in the order of the sources.

        Warns:
            VoxaffectWarning: Of every recording of which `recognize` would.

        Raises:
            SettingsError: A source does not exist or has no recording, or `resume` is of other settings.
            WorkerError: A worker died.
        """
        job = batch.Job(self, timeline, mix, channel)
        names = [sources] if isinstance(sources, str | os.PathLike) else sources
        journal = None if resume is None else batch.Journal(Path(resume), job)
        files = batch.files([os.fspath(name) for name in names])
        return batch.run(files, job, workers=workers, journal=journal, progress=progress)

    def summarize(self, results: Iterable[batch.FileResult]) -> list[CallSummary]:
        """Of every file of `recognize_many(..., timeline=True)`: talk time, shares of emotions, turning points."""
        return [summarize(result, self.classes, self.sure) for result in results]

    def timeline(
        self,
        source: Recording,
        *,
        mix: bool = False,
        raw: Raw | None = None,
        resume: str | os.PathLike[str] | None = None,
    ) -> Iterator[Segment]:
        """The segments of speech in a recording of any length, as they become known; memory does not grow with it.

        Args:
            source: As `recognize` takes it.
            mix: Mix all channels into one; else every channel is a speaker.
            raw: What a headerless recording is.
            resume: A file that holds what is done until all is done; if it is there, the run goes on from it, and
                begins with the segments that it knows.

        Raises:
            AudioError: It cannot be read; where it is damaged, after the segments up to there.
            SettingsError: `resume` is damaged, or of another recording or other settings.
        """
        run = self.timeline_run(source, mix=mix, raw=raw, resume=resume)
        for segments in run:
            yield from segments
        run.finish()

    def timeline_run(
        self,
        source: Recording,
        *,
        mix: bool = False,
        raw: Raw | None = None,
        resume: str | os.PathLike[str] | None = None,
    ) -> TimelineRun:
        """A timeline on its way, with its duration, channels and record; parameters and errors as of `timeline`."""
        return TimelineRun(self, source, mix=mix, raw=raw, resume=None if resume is None else Path(resume))

    def recognize_segments(
        self, source: Recording, segments: Transcript, *, raw: Raw | None = None, channel: int | None = None
    ) -> Iterator[Segment]:
        """The emotion of each segment of a recording that a transcript names, with its text and speaker.

        The recording is decoded once and block by block; it may be of any length.

        Args:
            source: As `recognize` takes it.
            segments: The path of a transcript (.srt, .vtt, .TextGrid, .rttm, JSON of a speech recogniser, or a table
                with columns `start` and `end`), or segments as `files.transcripts.read` gives them. Of a transcript
                of several recordings, those of this one.
            raw: What a headerless recording is.
            channel: Of segments whose transcript names none, counted from 0; None: the mix of all.

        Yields:
            One for each, in their order. One that is too short, silent or not in the recording has an `error`.

        Raises:
            TranscriptError, TableError: The transcript cannot be read, or something in it is wrong.
            AudioError: The recording cannot be read or is damaged; raised after all segments.
            SettingsError: The transcript is of other recordings.

        Examples:
            >>> import voxaffect as va
            >>> from voxaffect.files.transcripts import GivenSegment
            >>> given = [GivenSegment(0.2, 1.6, speaker="anna", text="Hello.")]
            >>> for segment in va.load().recognize_segments("examples/synthetic-voice.flac", given):
            ...     print(segment.speaker, segment.text, segment.emotion)
            anna Hello. angry
        """
        opened = Opened(source, raw)
        given = read_segments(segments, opened.file, channel=channel)
        return recognize_segments(self._recognize, opened, given, LONGEST)

    def stream(self, sample_rate: int, *, channels: int = 1) -> Stream:
        """A stream for live speech, to push chunks of samples into.

        Args:
            sample_rate: Hz.
            channels: Each of them a speaker.

        Raises:
            AudioError: The rate is not believable, or there are more than 16 channels.
        """
        return Stream(self, sample_rate, channels=channels)

    def explain(self, source: Recording, *, raw: Raw | None = None, channel: int | None = None) -> Explanation:
        """Why `recognize` answers what it does, for a recording of up to a minute.

        Raises:
            AudioError: It lasts longer, or cannot be read.
        """
        return explain(self, source, raw=raw, channel=channel)

    def baseline(
        self,
        sources: Iterable[Recording],
        *,
        voice: bool = False,
        line: Baseline | str | os.PathLike[str] | None = None,
        update: Baseline | str | os.PathLike[str] | None = None,
        channel: int | None = None,
    ) -> Baseline:
        """The baseline of a line or a voice, from recordings of any emotion, each given once.

        Args:
            sources: The recordings.
            voice: Whether they are of one voice, and not of a line with whatever voices. A voice that is only heard in
                one emotion has that as its normal, so recordings that sound alike count for less.
            line: Of the line that they were recorded on, or the path of its file; they are of one voice, then.
            update: A baseline, or the path of its file, that these recordings are added to.
            channel: The voice's, counted from 0; None: the mix of all.

        Warns:
            VoxaffectWarning: As `recognize` does.

        Raises:
            AudioError: One cannot be recognised.
            SettingsError: There is none, or `line` or `update` is of another bundle, or of another kind.
            BundleError: The bundle has no baseline head.

        Examples:
            >>> import voxaffect as va
            >>> recognizer, recording = va.load("common4"), "examples/synthetic-voice.flac"
            >>> line = recognizer.baseline([recording])
            >>> recognizer.baseline([recording], update=line).recordings
            2
            >>> voice = recognizer.baseline([recording], line=line)
        """
        if isinstance(sources, str | bytes | os.PathLike):
            raise SettingsError(f"{sources!r} is one recording; give a list of them, 20 or more")
        known = {"line": given_baseline(line), "update": given_baseline(update)}
        embeddings = (self._recognize(source, None, channel).embedding for source in sources)
        return Baseline.of(self.bundle, embeddings, voice=voice, **known)

    def waveform(self, source: Recording, *, raw: Raw | None = None) -> tuple[Waveform, str]:
        """The waveform (samples,) of a recording at the bundle's rate, and what messages call it.

        Raises:
            AudioError: It cannot be read, or lasts longer than ten minutes.
        """
        opened = Opened(source, raw)
        return opened.load(self.sample_rate, longest=LONGEST), opened.name

    def _recognize(self, source: Recording, raw: Raw | None = None, channel: int | None = None) -> Recognition:
        opened = Opened(source, raw, channel)
        name, waveform = opened.name, opened.load(self.sample_rate, longest=LONGEST)
        if opened.warning:
            warnings.warn(f"{name}: {opened.warning}", VoxaffectWarning, stacklevel=3)
        duration = len(waveform) / self.sample_rate
        if duration < self.shortest:
            raise AudioError(f"{name}: lasts {duration:.2f} s, which is too short; give {self.shortest} s or more")
        mean = float(waveform.mean())  # a constant offset is no sound
        peak = max(float(waveform.max()) - mean, mean - float(waveform.min()))
        if peak < SILENCE:
            level = f"{20 * np.log10(SILENCE):.0f} dB"
            raise AudioError(f"{name}: is silent, or its channels cancel out (nothing above {level}); check both")
        if peak > LOUDEST:
            raise AudioError(f"{name}: holds values up to {peak:.3g}, and full scale is 1; divide by 32768 (16 bits)")
        logits, embedding, speech = self.answer(waveform)
        if not speech:
            raise no_speech(name)
        probabilities = dict(zip(self.classes, softmax(logits).tolist(), strict=True))
        best = max(probabilities, key=lambda name: probabilities[name])
        confidence = probabilities[best]
        emotion = best if confidence >= self.threshold else UNCERTAIN
        about = (opened.file, opened.channel, opened.warning)
        return Recognition(emotion, confidence, probabilities, duration, embedding, *about)


def load(
    bundle: str | os.PathLike[str] | None = None,
    *,
    threads: int = 1,
    baseline: Baseline | str | os.PathLike[str] | None = None,
    own_baseline: bool = False,
    threshold: float | None = None,
    accuracy: float | None = None,
) -> Recognizer:
    """A recogniser.

    Args:
        bundle: The folder of a bundle, or the name of one in the package; None: the default one.
        threads: For the network.
        baseline: Of the line or voice whose recordings follow, or the path of a file with it.
        own_baseline: As `Recognizer` takes it.
        threshold: Confidence below which the answer is "uncertain".
        accuracy: In place of a threshold, as `Recognizer` takes it.

    Raises:
        BundleError: The bundle is missing, damaged or newer than this version.
        SettingsError: The baseline is missing, damaged or of another bundle, or no threshold reaches the accuracy.

    Examples:
        >>> import voxaffect as va
        >>> va.load(threshold=0.5)
        Recognizer(base: angry, happy, neutral, sad; threshold 0.5)
    """
    known = given_baseline(baseline)
    how: dict[str, Any] = {"threads": threads, "threshold": threshold, "accuracy": accuracy}
    return Recognizer(read(find(bundle)), baseline=known, own_baseline=own_baseline, **how)
