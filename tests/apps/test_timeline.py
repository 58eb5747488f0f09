import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from urllib.parse import unquote

import numpy as np
import pytest
import soundfile

from voxaffect import audio
from voxaffect.apps.cli import main
from voxaffect.apps.cli import timeline as command
from voxaffect.inference.stream import Stream

RATE = 8_000


@pytest.fixture(scope="module")
def call(example, tmp_path_factory):
    """Two channels of telephone speech, a minute and a half of it, each with pauses of its own."""
    voice = audio.load(example, RATE)
    rng = np.random.default_rng(0)
    lines = []
    for _ in range(2):
        parts = []
        while sum(map(len, parts)) < 90 * RATE:
            parts += [rng.normal(0, 5e-4, round(rng.uniform(0.3, 4) * RATE)), voice * rng.uniform(0.1, 1)]
        lines.append(np.concatenate(parts)[: 90 * RATE])
    path = tmp_path_factory.mktemp("calls") / "call.wav"
    soundfile.write(path, np.stack(lines, axis=1), RATE)
    return path


def printed(capsys, *arguments) -> tuple[int, str, str]:
    code = main(["timeline", "--bundle", "common4", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_table_on_the_terminal(call, capsys):
    code, out, err = printed(capsys, call)
    head, *lines = out.splitlines()
    assert code == 0
    assert err == ""
    assert head.split() == ["from", "to", "channel", "emotion", "sure", "or", "else"]
    assert len(lines) > 10
    assert {line.split()[2] for line in lines} == {"0", "1"}


def test_one_voice_needs_no_column_of_channels(example, capsys):
    _, out, _ = printed(capsys, example)
    assert "channel" not in out
    assert len(out.splitlines()) >= 2


@pytest.mark.parametrize("name", command.FORMATS)
def test_every_format_can_be_printed(call, capsys, name):
    code, out, _ = printed(capsys, call, "--format", name)
    assert code == 0
    assert out


def test_all_formats_at_once(call, tmp_path, capsys):
    names = ["a.html", "a.csv", "a.jsonl", "a.TextGrid", "a.vtt", "a.srt", "a.audformat.csv"]
    code, out, err = printed(capsys, call, "--out", ",".join(str(tmp_path / name) for name in names))
    assert code == 0
    assert out == ""
    assert len(err.splitlines()) == len(names)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    segments = len((tmp_path / "a.jsonl").read_text("utf-8").splitlines())
    assert (tmp_path / "a.vtt").read_text("utf-8").count("-->") == segments
    assert (tmp_path / "a.html").read_text("utf-8").count('title="') >= segments
    with (tmp_path / "a.csv").open(encoding="utf-8") as file:
        starts = [float(row["start"]) for row in csv.DictReader(file)]
    assert starts == sorted(starts)
    assert len(starts) == segments


def interrupted_after(monkeypatch, blocks: int) -> None:
    push, count = Stream.push, iter(range(10_000))

    def interrupting(stream: Stream, chunk):
        if next(count) == blocks:
            raise KeyboardInterrupt
        return push(stream, chunk)

    monkeypatch.setattr(Stream, "push", interrupting)


@pytest.mark.parametrize("blocks", [0, 1, 3, 6, 9])
def test_interrupted_and_resumed_it_gives_what_it_gives_at_one_go(call, tmp_path, capsys, monkeypatch, blocks):
    outs = ["a.jsonl", "a.html"]
    assert printed(capsys, call, *(word for name in outs for word in ("--out", tmp_path / f"whole-{name}")))[0] == 0
    with monkeypatch.context() as patch:
        interrupted_after(patch, blocks)
        code, _, err = printed(capsys, call, "--out", ",".join(str(tmp_path / name) for name in outs))
    assert code == 130
    assert "--resume goes on" in err
    part = (tmp_path / "a.jsonl").read_text("utf-8").splitlines()
    whole = (tmp_path / "whole-a.jsonl").read_text("utf-8").splitlines()
    assert len(part) < len(whole)
    code, _, _ = printed(capsys, call, "--out", ",".join(str(tmp_path / name) for name in outs), "--resume")
    assert code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*outs, *(f"whole-{name}" for name in outs)])
    again = (tmp_path / "a.jsonl").read_text("utf-8").splitlines()
    for one, two in zip(map(json.loads, again), map(json.loads, whole), strict=True):
        assert one.pop("probabilities") == pytest.approx(two.pop("probabilities"), abs=2e-3)
        assert one.pop("confidence") == pytest.approx(two.pop("confidence"), abs=2e-3)
        assert one == two
    rows = [(tmp_path / f"{name}a.html").read_text("utf-8").count('d="M') for name in ("", "whole-")]
    assert rows[0] == rows[1]


