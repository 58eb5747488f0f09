import io
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

import voxaffect as va
from voxaffect import audio
from voxaffect.apps.cli import listen as command
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

    def __init__(self, content: bytes, sizes=(1, 777, 40_000)) -> None:
        self.buffer, self._content, self._sizes, self._count = self, io.BytesIO(content), sizes, 0

    def read(self, size: int) -> bytes:
        self._count += 1
        return self._content.read(min(size, self._sizes[self._count % len(self._sizes)]))


def listen(monkeypatch, capsys, content: bytes, *words: object) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "stdin", Pipe(content))
    code = main(["listen", "--bundle", "common4", *map(str, words), "--rate", str(RATE), "-"])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_raw_samples_give_what_the_file_gives(raw, monkeypatch, capsys):
    samples = np.frombuffer(raw, "<i2").astype(np.float32) / 32768
    stream = va.load("common4").stream(RATE)
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
    code, out, err = listen(monkeypatch, capsys, b"", "--encoding", "s16")
    assert (code, out.split(), err) == (0, ["from", "to", "emotion", "sure", "or", "else"], "")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty (0 bytes)"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a Git LFS pointer"),
        ("Größe\n".encode() * 2000, "it is text"),
        (b"<!DOCTYPE html>\n<html>", "it is an HTML page"),
        (b"PAR1" + bytes(8000), "it is a Parquet file"),
    ],
)
def test_what_is_no_sound_is_one_line_as_everywhere(monkeypatch, capsys, tmp_path, content, reason):
    code, out, err = listen(monkeypatch, capsys, content)
    assert (code, out) == (1, "")
    assert reason in err
    (tmp_path / "a.wav").write_bytes(content)
    main(["recognize", str(tmp_path / "a.wav")])
    assert capsys.readouterr().err == err.replace("standard input", f"{tmp_path}/a.wav")


def test_a_wav_that_was_cut_off_or_never_finished_is_said_to_be(raw, monkeypatch, capsys):
    whole = recording(raw, "wav")
    for content in (whole[: len(whole) // 2], whole[:40] + bytes(4) + raw):
        code, _, err = listen(monkeypatch, capsys, content)
        assert code == 0
        monkeypatch.setattr(sys, "stdin", Pipe(content))
        main(["recognize", "-", "--bundle", "common4"])
        assert len(err.splitlines()) == 1
        assert err.replace("standard input", "-") == capsys.readouterr().err


CODECS = {
    "webm": ("webm", "libopus"),
    "mp3": ("mp3", "libmp3lame"),
    "aac": ("adts", "aac"),
    "m4a": ("mp4", "aac"),  # whose index is at the end
}
WRITTEN = {
    "wav": "PCM_16",
    "mu-law.wav": "ULAW",
    "float.wav": "FLOAT",
    "adpcm.wav": "IMA_ADPCM",
    "flac": None,
    "ogg": None,
}


def recording(raw: bytes, kind: str) -> bytes:
    """The samples as a file of that kind."""
    samples, file = np.frombuffer(raw, "<i2"), io.BytesIO()
    if kind in WRITTEN:
        soundfile.write(file, samples / 32768, RATE, format=kind.split(".")[-1], subtype=WRITTEN[kind])
        return file.getvalue()
    av = pytest.importorskip("av")
    form, codec = CODECS[kind]
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, rate=48_000 if kind == "webm" else 16_000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(stream.format, "mono", stream.rate)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return file.getvalue()


def close_to(found: str, expected: str) -> None:
    """Speech lies where it did, but for what a codec alters."""
    one, two = regions(found), regions(expected)
    assert len(one) == len(two) == 2
    assert np.abs(np.subtract(one, two)).max() < 0.15


def regions(lines: str) -> list[list[float]]:
    """Start and end of stretches of speech in JSON lines, whatever their emotions."""
    joined: list[list[float]] = []
    for row in map(json.loads, lines.splitlines()):
        if joined and joined[-1][1] == row["start"]:
            joined[-1][1] = row["end"]
        else:
            joined.append([row["start"], row["end"]])
    return joined


@pytest.mark.parametrize("kind", [*CODECS, *WRITTEN])
def test_a_recording_is_known_by_its_first_bytes(raw, monkeypatch, capsys, kind):
    """Whatever `--rate` says, and in whatever pieces it arrives."""
    content = recording(raw, kind)
    code, out, err = listen(monkeypatch, capsys, content, "--format", "jsonl")
    assert (code, err) == (0, "")
    _, expected, _ = listen(monkeypatch, capsys, raw, "--format", "jsonl")
    close_to(out, expected)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3"])
def test_without_pyav_a_recording_is_heard_when_it_has_ended(raw, monkeypatch, capsys, kind):
    content = recording(raw, kind)
    monkeypatch.setitem(sys.modules, "av", None)
    code, out, _ = listen(monkeypatch, capsys, content, "--format", "jsonl")
    assert code == 0
    assert len(out.splitlines()) >= 2


def test_a_wav_that_goes_on_has_chunks_behind_it_or_no_end(raw, monkeypatch, capsys):
    """The samples are those that its header counts; one that was written to a pipe counts none."""
    whole, expected = recording(raw, "wav"), listen(monkeypatch, capsys, raw)[1]
    for header in (whole[:44], whole[:40] + b"\xff" * 4, whole[:40] + b"\0" * 4):
        assert listen(monkeypatch, capsys, header + raw)[1] == expected
    noise = np.random.default_rng(0).bytes(200_000)
    assert listen(monkeypatch, capsys, whole + b"LIST" + len(noise).to_bytes(4, "little") + noise)[1] == expected


def test_a_stereo_recording_has_two_speakers(raw, monkeypatch, capsys):
    file, one = io.BytesIO(), np.frombuffer(raw, "<i2")
    soundfile.write(file, np.stack([np.zeros_like(one), one], axis=1), RATE, format="wav")
    code, out, _ = listen(monkeypatch, capsys, file.getvalue(), "--format", "jsonl")
    assert code == 0
    assert {json.loads(line)["channel"] for line in out.splitlines()} == {1}


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("s16", "PCM_16"), ("f32", "FLOAT"), ("mulaw", "ULAW"), ("alaw", "ALAW"), ("s24", "PCM_24")],
)
def test_encodings_of_raw_samples(raw, monkeypatch, capsys, encoding, written):
    file, samples = io.BytesIO(), np.frombuffer(raw, "<i2") / 32768
    soundfile.write(file, samples, RATE, format="RAW", subtype=written, endian="LITTLE")
    code, out, err = listen(monkeypatch, capsys, file.getvalue(), "--format", "jsonl", "--encoding", encoding)
    assert (code, err) == (0, "")
    _, expected, _ = listen(monkeypatch, capsys, raw, "--format", "jsonl")
    close_to(out, expected)


