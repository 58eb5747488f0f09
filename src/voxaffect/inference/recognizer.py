"""Recognise the emotion of a recording with a bundle, by ONNX Runtime."""

import os
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import onnxruntime

from voxaffect import audio, bundle
from voxaffect.audio import LOUDEST, SILENCE, Source, Waveform
from voxaffect.bundle import Bundle
from voxaffect.calibration import UNCERTAIN, softmax
from voxaffect.calibration import threshold as threshold_for
from voxaffect.errors import AudioError, BundleError, SettingsError
from voxaffect.inference.baseline import Baseline, relative
from voxaffect.inference.results import Recognition, Segment
from voxaffect.inference.stream import Stream, timeline

LONGEST = 600.0
"""Seconds of the longest recording that one emotion is given for."""

_BATCH = 16


class Recognizer:
    """A bundle, ready to listen. Safe to share between threads.

    threads: of the network; one is fastest for single clips and leaves the others to the program around it.
    baseline: what is normal for those who will be heard; None: for nobody in particular.
    threshold: of confidence, in [0, 1], below which the answer is "uncertain".
    accuracy: the share of answers that shall be right, in place of a threshold: the lowest one with which they were, on
        the speakers that the bundle's card names. Other voices, lines and emotions than those are another matter.

    classes: that it tells apart. sample_rate: Hz that it hears at. shortest: seconds that it hears an emotion in.
    """

    def __init__(
        self,
        source: Bundle,
        threads: int = 1,
        baseline: Baseline | None = None,
        threshold: float | None = None,
        accuracy: float | None = None,
    ) -> None:
        if threads < 1:
            raise SettingsError(f"threads={threads}: choose at least 1")
        self.threshold = _threshold(source, threshold, accuracy)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.bundle, self.name = source, source.name
        self.classes = source.classes
        self.sample_rate = source.sample_rate
        window = source.card["window"]
        self.shortest, self._longest = float(window["shortest"]), float(window["longest"])
        self._trim = window.get("trim")
        least = window["training"] if window.get("pad") else self.shortest if self._trim is not None else 0
        self._least = round(least * self.sample_rate)
        try:
            self._session = onnxruntime.InferenceSession(source.model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises bare pybind11 exceptions of many kinds
            raise BundleError(
                f"{source.name}: ONNX Runtime {onnxruntime.__version__} cannot load its graph "
                f"({str(error).splitlines()[0]}); pip install -U onnxruntime"
            ) from None
        outputs = {output.name: output.shape[-1] for output in self._session.get_outputs()}
        if outputs.get("logits") != len(self.classes) or "embedding" not in outputs:
            raise BundleError(
                f"{source.name}: its card names {len(self.classes)} classes and its graph gives {outputs}; "
                "copy the whole folder again or train it anew"
            )
        self._normal = None if baseline is None else baseline.normal
        self._relative = None if baseline is None else relative(source)
        if baseline is not None and baseline.model != source.card["model"]["sha256"]:
            raise SettingsError(
                f"the baseline was learnt with another bundle than {source.name}; learn it anew with this one"
            )
        if self._relative is not None and self._normal is not None:
            given, wanted = len(self._normal.centre), self._relative.weight.shape[1]
            if given != wanted:
                raise SettingsError(f"the baseline has {given} numbers, not {source.name}'s {wanted}; learn it anew")

    def baseline(self, sources: Iterable[Source | tuple[npt.ArrayLike, int]]) -> Baseline:
        """What is normal in these recordings, of one line or one person, of whatever emotion; 5 or more are best.

        sources: as `recognize` takes them.

        Raises what `recognize` raises, SettingsError where there is none, and BundleError where the bundle was not
        trained to work against a baseline.
        """
        if isinstance(sources, str | bytes | os.PathLike):
            raise SettingsError(f"{sources!r} is one recording; give a list of them, 5 or more")
        return Baseline.of(self.bundle, [self.recognize(source).embedding for source in sources])

    def recognize(self, source: Source | tuple[npt.ArrayLike, int]) -> Recognition:
        """The emotion of a whole recording.

        source: a path, bytes or an open file of any audio format; or (array, sample_rate) with an array of
        (samples,) or (samples, channels) in [-1, 1].

        Raises AudioError where it cannot be read, is shorter than half a second, longer than ten minutes, silent, or
        not scaled to [-1, 1].
        """
        waveform, name = self.waveform(source)
        duration = len(waveform) / self.sample_rate
        if duration < self.shortest:
            raise AudioError(
                f"{name}: lasts {duration:.2f} s, too short to hear an emotion in; give {self.shortest} s or more"
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
        logits, embedding = self.listen(waveform)
        probabilities = softmax(logits)
        best = int(probabilities.argmax())
        confidence = float(probabilities[best])
        return Recognition(
            self.classes[best] if confidence >= self.threshold else UNCERTAIN,
            confidence,
            {name: float(value) for name, value in zip(self.classes, probabilities, strict=True)},
            duration,
            embedding,
        )

    def timeline(self, source: Source, mix: bool = False) -> Iterator[Segment]:
        """The segments of speech in a recording of any length, as `inference.stream.timeline` gives them."""
        return timeline(self, source, mix)

    def stream(self, sample_rate: int, channels: int = 1) -> Stream:
        """Live speech: a stream to push chunks into, as `inference.stream.Stream` says."""
        return Stream(self, sample_rate, channels)

    def listen(self, waveform: Waveform) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """(samples,) at the bundle's rate -> logits (classes,), embedding (dim,), nothing refused.

        What is longer than the bundle's longest window is heard in windows of equal length that overlap by half,
        and their means are given.
        """
        waveform = self._part(waveform)
        longest = round(self._longest * self.sample_rate)
        if len(waveform) <= longest:
            return self._against(*(each[0] for each in self._run(waveform[None])))
        hops = -(-2 * (len(waveform) - longest) // longest)
        starts = np.linspace(0, len(waveform) - longest, hops + 1).round().astype(int)
        parts = [
            self._run(np.stack([waveform[start : start + longest] for start in starts[first : first + _BATCH]]))
            for first in range(0, len(starts), _BATCH)
        ]
        return self._against(*(np.concatenate(each).mean(axis=0) for each in zip(*parts, strict=True)))

    def logits(self, windows: Sequence[Waveform]) -> npt.NDArray[np.float32]:
        """What `listen` says of each of several windows, none beyond the bundle's longest -> (windows, classes)."""
        parts = [self._part(window) for window in windows]
        found = np.empty((len(parts), len(self.classes)), np.float32)
        places: dict[int, list[int]] = {}
        for place, part in enumerate(parts):
            places.setdefault(len(part), []).append(place)
        for same in places.values():  # of equal length, since to pad others would change what is heard
            for first in range(0, len(same), _BATCH):
                rows = same[first : first + _BATCH]
                found[rows] = self._against(*self._run(np.stack([parts[row] for row in rows])))[0]
        return found

    def _part(self, waveform: Waveform) -> Waveform:
        """What of a waveform the bundle hears, and the silences around it."""
        if self._trim is not None:
            waveform = audio.trim(waveform, self.sample_rate, self._trim)
        return audio.pad(waveform, self._least)

    def _against(
        self, logits: npt.NDArray[np.float32], embedding: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Logits (..., classes) against the baseline, if there is one, and the embedding (..., dim) as it is."""
        if self._relative is not None and self._normal is not None:
            logits = self._relative.logits(embedding, self._normal)
        return logits, embedding

    def _run(self, batch: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        logits, embedding = self._session.run(["logits", "embedding"], {"waveform": batch})
        return np.asarray(logits), np.asarray(embedding)

    def waveform(self, source: Source | tuple[npt.ArrayLike, int]) -> tuple[Waveform, str]:
        """What `recognize` hears of a source, (samples,) at the bundle's rate, and what the source is called."""
        if isinstance(source, np.ndarray):
            raise AudioError("the array: comes without its sample rate; give (array, sample_rate)")
        if not isinstance(source, tuple):
            return audio.load(source, self.sample_rate, max_duration=LONGEST), audio.name_of(source)
        name = "the array"
        array, rate = _array(source)
        audio.check_sample_rate(name, rate)
        audio.check_duration(name, len(array) / rate, LONGEST)
        return audio.resample(audio.downmix(array, name), rate, self.sample_rate), name


def _threshold(source: Bundle, threshold: float | None, accuracy: float | None) -> float:
    if accuracy is not None:
        if threshold is not None:
            raise SettingsError(f"threshold={threshold} and accuracy={accuracy}: one of them says the other; give one")
        if "calibration" not in source.card:
            raise SettingsError(
                f"{source.name}: nobody has found out how sure it must be to be right so often; give a threshold, or "
                "train it with a development side"
            )
        return threshold_for(source.card["calibration"]["certainty"], accuracy)
    if threshold is not None and not 0 <= threshold <= 1:
        raise SettingsError(f"threshold={threshold}: is a probability; choose from 0 to 1")
    return threshold or 0.0


def _array(source: tuple[npt.ArrayLike, int]) -> tuple[npt.NDArray[np.floating], int]:
    """The samples and the rate of (array, sample_rate)."""
    if len(source) != 2 or not isinstance(source[1], int | float | np.number) or not source[1] == source[1]:
        raise AudioError("the tuple: is not (array, sample_rate); give the samples first and then their rate in Hz")
    array = np.asarray(source[0])
    if not np.issubdtype(array.dtype, np.floating) or array.ndim not in (1, 2) or array.size == 0:
        raise AudioError(
            f"the array: has shape {array.shape} and type {array.dtype}; give (samples,) or (samples, channels) "
            "of floats in [-1, 1] (16-bit integers: divide by 32768)"
        )
    if array.ndim == 2 and array.shape[0] <= 16 < array.shape[1]:
        raise AudioError(f"the array: has shape {array.shape}, channels first; give (samples, channels), as array.T")
    return array, round(float(source[1]))


def load(
    folder: str | os.PathLike[str] | None = None,
    threads: int = 1,
    baseline: Baseline | str | os.PathLike[str] | None = None,
    threshold: float | None = None,
    accuracy: float | None = None,
) -> Recognizer:
    """A recogniser from a bundle's folder, or the name of one that comes with the package; without one, the default.

    baseline: what is normal for those who will be heard, or the path of a file of it.
    threshold, accuracy: when to answer "uncertain", as `Recognizer` takes them.

    Raises BundleError where the bundle is missing, damaged or newer than this version; SettingsError where the
    baseline is, or is another bundle's, or no threshold gives that accuracy.
    """
    if baseline is not None and not isinstance(baseline, Baseline):
        baseline = Baseline.read(baseline)
    return Recognizer(bundle.read(bundle.find(folder)), threads, baseline, threshold, accuracy)
