import numpy as np
import pytest
import torch

from voxaffect.augment import Channel, ChannelParameters
from voxaffect.errors import SettingsError
from voxaffect.models.frontend import LogMel
from voxaffect.settings import read_experiment
from voxaffect.settings.frontends import LogMelSettings

FRONTEND = LogMel(LogMelSettings(), 16_000)
SHAPE = (64, 101)


def energies(seed: int = 0, level: float = 0.1) -> torch.Tensor:
    waveform = level * np.random.default_rng(seed).standard_normal((2, 32_000)).astype(np.float32)
    return FRONTEND(torch.from_numpy(waveform))


def draw(channel: Channel, seed: int = 0) -> ChannelParameters:
    return ChannelParameters(*map(torch.from_numpy, channel.draw(np.random.default_rng(seed), SHAPE, FRONTEND.centres)))


def test_centres_are_librosas():
    librosa = pytest.importorskip("librosa")
    expected = librosa.mel_frequencies(n_mels=66, fmin=20, fmax=8000)[1:-1]
    assert np.allclose(FRONTEND.centres, expected)


def test_a_level_is_a_gain_of_the_waveform():
    channel = Channel(level=20)
    parameters = draw(channel)
    gain = float(parameters.curve[0])
    louder = energies(level=0.1 * 10 ** (gain / 20))
    assert -20 <= gain <= 20
    assert torch.allclose(channel.apply(energies(), parameters, -80), louder, atol=1e-3)


def test_noise_adds_up_as_it_does_in_a_waveform():
    rng = np.random.default_rng(1)
    voice = (0.1 * np.sin(2 * np.pi * 500 * np.arange(160_000) / 16_000)).astype(np.float32)
    noise = (rng.standard_normal(160_000) * np.sqrt(np.mean(voice**2) / 10)).astype(np.float32)  # 10 dB below
    both, clean, alone = (FRONTEND(torch.from_numpy(each)[None])[0] for each in (voice + noise, voice, noise))
    shape = 10 ** (alone / 10) / (10 ** (clean / 10)).mean()
    made = Channel().apply(clean[None], ChannelParameters(torch.zeros(64), shape[None]), -80)[0]
    # In any frame the two are in phase or not; on the average they are neither.
    assert (10 ** (made / 10)).mean(dim=1).log10().sub((10 ** (both / 10)).mean(dim=1).log10()).abs().max() < 0.05


@pytest.mark.parametrize("snr", [0.0, 20.0])
def test_noise_is_as_far_below_as_it_says(snr):
    parameters = draw(Channel(noise=1, low=snr, high=snr))
    assert float(parameters.noise.mean()) == pytest.approx(10 ** (-snr / 10), rel=0.1)


def test_a_telephone_leaves_its_band():
    parameters = draw(Channel(telephone=1))
    heard = Channel(telephone=1).apply(energies(), parameters, -80)
    inside = torch.from_numpy((FRONTEND.centres > 300) & (FRONTEND.centres < 3400))
    assert torch.allclose(heard[:, inside], energies()[:, inside], atol=1e-3)
    assert (heard[:, ~inside] == -80).all()


def test_an_equalizer_is_smooth_and_as_strong_as_it_says():
    curves = np.stack([draw(Channel(equalizer=6), seed).curve for seed in range(300)])
    assert np.abs(np.diff(curves)).max() < 6
    assert curves[:, [0, -1]].std() == pytest.approx(6, rel=0.15)
    assert abs(curves.mean()) < 1


def test_without_anything_nothing_is_done():
    channel = Channel()
    assert torch.allclose(channel.apply(energies(), draw(channel), -80), energies(), atol=1e-3)


def test_settings():
    assert read_experiment("cnn", ["augment.channel={level=10, telephone=0.3}"]).augment.channel == Channel(10, 0, 0.3)
    with pytest.raises(SettingsError, match="out of range"):
        read_experiment("cnn", ["augment.channel={telephone=2}"])
    with pytest.raises(SettingsError, match="adds to log-mel energies, and features are log-mel\\+mfcc"):
        read_experiment("cnn", ["augment.channel={level=3}", "features='log-mel+mfcc'", "frontend.dynamic_range=false"])
