import librosa
import numpy as np
import pytest
import torch

from voxaffect import audio
from voxaffect.errors import SettingsError
from voxaffect.models import build
from voxaffect.models.frontend import LogMel, LogMelMfcc, Mfcc, mel_filters
from voxaffect.settings import read_experiment
from voxaffect.settings.frontends import LogMelMfccSettings, LogMelSettings, MfccSettings


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


def test_relative_to_its_own_level_a_clip_sounds_alike_at_any_gain_and_between_any_silence(example):
    settings = LogMelSettings(floor=-120, dynamic_range=55)
    frontend = LogMel(settings, 16_000)

    def relative(waveform: np.ndarray) -> torch.Tensor:
        return frontend.reference(frontend(torch.from_numpy(waveform)[None]))[0]

    waveform = audio.load(example)
    heard = relative(waveform)
    assert heard.min() == -55
    assert 0 < heard.max() < 15
    for gain in (0.01, 0.1, 3.0):
        assert torch.allclose(relative(gain * waveform), heard, atol=0.05)
    silence = np.zeros(320 * 50, np.float32)
    between = relative(np.concatenate([silence, waveform, silence]))
    assert torch.allclose(between[:, 51:-51], heard[:, 1:][:, : between.shape[1] - 102], atol=0.05)
    # The level that it counts from is that of all bands together, over the active frames.
    power = 10 ** (heard / 10)
    frames = power.sum(dim=0)
    assert frames[frames >= frames.max() / 1000].mean() == pytest.approx(1, abs=0.01)


def test_the_level_that_is_taken_away_is_told_beside(example):
    settings = LogMelSettings(floor=-120, dynamic_range=55, append_level=True)
    frontend = LogMel(settings, 16_000)
    assert (frontend.n_features, frontend.clip_features) == (64, 1)
    waveform = audio.load(example)

    def heard(gain: float) -> torch.Tensor:
        return frontend.reference(frontend(torch.from_numpy(gain * waveform)[None]))[0]

    rows, softer = heard(1.0), heard(0.1)
    plain = LogMel(LogMelSettings(floor=-120, dynamic_range=55), 16_000)
    assert torch.equal(rows[:-1], plain.reference(plain(torch.from_numpy(waveform)[None]))[0])
    assert len(rows[-1].unique()) == 1
    assert torch.allclose(softer[-1], rows[-1] - 20, atol=0.05)
    power = 10 ** (plain(torch.from_numpy(waveform)[None])[0].double() / 10)
    frames = power.sum(dim=0)
    active = frames[frames >= frames.max() / 1000]
    assert float(rows[-1, 0]) == pytest.approx(10 * np.log10(active.mean().item()), abs=0.01)


def test_level_matters_to_a_network_that_is_told_of_it_and_to_no_other():
    energies = torch.randn(2, 64, 100) * 10 - 40
    for told in ("true", "false"):
        torch.manual_seed(0)
        model = build(read_experiment("cnn", ["frontend.dynamic_range=60", f"frontend.append_level={told}"])).eval()
        soft, loud = (model.classify(model.normalise(each))[0] for each in (energies, energies + 12))
        assert torch.allclose(soft, loud, atol=1e-3) == (told == "false")


def test_relative_is_heard_after_a_channel_was_added_and_before_normalisation():
    model = build(read_experiment("cnn", ["frontend.dynamic_range=60"])).eval()
    energies = torch.randn(2, 64, 100) * 10 - 40
    assert torch.allclose(model.normalise(energies), model.normalise(energies + 12), atol=1e-4)
    plain = build(read_experiment("cnn", ["frontend.dynamic_range=false"])).eval()
    assert not torch.allclose(plain.normalise(energies), plain.normalise(energies + 12), atol=1)


def article_features(path, part: slice) -> tuple[np.ndarray, np.ndarray]:
    """The article's input by librosa, and ours: one number a frame."""
    waveform = audio.load(path, 44_100)[part]
    expected = np.mean(librosa.feature.mfcc(y=waveform, sr=44_100, n_mfcc=13), axis=0)
    ours = Mfcc(MfccSettings(averaged=True), 44_100)(torch.from_numpy(waveform)[None])[0, 0].numpy()
    return expected, ours


