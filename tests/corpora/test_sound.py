import warnings

import numpy as np
import pytest
import soundfile

from voxaffect import audio
from voxaffect.corpora import Sound, Utterance
from voxaffect.errors import AudioError, VoxaffectWarning

RATE = 4_000


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    """Two channels of 100 s whose samples tell where they are: a ramp of time, and its negative and half."""
    path = tmp_path_factory.mktemp("call") / "call.wav"
    ramp = np.arange(100 * RATE) / (100 * RATE)
    soundfile.write(path, np.column_stack([ramp, -ramp / 2]), RATE, subtype="FLOAT")
    return path


@pytest.mark.parametrize(("start", "end"), [(0.0, 1.0), (12.34, 15.2), (59.999, 60.001), (99.0, 100.0), (4.096, 8.192)])
@pytest.mark.parametrize(("channel", "scale"), [(0, 1.0), (1, -0.5), (None, 0.25)])
def test_a_span_is_the_samples_of_that_time_and_channel(call, start, end, channel, scale):
    waveform = Sound(call, start, end, channel).load(RATE)
    expected = scale * np.arange(round(start * RATE), round(end * RATE)) / (100 * RATE)
    np.testing.assert_allclose(waveform, expected.astype(np.float32), atol=1e-7)
    assert np.array_equal(np.concatenate(list(Sound(call, start, end, channel).chunks())), waveform)


def test_a_span_may_be_open_or_end_after_the_recording(call):
    assert len(Sound(call, 98.5).load(RATE)) == 1.5 * RATE
    assert len(Sound(call, None, 2.5).load(RATE)) == 2.5 * RATE
    assert len(Sound(call, 99.5, 1e9).load(RATE)) == 0.5 * RATE
    assert np.array_equal(Sound(call).load(RATE), audio.load(call, RATE))


def test_a_span_is_resampled(call):
    assert len(Sound(call, 10.0, 12.0, 1).load(2_000)) == 4_000


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ((100.0, 101.0), "lasts 100.0 s, not from 100 to 101 s"),
        ((250.5, None), "lasts 100.0 s, not from 250.5 s on"),
        ((3.0, 3.0), "holds no samples from 3 to 3 s"),
        ((0.0, 1.0, 2), "has 2 channels, and none is number 2"),
    ],
)
def test_a_span_that_is_not_there(call, span, message):
    with pytest.raises(AudioError, match=message):
        Sound(call, *span).load(RATE)


def test_an_utterance_says_where_its_sound_lies(call):
    utterance = Utterance("x/1", call, "x/a", None, "sad", start=1.0, end=2.0, channel=1)
    assert utterance.sound == Sound(call, 1.0, 2.0, 1)
    assert Utterance("x/1", call, "x/a", None, "sad").sound.whole


@pytest.mark.parametrize("ending", ["mp3", "ogg", "opus", "flac"])
def test_a_span_of_a_compressed_recording_is_a_slice_of_it(tmp_path, ending):
    path = tmp_path / f"long.{ending}"
    rng = np.random.default_rng(0)
    noise = np.convolve(rng.uniform(-0.5, 0.5, 45 * 16_000), np.ones(8) / 8, "same").astype(np.float32)
    options = {"format": "OGG", "subtype": "OPUS"} if ending == "opus" else {}
    soundfile.write(path, noise, 16_000, **options)
    whole = audio.load(path, None)
    for start, end in ((0.0, 1.0), (3.456, 5.0), (20.001, 21.5), (43.25, 44.9)):
        span = Sound(path, start, end).load(16_000)
        expected = whole[round(start * 16_000) : round(end * 16_000)]
        # Decoders of lossy formats begin anew within a block, whose first samples then differ a little.
        np.testing.assert_allclose(span, expected, atol=1e-6 if ending == "flac" else 0.02)


def test_a_changed_mp3_is_scanned_again(tmp_path):
    path = tmp_path / "a.mp3"
    for seconds in (2, 5):
        soundfile.write(path, np.zeros(seconds * 16_000), 16_000)
        assert len(Sound(path).load(16_000)) == pytest.approx(seconds * 16_000, abs=2)


def test_only_what_is_missing_of_a_span_is_a_warning(call, tmp_path):
    path = tmp_path / "cut.wav"
    path.write_bytes(call.read_bytes()[: call.stat().st_size // 2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(Sound(path, 10.0, 12.0).load(RATE)) == 2 * RATE
    with pytest.warns(VoxaffectWarning, match=r"cut\.wav: .*promises 100.0 s, .*50.0 s"):
        assert len(Sound(path, 49.0, 52.0).load(RATE)) == pytest.approx(RATE, abs=50)
