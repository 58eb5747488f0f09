import json

import pytest
import soundfile

from conftest import babble
from voxaffect.auditing import Listing, Row, read
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError, SplitError, TableError

HEAD = "file,speaker,label,split,sentence"
ROWS = ["a.wav,s1,happy,train,one", "b.wav,s1,sad,train,two", "c.wav,s2,happy,test,one"]


@pytest.fixture
def folder(tmp_path):
    for name in "abc":
        soundfile.write(tmp_path / f"{name}.wav", babble(0, 0.2), 16_000)
    return tmp_path


def write(folder, *lines, name="split.csv"):
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_table_as_it_should_be(folder):
    found = read(write(folder, HEAD, *ROWS))
    assert found.rows[1] == Row("b.wav", folder / "b.wav", "train", "s1", "sad", "two")
    assert found.sides == ("train", "test")


def test_other_names_delimiters_sides_and_a_byte_order_mark(folder):
    lines = [line.replace(",", ";").replace("test", "Validation") for line in ("path;spk;emo;fold;text", *ROWS)]
    (folder / "split.tsv").write_text("\ufeff" + "\n".join(lines), "utf-8")
    names = {"file": "path", "speaker": "spk", "label": "emo", "split": "fold", "sentence": "text"}
    assert [row.side for row in read(folder / "split.tsv", columns=names).rows] == ["train", "train", "dev"]
    folds = write(folder, HEAD, *(row.replace("train", "1").replace("test", "2") for row in ROWS))
    assert read(folds).sides == ("1", "2")


def test_json_lines_say_the_same(folder):
    keys = HEAD.split(",")
    lines = [json.dumps(dict(zip(keys, row.split(","), strict=True))) for row in ROWS]
    table, objects = read(write(folder, HEAD, *ROWS)), read(write(folder, *lines, "", name="split.jsonl"))
    assert table.rows == objects.rows


def test_a_folder_tree_with_the_label_below_the_side(tmp_path):
    for name in ("data/Train/happy/x/../1.wav", "data/Train/sad/2.wav", "data/val/happy/3.wav", "data/other/4.wav"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / ".." / path.parent.name / "x").mkdir(exist_ok=True)
        soundfile.write(path.resolve(), babble(0, 0.2), 16_000)
    found = read(tmp_path)
    assert [(row.side, row.label, row.speaker) for row in found.rows] == [
        ("train", "happy", ""),
        ("train", "sad", ""),
        ("dev", "happy", ""),
    ]
    assert found.labels_from
    named = read(tmp_path, speaker=r"/(\d)\.wav")
    assert [row.speaker for row in named.rows] == ["1", "2", "3"]


def test_our_json_even_with_a_leak(folder):
    content = {"schema": 1, "name": "s", "train": {"x/1": ["x/a"]}, "dev": {}, "test": {"x/1": ["x/b"]}}
    path = write(folder, json.dumps(content), name="split.json")
    utterances = [Utterance(f"x/{name}", folder / f"{name}.wav", "x/1", None, "sad", text="hi") for name in "ab"]
    found = read(path, utterances=utterances)
    assert [(row.side, row.speaker, row.label, row.sentence) for row in found.rows] == [
        ("train", "x/1", "sad", "hi"),
        ("test", "x/1", "sad", "hi"),
    ]
    with pytest.raises(SettingsError, match=r"names utterances, not files; .* by `sources`"):
        read(path)
    with pytest.raises(SettingsError, match="1 of its utterances are not in the recordings, the first is x/b"):
        read(path, utterances=utterances[:1])


@pytest.mark.parametrize(
    ("lines", "options", "kind", "reason"),
    [
        (["wave,split", "a.wav,train"], {}, SettingsError, "has no column 'file', only wave, split"),
        ([HEAD, *ROWS], {"columns": {"speaker": "who"}}, SettingsError, "no column 'who'.* `columns` speaker=NAME"),
        ([HEAD, *ROWS], {"columns": {"voice": "who"}}, SettingsError, "voice is none of file, split, speaker"),
        ([HEAD, *ROWS[:2], "c.wav,,happy,test,one"], {}, TableError, "1 of 3 recordings have no speaker.*line 4"),
        ([HEAD, *ROWS[:2], "c.wav,s2,,test,one"], {}, TableError, "have no label"),
        ([HEAD, *ROWS[:2], "c.wav,s2"], {}, TableError, "line 4 has no split"),
        ([HEAD, *ROWS[:2]], {}, SplitError, "its only side is train"),
        ([HEAD], {}, SplitError, "it lists no recording"),
        ([""], {}, SettingsError, "has no column 'file'"),
        ([HEAD, *ROWS], {"root": "/nowhere"}, SettingsError, "3 of its 3 files are not there.*by `root`"),
        ([HEAD, *ROWS], {"speaker": "(a"}, SettingsError, "is no regular expression"),
        ([HEAD, *ROWS], {"speaker": "a"}, SettingsError, "has 0 groups"),
        ([HEAD, *ROWS], {"speaker": "^(a)"}, SettingsError, r"finds no speaker in b\.wav"),
        ([HEAD, *ROWS], {"utterances": []}, SettingsError, "`sources` is not for .csv"),
    ],
)
def test_tables_that_cannot_be_audited(folder, lines, options, kind, reason):
    with pytest.raises(kind, match=reason) as raised:
        read(write(folder, *lines), **options)
    assert "\n" not in str(raised.value)


def test_files_that_are_no_splits(folder):
    for name, content, reason in (
        ("split.json", b"[]", "is not what `voxaffect split` writes"),
        ("split.json", b"{", "is not what `voxaffect split` writes"),
        ("split.xls", b"", "is of no known kind"),
    ):
        (folder / name).write_bytes(content)
        with pytest.raises(SplitError, match=reason):
            read(folder / name)
    with pytest.raises(SplitError, match="does not exist"):
        read(folder / "absent")
    with pytest.raises(SplitError, match="cannot be read"):
        read(folder / "absent.json")
    with pytest.raises(SplitError, match="no recording below a folder train, dev or test"):
        read(folder)
    with pytest.raises(SettingsError, match="`columns` is not for a folder"):
        read(folder, columns={"file": "x"})


def test_speakers_can_be_done_without(folder):
    half = write(folder, HEAD, *ROWS[:2], "c.wav,,happy,test,one")
    assert {row.speaker for row in read(half, columns={"speaker": ""}).rows} == {""}
    with pytest.raises(SplitError, match="only side"):
        Listing("x", (Row("a", folder / "a.wav", "train"),))