def test_what_is_resumed_must_be_the_same(call, tmp_path, capsys, monkeypatch):
    out = tmp_path / "a.csv"
    with monkeypatch.context() as patch:
        interrupted_after(patch, 4)
        printed(capsys, call, "--out", out)
    code, _, err = printed(capsys, call, "--out", out, "--resume", "--mix")
    assert code == 2
    assert "delete it to begin anew" in err
    code, _, err = printed(capsys, call, "--out", out)
    assert code == 2
    assert "add --resume to go on" in err
    partial = out.with_name("a.csv.partial")
    partial.write_bytes(partial.read_bytes()[:-2000])
    code, _, err = printed(capsys, call, "--out", out, "--resume")
    assert code == 2
    assert "is damaged" in err
    partial.unlink()
    assert printed(capsys, call, "--out", out)[0] == 0
    assert not partial.exists()


def test_with_nothing_to_go_on_from_it_begins(call, tmp_path, capsys):
    assert printed(capsys, call, "--out", tmp_path / "a.csv", "--resume")[0] == 0


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_ctrl_c_in_the_middle(call, tmp_path):
    samples, rate = soundfile.read(call)
    long = tmp_path / "long.wav"
    soundfile.write(long, np.tile(samples, (20, 1)), rate)
    out = tmp_path / "a.jsonl"
    words = [sys.executable, "-m", "voxaffect", "timeline", str(long), "--out", str(out), "--bundle", "common4"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    if process.returncode == 0:
        pytest.skip("it was done before it could be interrupted")
    assert process.returncode == 130
    assert "Traceback" not in err
    assert subprocess.run([*words, "--resume"], check=False).returncode == 0
    assert len(out.read_text("utf-8").splitlines()) > 100


def test_nobody_speaks(tmp_path, capsys):
    path = tmp_path / "quiet.wav"
    soundfile.write(path, np.zeros(3 * RATE), RATE)
    code, out, err = printed(capsys, path)
    assert code == 0
    assert len(out.splitlines()) == 1
    assert "nobody speaks" in err
    page = tmp_path / "quiet.html"
    assert printed(capsys, path, "--out", page)[0] == 0
    assert "No voice goes from one emotion to another" in page.read_text("utf-8")


def test_a_recording_that_breaks_off_is_heard_as_far_as_it_goes(call, tmp_path, capsys):
    samples, rate = soundfile.read(call)
    path, out = tmp_path / "cut.flac", tmp_path / "a.jsonl"
    soundfile.write(path, samples, rate)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    code, _, err = printed(capsys, path, "--out", out)
    assert code == 0
    assert "cut.flac: the header promises" in err
    rows = list(map(json.loads, out.read_text("utf-8").splitlines()))
    assert rows
    assert all(row["warning"].startswith("the header promises") for row in rows)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["{call}", "--out", "{folder}/a.doc"], "ending is of no format"),
        (["{call}", "--out", "{folder}"], "ending is of no format"),
        (["{call}", "--out", "{call}"], "ending is of no format"),
        (["{call}", "{call}"], "2 recordings are named, and timeline takes one; for many there is batch --timeline"),
        ([], "0 recordings are named"),
        (["{call}", "--resume"], "what to write with --out"),
        (["{call}", "--threshold", "2"], "choose from 0 to 1"),
    ],
)
def test_used_wrongly(call, tmp_path, capsys, arguments, reason):
    code, _, err = printed(capsys, *(each.format(call=call, folder=tmp_path) for each in arguments))
    assert code == 2
    assert reason in err
    assert not list(tmp_path.iterdir())


