import json
from dataclasses import replace

import pytest
import soundfile

from conftest import babble
from voxaffect.auditing import Listing, Row, read
from voxaffect.corpora import Corpus, Description, Utterance, load_sources
from voxaffect.errors import SettingsError, SplitError, TableError, TranscriptError, VoxaffectWarning

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
    corpus = Corpus(Description("x", "x", "none", False, "none", "x"), folder, tuple(utterances), (), (), (), {})
    found = read(path, corpora=[corpus])
    assert [(row.side, row.speaker, row.label, row.sentence) for row in found.rows] == [
        ("train", "x/1", "sad", "hi"),
        ("test", "x/1", "sad", "hi"),
    ]
    with pytest.raises(SettingsError, match=r"names utterances, not files; .* by `sources`"):
        read(path)
    with pytest.raises(SettingsError, match="1 of its utterances are not in the recordings, the first is x/b"):
        read(path, corpora=[replace(corpus, utterances=corpus.utterances[:1])])


@pytest.mark.parametrize(
    ("lines", "options", "kind", "reason"),
    [
        (["wave,split", "a.wav,train"], {}, SettingsError, "has no column 'file', only wave, split"),
        ([HEAD, *ROWS], {"columns": {"speaker": "who"}}, SettingsError, "no column 'who'.* `columns` speaker=NAME"),
        ([HEAD, *ROWS], {"columns": {"voice": "who"}}, SettingsError, "voice is none of file, label, speaker"),
        ([HEAD, *ROWS[:2], "c.wav,,happy,test,one"], {}, TableError, "1 of 3 recordings have no speaker.*line 4"),
        ([HEAD, *ROWS[:2], "c.wav,s2,,test,one"], {}, TableError, "have no label"),
        ([HEAD, *ROWS[:2], "c.wav,s2"], {}, TableError, "line 4 has no split"),
        ([HEAD, *ROWS[:2]], {}, SplitError, "its only side is train"),
        ([HEAD], {}, SplitError, "it lists no recording"),
        ([""], {}, SettingsError, "has no column 'split', only none"),
        ([HEAD, *ROWS], {"root": "/nowhere"}, SettingsError, "3 of its 3 files are not there.*by `root`"),
        ([HEAD, *ROWS], {"speaker": "(a"}, SettingsError, "is no regular expression"),
        ([HEAD, *ROWS], {"speaker": "a"}, SettingsError, "has 0 groups"),
        ([HEAD, *ROWS], {"speaker": "^(a)"}, SettingsError, r"finds no speaker in b\.wav"),
        ([HEAD, *ROWS], {"corpora": []}, SettingsError, "`sources` is not for .csv"),
    ],
)
def test_tables_that_cannot_be_audited(folder, lines, options, kind, reason):
    with pytest.raises(kind, match=reason) as raised:
        read(write(folder, *lines), **options)
    assert "\n" not in str(raised.value)


