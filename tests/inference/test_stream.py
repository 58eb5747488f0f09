import dataclasses
import io
import itertools

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

import voxaffect as va
from voxaffect import audio
from voxaffect.calibration import UNCERTAIN
from voxaffect.errors import AudioError, SettingsError, VoxaffectWarning
from voxaffect.inference.channel import STEP
from voxaffect.inference.stream import Stream

RATE = 16_000
ONSET = 2.0  # seconds of quiet before each voice


@pytest.fixture(scope="module")
def recognizer():
    return va.load("common4")


@pytest.fixture(scope="module")
def voice(example) -> np.ndarray:
    return audio.load(example, RATE)


def quiet(seconds: float, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(round(seconds * RATE)) * 5e-4).astype(np.float32)


@pytest.fixture(scope="module")
def call(voice) -> np.ndarray:
    """Two lines, (samples, 2): one speaks three times, the other once, and louder at last."""
    one = np.concatenate([quiet(ONSET), voice, quiet(0.2), voice[: RATE // 2], quiet(3), voice, voice])
    two = np.concatenate([quiet(4.3, 1), voice[: len(voice) // 2], quiet(1, 1)])
    length = max(len(one), len(two))
    return np.stack([np.pad(each, (0, length - len(each))) for each in (one, two)], axis=1)


def segments(recognizer, samples: np.ndarray, rate: int, sizes) -> list:
    stream = recognizer.stream(rate, channels=1 if samples.ndim == 1 else samples.shape[1])
    found, first = [], 0
    for size in sizes:
        found += stream.push(samples[first : first + size])
        first += size
    return sorted(found + stream.push(samples[first:]) + stream.close(), key=lambda each: (each.start, each.channel))


def same(one, two) -> bool:
    return [(a.start, a.end, a.channel, a.emotion) for a in one] == [
        (b.start, b.end, b.channel, b.emotion) for b in two
    ] and all(a.probabilities == pytest.approx(b.probabilities, abs=1e-4) for a, b in zip(one, two, strict=True))


def test_what_is_found_lies_where_somebody_speaks(recognizer, call, voice):
    found = segments(recognizer, call, RATE, [])
    assert {each.channel for each in found} == {0, 1}
    first = found[0]
    assert first.start == pytest.approx(ONSET, abs=0.15)
    ends = [each.end for each in found if each.channel == 1]
    assert ends[-1] == pytest.approx(4.3 + len(voice) / 2 / RATE, abs=0.3)
    for each in found:
        assert each.end > each.start
        assert each.emotion in recognizer.classes
        assert sum(each.probabilities.values()) == pytest.approx(1)
        assert each.confidence == each.probabilities[each.emotion] == max(each.probabilities.values())
    for channel in (0, 1):
        mine = [each for each in found if each.channel == channel]
        assert all(a.end <= b.start for a, b in itertools.pairwise(mine))


@settings(max_examples=12)
@given(st.lists(st.one_of(st.integers(0, 700), st.integers(0, 60_000)), max_size=60))
def test_a_stream_gives_what_the_file_gives_for_every_chunking(recognizer, call, sizes):
    whole = segments(recognizer, call, RATE, [])
    assert same(segments(recognizer, call, RATE, sizes), whole)


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100])
def test_so_it_does_at_every_rate(recognizer, call, rate, tmp_path):
    samples = soxr.resample(call, RATE, rate).astype(np.float32)
    path = tmp_path / "call.wav"
    soundfile.write(path, samples, rate, subtype="FLOAT")
    expected = sorted(recognizer.timeline(path), key=lambda each: (each.start, each.channel))
    assert expected
    rng = np.random.default_rng(rate)
    assert same(segments(recognizer, samples, rate, rng.integers(0, rate // 2, 40)), expected)
    assert same(segments(recognizer, samples, rate, [1] * 500), expected)


def test_the_first_answer_comes_within_a_second_and_a_half_of_speech(recognizer, voice):
    stream = recognizer.stream(RATE)
    samples = np.concatenate([quiet(ONSET), voice, voice])
    heard = None
    for first in range(0, len(samples), 800):  # 50 ms
        stream.push(samples[first : first + 800])
        [now] = stream.now()
        if now is not None:
            heard = stream.seconds
            break
    stream.close()
    assert heard is not None
    assert heard - ONSET < 1.5
    assert sum(now.values()) == pytest.approx(1)


def test_a_decided_step_lags_little_behind_speech(recognizer, voice):
    late = []
    with Stream(recognizer, RATE, watch=lambda channel, step: late.append(stream.seconds - step.end)) as stream:
        for first in range(0, 3 * len(voice), 800):
            stream.push(np.tile(voice, 3)[first : first + 800])
    assert late
    assert max(late) < 2.3  # half a window, the lag, and the pause that ends speech


def test_nobody_speaks(recognizer):
    assert segments(recognizer, np.zeros(5 * RATE, np.float32), RATE, [100]) == []
    assert segments(recognizer, quiet(5) * 100, RATE, []) == []
    assert recognizer.stream(RATE).now() == [None]
    assert segments(recognizer, np.zeros(0, np.float32), RATE, []) == []


def test_a_channel_that_is_silent_is_no_speaker(recognizer, call):
    samples = call.copy()
    samples[:, 1] = 0
    assert {each.channel for each in segments(recognizer, samples, RATE, [])} == {0}


def test_an_offset_changes_no_segment(recognizer, call):
    plain = segments(recognizer, call, RATE, [])
    moved = segments(recognizer, call + np.float32(0.03), RATE, [1000])
    assert [(each.channel, each.emotion) for each in moved] == [(each.channel, each.emotion) for each in plain]
    for one, other in zip(moved, plain, strict=True):
        assert (one.start, one.end) == pytest.approx((other.start, other.end), abs=0.07)
        assert one.probabilities == pytest.approx(other.probabilities, abs=0.03)


def test_hum_hides_no_speaker_and_no_emotion(recognizer, call):
    hum = (10 ** (-30 / 20) * np.sin(2 * np.pi * 50 * np.arange(len(call)) / RATE)).astype(np.float32)
    plain, moved = segments(recognizer, call, RATE, []), segments(recognizer, call + hum[:, None], RATE, [])
    assert [(each.channel, each.emotion) for each in moved] == [(each.channel, each.emotion) for each in plain]
    for one, other in zip(moved, plain, strict=True):
        assert (one.start, one.end) == pytest.approx((other.start, other.end), abs=0.2)


def test_one_short_word(recognizer, voice):
    word = voice[RATE // 5 : RATE // 5 + round(0.35 * RATE)]
    found = segments(recognizer, np.concatenate([quiet(1), word, quiet(1)]), RATE, [])
    alone = segments(recognizer, word, RATE, [])
    assert len(found) <= 1
    assert len(alone) <= 1
    assert all(each.duration < 0.7 for each in found + alone)


def test_uncertain_where_the_probability_is_below_the_threshold(call):
    found = segments(va.load("common4", threshold=1.0), call, RATE, [])
    assert {each.emotion for each in found} == {UNCERTAIN}
    assert all(each.confidence == max(each.probabilities.values()) for each in found)


def test_all_channels_as_one(recognizer, voice, tmp_path):
    path = tmp_path / "podcast.wav"
    soundfile.write(path, np.stack([voice, voice], axis=1), RATE, subtype="FLOAT")
    alone = segments(recognizer, voice, RATE, [])
    mixed = list(recognizer.timeline(path, mix=True))
    assert {each.channel for each in mixed} == {None}
    assert same([dataclasses.replace(each, channel=0) for each in mixed], alone)
    assert len(list(recognizer.timeline(path))) == 2 * len(alone)


def test_a_window_is_heard_as_the_recogniser_hears_it(recognizer, voice):
    window = voice[: STEP * 3]
    logits, _ = recognizer.forward(window)
    assert recognizer.logits([window, window[:-100], window])[[0, 2]] == pytest.approx(np.stack([logits] * 2), abs=1e-4)


def test_a_baseline_is_worked_against(voice, example):
    plain = va.load("common4")
    own = va.load("common4", baseline=plain.baseline([example] * 5))
    one, two = segments(plain, voice, RATE, []), segments(own, voice, RATE, [])
    assert one[0].probabilities != pytest.approx(two[0].probabilities, abs=1e-3)


def test_a_recording_that_breaks_off_gives_what_it_holds_and_says_so(recognizer, voice, tmp_path):
    path = tmp_path / "cut.flac"
    soundfile.write(path, np.concatenate([quiet(1), voice, quiet(1), *[voice] * 20]), RATE)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    found = []
    with pytest.warns(VoxaffectWarning, match=r"cut\.flac: the header promises 70\.\d s, the file holds 47\.\d s"):
        found.extend(recognizer.timeline(path))
    assert found[0].start == pytest.approx(1, abs=0.15)
    assert found[-1].end > 46
    assert found[-1].warning.startswith("the header promises")


@pytest.mark.parametrize(
    ("chunk", "reason"),
    [
        (np.zeros((10, 3), np.float32), "has 1 channels"),
        (np.zeros(10, np.int16), "divide by 32768"),
        (np.array([0.0, np.nan], np.float32), "NaN"),
        (np.full(10, 3e4, np.float32), "full scale is 1"),
        (np.float32(1), "shape"),
    ],
)
def test_chunks_that_are_none(recognizer, chunk, reason):
    stream = recognizer.stream(RATE)
    with pytest.raises(AudioError, match=reason):
        stream.push(chunk)
    assert stream.seconds == 0


def test_streams_that_cannot_be(recognizer):
    with pytest.raises(AudioError, match="7 Hz"):
        recognizer.stream(7)
    with pytest.raises(AudioError, match="0 channels"):
        recognizer.stream(RATE, channels=0)
    stream = recognizer.stream(RATE)
    assert stream.close() == stream.close() == []
    with pytest.raises(AudioError, match="closed"):
        stream.push(np.zeros(10, np.float32))


def test_a_bundle_of_another_rate_is_refused(recognizer, monkeypatch):
    monkeypatch.setattr(recognizer, "sample_rate", 44_100)
    with pytest.raises(SettingsError, match=r"input\.sample_rate=16000"):
        recognizer.stream(RATE)


def test_a_recording_may_be_bytes_or_a_file(recognizer, example, voice):
    expected = list(recognizer.timeline(example))
    assert same(list(recognizer.timeline(example.read_bytes())), expected)
    assert same(list(recognizer.timeline(io.BytesIO(example.read_bytes()))), expected)