def test_a_recording_that_is_not_there(tmp_path, capsys):
    code, _, err = printed(capsys, tmp_path / "no.wav", "--out", tmp_path / "a.csv")
    assert code == 1
    assert "does not exist" in err
    assert not list(tmp_path.iterdir())


FULL = (
    "import resource, sys; from voxaffect.apps.cli import main; "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); sys.exit(main(sys.argv[1:]))"
)
"""No file may grow beyond 2000 bytes, as on a disk that is full."""


@pytest.mark.skipif(os.name != "posix", reason="limits as POSIX has them")
@pytest.mark.parametrize("ending", ["html", "jsonl", "csv", "parquet"])
def test_on_a_full_disk_what_was_there_stays_and_the_reason_is_told(call, tmp_path, ending):
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path / f"a.{ending}"
    out.write_text("as it was", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", FULL, "timeline", str(call), "--out", str(out), "--bundle", "common4"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"voxaffect: {out}: File too large; check the path and the space\n"
    assert out.read_text("utf-8") == "as it was"
    assert list(tmp_path.iterdir()) == [out]


def test_a_recording_that_grows_while_it_is_heard(call, tmp_path, capsys, monkeypatch):
    growing, out = tmp_path / "growing.wav", tmp_path / "a.jsonl"
    growing.write_bytes(call.read_bytes())
    printed(capsys, growing, "--out", out)
    expected = out.read_text("utf-8")
    push = Stream.push

    def growing_push(stream: Stream, chunk):
        with growing.open("ab") as file:
            file.write(b"\x10\x20" * 4000)
        return push(stream, chunk)

    monkeypatch.setattr(Stream, "push", growing_push)
    assert printed(capsys, growing, "--out", out)[0] == 0
    assert out.read_text("utf-8") == expected


@pytest.mark.parametrize("name", ["call #1 50%.flac", "call:1.flac", "call?.flac"])
def test_the_page_finds_a_recording_of_any_name(example, tmp_path, capsys, name):
    if os.name != "posix":
        pytest.skip("such names are not allowed here")
    recording, page = tmp_path / name, tmp_path / "out dir" / "a.html"
    recording.write_bytes(example.read_bytes())
    assert printed(capsys, recording, "--out", page)[0] == 0
    address = re.search(r'<audio[^>]* src="([^"]*)"', page.read_text("utf-8"))[1]
    assert (page.parent / unquote(address)).samefile(recording)
    assert not set(address) & set("#?: ")


@pytest.mark.skipif(os.name != "posix", reason="names as POSIX has them")
def test_a_name_that_is_not_text(example, tmp_path, capsys):
    recording = os.fsencode(tmp_path) + b"/bad\xff.flac"
    with open(recording, "wb") as file:  # noqa: PTH123
        file.write(example.read_bytes())
    outs = [tmp_path / f"a.{ending}" for ending in ("csv", "html", "jsonl")]
    assert printed(capsys, os.fsdecode(recording), "--out", ",".join(map(str, outs)))[0] == 0
    assert all(out.stat().st_size > 50 for out in outs)


def test_from_standard_input(example, capsys, monkeypatch):
    class Piped:
        buffer = io.BytesIO(example.read_bytes())

    monkeypatch.setattr(sys, "stdin", Piped)
    code, out, _ = printed(capsys, "-")
    assert code == 0
    assert len(out.splitlines()) >= 2


def test_what_is_printed_at_the_end_is_printed_where_it_breaks_off(call, capsys, monkeypatch):
    interrupted_after(monkeypatch, 5)
    code, out, err = printed(capsys, call, "--format", "csv")
    assert code == 130
    assert len(out.splitlines()) > 3
    assert "are done" in err


def test_a_recording_without_samples(tmp_path, capsys):
    path = tmp_path / "none.wav"
    soundfile.write(path, np.zeros(0), RATE)
    code, _, err = printed(capsys, path)
    assert code == 1
    assert "holds no samples" in err
    assert "nobody speaks" not in err
