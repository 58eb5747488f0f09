import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxaffect.inference.record import PEAKS, Record
from voxaffect.inference.results import Segment, Snapshot, Step

CLASSES = ("angry", "sad")


def snapshot(frames: int) -> Snapshot:
    zeros = np.zeros(1, np.float32)
    return Snapshot(frames, zeros, zeros, np.full(2, 0.5), 0, 0.0)


@given(st.sampled_from([8_000, 11_025, 44_100]), st.lists(st.integers(1, 9_000), max_size=12))
def test_peaks_are_those_of_every_tenth_of_a_second_whatever_the_blocks(rate, sizes):
    samples = np.random.default_rng(len(sizes)).uniform(-1, 1, (sum(sizes), 2)).astype(np.float32)
    record, first = Record("call.wav", rate, 2, CLASSES), 0
    for size in sizes:
        record.push(samples[first : first + size], [])
        first += size
    whole = int(len(samples) * PEAKS / rate)
    assert record.peaks.shape == (whole, 2)
    for tenth in range(whole):
        part = samples[round(tenth * rate / PEAKS) : round((tenth + 1) * rate / PEAKS)]
        assert record.peaks[tenth] == pytest.approx(np.abs(part).max(axis=0))
    assert record.duration == pytest.approx(len(samples) / rate)


def test_what_is_restored_is_what_was_known_when_nobody_spoke():
    record = Record("call.wav", 8_000, 2, CLASSES)
    for channel, start in ((0, 1.0), (0, 1.5), (1, 4.0)):
        record.watch(channel, Step(start, start + 0.5, (0.75, 0.25), last=False))
    told = {"angry": 0.75, "sad": 0.25}
    segments = [Segment(1.0, 2.0, 0, "angry", 0.75, told), Segment(4.0, 4.5, 1, "angry", 0.75, told)]
    record.push(np.full((40_000, 2), 0.5, np.float32), segments)
    kept = record.arrays()
    snapshots = [snapshot(100), snapshot(110)]  # 3.2 and 3.52 s

    again = Record("call.wav", 8_000, 2, CLASSES)
    again.restore(kept, segments, start=1, snapshots=snapshots)
    assert again.segments == segments[:1]
    assert again.duration == 1
    assert again.peaks.shape == (10, 2)
    assert again.steps(0)[0].tolist() == [[1.0, 1.5], [1.5, 2.0]]
    assert again.steps(1)[1].shape == (0, 2)
    again.push(np.zeros((8_000, 2), np.float32), [])
    assert again.peaks[:, 0].tolist() == [0.5] * 10 + [0.0] * 10
