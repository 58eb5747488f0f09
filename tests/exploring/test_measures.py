import dataclasses

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxaffect import audio
from voxaffect.exploring import measures, pitch
from voxaffect.exploring.measures import MEASURES, SAMPLE_RATE, active_frames, measure


def silence(seconds):
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def tone(frequency, seconds, amplitude=0.5):
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (amplitude * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def bursts(per_second, seconds, frequency=200):
    """Loudness that swells and falls `per_second` times a second, never to silence."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    swell = 0.1 + 0.9 * np.sin(np.pi * per_second * time) ** 2
    return (swell * tone(frequency, seconds)).astype(np.float32)


def equal(found, expected, but=()):
    for name in MEASURES:
        if name not in but:
            assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-4, nan_ok=True), name


def test_the_table_names_every_measure_in_its_order():
    assert [field.name for field in dataclasses.fields(measures.Measures)] == list(MEASURES)


def test_a_tone_between_silences_is_measured_as_it_was_made():
    found = measure(np.concatenate([silence(0.4), tone(220, 1.0, 0.5), silence(0.7)]))
    assert found.duration == pytest.approx(2.1)
    assert found.leading == pytest.approx(0.4, abs=0.01)
    assert found.trailing == pytest.approx(0.7, abs=0.01)
    assert found.sounding == pytest.approx(1.0, abs=0.02)
    assert found.gaps == 0
    assert found.level == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.05)
    assert found.pitch == pytest.approx(220, rel=0.002)
    assert found.pitch_range == pytest.approx(0, abs=0.1)
    assert found.voiced > 95
    assert found.centre == pytest.approx(220, rel=0.1)


def test_a_gap_is_counted_as_a_gap():
    found = measure(np.concatenate([tone(220, 0.5), silence(0.3), tone(220, 0.5)]))
    assert found.gaps == pytest.approx(0.3, abs=0.02)
    assert found.sounding == pytest.approx(1.0, abs=0.02)
    assert (found.leading, found.trailing) == (0, pytest.approx(0, abs=0.01))


@pytest.mark.parametrize("per_second", [3, 5, 7])
def test_the_rate_is_that_of_the_pulses(per_second):
    assert measure(bursts(per_second, 2.0)).rate == pytest.approx(per_second, abs=0.6)


def test_a_steady_tone_has_no_syllables_and_noise_no_pitch():
    assert measure(tone(200, 2.0)).rate == 0
    noise = np.random.default_rng(0).normal(0, 0.1, 2 * SAMPLE_RATE).astype(np.float32)
    found = measure(noise)
    assert found.voiced < 5
    assert found.centre == pytest.approx(4000, rel=0.05)


def test_a_click_is_no_sound():
    click = silence(1.0)
    click[8000:8160] = 0.3
    assert measure(np.concatenate([click, tone(200, 1.0)])).leading == pytest.approx(1.0, abs=0.02)


def test_a_constant_offset_is_no_sound():
    plain = np.concatenate([silence(0.5), tone(200, 1.0), silence(0.5)])
    equal(measure(plain + np.float32(0.05)), measure(plain), but=("centre",))
    assert not active_frames(np.full(SAMPLE_RATE, 0.5, np.float32)).any()


@pytest.mark.parametrize("waveform", [silence(1.5), np.zeros(0, np.float32), silence(0.003), silence(1.0) + 1e-5])
def test_of_a_silent_clip_only_the_duration_is_known(waveform):
    found = dataclasses.asdict(measure(waveform))
    assert found.pop("duration") == pytest.approx(len(waveform) / SAMPLE_RATE)
    assert all(np.isnan(value) for value in found.values())


def test_what_is_too_short_for_pitch_has_none():
    found = measure(tone(200, 0.055))
    assert found.sounding > 0
    assert np.isfinite([found.level, found.centre]).all()
    assert np.isnan([found.pitch, found.pitch_range, found.voiced, found.rate]).all()


@pytest.mark.parametrize("frequency", [65, 110, 220, 440, 780])
def test_pitch_of_harmonics_and_of_a_missing_fundamental(frequency):
    rng = np.random.default_rng(1)
    for first in (1, 2):
        parts = [tone(frequency * k, 0.6, 0.2 / k) for k in range(first, 9) if frequency * k < 7500]
        found = pitch.track(sum(parts) + rng.normal(0, 0.001, len(parts[0])).astype(np.float32))
        assert np.nanmedian(found) == pytest.approx(frequency, rel=0.005)
        assert np.isfinite(found).mean() > 0.9


def test_pitch_follows_a_glide():
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    true = 150 * 2 ** (time / 2)  # an octave up in two seconds
    phase = 2 * np.pi * np.cumsum(true) / SAMPLE_RATE
    found = pitch.track(sum(np.sin(k * phase) / k for k in range(1, 8)).astype(np.float32) * 0.2)
    middle = true[80::160][: len(found)]
    assert np.abs(12 * np.log2(found / middle))[5:-5].max() < 0.2


def test_pitch_does_not_depend_on_where_the_memory_is_cut(monkeypatch):
    sweep = np.concatenate([bursts(4, 1.0, frequency) for frequency in (120, 180, 260)])
    whole = pitch.track(sweep)
    monkeypatch.setattr(pitch, "_FRAMES", 50)
    cut = pitch.track(sweep)
    assert np.array_equal(np.isfinite(whole), np.isfinite(cut))
    assert cut == pytest.approx(whole, nan_ok=True)


def test_the_spectral_centre_is_librosas():
    rng = np.random.default_rng(2)
    made = (tone(300, 1.0) + tone(2100, 1.0, 0.2) + rng.normal(0, 0.02, SAMPLE_RATE)).astype(np.float32)
    padded = np.pad(made, (0, 512))
    theirs = librosa.feature.spectral_centroid(y=padded, sr=SAMPLE_RATE, n_fft=512, hop_length=160, center=False)
    assert measure(made).centre == pytest.approx(theirs[0, :100].mean(), rel=1e-3)


def voice_of(f0, level, seed):
    """Ten harmonics that swell and fall, and noise 40 dB and more below."""
    time = np.arange(round(0.8 * SAMPLE_RATE)) / SAMPLE_RATE
    parts = sum(np.sin(2 * np.pi * f0 * k * time) / k for k in range(1, 11))
    noise = np.random.default_rng(seed).normal(0, 0.003, len(time))
    return (level * (np.sin(np.pi * time / 0.8) * parts / 3 + noise)).astype(np.float32)


voices = st.builds(voice_of, st.floats(80, 500), st.floats(0.05, 0.8), st.integers(0, 1000))


@settings(max_examples=30)
@given(voices, st.floats(0.1, 4.0))
def test_gain_changes_the_level_by_just_that_and_nothing_else(voice, gain):
    before, after = measure(voice), measure((voice * gain).astype(np.float32))
    assert after.level - before.level == pytest.approx(20 * np.log10(gain), abs=1e-3)
    equal(after, before, but=("level",))


@settings(max_examples=30)
@given(voices, st.integers(0, 100), st.integers(0, 100))
def test_silence_around_it_changes_the_silence_and_nothing_else(voice, before, after):
    padded = np.concatenate([silence(before / 100), voice, silence(after / 100)])
    found, plain = measure(padded), measure(voice)
    assert found.leading == pytest.approx(plain.leading + before / 100)
    assert found.trailing == pytest.approx(plain.trailing + after / 100)
    assert found.duration == pytest.approx(plain.duration + (before + after) / 100)
    equal(found, plain, but=("leading", "trailing", "duration"))


@settings(max_examples=30)
@given(voices)
def test_all_parts_together_are_the_duration(voice):
    found = measure(voice)
    assert found.leading + found.sounding + found.gaps + found.trailing == pytest.approx(found.duration)
    assert 0 <= found.voiced <= 100


def test_women_speak_higher_than_men_in_real_recordings(ravdess):
    man, woman = (measure(audio.load(next(ravdess.rglob(f"03-01-01-01-01-01-{actor}.*")))) for actor in ("01", "02"))
    assert 90 < man.pitch < 140
    assert 180 < woman.pitch < 280
    assert man.leading == pytest.approx(1.0, abs=0.1)
