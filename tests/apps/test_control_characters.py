"""Names of files, classes, labels and speakers hold anything; a terminal sees none of it but text."""

import ast
import csv
import io
import json
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from conftest import buzz
from tiny_bundles import CARD, graph, say, write
from voxaffect.apps.cli import main
from voxaffect.text import as_document, as_json, printable, printable_lines

CLI = Path(sys.modules["voxaffect.apps.cli"].__file__).parent
HOSTILE = "\x1b]0;title\x07\x9b2J\x1b[31m\u202e\u2066\r\x08\nFORGED: "
"""Sets a window's title, clears it, turns text round, begins a line that looks like another."""


def is_safe(text: str) -> bool:
    """Whether a terminal prints it as it stands, and no name has begun a line."""
    raw = [each for each in text if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") and each != "\n"]
    return not raw and not any(line.startswith("FORGED") for line in text.splitlines())


@given(st.text(st.characters(exclude_categories=[])))
def test_no_text_gets_through(text):
    assert is_safe(printable(text).replace("\u200c", "").replace("\u200d", ""))
    assert "\n" not in printable(text)
    assert printable(printable(text)) == printable(text)
    assert printable_lines(text).count("\n") == text.count("\n")


@given(st.recursive(st.text() | st.integers(), lambda each: st.lists(each) | st.dictionaries(st.text(), each)))
def test_json_is_safe_and_exact(value):
    assert all(json.loads(text) == value for text in (as_json(value), as_json(value, indent=1), as_document(value)))
    assert is_safe(as_json(value).replace("\u200c", "").replace("\u200d", "").replace("FORGED", ""))


def test_letters_of_other_scripts_and_emoji_stay():
    for text in ("wütend", "怒り", "خوش\u200cحال", "👩\u200d🏫", "प्रसन्न", "Ärger e\u0301"):
        assert printable(text) == text


def test_one_place_prints():
    """What has been escaped once is printed by `terminal` alone, and by what redraws a line of a terminal."""
    printing = {
        path.name
        for path in CLI.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printing <= {"terminal.py", "listen.py"}


@pytest.fixture
def hostile(tmp_path):
    """Clips with hostile names, a table of them with hostile labels and speakers, and a bundle of hostile classes."""
    classes = [f"angry{HOSTILE}", f"sad{HOSTILE}"]
    texts = dict.fromkeys(("licence", "created"), HOSTILE)
    card = CARD | texts | {"classes": classes, "scheme": ",".join(classes), "versions": {"voxaffect": HOSTILE}}
    corpus = {"name": HOSTILE, "licence": HOSTILE, "language": HOSTILE, "cite": HOSTILE}
    card["training"] = card["training"] | {"corpora": [corpus], "styles": [HOSTILE]}
    card["scores"] = card["scores"] | {
        "by_corpus": {HOSTILE: {"uar": {"value": 0.5}}},
        "mean_of_corpora": {"value": 0.5},
    }
    bundle = write(tmp_path / f"b{HOSTILE.replace('/', '')}", graph().SerializeToString(), card)
    sound, rows = buzz(150, 0.3, 0.8, 16_000, np.random.default_rng(0)), [("file", "label", "speaker", "split")]
    for number in range(4):
        name = HOSTILE.replace("\r", "")  # which readers of CSV take for a line feed
        path = tmp_path / "clips" / f"{number}{name}.wav"
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            soundfile.write(file, sound * (number + 1) / 5, 16_000, format="WAV")
        rows.append(
            (f"clips/{path.name}", classes[number % 2], f"{number // 2}{HOSTILE}", ("train", "test")[number // 2])
        )
    (tmp_path / "clips" / f"4{HOSTILE}.wav").write_text("no sound")
    table = tmp_path / f"my{HOSTILE}.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        file.writelines(",".join('"' + cell + '"' for cell in row) + "\r\n" for row in rows)
    return bundle, table, sorted((tmp_path / "clips").iterdir())


def test_no_command_prints_a_name_raw(hostile, tmp_path):
    bundle, table, clips = hostile
    commands = {
        "info": ["info"],
        "recognize": ["recognize", *clips],
        "one": ["recognize", clips[0], "--explain"],
        "timeline": ["timeline", clips[0]],
        "timeline, bad": ["timeline", clips[-1]],
        "batch": ["batch", clips[0].parent, "--out", tmp_path / f"out{HOSTILE}.csv"],
        "baseline": ["baseline", *clips, "--out", tmp_path / f"b{HOSTILE}.json"],
        "evaluate": ["evaluate", table],
        "listen": ["listen", "-", "--rate", "16000"],
    }
    for name, words in commands.items():
        _, out, err = say(bundle, *map(str, words))
        assert is_safe(out), (name, out)
        assert is_safe(err), (name, err)
        assert out or err, name


@pytest.mark.parametrize(
    ("command", "form"),
    [
        ("recognize", "csv"),
        ("recognize", "jsonl"),
        ("timeline", "csv"),
        ("timeline", "jsonl"),
        ("timeline", "audformat"),
    ],
)
def test_rows_are_safe_on_a_terminal_and_exact_elsewhere(hostile, example, capsys, monkeypatch, command, form):
    """JSON is both everywhere: readers undo its escapes."""
    bundle, _, clips = hostile
    clips[0].write_bytes(example.read_bytes())
    words = [command, str(clips[0]), "--bundle", str(bundle), "--format", form]
    assert main(words) == 0
    exact = capsys.readouterr().out
    if form == "jsonl":
        rows = [json.loads(line) for line in exact.splitlines()]
        assert is_safe(exact)
    else:
        rows = list(csv.DictReader(io.StringIO(exact, newline="")))
    assert {row["file"] for row in rows} == {str(clips[0])}
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert is_safe(shown), shown
    if form != "audformat":
        assert len(shown.splitlines()) == len(rows) + (form != "jsonl")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["audit", "TABLE"], 1),
        (["audit", "TABLE", "--json"], 1),
        (["split", "TABLE", "--test", "nobody"], 1),
        (["evaluate", "common4", "TABLE"], 1),
        (["info", "BUNDLE", "--json"], 0),
        (["info", "NOWHERE"], 1),
        (["timeline", "CLIP", "CLIP"], 2),
        (["corpus", "ravdess=NOWHERE"], 1),
        (["audit", "NOWHERE"], 1),
        (["train", "TABLE", "--set", "training.epochs=0"], 2),
    ],
)
def test_nor_do_these(hostile, capsys, words, code):
    bundle, table, clips = hostile
    names = {"TABLE": table, "BUNDLE": bundle, "CLIP": clips[0], "NOWHERE": HOSTILE}
    filled = [
        word.replace(key, str(path))
        for word in words
        for key, path in [next(((key, path) for key, path in names.items() if key in word), ("\0", ""))]
    ]
    try:
        ended = main(filled)
    except SystemExit as exit:
        ended = exit.code
    out, err = capsys.readouterr()
    assert is_safe(out), out
    assert is_safe(err), err
    assert ended == code, err
