import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import babble
from voxaffect.auditing.fingerprint import RATE, fingerprint, log_spectrum, read_recording, vectors
from voxaffect.corpora import Sound
from voxaffect.errors import AudioError

VOICE = babble(1, 1.5, RATE)


def vector(waveform):
    return vectors(log_spectrum(np.asarray(waveform, np.float32), 24, 320))


@pytest.mark.parametrize(("container", "coding"), [("FLAC", "PCM_16"), ("AIFF", "PCM_24"), ("CAF", "PCM_16")])
def test_content_is_the_same_in_any_container(tmp_path, container, coding):
    soundfile.write(tmp_path / "a.wav", babble(0, 0.5), 16_000)
    samples = soundfile.read(tmp_path / "a.wav")[0]
    soundfile.write(tmp_path / "b", samples, 16_000, format=container, subtype=coding)
    soundfile.write(tmp_path / "c", np.stack([samples, samples], 1), 16_000, format=container, subtype=coding)
    soundfile.write(tmp_path / "slow", samples, 8_000, format=container, subtype=coding)
    samples[100] += 2**-15
    soundfile.write(tmp_path / "other", samples, 16_000, format=container, subtype=coding)
    content = {name: read_recording(Sound(tmp_path / name)).content for name in ("a.wav", "b", "c", "slow", "other")}
    assert content["a.wav"] == content["b"] == content["c"]
    assert len(set(content.values())) == 3


def test_what_cannot_be_remembered(tmp_path):
    (tmp_path / "empty.wav").touch()
    with pytest.raises(AudioError, match="is empty"):
        fingerprint(Sound(tmp_path / "empty.wav"))
    soundfile.write(tmp_path / "none.wav", np.zeros(0), 16_000)
    with pytest.raises(AudioError, match="no samples"):
        fingerprint(Sound(tmp_path / "none.wav"))
    soundfile.write(tmp_path / "silent.wav", np.zeros(16_000), 16_000)
    found = fingerprint(Sound(tmp_path / "silent.wav"))
    assert found.silent
    assert found.vectors is None
    soundfile.write(tmp_path / "short.wav", babble(0, 0.2), 16_000)
    found = fingerprint(Sound(tmp_path / "short.wav"))
    assert not found.silent
    assert found.vectors is None


@settings(max_examples=20)
@given(st.floats(0.01, 3))
def test_the_vector_does_not_know_the_level(gain):
    assert np.allclose(vector(VOICE * np.float32(gain)), vector(VOICE), atol=1e-3)


@settings(max_examples=20)
@given(st.integers(1, 35))
def test_the_vector_does_not_know_the_beginning(frames):
    picture = log_spectrum(VOICE, 24, 320)
    assert np.allclose(vectors(np.roll(picture, frames, axis=1)), vectors(picture), atol=1e-4)


def test_the_vector_knows_the_voice():
    others = [vector(babble(seed, 1.5, RATE))[0] for seed in range(2, 12)]
    assert max(float(other @ vector(VOICE)[0]) for other in others) < 0.6


def test_a_stretched_picture_is_found_at_its_scale():
    picture = log_spectrum(VOICE, 24, 320)
    slow = np.repeat(picture, 2, axis=1)[:, : round(2 * picture.shape[1])]
    slow = slow[:, np.round(np.arange(0, slow.shape[1], 2 / 1.19)).astype(int).clip(0, slow.shape[1] - 1)]
    cosines = vectors(picture) @ vectors(slow)[0]
    assert cosines.argmax() == 3
    assert cosines[3] > 0.95
