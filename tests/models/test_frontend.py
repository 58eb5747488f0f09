import librosa
import numpy as np
import pytest
import torch

from voxaffect import audio
from voxaffect.errors import SettingsError
from voxaffect.models.frontend import LogMel, LogMelSettings, mel_filters


def golden(waveform: np.ndarray, settings: LogMelSettings, rate: int) -> np.ndarray:
    energy = librosa.feature.melspectrogram(
        y=waveform,
        sr=rate,
        n_fft=settings.n_fft,
        hop_length=settings.hop_length,
        n_mels=settings.n_mels,
        fmin=settings.f_min,
        fmax=settings.f_max,
        pad_mode="constant",
    )
    return librosa.power_to_db(energy, ref=1.0, amin=10 ** (settings.floor / 10), top_db=None)


@pytest.mark.parametrize(
    ("settings", "rate"),
    [
        (LogMelSettings(), 16_000),
        (LogMelSettings(n_fft=1024, hop_length=256, n_mels=40, f_min=60, f_max=7600), 16_000),
        (LogMelSettings(n_fft=2048, hop_length=512, n_mels=128, f_min=0, f_max=22_050), 44_100),
        (LogMelSettings(n_fft=256, hop_length=80, n_mels=32, f_min=0, f_max=4000), 8_000),
    ],
)
def test_log_mel_is_librosas(settings, rate, example):
    waveform = audio.load(example, rate)
    ours = LogMel(settings, rate)(torch.from_numpy(waveform)[None])[0].numpy()
    expected = golden(waveform, settings, rate)
    assert ours.shape == expected.shape
    assert np.abs(ours - expected).max() < 0.01  # dB


def test_log_mel_is_librosas_on_real_clips(ravdess):
    settings = LogMelSettings()
    for stem in ("03-01-05-02-01-01-01", "03-01-02-01-02-02-24", "03-02-03-01-01-01-12"):
        waveform = audio.load(next(ravdess.rglob(f"{stem}.*")))
        ours = LogMel(settings, 16_000)(torch.from_numpy(waveform)[None])[0].numpy()
        assert np.abs(ours - golden(waveform, settings, 16_000)).max() < 0.01


def test_mel_filters_are_librosas():
    expected = librosa.filters.mel(sr=16_000, n_fft=512, n_mels=64, fmin=20, fmax=8000)
    assert np.abs(mel_filters(16_000, 512, 64, 20, 8000) - expected).max() < 1e-6


def test_frames_says_how_many_there_are():
    frontend = LogMel(LogMelSettings(), 16_000)
    for samples in (8_000, 48_000, 50_123):
        assert frontend(torch.zeros(1, samples)).shape == (1, 64, frontend.frames(samples))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (
            lambda: LogMelSettings(n_fft=512, hop_length=800),
            "hop_length=800 exceeds n_fft=512: frames would skip samples",
        ),
        (lambda: LogMel(LogMelSettings(f_max=9000), 16_000), "exceeds half the sample rate"),
        (lambda: LogMel(LogMelSettings(n_mels=400), 16_000), "too many for n_fft=512"),
        (lambda: LogMelSettings(f_min=500, f_max=100), "is not below"),
        (lambda: LogMelSettings(n_mels=0), "at least 1"),
    ],
)
def test_nonsense_is_refused(wrong, reason):
    with pytest.raises(SettingsError, match=reason):
        wrong()