@pytest.mark.parametrize("kind", ["wav", "mp3", "m4a", "webm", "aac"])
def test_with_an_encoding_a_recording_is_refused(raw, monkeypatch, capsys, kind):
    code, out, err = listen(monkeypatch, capsys, recording(raw, kind), "--encoding", "s16")
    assert (code, out) == (1, "")
    assert err.endswith("and has its own rate; leave out --rate and --encoding\n")


@pytest.mark.parametrize("kind", ["mp3", "flac", "webm", "m4a"])
def test_a_recording_that_is_damaged_or_cut_off_ends_in_one_line(raw, monkeypatch, capsys, kind):
    content = recording(raw, kind)
    damaged = content[:3000] + np.random.default_rng(0).bytes(3000)
    for broken in (damaged, content[: len(content) // 2], content[:200]):
        code, _, err = listen(monkeypatch, capsys, broken)
        assert code in (0, 1)
        assert len(err.splitlines()) <= 1 + code
        assert all(line.startswith("voxaffect: standard input: ") for line in err.splitlines())


def test_channels_are_speakers(raw, monkeypatch, capsys):
    one = np.frombuffer(raw, "<i2")
    two = np.stack([one, np.zeros_like(one)], axis=1).tobytes()
    code, out, _ = listen(monkeypatch, capsys, two, "--channels", 2, "--format", "jsonl")
    assert code == 0
    assert {json.loads(line)["channel"] for line in out.splitlines()} == {0}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["call.wav"], "voxaffect timeline"),
        (["-", "--rate", "7"], "--rate=7"),
        (["-", "--channels", "0"], "--channels=0"),
        (["-", "--encoding", "gsm"], "cannot come live"),
    ],
)
def test_used_wrongly(capsys, words, reason):
    assert main(["listen", *words]) != 0
    assert reason in capsys.readouterr().err


def test_without_the_library_the_microphone_s_extra_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert main(["listen"]) == 1
    assert "pip install 'voxaffect[microphone]'" in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "how"), [("raw", "end"), ("wav", "end"), ("webm", "Ctrl-C"), ("raw", "Ctrl-C")])
def test_segments_come_while_the_pipe_is_open(raw, kind, how):
    """And the last ones when it ends, or when somebody ends it."""
    content = raw if kind == "raw" else recording(raw, kind)
    words = [sys.executable, "-m", "voxaffect", "listen", "--rate", str(RATE), "--format", "jsonl", "-"]
    words += ["--bundle", "common4"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(content)
    process.stdin.flush()
    begin = time.monotonic()
    first = json.loads(process.stdout.readline())  # and no end has come
    assert first["end"] > first["start"] > 0.5
    assert time.monotonic() - begin < 30
    if how == "Ctrl-C":
        time.sleep(1)  # until the second utterance, which is in the pipe, is read
        process.send_signal(signal.SIGINT)
    else:
        process.stdin.close()
    assert process.wait(timeout=30) == 0
    assert process.stderr.read() == b""
    last = json.loads(process.stdout.read().splitlines()[-1])
    assert last["end"] > first["end"]


def test_the_meter_leaves_time_to_listen(monkeypatch, capsys):
    """However long it takes to look at all channels, as of many on a slow machine."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    looks, took, seconds = [], 0.05, 2.0
    with va.load("common4").stream(RATE) as stream:
        monkeypatch.setattr(stream, "now", lambda: looks.append(stream.seconds) or time.sleep(took) or [None])
        meter = command._Meter()
        for _ in range(round(seconds / 0.05)):
            stream.push(np.zeros(round(0.05 * RATE), np.float32))
            meter(stream)
    assert "…" in capsys.readouterr().err
    assert 2 <= len(looks) <= seconds / (took / 0.2) + 1