def test_files_that_are_no_splits(folder):
    for name, content, reason in (
        ("split.json", b"{", "is not what `voxaffect split` writes"),
        ("split.json", b'{"train": ["a.wav"], "test": ["b.wav"]}', "is not what `voxaffect split` writes"),
        ("split.json", b"\xff", "is not what `voxaffect split` writes"),
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


def sides(found):
    return [(row.name, row.side) for row in found.rows]


def test_a_table_a_side_whose_name_says_which(folder):
    """As EmoBox publishes folds: JSON lines, of which the file's name has corpus, side and fold."""
    for side, names in {"train": "ab", "test": "c"}.items():
        lines = [{"key": name, "wav": f"{name}.wav", "emo": "hap", "length": 0.2} for name in names]
        write(folder, *map(json.dumps, lines), name=f"mine_{side}_fold_1.jsonl")
    files = [folder / f"mine_{side}_fold_1.jsonl" for side in ("train", "test")]
    found = read(files)
    assert found.name == "mine_train_fold_1.jsonl + mine_test_fold_1.jsonl"
    assert sides(found) == [("a.wav", "train"), ("b.wav", "train"), ("c.wav", "test")]
    assert [row.label for row in found.rows] == ["hap"] * 3
    assert [row.file for row in found.rows] == [folder / f"{name}.wav" for name in "abc"]


def test_a_table_a_side_that_is_named(folder):
    first, second = (write(folder, "file", f"{name}.wav", name=f"{name}.csv") for name in "ab")
    third = write(folder, "file,split", "c.wav,test", name="c.csv")
    assert sides(read([f"train={first}", f"Validation={second}", third])) == [
        ("a.wav", "train"),
        ("b.wav", "dev"),
        ("c.wav", "test"),
    ]
    assert read([f"1={first}", f"2={second}"]).sides == ("1", "2")
    with pytest.raises(SettingsError, match=r"no column 'split'.*; or give a table for each side, as train=b\.csv"):
        read([f"train={first}", second])
    with pytest.raises(SplitError, match="its only side is train"):
        read([f"train={first}", f"train={second}"])
    half = write(folder, "file,speaker", "c.wav,s1", name="test.csv")
    with pytest.raises(TableError, match="1 of 2 recordings have no speaker"):
        read([f"train={first}", half])


def test_an_array_of_rows(folder):
    rows = [dict(zip(HEAD.split(","), row.split(","), strict=True)) for row in ROWS]
    array = write(folder, json.dumps(rows), name="split.json")
    lines = write(folder, *map(json.dumps, rows), name="lines.json")
    assert read(array).rows == read(lines).rows == read(write(folder, HEAD, *ROWS)).rows


def write_embedded(path, files):
    """A shard of Parquet as Hugging Face's `datasets` writes it, the recordings in it."""
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    sounds = [{"bytes": file.read_bytes(), "path": file.name} for file in files]
    parquet.write_table(pyarrow.table({"audio": sounds, "emotion": ["sad"] * len(files)}), path)


@pytest.mark.parametrize(
    ("tables", "how"),
    [
        ({"train/metadata.csv": "a b", "test/metadata.csv": "c"}, "file_name"),
        ({"metadata.csv": "train/a train/b test/c"}, "file_name,split"),
        ({"train.csv": "train/a train/b", "test.csv": "test/c"}, "file"),
        ({"data/train-00000-of-00002.parquet": "a", "data/train-00001-of-00002.parquet": "b",
          "data/test-00000-of-00001.parquet": "c"}, "audio"),
    ],
)  # fmt: skip
def test_a_folder_with_tables(tmp_path, tables, how):
    for name in ("train/a.wav", "train/b.wav", "test/c.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        soundfile.write(tmp_path / name, babble(0, 0.2), 16_000)
    for name, files in tables.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if name.endswith(".parquet"):
            write_embedded(tmp_path / name, [tmp_path / name.split("/")[1].split("-")[0] / f"{files}.wav"])
        else:
            named = [f"{file}.wav,{file.split('/')[0]}" if "split" in how else f"{file}.wav" for file in files.split()]
            write(tmp_path, f"{how},emotion", *(f"{row},sad" for row in named), name=name)
    found = read(tmp_path)
    assert sorted((row.file.name, row.side, row.label) for row in found.rows) == [
        ("a.wav", "train", "sad"),
        ("b.wav", "train", "sad"),
        ("c.wav", "test", "sad"),
    ]
    assert all(row.file.read_bytes() == (tmp_path / row.side / row.file.name).read_bytes() for row in found.rows)
    assert {row.speaker for row in read(tmp_path, columns={"label": ""}, speaker="([a-c]).wav").rows} == set("abc")


def test_a_folder_a_side(folder):
    for side, label in (("mine-train", "sad"), ("mine-test", "happy")):
        (folder / side / label).mkdir(parents=True)
        soundfile.write(folder / side / label / "1.wav", babble(0, 0.2), 16_000)
    found = read([folder / "mine-train", folder / "mine-test"])
    assert [(row.side, row.label) for row in found.rows] == [("train", "sad"), ("test", "happy")]


def test_what_of_a_folder_is_no_recording_is_counted(tmp_path):
    for name in ("train/1.WAV", "test/2", "elsewhere/3.wav"):
        (tmp_path / name).parent.mkdir()
        soundfile.write(tmp_path / name, babble(0, 0.2), 16_000, format="WAV")
    for name in ("train/1.txt", "test/2.TXT", "test/2.pdf"):
        (tmp_path / name).write_text("x")
    found = read(tmp_path)
    assert sides(found) == [("test/2", "test"), ("train/1.WAV", "train")]
    assert found.notes == (
        "3 files are not recordings: 2 .txt, 1 .pdf",
        "1 recording is in no folder train, dev or test",
    )


def test_segments_of_a_table(folder):
    head = "file,split,start,end,channel"
    found = read(write(folder, head, "a.wav,train,0 days 00:00:00.05,0.1,", "a.wav,test,0.1,,1", "b.wav,test,,,"))
    assert [(row.start, row.end, row.channel) for row in found.rows] == [(0.05, 0.1, None), (0.1, None, 1), (None,) * 3]
    assert found.rows[0].name != found.rows[1].name
    with pytest.raises(TranscriptError, match=r"line 2 ends at 0\.1 s, before its start at 0\.2 s"):
        read(write(folder, head, "a.wav,train,0.2,0.1,", "b.wav,test,,,"))


def test_own_recordings_that_cannot_be_read_are_rows(folder):
    (folder / "clips").mkdir()
    (folder / "clips" / "d.wav").write_bytes(b"RIFF")
    content = {"train": {"mine/s": ["mine/a.wav"]}, "dev": {}, "test": {"mine/t": ["mine/clips/d.wav"]}}
    table = write(folder, "file,label,speaker", "a.wav,sad,s", "clips/d.wav,sad,t", "b.wav,sad,s", name="mine.csv")
    with pytest.warns(VoxaffectWarning, match="d.wav"):
        corpora = load_sources(table).corpora
    found = read(write(folder, json.dumps(content), name="split.json"), corpora=corpora)
    assert [(row.name, row.file) for row in found.rows] == [
        ("mine/a.wav", folder / "a.wav"),
        ("mine/clips/d.wav", folder / "clips" / "d.wav"),
    ]
