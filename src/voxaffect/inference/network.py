"""A bundle's graph in ONNX Runtime, with the baseline and the threshold that it is used with."""

import functools
import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from voxaffect import audio, calibration
from voxaffect.audio import Waveform
from voxaffect.bundle import Bundle
from voxaffect.errors import BundleError, SettingsError
from voxaffect.inference.baseline import Baseline, baseline_head
from voxaffect.inference.voice_activity import onnx_session

_BATCH = 16

Outputs = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Logits (..., classes) and embedding (..., dim)."""


class Network:
    """Waveforms to logits and embeddings: the base of `Recognizer`, which says what the parameters are."""

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
        settings: dict[str, Any] = {"baseline": self._baseline, "threshold": self.threshold}
        return functools.partial(type(self), self.bundle, threads=self._threads, **settings), ()

    def __repr__(self) -> str:
        against = "" if self._baseline is None else ", baseline"
        return f"{type(self).__name__}({self.name}: {', '.join(self.classes)}; threshold {self.threshold:g}{against})"

    def forward(self, waveform: Waveform) -> Outputs:
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
            return self._normalised(*(output[0] for output in self._run(waveform[None])))
        hops = -(-2 * (len(waveform) - longest) // longest)
        starts = np.linspace(0, len(waveform) - longest, hops + 1).round().astype(int)
        parts = [
            self._run(np.stack([waveform[start : start + longest] for start in starts[first : first + _BATCH]]))
            for first in range(0, len(starts), _BATCH)
        ]
        return self._normalised(*(np.concatenate(output).mean(axis=0) for output in zip(*parts, strict=True)))

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

    def identity(self) -> dict[str, Any]:
        """Plain values that are the same if and only if results are: the model and its settings."""
        numbers = None if self._baseline is None else np.stack(self._baseline.statistics).tobytes()
        return {
            "model": self.bundle.card.model.sha256,
            "threshold": self.threshold,
            "baseline": None if numbers is None else hashlib.sha256(numbers).hexdigest(),
        }

    def _prepared(self, waveform: Waveform) -> Waveform:
        """The waveform trimmed and padded as in training."""
        if self._trim is not None:
            waveform = audio.trim(waveform, self.sample_rate, self._trim)
        return audio.pad(waveform, self._least)

    def _normalised(self, logits: npt.NDArray[np.float32], embedding: npt.NDArray[np.float32]) -> Outputs:
        """Logits (..., classes) by the baseline, if there is one, and the embedding (..., dim) as it is."""
        if self._head is not None and self._baseline is not None:
            logits = self._head.logits(embedding, self._baseline.statistics)
        return logits, embedding

    def _run(self, waveforms: npt.NDArray[np.float32]) -> Outputs:
        try:
            logits, embedding = map(np.asarray, self._session.run(["logits", "embedding"], {"waveform": waveforms}))
            finite = bool(np.isfinite(logits).all() and np.isfinite(embedding).all())
        except Exception as error:  # ONNX Runtime raises bare pybind11 exceptions of many kinds
            reason = str(error).splitlines()[0]
            raise BundleError(f"{self.name}: its graph fails ({reason}); copy the whole folder again") from None
        if not finite or logits.shape != (len(waveforms), len(self.classes)):
            raise BundleError(f"{self.name}: its graph gives no finite logits; copy the whole folder again")
        return logits, embedding


def _session(source: Bundle, threads: int) -> onnxruntime.InferenceSession:
    try:
        session = onnx_session(source.model, threads)
    except Exception as error:  # ONNX Runtime raises bare pybind11 exceptions of many kinds
        reason = f"ONNX Runtime {onnxruntime.__version__} cannot load its graph ({str(error).splitlines()[0]})"
        raise BundleError(f"{source.name}: {reason}; pip install -U onnxruntime") from None
    outputs = {output.name: output.shape[-1] if output.shape else None for output in session.get_outputs()}
    if outputs.get("logits") != len(source.card.classes) or "embedding" not in outputs:
        reason = f"its card names {len(source.card.classes)} classes and its graph gives {outputs}"
        raise BundleError(f"{source.name}: {reason}; copy the whole folder again or train it anew")
    return session


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
