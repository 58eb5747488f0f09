"""The baseline that a call gives itself."""

import numpy as np
import pytest
import soundfile

import voxaffect as va
from voxaffect import audio
from voxaffect.errors import BundleError
from voxaffect.inference.baseline import Baseline
from voxaffect.inference.own_baseline import EVERY
from voxaffect.inference.smoothing import Smoothing
from voxaffect.inference.stream import Stream

RATE = 16_000
NONE = Smoothing(stay=0, trust=1, lag=0)


def quiet(seconds, seed=0):
    return (np.random.default_rng(seed).standard_normal(round(seconds * RATE)) * 5e-4).astype(np.float32)


@pytest.fixture(scope="module")
def voice(example):
    return audio.load(example, RATE)


@pytest.fixture(scope="module")
def own():
    return va.load("common4", own_baseline=True)


@pytest.fixture(scope="module")
def call(voice):
    """(samples, 2), of which the second channel begins later and speaks less."""
    one = np.concatenate([quiet(1), voice, voice, quiet(1), 0.5 * voice, quiet(1), voice[::-1], quiet(1)])
    two = np.concatenate([quiet(7, 1), voice[::-1], quiet(1, 1)])
    return np.stack([one, np.pad(two, (0, len(one) - len(two)))], axis=1)


def steps(recognizer, samples, sizes=()):
    """Of each channel (start, probabilities), without smoothing."""
    found = [[], []]
    stream = Stream(
        recognizer,
        RATE,
        channels=samples.shape[1],
        smoothing=NONE,
        watch=lambda channel, step: found[channel].append((step.start, step.probabilities)),
    )
    with stream:
        first = 0
        for size in sizes:
            stream.push(samples[first : first + size])
            first += size
        stream.push(samples[first:])
    return found


def close(one, other):
    """The network rounds otherwise in batches of another size."""
    return [each for each, _ in one] == [each for each, _ in other] and np.array([each for _, each in one]) == (
        pytest.approx(np.array([each for _, each in other]), abs=1e-4)
    )


def test_a_step_is_answered_against_what_was_said_before_it(own, call, monkeypatch):
    plain = va.load("common4")
    windows, outputs = [], type(own).outputs

    def watched(self, given):
        result = outputs(self, given)
        windows.append(result[1])
        return result

    monkeypatch.setattr(type(own), "outputs", watched)
    alone = call[:, :1]
    found = steps(own, alone)[0]
    embeddings = np.concatenate(windows)
    assert len(embeddings) == len(found) > 3 * EVERY
    head = own._head
    for place, (_, probabilities) in enumerate(found):
        learnt = embeddings[EVERY - 1 : place : EVERY]
        if len(learnt):
            logits = head.logits(embeddings[place], head.statistics(None, head.sums(learnt)))
            expected = np.exp(logits - logits.max())
            assert probabilities == pytest.approx(expected / expected.sum(), abs=1e-3)
    before = steps(plain, alone)[0]
    assert [each for each, _ in before] == [each for each, _ in found]
    assert before[EVERY - 1][1] == pytest.approx(found[EVERY - 1][1], abs=1e-4)
    assert before[-1][1] != pytest.approx(found[-1][1], abs=1e-3)


def test_it_never_looks_ahead_nor_at_the_other_channel(own, call):
    whole = steps(own, call)
    until = 11 * RATE
    other = call.copy()
    other[until:] = 0.3 * other[until:][::-1]
    changed = steps(own, other)
    for channel in (0, 1):
        same = [each for each in whole[channel] if (each[0] + 2) * RATE < until]  # its window and pause end there
        assert len(same) >= 2
        assert close(changed[channel][: len(same)], same)
    mute = call.copy()
    mute[:, 1] = quiet(len(call) / RATE, 5)
    assert close(steps(own, mute)[0], whole[0])


@pytest.mark.parametrize("sizes", [[700] * 200, [50_000, 1, 20_000] * 3])
def test_chunks_do_not_matter(own, call, sizes):
    for one, other in zip(steps(own, call, sizes), steps(own, call), strict=True):
        assert close(one, other)


def test_an_interrupted_run_goes_on_with_what_it_learnt(own, call, tmp_path):
    path, saved = tmp_path / "call.wav", tmp_path / "call.partial"
    soundfile.write(path, np.concatenate([call] * 3), RATE, subtype="FLOAT")
    whole = sorted((each.start, each.emotion, each.confidence) for each in own.timeline(path))
    run = iter(own.timeline(path, resume=saved))
    for _ in range(4):
        next(run)
    run.close()
    state = str(np.load(saved)["state"])
    assert '"count": ' in state
    again = sorted((each.start, each.emotion, each.confidence) for each in own.timeline(path, resume=saved))
    assert [each[:2] for each in again] == [each[:2] for each in whole]
    assert [each[2] for each in again] == pytest.approx([each[2] for each in whole], abs=1e-4)


def test_the_chain_is_line_then_voice_then_the_channel(example, call):
    plain = va.load("common4")
    line = plain.baseline([example] * 3)
    voice = plain.baseline([example] * 2, voice=True, line=line)
    head = va.load("common4", own_baseline=True)._head
    own = head.sums(np.ones((2, head.weight.shape[1]), np.float32))
    for given, expected in (
        (line, head.statistics(line.line, own)),
        (voice, head.statistics(line.line, voice.voice + own)),
        (None, head.statistics(None, own)),
    ):
        found = va.load("common4", baseline=given, own_baseline=True).statistics(own)
        assert found.mean == pytest.approx(expected.mean)
        assert found.std == pytest.approx(expected.std)
    assert isinstance(line, Baseline)


def test_it_is_part_of_what_results_depend_on_and_needs_a_head():
    assert va.load("common4").identity() != va.load("common4", own_baseline=True).identity()
    assert "own baseline" in repr(va.load("common4", own_baseline=True))
    with pytest.raises(BundleError, match="no baseline head"):
        va.load("ravdess-small", own_baseline=True)