THREE_SECONDS, TWO_AND_A_HALF = slice(22_050, 22_050 + 132_300), slice(22_050, 22_050 + 110_250)


@pytest.mark.parametrize("part", [THREE_SECONDS, TWO_AND_A_HALF])
def test_the_articles_input_is_librosas(part, example):
    expected, ours = article_features(example, part)
    assert ours.shape == expected.shape
    assert np.abs(ours - expected).max() < 1e-3


@pytest.mark.parametrize("part", [THREE_SECONDS, TWO_AND_A_HALF])
def test_the_articles_input_is_librosas_on_real_clips(part, ravdess):
    for path in sorted(ravdess.rglob("03-*"))[::130]:
        expected, ours = article_features(path, part)
        assert ours.shape == expected.shape
        assert np.abs(ours - expected).max() < 1e-3


def test_the_articles_input_has_259_and_216_numbers():
    assert Mfcc(MfccSettings(averaged=True), 44_100).frames(132_300) == 259
    assert Mfcc(MfccSettings(averaged=True), 44_100).frames(110_250) == 216


def test_mfcc_is_librosas(example):
    settings = MfccSettings(n_fft=512, hop_length=320, n_mels=64, n_mfcc=20, f_min=20, f_max=8000)
    waveform = audio.load(example)
    ours = Mfcc(settings, 16_000)(torch.from_numpy(waveform)[None])[0].numpy()
    energy = golden(waveform, LogMelSettings(floor=-100.0), 16_000)
    expected = librosa.feature.mfcc(S=np.maximum(energy, energy.max() - 80), n_mfcc=20)
    assert np.abs(ours - expected).max() < 0.02


def test_both_together_are_each(example):
    waveform = torch.from_numpy(audio.load(example))[None]
    both = LogMelMfcc(LogMelMfccSettings(n_mfcc=13), 16_000)(waveform)[0]
    energies = LogMel(LogMelSettings(), 16_000)(waveform)[0]
    assert torch.equal(both[:64], energies)
    expected = librosa.feature.mfcc(S=energies.numpy(), n_mfcc=13)
    assert np.abs(both[64:].numpy() - expected).max() < 1e-3


@pytest.mark.parametrize("name", ["article", "ancestor"])
def test_a_recording_longer_or_shorter_than_the_excerpt_is_heard_from_half_a_second_on(name):
    model = build(read_experiment(name)).eval()
    window = 3.0 if name == "article" else 2.5
    waveform = torch.randn(1, 5 * 44_100) * 0.1
    first, last = 22_050, 22_050 + round(window * 44_100)
    with torch.no_grad():
        heard = model(waveform)[0]
        for start in (0, last):
            changed = waveform.clone()
            changed[:, start : start + 22_050] = 0
            assert torch.equal(model(changed)[0], heard)
        assert torch.equal(model(waveform[:, :last])[0], heard)
        # What is not there are zeros among the features, as in the article's notebook, not silence in the sound.
        short = waveform[:, : first + 44_100]
        features = model.frontend(short[:, first:])
        filled = torch.zeros(1, 1, model.network.n_frames)
        filled[:, :, : features.shape[2]] = features
        assert torch.allclose(model(short)[0], model.classify(filled)[0], atol=1e-5)


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
        (lambda: MfccSettings(n_mfcc=200), "choose 1 to 128"),
        (lambda: LogMelMfccSettings(n_mfcc=65), "choose 1 to 64"),
        (lambda: LogMelSettings(dynamic_range=5), "dynamic_range=5 dB: choose 10 to 120"),
        (lambda: LogMelSettings(append_level=True), "set dynamic_range"),
    ],
)
def test_nonsense_is_refused(wrong, reason):
    with pytest.raises(SettingsError, match=reason):
        wrong()
