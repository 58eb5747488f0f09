"""Recordings whose channels are different speakers: a word where they are mixed; one channel where it is asked for."""

import warnings

import numpy as np
import pytest
import soundfile

import voxaffect as va
from conftest import babble
from voxaffect.apps.cli import main
from voxaffect.errors import AudioError, SettingsError, VoxaffectWarning

RATE = 16_000


def turns() -> np.ndarray:
    """Two voices by turns, one on each channel: (samples, 2)."""
    first, second = babble(1), babble(2)
    silence = np.zeros(len(first), np.float32)
    return np.stack([np.concatenate([first, silence]), np.concatenate([silence, second])], axis=1)


@pytest.fixture(scope="module")
def recognizer():
    return va.load("common4")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root, voices = tmp_path_factory.mktemp("stereo"), turns()
    soundfile.write(root / "call.wav", voices, RATE)
    soundfile.write(root / "copy.wav", np.stack([voices[:, 0]] * 2, axis=1), RATE)
    soundfile.write(root / "mono.wav", voices[:, 0], RATE)
    soundfile.write(root / "music.flac", np.stack([voices.sum(axis=1), 0.5 * voices.sum(axis=1)], axis=1), RATE)
    return root


def test_two_speakers_are_not_mixed_without_a_word(recognizer, folder):
    with pytest.warns(
        VoxaffectWarning, match=r"call\.wav: two speakers are mixed, .* timeline`, or choose a `channel`$"
    ):
        found = recognizer.recognize(folder / "call.wav")
    assert found.channel is None
    assert found.warning.startswith("two speakers are mixed")
    with pytest.warns(VoxaffectWarning, match="the array: two speakers are mixed"):
        assert recognizer.recognize((turns(), RATE)).warning
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("copy.wav", "mono.wav", "music.flac"):
            assert recognizer.recognize(folder / name).warning is None
        assert recognizer.recognize(folder / "call.wav", channel=0).warning is None


@pytest.mark.parametrize("channel", [0, 1])
def test_a_channel_is_recognised_as_if_it_were_alone(recognizer, folder, channel):
    alone = recognizer.recognize((turns()[:, channel], RATE))
    for source in (folder / "call.wav", (folder / "call.wav").read_bytes(), (turns(), RATE)):
        found = recognizer.recognize(source, channel=channel)
        assert found.channel == channel
        assert found.probabilities == pytest.approx(alone.probabilities, abs=1e-3)
    assert found.to_dict()["channel"] == channel
    assert recognizer.recognize([(turns(), RATE)], channel=channel)[0].emotion == alone.emotion
    baseline = recognizer.baseline([folder / "call.wav"], channel=channel).line
    assert np.allclose(baseline.total, recognizer.baseline([(turns()[:, channel], RATE)]).line.total, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "channel", "has"), [("call.wav", 2, "channels 0 to 1"), ("mono.wav", 1, "one channel, 0")]
)
def test_a_channel_that_is_not_there(recognizer, folder, name, channel, has):
    with pytest.raises(AudioError, match=f"{name}: `channel`={channel}: it has {has}; choose of these"):
        recognizer.recognize(folder / name, channel=channel)
    with pytest.raises(AudioError, match="`channel`=-1"):
        recognizer.recognize((np.zeros(RATE), RATE), channel=-1)


def test_many_recordings(recognizer, folder, tmp_path):
    for workers in (1, 2):
        with pytest.warns(VoxaffectWarning, match=r"call\.wav: two speakers are mixed") as raised:
            results = recognizer.recognize_many(folder, workers=workers, resume=tmp_path / f"done{workers}")
        assert len(raised) == 1
        assert [bool(result.warning) for result in results] == [True, False, False, False]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # none of what was known
        assert recognizer.recognize_many(folder, resume=tmp_path / "done1") == results
        chosen = recognizer.recognize_many([folder / "call.wav", folder / "mono.wav"], channel=1)
    assert [result.channels for result in chosen] == [(1,), ()]
    assert chosen[0].results[0].channel == 1
    assert "one channel, 0" in chosen[1].error
    with pytest.raises(SettingsError, match="`channel` is of whole recordings"):
        recognizer.recognize_many(folder, timeline=True, channel=1)


@pytest.mark.parametrize("command", ["recognize", "baseline", "batch"])
def test_the_command_line_names_the_way_out_once(folder, tmp_path, capsys, command):
    out = {"recognize": [], "baseline": ["--out", f"{tmp_path}/b.json"], "batch": ["--out", f"{tmp_path}/a.csv"]}[
        command
    ]
    files = [str(folder / "call.wav"), str(folder / "copy.wav")]
    assert main([command, *files, *out]) == 0
    line = (
        f"voxaffect: {files[0]}: two speakers are mixed, as its channels differ; use `voxaffect timeline`, or choose a "
    )
    assert [each for each in capsys.readouterr().err.splitlines() if "mixed" in each] == [f"{line}--channel"]
    assert main([command, *files, *out, "--channel", "1"]) == 0
    assert "mixed" not in capsys.readouterr().err
    assert main([command, *files, *out, "--channel", "2"]) in (1, 2)
    assert "--channel=2: it has channels 0 to 1" in capsys.readouterr().err
