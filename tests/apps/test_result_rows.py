"""One row, whatever writes it: every command, every format, and Python; docs/reference/rows.md says what it is."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import voxaffect as va
from voxaffect import audio
from voxaffect.apps.cli import main
from voxaffect.inference.schema import COLUMNS, REMARKS, columns

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def recognizer():
    return va.load("common4")


def documented() -> list[str]:
    """The first column of the table in the documentation."""
    text = (ROOT / "docs" / "reference" / "rows.md").read_text("utf-8")
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


def test_the_documentation_names_the_columns():
    assert documented() == [*COLUMNS, "probabilities", "p_CLASS", *REMARKS]


@pytest.fixture(scope="module")
def printed(example, tmp_path_factory):
    """Command and format -> its rows of one recording and, but for `listen`, of a bad file."""
    folder = tmp_path_factory.mktemp("rows")
    bad = folder / "bad.wav"
    bad.touch()
    samples = (audio.load(example, 8_000) * 32767).astype("<i2").tobytes()
    words = {
        "recognize": ["recognize", str(example), str(bad)],
        "timeline": ["timeline", str(example)],
        "listen": ["listen", "--rate", "8000", "-"],
        "batch": ["batch", str(example), str(bad), "--workers", "1"],
        "batch --timeline": ["batch", str(example), str(bad), "--workers", "1", "--timeline"],
    }
    found: dict[tuple[str, str], list[dict]] = {}
    for name, command in words.items():
        for form in ("jsonl", "csv", "parquet"):
            out = folder / f"a.{form}"
            if form == "parquet" and name in ("recognize", "listen"):
                continue
            to_file = name.startswith("batch") or form == "parquet"
            how = ["--out", str(out)] if to_file else ["--format", form]
            done = subprocess.run(
                [sys.executable, "-m", "voxaffect", *command, *how, "--bundle", "common4"],
                input=samples,
                capture_output=True,
                check=False,
            )
            assert done.returncode in (0, 1), done.stderr
            content = out.read_bytes() if to_file else done.stdout
            found[name, form] = rows_of(form, content)
    return found


def rows_of(form: str, content: bytes) -> list[dict]:
    if form == "jsonl":
        return [json.loads(line) for line in content.decode("utf-8").splitlines()]
    if form == "csv":
        assert content.count(b"\r\n") == content.count(b"\n")
        return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    return pytest.importorskip("pyarrow.parquet").read_table(io.BytesIO(content)).to_pylist()


def flat(row: dict, classes: tuple[str, ...]) -> dict:
    """A JSON object as a flat row, by the words of the documentation."""
    given = row["probabilities"] or dict.fromkeys(classes)
    probabilities = {f"p_{name}": given[name] for name in classes}
    return {name: row[name] for name in COLUMNS} | probabilities | {name: row[name] for name in REMARKS}


def test_all_commands_and_formats_have_the_same_columns_in_the_same_order(printed, recognizer):
    for (name, form), rows in printed.items():
        expected = [*COLUMNS, "probabilities", *REMARKS] if form == "jsonl" else list(columns(recognizer.classes))
        assert rows, name
        assert {tuple(row) for row in rows} == {tuple(expected)}, (name, form)


def test_all_formats_hold_the_same(printed, recognizer):
    for (name, form), rows in printed.items():
        wanted = [flat(row, recognizer.classes) for row in printed[name, "jsonl"]]
        if form == "parquet":
            assert rows == wanted, name
        if form == "csv":
            text = [{key: "" if value is None else str(value) for key, value in row.items()} for row in wanted]
            assert rows == text, name


def test_commands_say_what_python_says(printed, recognizer, example):
    found = recognizer.recognize(str(example)).to_dict()
    segments = [segment.to_dict() for segment in recognizer.timeline(str(example))]
    assert printed["recognize", "jsonl"][0] == printed["batch", "jsonl"][0] == found
    assert found["file"] == str(example)
    assert (found["start"], found["end"], found["channel"]) == (0, 3.26, None)
    assert printed["timeline", "jsonl"] == segments
    assert printed["batch --timeline", "jsonl"][:-1] == segments
    live = printed["listen", "jsonl"]
    assert [row["file"] for row in live] == ["-"] * len(live)
    assert live[0]["channel"] == segments[0]["channel"] == 0


def test_a_bad_file_has_a_row_with_its_error(printed):
    rows = [dict(printed[name, "jsonl"][-1]) for name in ("recognize", "batch", "batch --timeline")]
    assert rows[0] == rows[1] == rows[2]
    assert "is empty" in rows[0].pop("error")
    assert rows[0].pop("file").endswith("bad.wav")
    assert set(rows[0].values()) == {None}


def test_numbers_are_rounded(printed):
    for (name, form), rows in printed.items():
        if form != "jsonl":
            continue
        for row in rows:
            if row["error"] is None:
                assert all(round(row[key], 3) == row[key] for key in ("start", "end")), name
                assert all(round(value, 4) == value for value in [row["confidence"], *row["probabilities"].values()])
                assert sum(row["probabilities"].values()) == pytest.approx(1, abs=5e-4)


@pytest.mark.skipif(sys.platform == "win32", reason="names as POSIX has them")
def test_control_characters_reach_neither_the_terminal_nor_a_row_of_their_own(example, tmp_path, capsys):
    good, bad = tmp_path / "title\x1b]0;x\x07.flac", tmp_path / "a\nvoxaffect: all is well\x9b2J.wav"
    good.write_bytes(example.read_bytes())
    bad.touch()
    for words in (["recognize", good, bad], ["recognize", "--format", "csv", good, bad], ["timeline", good]):
        main([*map(str, words)])
        out, err = capsys.readouterr()
        assert len(err.splitlines()) <= 2
        assert not set(err) & set("\x1b\x07\x9b")
        assert "--format" in words or not set(out) & set("\x1b\x07\x9b\r")
