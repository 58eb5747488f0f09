"""Recognise the emotion of a recording with a bundle, by ONNX Runtime."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import onnxruntime

from voxaffect import audio
from voxaffect.audio import LOUDEST, SILENCE, Waveform
from voxaffect.bundle import Bundle, find, read
from voxaffect.calibration import UNCERTAIN, softmax
from voxaffect.calibration import threshold as threshold_for
from voxaffect.errors import AudioError, BundleError, SettingsError
from voxaffect.inference import batch
from voxaffect.inference.baseline import Baseline, baseline_head
from voxaffect.inference.explain import Explanation, explain
from voxaffect.inference.results import Recognition, Segment
from voxaffect.inference.sources import Opened, Recording
from voxaffect.inference.stream import Stream
from voxaffect.inference.timeline import TimelineRun

LONGEST = 600.0
"""Seconds of the longest recording that one emotion is given for."""

_BATCH = 16


class Recognizer:
    """A bundle, ready for use. Safe to share between threads.

    Args:
        source: The bundle.
        threads: For the network; one is fastest for single clips and leaves the others to the program around it.
        baseline: Of the line or person whose recordings follow; None: of nobody in particular.
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
    """

    def __init__(
        self,
        source: Bundle,
        *,
        threads: int = 1,
        baseline: Baseline | None = None,
        threshold: float | None = None,
        accuracy: float | None = None,
    ) -> None:
        if threads < 1:
            raise SettingsError(f"threads={threads}: choose at least 1")
        card = source.card
        self.threshold = _threshold(source, threshold, accuracy)
        self.bundle, self.name = source, source.name
        self.classes, self.sample_rate = card.classes, card.sample_rate
        self.shortest, self._longest, self._trim = card.window.shortest, card.window.longest, card.window.trim
        least = card.window.training if card.window.pad else self.shortest if self._trim is not None else 0
        self._least = round(least * self.sample_rate)
        self._threads, self._session = threads, _session(source, threads)
        self._baseline = baseline
        self._head = None if baseline is None else baseline_head(source)
        if baseline is None or self._head is None:
            return
        if baseline.model != card.model.sha256:
            raise SettingsError(f"the baseline is of another bundle than {source.name}; make it anew with this one")
        given, wanted = len(baseline.statistics.mean), self._head.weight.shape[1]
        if given != wanted:
            raise SettingsError(f"the baseline has {given} numbers, not {source.name}'s {wanted}; make it anew")

    def __reduce__(self) -> tuple[Any, ...]:  # for other processes
        return _again, (self.bundle, self._threads, self._baseline, self.threshold)

    def __repr__(self) -> str:
        against = "" if self._baseline is None else ", baseline"
        return f"Recognizer({self.name}: {', '.join(self.classes)}; threshold {self.threshold:g}{against})"

    @overload
    def recognize(self, source: Recording) -> Recognition: ...
    @overload
    def recognize(self, source: list[Recording]) -> list[Recognition]: ...
    def recognize(self, source: Recording | list[Recording]) -> Recognition | list[Recognition]:
        """The emotion of a whole recording, or of each of a list of them.

        Args:
            source: A path, bytes or an open file of any audio format; (array, sample_rate); Gradio's
                (sample_rate, int16 array); a Hugging Face dict. See `sources.Recording`.

        Raises:
            AudioError: It cannot be read, is shorter than half a second, longer than ten minutes, silent, or not
                scaled to [-1, 1].
            BundleError: The graph fails.

        Example:
            >>> import voxaffect as va
            >>> va.load().recognize("examples/synthetic-voice.flac").emotion
            'happy'
        """
        return [self._recognize(each) for each in source] if isinstance(source, list) else self._recognize(source)

    def recognize_many(
        self,
        sources: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        workers: int = 1,
        timeline: bool = False,
        mix: bool = False,
        progress: Callable[[batch.FileResult], None] | None = None,
        resume: str | os.PathLike[str] | None = None,
    ) -> list[batch.FileResult]:
        """Recognise many files on several cores; a bad file has an error and does not stop the rest.

        Args:
            sources: Files, folders with all below them, patterns as `calls/**/*.wav`, or lists: text files with a name
                a line, or tables with a column of them.
            workers: Processes; 1: this one.
            timeline: Give the segments of each file rather than one emotion.
            mix: With `timeline`: mix all channels into one.
            progress: Called with every result as it is done.
            resume: A file that holds what is done until all is done; if it is there, the run goes on from it.

        Returns:
            One for each file, in the order of the sources.

        Raises:
            SettingsError: A source does not exist or has no recording, or `resume` is of other settings.
            WorkerError: A worker died.
        """
        job = batch.Job(self, timeline, mix)
        names = [sources] if isinstance(sources, str | os.PathLike) else sources
        journal = None if resume is None else batch.Journal(Path(resume), job)
        results = batch.run(
            batch.files([os.fspath(name) for name in names]), job, workers=workers, journal=journal, progress=progress
        )
        if journal:
            journal.remove()
        return results

    def timeline(
        self, source: Recording, *, mix: bool = False, resume: str | os.PathLike[str] | None = None
    ) -> Iterator[Segment]:
        """The segments of speech in a recording of any length, as they become known; memory does not grow with it.

        Args:
            source: As `recognize` takes it.
            mix: Mix all channels into one; else each is a speaker.
            resume: A file that holds what is done until all is done; if it is there, the run goes on from it, and
                begins with the segments that it knows.

        Raises:
            AudioError: It cannot be read; where it is damaged, after the segments up to there.
            SettingsError: `resume` is damaged, or of another recording or other settings.
        """
        run = TimelineRun(self, source, mix=mix, resume=None if resume is None else Path(resume))
        for segments in run:
            yield from segments
        run.finish()

    def stream(self, sample_rate: int, *, channels: int = 1) -> Stream:
        """A stream for live speech, to push chunks of samples into.

        Args:
            sample_rate: Hz.
            channels: Each of them a speaker.

        Raises:
            AudioError: The rate is not believable, or there are more than 16 channels.
        """
        return Stream(self, sample_rate, channels=channels)

    def explain(self, source: Recording) -> Explanation:
        """Why `recognize` answers what it does, for a recording of up to a minute.

        Raises:
            AudioError: It lasts longer, or cannot be read.
        """
        return explain(self, source)

    def baseline(self, sources: Iterable[Recording]) -> Baseline:
        """The baseline of one line or one person, from recordings of any emotion; 5 or more are best.

        Raises:
            AudioError: One cannot be recognised.
            SettingsError: There is none.
            BundleError: The bundle has no baseline head.
        """
        if isinstance(sources, str | bytes | os.PathLike):
            raise SettingsError(f"{sources!r} is one recording; give a list of them, 5 or more")
        return Baseline.of(self.bundle, [self._recognize(source).embedding for source in sources])

    def forward(self, waveform: Waveform) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Run the network on a waveform (samples,) at the bundle's rate, without any checks.

        What is longer than the bundle's longest window is split into windows of equal length that overlap by half,
        whose outputs are averaged.

        Returns:
            Logits (classes,) and embedding (dim,).

        Raises:
            BundleError: The graph fails, or gives values that are not finite.
        """
        waveform = self._prepared(waveform)
        longest = round(self._longest * self.sample_rate)
        if len(waveform) <= longest:
            return self._normalised(*(each[0] for each in self._run(waveform[None])))
        hops = -(-2 * (len(waveform) - longest) // longest)
        starts = np.linspace(0, len(waveform) - longest, hops + 1).round().astype(int)
        parts = [
            self._run(np.stack([waveform[start : start + longest] for start in starts[first : first + _BATCH]]))
            for first in range(0, len(starts), _BATCH)
        ]
        return self._normalised(*(np.concatenate(each).mean(axis=0) for each in zip(*parts, strict=True)))

    def logits(self, windows: Sequence[Waveform]) -> npt.NDArray[np.float32]:
        """Logits (windows, classes) of several windows, each as `forward` gives them, none beyond the longest.

        Raises:
            BundleError: The graph fails, or gives values that are not finite.
        """
        parts = [self._prepared(window) for window in windows]
        logits = np.empty((len(parts), len(self.classes)), np.float32)
        places: dict[int, list[int]] = {}
        for place, part in enumerate(parts):
            places.setdefault(len(part), []).append(place)
        for same in places.values():  # of equal length, since padding would change the result
            for first in range(0, len(same), _BATCH):
                rows = same[first : first + _BATCH]
                logits[rows] = self._normalised(*self._run(np.stack([parts[row] for row in rows])))[0]
        return logits

    def waveform(self, source: Recording) -> tuple[Waveform, str]:
        """The waveform (samples,) of a recording at the bundle's rate, and what messages call it.

        Raises:
            AudioError: It cannot be read, or lasts longer than ten minutes.
        """
        opened = Opened(source)
        return opened.load(self.sample_rate, longest=LONGEST), opened.name

    def identity(self) -> dict[str, Any]:
        """Plain values that are the same if and only if results are: the model and its settings."""
        numbers = None if self._baseline is None else np.stack(self._baseline.statistics).tobytes()
        return {
            "model": self.bundle.card.model.sha256,
            "threshold": self.threshold,
            "baseline": None if numbers is None else hashlib.sha256(numbers).hexdigest(),
        }

    def _recognize(self, source: Recording) -> Recognition:
        opened = Opened(source)
        waveform, name = opened.load(self.sample_rate, longest=LONGEST), opened.name
        duration = len(waveform) / self.sample_rate
        if duration < self.shortest:
            raise AudioError(
                f"{name}: lasts {duration:.2f} s, too short to recognise an emotion; give {self.shortest} s or more"
            )
        peak = float(np.abs(waveform - waveform.mean()).max())  # a constant offset is no sound
        if peak < SILENCE:
            floor = 20 * np.log10(SILENCE)
            raise AudioError(
                f"{name}: is silent, or its channels cancel out (nothing above {floor:.0f} dB); check both"
            )
        if peak > LOUDEST:
            raise AudioError(
                f"{name}: holds values up to {peak:.3g}, and full scale is 1; divide by the largest value of its "
                "format (32768 for 16 bits)"
            )
        logits, embedding = self.forward(waveform)
        values = softmax(logits)
        best = int(values.argmax())
        confidence = float(values[best])
        emotion = self.classes[best] if confidence >= self.threshold else UNCERTAIN
        probabilities = dict(zip(self.classes, values.tolist(), strict=True))
        return Recognition(emotion, confidence, probabilities, duration, embedding, opened.file)

    def _prepared(self, waveform: Waveform) -> Waveform:
        """The waveform trimmed and padded as in training."""
        if self._trim is not None:
            waveform = audio.trim(waveform, self.sample_rate, self._trim)
        return audio.pad(waveform, self._least)

    def _normalised(
        self, logits: npt.NDArray[np.float32], embedding: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Logits (..., classes) by the baseline, if there is one, and the embedding (..., dim) as it is."""
        if self._head is not None and self._baseline is not None:
            logits = self._head.logits(embedding, self._baseline.statistics)
        return logits, embedding

    def _run(self, waveforms: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        try:
            logits, embedding = map(np.asarray, self._session.run(["logits", "embedding"], {"waveform": waveforms}))
            finite = bool(np.isfinite(logits).all() and np.isfinite(embedding).all())
        except Exception as error:  # ONNX Runtime raises bare pybind11 exceptions of many kinds
            raise BundleError(
                f"{self.name}: its graph fails ({str(error).splitlines()[0]}); copy the whole folder again"
            ) from None
        if not finite or logits.shape != (len(waveforms), len(self.classes)):
            raise BundleError(f"{self.name}: its graph gives no finite logits; copy the whole folder again")
        return logits, embedding


def _again(source: Bundle, threads: int, baseline: Baseline | None, threshold: float) -> Recognizer:
    return Recognizer(source, threads=threads, baseline=baseline, threshold=threshold)


def _session(source: Bundle, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(source.model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises bare pybind11 exceptions of many kinds
        raise BundleError(
            f"{source.name}: ONNX Runtime {onnxruntime.__version__} cannot load its graph "
            f"({str(error).splitlines()[0]}); pip install -U onnxruntime"
        ) from None
    outputs = {output.name: output.shape[-1] if output.shape else None for output in session.get_outputs()}
    if outputs.get("logits") != len(source.card.classes) or "embedding" not in outputs:
        raise BundleError(
            f"{source.name}: its card names {len(source.card.classes)} classes and its graph gives {outputs}; "
            "copy the whole folder again or train it anew"
        )
    return session


def _threshold(source: Bundle, threshold: float | None, accuracy: float | None) -> float:
    if accuracy is not None:
        if threshold is not None:
            raise SettingsError(f"threshold={threshold} and accuracy={accuracy}: one of them says the other; give one")
        if source.card.calibration is None:
            raise SettingsError(
                f"{source.name}: was never calibrated: no threshold is known for an accuracy; give a threshold, or "
                "train it with a development side"
            )
        return threshold_for(source.card.calibration.risk_coverage, accuracy)
    if threshold is not None and not 0 <= threshold <= 1:
        raise SettingsError(f"threshold={threshold}: is a probability; choose from 0 to 1")
    return threshold or 0.0


def load(
    bundle: str | os.PathLike[str] | None = None,
    *,
    threads: int = 1,
    baseline: Baseline | str | os.PathLike[str] | None = None,
    threshold: float | None = None,
    accuracy: float | None = None,
) -> Recognizer:
    """A recogniser.

    Args:
        bundle: The folder of a bundle, or the name of one in the package; None: the default one.
        threads: For the network.
        baseline: Of the line or person whose recordings follow, or the path of a file with it.
        threshold: Confidence below which the answer is "uncertain".
        accuracy: In place of a threshold, as `Recognizer` takes it.

    Raises:
        BundleError: The bundle is missing, damaged or newer than this version.
        SettingsError: The baseline is missing, damaged or of another bundle, or no threshold reaches the accuracy.

    Example:
        >>> import voxaffect as va
        >>> va.load(threshold=0.5)
        Recognizer(common4: angry, happy, neutral, sad; threshold 0.5)
    """
    if baseline is not None and not isinstance(baseline, Baseline):
        baseline = Baseline.read(baseline)
    return Recognizer(read(find(bundle)), threads=threads, baseline=baseline, threshold=threshold, accuracy=accuracy)
