import io
import json
import subprocess
import sys
import time

import numpy as np
import pytest

import voxaffect as va
from voxaffect import audio
from voxaffect.apps.cli import main

RATE = 8_000


@pytest.fixture(scope="module")
def raw(example) -> bytes:
    """Two utterances with a pause between them, as ffmpeg -f s16le gives them."""
    voice, pause = audio.load(example, RATE), np.zeros(RATE, np.float32)
    samples = np.concatenate([pause, voice, pause, voice, pause])
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


class Pipe:
    """A standard input that gives a few bytes at a time, and no whole samples."""

    def __init__(self, content: bytes, sizes=(1, 777, 4096)) -> None:
        self.buffer, self._content, self._sizes, self._count = self, io.BytesIO(content), sizes, 0

    def read1(self, size: int) -> bytes:
        self._count += 1
        return self._content.read(min(size, self._sizes[self._count % len(self._sizes)]))


def listen(monkeypatch, capsys, content: bytes, *words: object) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "stdin", Pipe(content))
    code = main(["listen", *map(str, words), "--rate", str(RATE), "-"])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_raw_samples_give_what_the_file_gives(raw, monkeypatch, capsys):
    samples = np.frombuffer(raw, "<i2").astype(np.float32) / 32768
    stream = va.load().stream(RATE)
    expected = stream.push(samples) + stream.close()
    code, out, err = listen(monkeypatch, capsys, raw, "--format", "jsonl")
    assert code == 0
    assert err == ""
    found = [json.loads(line) for line in out.splitlines()]
    assert len(found) == len(expected) >= 2
    for one, two in zip(found, expected, strict=True):
        assert one == two.to_dict() | {"file": "-"}


def test_a_stream_that_stops_in_the_middle_of_a_sample(raw, monkeypatch, capsys):
    whole = listen(monkeypatch, capsys, raw)[1]
    assert listen(monkeypatch, capsys, raw + b"\x01")[1] == whole
    cut = listen(monkeypatch, capsys, raw[: len(raw) // 2 + 1])
    assert cut[0] == 0
    assert len(cut[1].splitlines()) < len(whole.splitlines()) or cut[1] != whole


def test_nothing_comes(monkeypatch, capsys):
    assert listen(monkeypatch, capsys, b"") == (0, "", "")


def test_a_file_is_no_raw_samples(example, monkeypatch, capsys):
    code, _, err = listen(monkeypatch, capsys, example.read_bytes())
    assert code == 1
    assert "voxaffect timeline" in err


def test_channels_are_speakers(raw, monkeypatch, capsys):
    one = np.frombuffer(raw, "<i2")
    two = np.stack([one, np.zeros_like(one)], axis=1).tobytes()
    code, out, _ = listen(monkeypatch, capsys, two, "--channels", 2, "--format", "jsonl")
    assert code == 0
    assert {json.loads(line)["channel"] for line in out.splitlines()} == {0}


@pytest.mark.parametrize(
    ("words", "reason"),
    [(["call.wav"], "voxaffect timeline"), (["-", "--rate", "7"], "7 Hz"), (["-", "--channels", "0"], "0 channels")],
)
def test_used_wrongly(capsys, words, reason):
    assert main(["listen", *words]) != 0
    assert reason in capsys.readouterr().err


def test_without_the_library_the_microphone_s_extra_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert main(["listen"]) == 1
    assert "pip install 'voxaffect[microphone]'" in capsys.readouterr().err


def test_segments_come_while_the_pipe_is_open(raw):
    words = [sys.executable, "-m", "voxaffect", "listen", "--rate", str(RATE), "--format", "jsonl", "-"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        process.stdin.write(raw)
        process.stdin.flush()
        begin = time.monotonic()
        first = json.loads(process.stdout.readline())  # and no end has come
        assert first["end"] > first["start"] > 0.5
        assert time.monotonic() - begin < 30
    finally:
        process.stdin.close()
        process.wait(timeout=30)
    assert process.returncode == 0
