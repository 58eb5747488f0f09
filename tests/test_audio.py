import io
import os
import struct
import subprocess
import sys
import threading
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from voxaffect import audio
from voxaffect.audio import libsndfile
from voxaffect.errors import AudioError

RATE = 16_000


def tone(rate: int, seconds: float = 1.0, hertz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


CONTAINERS = [
    ("wav", "PCM_U8", 0.02),
    ("wav", "PCM_16", 1e-3),
    ("wav", "PCM_24", 1e-4),
    ("wav", "PCM_32", 1e-4),
    ("wav", "FLOAT", 1e-4),
    ("wav", "DOUBLE", 1e-4),
    ("wav", "ULAW", 0.03),
    ("wav", "ALAW", 0.03),
    ("flac", "PCM_16", 1e-3),
    ("flac", "PCM_24", 1e-4),
    ("ogg", "VORBIS", 0.06),
    ("ogg", "OPUS", 0.06),
    ("mp3", "MPEG_LAYER_III", 0.06),
    ("aiff", "PCM_16", 1e-3),
]


@pytest.mark.parametrize(("container", "subtype", "tolerance"), CONTAINERS)
@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_gives_the_same_tone(tmp_path, container, subtype, tolerance, rate, channels):
    path = tmp_path / f"tone.{container}"
    samples = tone(rate)
    soundfile.write(path, np.stack([samples] * channels, axis=1), rate, subtype=subtype)
    waveform = audio.load(path, RATE)
    assert waveform.dtype == np.float32
    assert waveform.ndim == 1
    # Lossy codecs may add up to a tenth of a second of padding; the tone in the middle is what counts.
    assert len(waveform) == pytest.approx(RATE, abs=0.1 * RATE if container in ("mp3", "ogg") else 2)
    middle = waveform[4000:12000]
    reference = tone(RATE)
    # Align: a codec may delay.
    lags = np.correlate(waveform[3500:12500], reference[4000:12000], mode="valid")
    start = 3500 + int(lags.argmax())
    middle = waveform[start : start + 8000]
    assert np.sqrt(np.mean((middle - reference[4000:12000]) ** 2)) < tolerance


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000])
def test_resampling_agrees_with_librosa(rate):
    rng = np.random.default_rng(0)
    waveform = rng.standard_normal(rate, dtype=np.float32) * 0.1
    expected = librosa.resample(waveform, orig_sr=rate, target_sr=RATE, res_type="soxr_hq")
    assert np.abs(audio.resample(waveform, rate, RATE)[: len(expected)] - expected).max() < 1e-4


def test_channels_are_averaged(tmp_path):
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([np.full(RATE, 0.5), np.full(RATE, -0.1)], axis=1), RATE, subtype="FLOAT")
    assert np.allclose(audio.load(path, RATE), 0.2, atol=1e-6)


def test_paths_bytes_and_file_objects_are_alike(example):
    whole = audio.load(example)
    content = example.read_bytes()
    assert np.array_equal(whole, audio.load(str(example)))
    assert np.array_equal(whole, audio.load(content))
    assert np.array_equal(whole, audio.load(io.BytesIO(content)))
    with example.open("rb") as file:
        assert np.array_equal(whole, audio.load(file))


@pytest.mark.parametrize(
    "name", ["grüße ☃.wav", "-rf.wav", "with space.wav", "a'b\"c.wav", "no-ending", "new\nline.wav"]
)
def test_odd_names(tmp_path, name):
    path = tmp_path / name
    soundfile.write(path, tone(RATE), RATE, format="WAV")
    assert len(audio.load(path)) == RATE


def test_a_name_that_is_not_text(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.wav"
    buffer = io.BytesIO()
    soundfile.write(buffer, tone(RATE), RATE, format="WAV")
    Path(os.fsdecode(path)).write_bytes(buffer.getvalue())
    assert len(audio.load(os.fsdecode(path))) == RATE


@settings(max_examples=30)
@given(
    samples=st.integers(1, 200_000),
    rate=st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000]),
    channels=st.integers(1, 3),
)
def test_length_is_kept(samples, rate, channels):
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros((samples, channels)), rate, format="WAV")
    waveform = audio.load(buffer.getvalue(), RATE) if samples * RATE / rate >= 1 else np.zeros(0)
    assert abs(len(waveform) - samples * RATE / rate) <= 1


def test_chunks_joined_are_the_whole(tmp_path, monkeypatch):
    path = tmp_path / "long.wav"
    soundfile.write(path, np.random.default_rng(0).standard_normal(500_000) * 0.1, 44_100, subtype="FLOAT")
    whole = audio.load(path)
    monkeypatch.setattr(libsndfile, "CHUNK", 7_001)
    assert np.abs(np.concatenate(list(audio.chunks(path))) - whole).max() < 1e-6


def test_memory_does_not_grow_with_length(tmp_path):
    """The peak of decoding 40 minutes chunk by chunk is that of decoding one minute."""
    script = (
        "import resource, sys; from voxaffect import audio\n"
        "for chunk in audio.chunks(sys.argv[1]): pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = []
    for minutes in (1, 40):
        path = tmp_path / f"{minutes}.wav"
        with soundfile.SoundFile(path, "w", 8_000, 1, "PCM_U8") as file:
            for _ in range(minutes):
                file.write(np.zeros(8_000 * 60))
        peaks.append(int(subprocess.check_output([sys.executable, "-c", script, str(path)])))
    assert peaks[1] - peaks[0] < 10_000  # kB


def wav_bytes(samples: np.ndarray, rate: int = RATE, subtype: str = "PCM_16") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV", subtype=subtype)
    return buffer.getvalue()


def test_what_cannot_be_read_is_named_with_reason_and_remedy(tmp_path):
    def refused(source) -> str:
        with pytest.raises(AudioError) as caught:
            audio.load(source)
        message = str(caught.value)
        assert "\n" not in message
        return message

    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("this is not sound\n" * 100)
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "none.wav").write_bytes(wav_bytes(np.zeros(0)))
    (tmp_path / "nan.wav").write_bytes(wav_bytes(np.array([0.1, np.nan, 0.2]), subtype="FLOAT"))
    assert "does not exist" in refused(tmp_path / "absent.wav")
    assert "is empty" in refused(tmp_path / "empty.wav")
    assert "is not audio" in refused(tmp_path / "text.wav")
    assert "is a folder" in refused(tmp_path / "folder.wav")
    assert "no samples" in refused(tmp_path / "none.wav")
    assert "NaN" in refused(tmp_path / "nan.wav")
    assert "is not audio" in refused(b"RIFF")
    assert "is empty" in refused(b"")


