"""Recordings that people have, as other programs wrote them: `tests/fixtures/recordings`."""

import os
import struct
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

import voxaffect as va
from voxaffect import audio
from voxaffect.errors import AudioError, VoxaffectWarning

RECORDINGS = Path(__file__).parent / "fixtures" / "recordings"
RATE = 16_000


def stretches(waveform: np.ndarray) -> list[float]:
    """Seconds at which speech begins after half a second of silence or more."""
    tenths = np.abs(waveform[: len(waveform) // 1600 * 1600].reshape(-1, 1600)).max(axis=1) > 0.02
    loud = np.flatnonzero(tenths)
    return [float(at) / 10 for at, gap in zip(loud, np.diff(loud, prepend=-99), strict=True) if gap > 5]


def test_an_mp3_of_variable_bit_rate_without_a_xing_header():
    waveform = audio.load(RECORDINGS / "vbr-no-xing-39.8s.mp3")
    assert len(waveform) / RATE == pytest.approx(39.85, abs=0.01)
    assert stretches(waveform) == pytest.approx([0, 28.3, 36.5], abs=0.11)


def test_two_mp3_in_a_row():
    waveform = audio.load(RECORDINGS / "concatenated-2x3.26s.mp3")
    assert len(waveform) / RATE == pytest.approx(6.52, abs=0.01)
    half = len(waveform) // 2
    assert np.allclose(waveform[100 : half - 100], waveform[half + 100 : 2 * half - 100], atol=1e-3)


def test_a_recorder_that_crashed(tmp_path, example):
    samples, rate = soundfile.read(example)
    soundfile.write(tmp_path / "whole.wav", samples, rate, subtype="PCM_16")
    content = bytearray((tmp_path / "whole.wav").read_bytes())
    content[40:44] = struct.pack("<I", 0)
    (tmp_path / "crashed.wav").write_bytes(content)
    recognizer = va.load("common4")
    with pytest.warns(VoxaffectWarning, match=r"crashed\.wav: the header was never finished"):
        crashed = recognizer.recognize(tmp_path / "crashed.wav")
    assert crashed.duration == pytest.approx(3.26, abs=0.01)
    assert crashed.warning == "the header was never finished, the file holds 3.3 s"
    assert crashed.probabilities == recognizer.recognize(tmp_path / "whole.wav").probabilities


@pytest.mark.parametrize("name", ["phone.m4a", "browser.webm"])
def test_what_phones_and_browsers_record(name, example):
    recognizer = va.load("common4")
    recognition, original = recognizer.recognize(RECORDINGS / name), recognizer.recognize(example)
    assert recognition.duration == pytest.approx(3.26, abs=0.05)
    assert recognition.emotion == original.emotion
    assert recognition.confidence == pytest.approx(original.confidence, abs=0.03)
    segments = list(recognizer.timeline(RECORDINGS / name))
    assert segments[-1].end == pytest.approx(3.2, abs=0.2)


def test_a_corpus_cloned_without_git_lfs(tmp_path):
    path = tmp_path / "1001_DFA_ANG_XX.wav"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:2a3f\nsize 72844\n", "utf-8")
    with pytest.raises(AudioError, match="is a Git LFS pointer, not the recording: run git lfs pull"):
        va.load("common4").recognize(path)


def test_twenty_hours_of_silence_are_refused_by_the_header(tmp_path):
    path = tmp_path / "silence.flac"
    soundfile.write(path, np.zeros(RATE), RATE)
    content = bytearray(path.read_bytes())
    content[22:26] = struct.pack(">I", 20 * 3600 * RATE)
    with pytest.raises(AudioError, match=r"lasts 20\.0 h, .* give it to timeline"):
        va.load("common4").recognize(bytes(content))


@pytest.mark.parametrize("command", ["recognize", "timeline"])
def test_a_pipe_that_is_named_is_waited_for_with_a_word(tmp_path, example, capsys, command):
    from voxaffect.apps.cli import main

    pipe = tmp_path / "line"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(example.read_bytes()))
    writer.start()
    assert main([command, str(pipe), "--format", "csv", "--bundle", "common4"]) == 0
    writer.join()
    found = capsys.readouterr()
    assert found.err == f"waiting for {pipe}, a pipe\n"
    assert ",happy," in found.out


def test_labelled_recordings_cannot_come_from_a_device(capsys):
    from voxaffect.apps.cli import main

    assert main(["evaluate", "common4", "/dev/null"]) == 1
    assert (
        capsys.readouterr().err == "voxaffect: /dev/null: is a device; write what it gives to a file, and name that\n"
    )


def test_a_headerless_recording_from_the_command_line(tmp_path, example, capsys):
    from voxaffect.apps.cli import main

    samples, rate = soundfile.read(example)
    path = tmp_path / "line.raw"
    soundfile.write(path, samples, rate, format="RAW", subtype="ULAW")
    assert main(["recognize", str(path)]) == 1
    line = "needs its rate and encoding (--rate and --encoding of recognize and timeline)"
    assert line in capsys.readouterr().err
    for command in ("recognize", "timeline"):
        assert main([command, str(example), "--rate", "8000"]) == 1
        line = f"voxaffect: {example}: is a FLAC file and has its own rate; leave out --rate and --encoding\n"
        assert capsys.readouterr().err == line
    read = [str(path), "--rate", str(rate), "--encoding", "mulaw", "--format", "csv", "--bundle", "common4"]
    assert main(["recognize", *read]) == 0
    assert ",happy," in capsys.readouterr().out
    assert main(["timeline", *read]) == 0
    assert ",happy," in capsys.readouterr().out
    assert main(["recognize", str(path), "--encoding", "mulaw"]) == 2
    assert "give their --rate as well" in capsys.readouterr().err
    assert main(["recognize", str(path), "--rate", "8000", "--encoding", "mp3"]) == 2
    assert "--encoding=mp3: is not known; choose one of s16" in capsys.readouterr().err
