"""Operations on samples: downmix, resample."""

import numpy as np
import numpy.typing as npt
import soxr

from voxaffect.errors import AudioError

Waveform = npt.NDArray[np.float32]
"""(samples,), mono, nominally in [-1, 1]."""

SILENCE = 5e-4
"""Peak amplitude (-66 dB re full scale) of the loudest silent recording."""

LOUDEST = 8.0
"""Highest amplitude of a waveform in [-1, 1] that a filter or a resampler made louder."""

_ABSURD = 1e9  # amplitude that no unit explains, and that resampling may carry to infinity


def downmix(samples: npt.NDArray[np.floating], name: str = "the waveform") -> Waveform:
    """Average the channels.

    Args:
        samples: (samples,) or (samples, channels).
        name: What an error calls the recording.

    Returns:
        (samples,) float32.

    Raises:
        AudioError: A sample is NaN, infinite or beyond any scale: a decoder or a caller has gone wrong.

    Examples:
        >>> downmix(np.array([[0.5, -0.1], [0.2, 0.4]])).tolist()
        [0.20000000298023224, 0.30000001192092896]
    """
    with np.errstate(invalid="ignore"):  # of NaN, as arbitrary bytes are
        peak = max(float(samples.max(initial=0)), -float(samples.min(initial=0)))
    if not np.isfinite(peak):
        raise AudioError(f"{name}: holds NaN or infinite samples; export it again from its source")
    if peak > _ABSURD:
        raise AudioError(f"{name}: holds samples of {peak:.1e}, and full scale is 1; export it again from its source")
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    return np.ascontiguousarray(mono, dtype=np.float32)


def resample(waveform: Waveform, rate: int, sample_rate: int) -> Waveform:
    """Resample with soxr, in high quality.

    Args:
        waveform: (samples,).
        rate: Its sample rate, Hz.
        sample_rate: The sample rate wanted, Hz.

    Returns:
        (samples * sample_rate / rate,) float32.

    Examples:
        >>> resample(np.zeros(8000, np.float32), 8000, 16_000).shape
        (16000,)
    """
    if rate == sample_rate:
        return waveform
    resampler = soxr.ResampleStream(rate, sample_rate, 1, dtype="float32")
    return resampler.resample_chunk(waveform, last=True)