def test_a_file_without_permission(tmp_path):
    path = tmp_path / "secret.wav"
    path.write_bytes(wav_bytes(tone(RATE)))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(AudioError, match="permission"):
        audio.load(path)


def test_too_long_is_refused_from_the_header_alone(tmp_path):
    path = tmp_path / "three_hours.wav"
    with soundfile.SoundFile(path, "w", 8_000, 1, "PCM_U8") as file:
        for _ in range(180):
            file.write(np.zeros(8_000 * 60))
    with pytest.raises(AudioError, match=r"lasts 3\.0 h.*10\.0 min.*cut it"):
        next(audio.chunks(path, max_duration=600))


def test_a_piped_wav_with_unknown_length_is_not_cut_off():
    content = bytearray(wav_bytes(tone(RATE, 2)))
    place = content.index(b"data") + 4
    for unknown in (0xFFFFFFFF, 0x7FFFFFFF):
        content[4:8] = content[place : place + 4] = struct.pack("<I", unknown)
        assert len(audio.load(bytes(content))) == 2 * RATE


@pytest.mark.parametrize("surplus", [1, 2, 36, 44])
def test_a_header_that_counts_itself_in_is_not_cut_off(surplus):
    content = bytearray(wav_bytes(tone(RATE, 2)))
    place = content.index(b"data") + 4
    content[place : place + 4] = struct.pack("<I", 4 * RATE + surplus)
    assert len(audio.load(bytes(content))) == 2 * RATE


def test_a_flac_of_unknown_length(tmp_path):
    path = tmp_path / "streamed.flac"
    soundfile.write(path, tone(RATE, 2), RATE)
    content = bytearray(path.read_bytes())
    # STREAMINFO: 36 bits of total samples, after 4 bytes of magic, 4 of block header and 13.5 of other fields.
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    assert np.array_equal(audio.load(bytes(content), max_duration=600), audio.load(path))
    assert audio.header(bytes(content)).samples == 2 * RATE


def test_a_named_pipe(tmp_path, example):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(example.read_bytes()))
    writer.start()
    assert np.array_equal(audio.load(pipe), audio.load(example))
    writer.join()


def test_an_unbelievable_rate():
    content = bytearray(wav_bytes(tone(RATE)))
    place = content.index(b"fmt ") + 12
    content[place : place + 4] = struct.pack("<I", 7)
    with pytest.raises(AudioError, match="7 Hz"):
        audio.load(bytes(content))


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning", "ignore::voxaffect.VoxaffectWarning")
@settings(max_examples=300)
@given(position=st.integers(0, 120), value=st.integers(0, 255), cut=st.integers(0, 4000))
def test_broken_files_give_clear_errors_or_sound(position, value, cut):
    content = bytearray(_INTACT[: len(_INTACT) - cut])
    content[position % len(content)] = value
    try:
        waveform = audio.load(bytes(content), max_duration=600)
    except AudioError:
        return
    assert np.isfinite(waveform).all()
    assert len(waveform) > 0


_INTACT = wav_bytes(tone(RATE, 0.25))


def test_real_recordings_decode(ravdess):
    path = next(ravdess.rglob("03-01-05-02-01-01-01.*"))
    header = audio.header(path)
    assert header.sample_rate == 48_000
    waveform = audio.load(path)
    assert len(waveform) == pytest.approx(header.duration * RATE, abs=1)
    assert 0.01 < np.abs(waveform).max() <= 1


@given(
    before=st.integers(0, 8_000),
    after=st.integers(0, 8_000),
    gain=st.floats(0.001, 4),
    top_db=st.sampled_from([20.0, 30.0, 60.0]),
)
@settings(max_examples=30)
def test_trim_takes_silence_off_both_ends_whatever_the_level(before, after, gain, top_db):
    rng = np.random.default_rng(0)
    sound = gain * (0.3 * np.sin(np.arange(16_000) * 0.2) + 0.01 * rng.standard_normal(16_000))
    waveform = np.concatenate([np.zeros(before), sound, np.zeros(after)]).astype(np.float32)
    trimmed = audio.trim(waveform, 16_000, top_db)
    frame = 400  # samples by which its edges are counted
    assert 16_000 - frame <= len(trimmed) <= 16_000 + 2 * frame
    start = next(first for first in range(len(waveform)) if np.array_equal(waveform[first:][: len(trimmed)], trimmed))
    assert abs(start - before) <= frame


def test_trim_leaves_what_has_no_loud_part():
    for waveform in (np.zeros(16_000, np.float32), np.zeros(0, np.float32), np.ones(100, np.float32)):
        assert np.array_equal(audio.trim(waveform, 16_000, 30), waveform)


def test_pad():
    assert list(audio.pad(np.ones(3, np.float32), 6)) == [0, 1, 1, 1, 0, 0]
    assert list(audio.pad(np.ones(3, np.float32), 2)) == [1, 1, 1]
