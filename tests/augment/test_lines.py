"""Channels that copies go through: their bands, levels and noise, measured."""

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from conftest import babble
from voxaffect.augment import COPIES, lines
from voxaffect.augment.conditions import telephone

RATE = 16_000
VOICE = 0.5 * babble(3, seconds=1.5)


def power(waveform, low, high):
    """Within a band, dB."""
    spectrum = np.abs(np.fft.rfft(waveform)) ** 2
    hertz = np.fft.rfftfreq(len(waveform), 1 / RATE)
    return 10 * np.log10(spectrum[(hertz >= low) & (hertz < high)].sum() + 1e-12)


def copy(kind, seed=0, waveform=VOICE):
    return COPIES[kind].apply(waveform, RATE, (float(seed),))


def test_a_telephone_passes_its_band_and_rounds_as_mu_law_does(tmp_path):
    noise = 0.1 * np.random.default_rng(0).standard_normal(2 * RATE).astype(np.float32)
    after = copy("telephone", waveform=noise)
    assert power(after, 500, 3000) == pytest.approx(power(noise, 500, 3000), abs=1)
    assert power(after, 0, 150) < power(noise, 0, 150) - 20
    assert power(after, 4200, 8000) < power(noise, 4200, 8000) - 30
    # µ-law written and read by libsndfile differs from the band alone by its rounding, 38 dB below.
    band = telephone(noise, RATE)
    assert -45 < power(after - band, 0, 4000) - power(band, 0, 4000) < -30
    assert "ULAW" in soundfile.available_subtypes("WAV")


@given(st.integers(0, 2**32 - 1))
def test_a_room_keeps_a_clip_usable(seed):
    after = copy("noise-room", seed)
    assert after.shape == VOICE.shape
    assert np.isfinite(after).all()
    assert np.abs(after).max() <= 1 + 1e-6
    change = power(after, 0, 8000) - power(VOICE, 0, 8000)
    assert lines.LEVEL[0] - lines.EQUALISER - 1 < change < lines.LEVEL[1] + lines.EQUALISER + 3


def test_rooms_differ_in_level_noise_and_response():
    pauses = np.abs(VOICE) < 0.01
    made = [copy("noise-room", seed) for seed in range(40)]
    levels = [power(each, 0, 8000) for each in made]
    noise = [np.std(each[pauses]) / np.std(each) for each in made]
    tilt = [power(each, 200, 800) - power(each, 1600, 3400) for each in made]
    assert np.ptp(levels) > 15
    assert max(noise) > 4 * min(noise)
    assert np.ptp(tilt) > 5


def test_noise_is_as_far_below_the_voice_as_it_says(monkeypatch):
    monkeypatch.setattr(lines, "SNR", (12.0, 12.0))
    monkeypatch.setattr(lines, "EQUALISER", 0.0)
    monkeypatch.setattr(lines, "LEVEL", (0.0, 0.0))
    dry = [seed for seed in range(12) if np.random.default_rng(seed).random() >= 0.5]  # rooms without reverberation
    for seed in dry:
        soft = VOICE / 8  # so that nothing is made softer for its peaks
        noise = copy("noise-room", seed, soft) - soft
        assert 10 * np.log10(np.mean(soft**2) / np.mean(noise**2)) == pytest.approx(12, abs=0.01)
        assert abs(noise.mean()) < 1e-3 * noise.std()


def test_an_equaliser_is_smooth_and_within_its_range():
    impulse = np.zeros(RATE, np.float32)
    impulse[0] = 1
    for seed in range(5):
        response = 20 * np.log10(np.abs(np.fft.rfft(lines.equalised(impulse, RATE, np.random.default_rng(seed)))))
        assert np.abs(response).max() <= lines.EQUALISER + 0.01
        assert np.abs(np.diff(response[1000:])).max() < 0.05
        assert np.ptp(response) > 3


def test_lines_have_narrow_and_wide_codecs_and_lose_a_beginning():
    made = [copy("line", seed) for seed in range(30)]
    high = [power(each, 4500, 7000) - power(each, 500, 3000) for each in made]
    narrow = sum(each < -30 for each in high)
    assert 12 <= narrow <= 29  # three codecs of four are of 8 kHz
    lost = [len(VOICE) - len(each) for each in made]
    assert 0 <= min(lost) < 0.01 * RATE
    assert 0.02 * RATE < max(lost) <= 0.03 * RATE


@pytest.mark.parametrize("kind", ["telephone", "noise-room", "line"])
@pytest.mark.parametrize("samples", [2, 40, 300])
def test_the_shortest_clips_are_taken(kind, samples):
    assert np.isfinite(copy(kind, waveform=VOICE[3000 : 3000 + samples])).all()
    assert np.isfinite(copy(kind, waveform=np.zeros(samples, np.float32))).all()
