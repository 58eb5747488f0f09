"""A bundle's graph in ONNX Runtime, with the baseline and the threshold that it is used with."""

import functools
import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime

from voxaffect import audio, calibration, graph
from voxaffect.audio import Span, Waveform
from voxaffect.baseline_head import Statistics, Sums
from voxaffect.bundle import Bundle
from voxaffect.errors import AudioError, BundleError, SettingsError
from voxaffect.graph import EMBEDDING, FRAMES, INPUT, LOGITS, WEIGHTS
from voxaffect.inference.baseline import Baseline, baseline_head
from voxaffect.inference.output_layer import OutputLayer, output_layer
from voxaffect.inference.time_limit import time_limit
from voxaffect.inference.voice_activity import onnx_session
from voxaffect.speech_detector import SECONDS, SpeechDetector, highest

BLOCK = 2.0
"""Seconds of a block that is encoded at once.

Positions are a large part of an encoder's states, and training clips last some seconds: longer blocks, or context
before them, lie where the output layer has seen none.
"""

_BATCH = 16
_FRAME = 0.02  # seconds of an encoder's frame, of which one of a graph's is a whole number
_LONGEST_REASON = 160  # characters

Outputs = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Logits (..., classes) and embedding (..., dim)."""

Frames = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], int]
"""Frames (frames, dim), their weights (frames,), and the samples from one to the next."""


class Answer(NamedTuple):
    """What the network gives for a recording: logits (classes,), embedding (dim,), and whether anybody speaks in it."""

    logits: npt.NDArray[np.float32]
    embedding: npt.NDArray[np.float32]
    speech: bool


def no_speech(name: str) -> AudioError:
    """The error of a recording in which nobody speaks. name: what the message calls it."""
    return AudioError(f"{name}: holds no speech, only other sounds; give a recording in which somebody speaks")


class Network:
    """Waveforms to logits and embeddings: the base of `Recognizer`, which says what the parameters are."""

    def __init__(
        self,
        source: Bundle,
        *,
        threads: int = 1,
        baseline: Baseline | None = None,
        own_baseline: bool = False,
        threshold: float | None = None,
        accuracy: float | None = None,
    ) -> None:
        if threads < 1:
            raise SettingsError(f"threads={threads}: choose at least 1")
        card = source.card
        self.threshold = _threshold(source, threshold, accuracy)
        self.bundle, self.name = source, source.name
        self.classes, self.sample_rate = card.classes, card.sample_rate
        self.shortest, self._longest = card.window.shortest, card.window.longest
        self._threads, self._session = threads, _session(source, threads)
        window, gives = card.window, {each.name for each in self._session.get_outputs()}
        apart = FRAMES in gives and window.trim is None and not window.pad
        self.layer = output_layer(source.model) if apart else None
        """From embeddings to logits, where windows pool over frames of blocks; None: each is encoded by itself."""
        detector = card.speech_detector
        self.detector = None if detector is None else SpeechDetector.from_record(detector)
        """Of speech, among other sounds; None: every sound is taken for speech."""
        self._baseline, self.own_baseline = baseline, own_baseline
        self._head = None if baseline is None and not own_baseline else baseline_head(source)
        self._statistics = None if baseline is None else baseline.statistics(source)

    def __reduce__(self) -> tuple[Any, ...]:  # for other processes
        settings: dict[str, Any] = {"baseline": self._baseline, "threshold": self.threshold}
        settings["own_baseline"] = self.own_baseline
        return functools.partial(type(self), self.bundle, threads=self._threads, **settings), ()

    def __repr__(self) -> str:
        against = ("" if self._baseline is None else ", baseline") + (", own baseline" if self.own_baseline else "")
        return f"{type(self).__name__}({self.name}: {', '.join(self.classes)}; threshold {self.threshold:g}{against})"

    def forward(self, waveform: Waveform) -> Outputs:
        """Run the network on a waveform (samples,) at the bundle's rate, without any checks.

        What is longer than the bundle's longest window is split: into blocks, over whose frames the embedding is the
        mean, or where the graph gives no frames into windows that overlap by half, whose outputs are averaged.

        Returns:
            Logits (classes,) and embedding (dim,).

        Raises:
            BundleError: The graph fails, or gives values that are not finite.
        """
        return self.answer(waveform)[:2]

    def answer(self, waveform: Waveform) -> Answer:
        """As `forward`, and whether anybody speaks: in two seconds of the waveform, where the graph gives frames."""
        waveform = audio.remove_hum(waveform, self.sample_rate)
        return self.answer_part(waveform, self.part(waveform))

    def speaks(self, embedding: npt.NDArray[np.float32]) -> bool:
        """Whether anybody speaks in what an embedding (dim,) is of."""
        return self.detector is None or bool(self.detector.scores(embedding) >= 0)

    def part(self, waveform: Waveform) -> Span:
        """The part of a waveform without hum that the network takes, and where it lays its frames."""
        window = self.bundle.card.window
        whole = window.trim is None and window.align is None
        least = window.training if window.pad else 0 if whole else window.shortest
        return audio.span(waveform, self.sample_rate, trim_db=window.trim, period=window.align, least=least)

    def forward_part(self, waveform: Waveform, part: Span) -> Outputs:
        """As `forward`, of a part of a waveform without hum."""
        return self.answer_part(waveform, part)[:2]

    def answer_part(self, waveform: Waveform, part: Span) -> Answer:
        """As `answer`, of a part of a waveform without hum."""
        waveform = audio.cut(waveform, part)
        if self.layer is None:
            logits, embedding = self._averaged(waveform)
            speech = self.speaks(embedding)
        else:
            logits, embedding, speech = self._pooled(waveform, self.layer)
        return Answer(*self.normalised(logits, embedding), speech)

    def _averaged(self, waveform: Waveform) -> Outputs:
        """Logits (classes,) and embedding (dim,), of a long waveform the means over windows."""
        longest = round(self._longest * self.sample_rate)
        if len(waveform) <= longest:
            logits, embedding = self._run(waveform[None])
            return logits[0], embedding[0]
        hops = -(-2 * (len(waveform) - longest) // longest)
        starts = np.linspace(0, len(waveform) - longest, hops + 1).round().astype(int)
        parts = [
            self._run(np.stack([waveform[start : start + longest] for start in starts[first : first + _BATCH]]))
            for first in range(0, len(starts), _BATCH)
        ]
        logits, embedding = (np.concatenate(output).mean(axis=0) for output in zip(*parts, strict=True))
        return logits, embedding

    def logits(self, windows: Sequence[Waveform]) -> npt.NDArray[np.float32]:
        """Logits (windows, classes) of several windows, each as `forward` gives them, none beyond the longest.

        Raises:
            BundleError: The graph fails, or gives values that are not finite.
        """
        return self.normalised(*self.outputs(windows))[0]

    def outputs(self, windows: Sequence[Waveform]) -> Outputs:
        """As `logits`, with the embeddings (windows, dim), and without the baseline."""
        parts = [self._prepared(window) for window in windows]
        places: dict[int, list[int]] = {}
        for place, part in enumerate(parts):
            places.setdefault(len(part), []).append(place)
        order, found = [], []
        for same in places.values():  # of equal length, since padding would change the result
            for first in range(0, len(same), _BATCH):
                rows = same[first : first + _BATCH]
                order += rows
                found.append(self._run(np.stack([parts[row] for row in rows])))
        back = np.argsort(order)
        logits, embeddings = (np.concatenate(each)[back] for each in zip(*found, strict=True))
        return logits, embeddings

    def frames(self, waveform: Waveform) -> Frames:
        """The frames of a waveform (samples,), where `layer` is there.

        Raises:
            BundleError: The graph fails, or gives values that are not finite.
        """
        return self._framed(audio.remove_hum(waveform, self.sample_rate))[1]

    def _framed(self, waveform: Waveform) -> tuple[Outputs, Frames]:
        """Of a waveform without hum."""
        assert self.layer is not None
        logits, embedding, frames, weights = self._given(waveform[None], LOGITS, EMBEDDING, FRAMES, WEIGHTS)
        self._check(logits, embedding, 1)
        dim, size = self.layer.weight.shape[1], weights.size
        if size == 0 or frames.shape != (1, size, dim) or weights.shape != (1, size):
            raise self._failure(f"its graph gives frames of shape {frames.shape} and weights of {weights.shape}")
        self._check_finite(frames, FRAMES)
        self._check_finite(weights, WEIGHTS)
        expected = self.layer.logits(embedding)
        if not np.allclose(logits, expected, rtol=1e-2, atol=1e-2 * float(np.abs(logits).max())) or weights.min() <= 0:
            raise self._failure("its graph's logits are not those of its last layer, or its weights not above 0")
        unit = _FRAME * self.sample_rate
        width = round(max(1, round(len(waveform) / size / unit)) * unit)
        return (logits[0], embedding[0]), (frames[0], weights[0], width)

    @property
    def sure(self) -> float:
        """The confidence from which on an answer is sure, as a turning point's two answers are.

        See `calibration.sure`; at least the threshold in use.
        """
        measured = self.bundle.card.calibration
        return max(self.threshold, calibration.sure(measured.risk_coverage if measured else (), len(self.classes)))

    def identity(self) -> dict[str, Any]:
        """Plain values that are the same if and only if results are: the model and its settings."""
        numbers = None if self._statistics is None else np.stack(self._statistics).tobytes()
        return {
            "model": self.bundle.card.model.sha256,
            "align": self.bundle.card.window.align,
            "threshold": self.threshold,
            "baseline": None if numbers is None else hashlib.sha256(numbers).hexdigest(),
            "own_baseline": self.own_baseline,
            "speech_detector": None if self.detector is None else self.detector.checksum(),
        }

    def sums(self, embedding: npt.NDArray[np.float32]) -> Sums:
        """What a baseline remembers of an embedding (dim,), where there is one or a channel's own."""
        assert self._head is not None
        return self._head.sums(embedding[None])

    def statistics(self, own: Sums | None) -> Statistics | None:
        """What is normal for a channel: by the baseline, and by what was learnt of the channel itself."""
        if own is None or self._head is None:
            return self._statistics
        line, voice = (self._baseline.line, self._baseline.voice) if self._baseline else (None, None)
        return self._head.statistics(line, own if voice is None else voice + own)

    def _prepared(self, waveform: Waveform) -> Waveform:
        waveform = audio.remove_hum(waveform, self.sample_rate)
        return audio.cut(waveform, self.part(waveform))

    def normalised(
        self,
        logits: npt.NDArray[np.float32],
        embedding: npt.NDArray[np.float32],
        statistics: Statistics | None = None,
    ) -> Outputs:
        """Logits (..., classes) by these statistics, or the baseline if there is one; the embedding as it is."""
        statistics = self._statistics if statistics is None else statistics
        if self._head is not None and statistics is not None:
            with np.errstate(over="ignore"):  # of a head whose numbers are beyond belief: its logits are refused
                logits = self._head.logits(embedding, statistics)
            self._check_finite(logits, f"{LOGITS} against the baseline")
        return logits, embedding

    def _run(self, waveforms: npt.NDArray[np.float32]) -> Outputs:
        logits, embedding = self._given(waveforms, LOGITS, EMBEDDING)
        self._check(logits, embedding, len(waveforms))
        return logits, embedding

    def _check(self, logits: npt.NDArray[np.float32], embedding: npt.NDArray[np.float32], count: int) -> None:
        head, detector = self.bundle.card.baseline_head, self.bundle.card.speech_detector
        known = head.mean if head else detector.weight if detector else None
        dim = embedding.shape[1:] if known is None else (len(known),)
        for name, values, size in ((LOGITS, logits, (len(self.classes),)), (EMBEDDING, embedding, dim)):
            if values.shape != (count, *size) or values.ndim != 2:
                raise self._failure(f"its graph gives {name} of shape {values.shape} for {count} waveforms")
            self._check_finite(values, name)

    def _given(self, waveforms: npt.NDArray[np.float32], *names: str) -> list[npt.NDArray[np.float32]]:
        # A graph from elsewhere may take any time; ten times as long as the sound lasts is more than one of ours needs.
        limit = 60 + 10 * waveforms.size / self.sample_rate
        with time_limit(limit) as options:
            try:
                return [np.asarray(each) for each in self._session.run(list(names), {INPUT: waveforms}, options)]
            except Exception as error:
                reason = f"no answer within {limit:.0f} s" if options.terminate else _reason(error)
                raise self._failure(f"its graph fails ({reason})") from None

    def _pooled(self, waveform: Waveform, layer: OutputLayer) -> Answer:
        """Of a waveform of any length, without the baseline."""
        if len(waveform) <= round(self._longest * self.sample_rate):
            outputs, (frames, weights, width) = self._framed(waveform)
            return Answer(*outputs, self._any_speaks([self._scores(frames)], [weights], width))
        block = round(BLOCK * self.sample_rate)
        total, weight = np.zeros(layer.weight.shape[1], np.float32), np.float32(0)
        scores, every = [], []
        for new in range(0, len(waveform), block):
            first = min(new, len(waveform) - block)  # the last one reaches back over the one before
            frames, weights, width = self.frames(waveform[first : first + block])
            kept = first + width * (np.arange(len(frames)) + 0.5) >= new
            total += (frames[kept] * weights[kept, None]).sum(axis=0)
            weight += weights[kept].sum()
            scores.append(self._scores(frames[kept]))
            every.append(weights[kept])
        embedding = total / weight
        return Answer(layer.logits(embedding), embedding, self._any_speaks(scores, every, width))

    def _scores(self, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
        """Of speech, frame by frame."""
        return np.zeros(len(frames)) if self.detector is None else self.detector.scores(frames)

    def _any_speaks(
        self, scores: list[npt.NDArray[np.floating]], weights: list[npt.NDArray[np.float32]], width: int
    ) -> bool:
        """Whether anybody speaks, from `_scores` and weights of frames that are `width` samples apart."""
        size = max(1, round(SECONDS * self.sample_rate / width))
        return highest(np.concatenate(scores), np.concatenate(weights), size) >= 0

    def _check_finite(self, values: npt.NDArray[np.float32], name: str) -> None:
        if not np.isfinite(values).all():
            raise self._failure(f"its graph gives no finite {name}")

    def _failure(self, reason: str) -> BundleError:
        return BundleError(f"{self.name}: {reason}; copy the whole folder again")


def _session(source: Bundle, threads: int) -> onnxruntime.InferenceSession:
    graph.check(source)
    try:
        return onnx_session(source.model, threads)
    except Exception as error:
        reason = f"ONNX Runtime {onnxruntime.__version__} cannot load its graph ({_reason(error)})"
        raise BundleError(f"{source.name}: {reason}; pip install -U onnxruntime") from None


def _reason(error: Exception) -> str:
    """The end of the first line of what ONNX Runtime raises: bare pybind11 exceptions of many kinds."""
    line = (str(error).splitlines() or [type(error).__name__])[0]
    return line if len(line) <= _LONGEST_REASON else f"…{line[1 - _LONGEST_REASON :]}"


def _threshold(source: Bundle, threshold: float | None, accuracy: float | None) -> float:
    if accuracy is not None:
        if threshold is not None:
            raise SettingsError(f"threshold={threshold} and accuracy={accuracy}: one of them says the other; give one")
        if source.card.calibration is None:
            raise SettingsError(f"{source.name}: was never calibrated, so accuracies are unknown; give a threshold")
        return calibration.threshold(source.card.calibration.risk_coverage, accuracy)
    if threshold is not None and not 0 <= threshold <= 1:
        raise SettingsError(f"threshold={threshold}: is a probability; choose from 0 to 1")
    return threshold or 0.0
