"""Settings of the front ends, by the names that an experiment's `features` takes."""

from dataclasses import dataclass

from voxaffect.errors import check


@dataclass(frozen=True)
class MelSettings:
    """A mel spectrogram, as in librosa.

    Args:
        n_fft: Samples of a frame.
        hop_length: Samples from one frame to the next, at most `n_fft`.
        n_mels: Mel bands between `f_min` and `f_max`.
        f_min: Lowest frequency, Hz.
        f_max: Highest frequency, Hz; at most half the sample rate.

    Raises:
        SettingsError: A value is out of range.
    """

    n_fft: int = 512
    hop_length: int = 320
    n_mels: int = 64
    f_min: float = 20.0
    f_max: float = 8000.0

    def __post_init__(self) -> None:
        n_fft, hop, low, high = self.n_fft, self.hop_length, self.f_min, self.f_max
        check(
            hop <= n_fft, f"hop_length={hop} exceeds n_fft={n_fft}: frames would skip samples; choose at most {n_fft}"
        )
        counts = min(hop, n_fft, self.n_mels)
        check(counts >= 1, "n_fft, hop_length and n_mels count samples and bands; choose at least 1")
        check(0 <= low < high, f"f_min={low} is not below f_max={high}; choose 0 <= f_min < f_max")


@dataclass(frozen=True)
class LogMelSettings(MelSettings):
    """Log-mel energies in dB.

    Args:
        floor: Lowest energy, dB re full scale.
        dynamic_range: dB below the clip's active speech level at which energies are clipped; energies are then relative
            to that level, so that gain and distance do not matter. None: absolute energies.
        append_level: Append the clip's level as one more feature row. For recordings of one microphone at one distance.
    """

    floor: float = -80.0
    dynamic_range: float | None = None
    append_level: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        decibels = self.dynamic_range
        check(
            not self.append_level or decibels is not None,
            "append_level=true: absolute energies hold the level already; set dynamic_range, for example 60",
        )
        check(decibels is None or 10 <= decibels <= 120, f"dynamic_range={decibels} dB: choose 10 to 120, or false")


@dataclass(frozen=True)
class MfccSettings(MelSettings):
    """Mel-frequency cepstral coefficients; the defaults are librosa's and the article's, at 44.1 kHz.

    Args:
        n_mfcc: Coefficients, at most `n_mels`.
        averaged: Average the coefficients to one number a frame, as the article does.
    """

    n_fft: int = 2048
    hop_length: int = 512
    n_mels: int = 128
    f_min: float = 0.0
    f_max: float = 22_050.0
    n_mfcc: int = 13
    averaged: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_n_mfcc(self.n_mfcc, self.n_mels)


@dataclass(frozen=True)
class LogMelMfccSettings(MelSettings):
    """Log-mel energies and the cepstral coefficients of the same bands, stacked.

    Args:
        floor: Lowest energy, dB re full scale.
        n_mfcc: Coefficients, at most `n_mels`.
    """

    floor: float = -80.0
    n_mfcc: int = 13

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_n_mfcc(self.n_mfcc, self.n_mels)


def _check_n_mfcc(n_mfcc: int, n_mels: int) -> None:
    check(1 <= n_mfcc <= n_mels, f"n_mfcc={n_mfcc} coefficients of n_mels={n_mels}: choose 1 to {n_mels}")


@dataclass(frozen=True)
class EncoderSettings:
    """Hidden states of a pretrained encoder of speech, which training does not change.

    Args:
        encoder: A name on huggingface.co, as "openai/whisper-base", or a folder of the same content: Whisper, wav2vec
            2.0, HuBERT, WavLM or data2vec-audio.
        states: Which hidden states, ascending: 0 is what the first layer takes, n what the n-th gives. The encoder is
            cut after the highest.
        pool: Average so many successive frames (of 20 ms) of a state, 1 to 25.

    Raises:
        SettingsError: A value is out of range.
    """

    encoder: str
    states: tuple[int, ...] = (2, 3, 4, 5)
    pool: int = 1

    def __post_init__(self) -> None:
        states, pool = self.states, self.pool
        check(self.encoder != "", "frontend.encoder is empty; give a name on huggingface.co, or a folder")
        check(
            bool(states) and states == tuple(sorted(set(states))) and states[0] >= 0,
            f"frontend.states={list(states)} are no hidden states; list them ascending, from 0, as [2, 3, 4]",
        )
        check(1 <= pool <= MOST_POOLED, f"frontend.pool={pool} frames: choose 1 to {MOST_POOLED}")


MOST_POOLED = 25
"""Frames: half a second, the shortest clip."""

FrontendSettings = MelSettings | EncoderSettings

FRONTENDS: dict[str, type[FrontendSettings]] = {
    "log-mel": LogMelSettings,
    "mfcc": MfccSettings,
    "log-mel+mfcc": LogMelMfccSettings,
    "encoder": EncoderSettings,
}
