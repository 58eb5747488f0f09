import csv
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from voxaffect import bundle
from voxaffect.apps.cli import main


@pytest.fixture
def explore(capsys):
    def explore(*words):
        try:
            code = main(["explore", *map(str, words)])
        except SystemExit as stop:
            code = stop.code
        found = capsys.readouterr()
        assert "Traceback" not in found.err
        return code, found.out, found.err

    return explore


@pytest.fixture
def short(example, tmp_path):
    """A second of speech, of which few cells are to be explained."""
    samples, rate = soundfile.read(example)
    soundfile.write(tmp_path / "short.flac", samples[:rate], rate)
    return tmp_path / "short.flac"


def test_a_recording(explore, short, tmp_path):
    code, out, err = explore(short, "--out", tmp_path / "report")
    assert (code, err) == (0, "")
    assert out == f"{tmp_path / 'report' / 'index.html'}\n"
    names = {str(path.relative_to(tmp_path / "report")) for path in (tmp_path / "report").rglob("*.*")}
    assert names == {"index.html", "measures.csv", "pictures/recording.svg", "pictures/drivers.svg"}
    assert explore(short, "--out", tmp_path / "report")[0] == 0  # its own report is written anew


def test_a_corpus_with_troubles(explore, made_up, tmp_path, monkeypatch):
    """A clip that is broken behind a sound header is named, and the rest is explored."""
    monkeypatch.setattr(bundle, "DEFAULT", "common4")  # which takes the sounds that are made up for speech
    folder = tmp_path / "RAVDESS"
    shutil.copytree(made_up, folder)
    first, second, third, *_ = sorted(folder.rglob("*.wav"))
    first.write_bytes(b"")
    soundfile.write(second, np.full(16_000, np.nan), 16_000, subtype="FLOAT")
    soundfile.write(third, np.zeros(1000), 16_000)
    code, out, err = explore(f"ravdess={folder}", "--out", tmp_path / "report")
    assert code == 1
    complaints = err.splitlines()
    assert len(complaints) == 2
    assert f"{first}: is empty" in complaints[0]
    assert f"{second}: holds NaN" in complaints[1]
    assert "Are men angry just by being louder?" in out
    assert out.splitlines()[-1] == str(tmp_path / "report" / "index.html")
    assert json.loads((tmp_path / "report" / "observations.json").read_text())["clips"] == 126
    page = (tmp_path / "report" / "index.html").read_text()
    assert "trained on the speech of 8 of these 8 speakers" in page
    assert "Level: missing in 1" in page
    for told in (page, out):  # made-up voices are exactly as loud as their emotion says
        assert "level of the sound: UAR 9" in told


def test_recordings_of_ones_own(explore, made_up, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "DEFAULT", "common4")
    moods = {"05": "Wut", "03": "froh", "04": "traurig", "01": "neutral"}
    lines = [f"{path},{moods[path.name[6:8]]},{path.stem[-2:]}" for path in sorted(made_up.rglob("*-01-0[12].wav"))]
    (tmp_path / "mine.csv").write_text("\n".join(["path,mood,who", *lines]))
    words = ("--columns", "label=mood,speaker=who", "--labels", "froh=happy", "--out", tmp_path / "report")
    code, _, err = explore(tmp_path / "mine.csv", *words)
    assert (code, err) == (0, "")
    page = (tmp_path / "report" / "index.html").read_text()
    assert "of 0 of these 2 speakers" in page
    with (tmp_path / "report" / "clips.csv").open() as file:
        assert {row["emotion"] for row in csv.DictReader(file)} == {"angry", "happy", "sad", "neutral"}


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        ([], 2, "required: CORPUS[=FOLDER]|SOURCE|RECORDING"),
        (["ravdess"], 2, "names no folder"),
        (["ravdess", "."], 2, "CORPUS FOLDER is now ravdess=."),
        (["nope=."], 2, "choose one of ravdess"),
        (["ravdess=/nowhere"], 1, "is not a folder"),
        (["ravdess={empty}"], 1, "none of its 0 recordings"),
        (["ravdess={made_up}", "--style", "song"], 1, "holds no clip of song"),
        (["/nowhere.wav"], 1, "does not exist"),
        (["{empty}"], 1, "holds no labelled recording"),
        (["{text}"], 1, "is not audio that can be decoded"),
        (["{example}", "--style", "song"], 2, "--style is of a corpus"),
        (["{example}", "--out", "{text}"], 2, "is a file"),
        (["{example}", "--out", "{others}"], 2, "that is no report"),
        (["{example}", "--out", "/proc/nowhere"], 1, "check the path"),
    ],
)
def test_wrong_use_is_one_line(explore, made_up, example, tmp_path, monkeypatch, words, code, reason):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VOXAFFECT_DATA", raising=False)
    places = {"made_up": made_up, "example": example}
    for name in ("empty", "others"):
        places[name] = tmp_path / name
        places[name].mkdir()
    (tmp_path / "others" / "index.html").write_text("<h1>My holidays</h1>")
    places["text"] = tmp_path / "notes.txt"
    places["text"].write_text("no sound")
    found, out, err = explore(*(word.format(**places) for word in words))
    assert found == code
    assert reason in err
    assert not out
    assert len([line for line in err.splitlines() if line.startswith("voxaffect")]) == 1
    assert (tmp_path / "others" / "index.html").read_text() == "<h1>My holidays</h1>"


def test_a_folder_that_may_not_be_written_to_is_refused_before_the_work(explore, made_up, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)  # as tests may run as one who may write anywhere
    code, out, err = explore(f"ravdess={made_up}", "--out", tmp_path)
    assert (code, out) == (2, "")
    assert "may not be written to" in err


def test_a_name_that_is_not_text(explore, short, tmp_path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.flac")
    short.rename(name)
    assert explore(name, "--out", tmp_path / "report")[0] == 0
    assert "caf\ufffd.flac" in (tmp_path / "report" / "index.html").read_text("utf-8")


def test_a_recording_of_an_hour_is_refused_before_it_is_read(explore, tmp_path):
    soundfile.write(tmp_path / "long.wav", np.zeros(601 * 1000, np.int16), 1000)
    code, _, err = explore(tmp_path / "long.wav", "--out", tmp_path / "report")
    assert code == 1
    assert "lasts 10.0 min" in err


def test_without_matplotlib_exploring_names_the_extra(example, tmp_path):
    start = "from voxaffect.apps.cli import main; sys.exit(main(sys.argv[1:]))"
    script = f"import sys; sys.modules['matplotlib'] = None\n{start}"
    words = ["explore", str(example), "--out", str(tmp_path / "report")]
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    wanted = "voxaffect: matplotlib is not installed: exploring needs it; pip install 'voxaffect[explore]'\n"
    assert done.stderr == wanted
