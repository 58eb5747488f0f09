import csv
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect import corpora
from voxaffect.corpora import own
from voxaffect.errors import CorpusError, SettingsError, TableError, VoxaffectWarning

CLIPS = [
    ("anna/one.wav", "Anger", "anna", "F"),
    ("anna/two.wav", "on hold", "anna", "F"),
    ("ben/one.wav", "anger", "ben", "male"),
    ("ben/two.wav", "on hold", "ben", "male"),
]


@pytest.fixture
def folder(tmp_path) -> Path:
    place = tmp_path / "mine"
    for name, *_ in CLIPS:
        sound(place / name)
    return place


def sound(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.full(1600, 0.1, np.float32), 16_000)


def table(path: Path, head=("file", "emotion", "speaker", "sex"), rows=CLIPS) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def whole(corpus: corpora.Corpus, name: str) -> None:
    assert [each.id for each in corpus.utterances] == [f"{name}/{clip[0]}" for clip in CLIPS]
    assert [each.emotion for each in corpus.utterances] == ["angry", "on hold"] * 2
    assert corpus.speakers == (f"{name}/anna", f"{name}/ben")


def test_a_table(folder):
    corpus = corpora.load_own(table(folder / "mine.csv"))
    whole(corpus, "mine")
    assert [each.sex for each in corpus.utterances] == ["female", "female", "male", "male"]
    assert corpus.description.licence == "not stated"


def test_a_table_with_other_names_and_another_root(folder, tmp_path):
    path = table(tmp_path / "mine.csv", ("wave", "mood", "who", "x"))
    whole(corpora.load_own(path, columns={"file": "wave", "label": "mood", "speaker": "who"}, root=folder), "mine")


def test_speakers_by_a_pattern(folder):
    path = table(folder / "mine.csv", ("file", "emotion", "speaker", "sex"))
    corpus = corpora.load_own(path, speaker="(a|b)[a-z]+/")
    assert corpus.speakers == ("mine/a", "mine/b")


def test_without_speakers_there_is_one_that_nobody_knows(folder):
    corpus = corpora.load_own(table(folder / "mine.csv"), columns={"speaker": ""})
    assert corpus.speakers == ("mine/?",)
    assert not corpus.speakers_known


def test_a_folder_for_each_label(tmp_path):
    for label in ("angry", "sad"):
        for speaker in ("x", "y"):
            sound(tmp_path / "mine" / "train" / label / f"{speaker}_1.wav")
    corpus = corpora.load_own(tmp_path / "mine", speaker="([xy])_")
    assert [(each.emotion, each.speaker) for each in corpus.utterances] == [
        ("angry", "mine/x"),
        ("angry", "mine/y"),
        ("sad", "mine/x"),
        ("sad", "mine/y"),
    ]


@pytest.mark.parametrize("split", ["", "train"])
def test_an_audio_folder(folder, split):
    place = folder
    if split:
        place = folder.parent / "hub"
        place.mkdir()
        folder.rename(place / split)
    lines = [json.dumps({"file_name": name, "label": label, "speaker_id": who}) for name, label, who, _ in CLIPS]
    (place / split / "metadata.jsonl").write_text("\n".join(lines))
    whole(corpora.load_own(place), place.name)


def test_an_audformat_database(folder):
    audformat = pytest.importorskip("audformat")
    pandas = pytest.importorskip("pandas")
    database = audformat.Database("mine", license="CC-BY-NC-4.0", languages=["de"])
    database.schemes["emotion"] = audformat.Scheme(labels=["Anger", "anger", "on hold"])
    database.schemes["speaker"] = audformat.Scheme(labels={"anna": {"gender": "female"}, "ben": {"gender": "male"}})
    files = audformat.filewise_index([clip[0] for clip in CLIPS])
    for name, place in (("emotion", 1), ("speaker", 2)):
        database[name] = audformat.Table(files)
        database[name][name] = audformat.Column(scheme_id=name)
        database[name][name].set(pandas.Series([clip[place] for clip in CLIPS], index=files))
    database.save(str(folder), storage_format="csv")
    corpus = corpora.load_own(folder)
    whole(corpus, "mine")
    assert [each.sex for each in corpus.utterances] == ["female", "female", "male", "male"]
    assert (corpus.description.licence, corpus.description.language) == ("CC-BY-NC-4.0", "deu")


def test_audformat_labels_of_a_miscellaneous_table(folder):
    audformat = pytest.importorskip("audformat")
    pandas = pytest.importorskip("pandas")
    database = audformat.Database("mine")
    names = pandas.Index(["anna", "ben"], dtype="string", name="who")
    database["people"] = audformat.MiscTable(names)
    database["people"]["age"] = audformat.Column()
    database["people"]["age"].set([30, 40])
    database.schemes["speaker"] = audformat.Scheme(labels="people", dtype="str")
    files = audformat.filewise_index([clip[0] for clip in CLIPS])
    database["clips"] = audformat.Table(files)
    database["clips"]["speaker"] = audformat.Column(scheme_id="speaker")
    database["clips"]["emotion"] = audformat.Column()
    database["clips"]["speaker"].set([clip[2] for clip in CLIPS])
    database["clips"]["emotion"].set([clip[1] for clip in CLIPS])
    for kind in ("csv", "parquet"):
        database.save(str(folder), storage_format=kind)
        whole(corpora.load_own(folder), "mine")
        (folder / f"db.clips.{kind}").unlink()


HEADER = {"name": "x", "source": "y", "usage": "research", "languages": []}


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_header_that_asks_for_code_to_be_run_is_refused(folder, tmp_path):
    pytest.importorskip("audformat")
    ran = tmp_path / "ran"
    plain = "\n".join(f"{key}: {value}" for key, value in HEADER.items())
    for tag in ("object/apply:os.system", "object/new:os.system"):
        (folder / "db.yaml").write_text(f"{plain}\ndescription: !!python/{tag} ['touch {ran}']\n")
        with pytest.raises(CorpusError, match=r"db\.yaml: is not plain YAML \(.*os\.system.*\); remove") as raised:
            corpora.load_own(folder)
        assert "\n" not in str(raised.value)
        with pytest.raises(CorpusError, match=r"is not plain YAML"):
            own._description("mine", folder)
    assert not ran.exists()


@pytest.mark.parametrize("kind", ["tables", "misc_tables"])
@pytest.mark.parametrize("place", ["db.t.pkl", "db.sub/t.pkl", "db.t.PKL", "../evil/x.pkl"])
def test_no_pickle_is_read_inside_the_folder_or_outside(folder, tmp_path, kind, place):
    pytest.importorskip("audformat")
    ran = tmp_path / "ran"
    pickled = folder / place
    (folder / "db.").mkdir()  # what makes `db./../../evil/x` a path
    (folder / "db.sub").mkdir()
    (tmp_path / "evil").mkdir()
    pickled.write_bytes(pickle.dumps(Touch(ran)))
    name = "/../../evil/x" if "evil" in place else place[len("db.") : -len(".pkl")]
    levels = {"levels": {"file": "str"}} if kind == "misc_tables" else {"type": "filewise"}
    (folder / "db.yaml").write_text(json.dumps({**HEADER, kind: {name: {**levels, "columns": {"label": {}}}}}))
    with pytest.raises((CorpusError, SettingsError), match=r"is a pickled table|could lie outside") as raised:
        corpora.load_own(folder)
    assert "\n" not in str(raised.value)
    assert not ran.exists()


@pytest.mark.parametrize("nested", [False, True])
def test_a_header_does_not_say_where_audformat_reads(folder, tmp_path, nested):
    """Of its own fields `_root` and `_name`, from which it would load labels as late as it needs them."""
    pytest.importorskip("audformat")
    ran = tmp_path / "ran"
    (tmp_path / "db.t.pkl").write_bytes(pickle.dumps(Touch(ran)))
    header = {
        **HEADER,
        "_root": str(tmp_path),
        "_name": "db",
        "misc_tables": {"t": {"levels": {"who": "str"}, "_df": None, "columns": {}}},
        "schemes": {"s": {"dtype": "str", "labels": "t"}},
        "tables": {"clips": {"type": "filewise", "columns": {"label": {"scheme_id": "s"}}}},
    }
    (folder / "db.yaml").write_text(json.dumps({"x": header} if nested else header))
    (folder / "db.clips.csv").write_text("file,label\nanna/one.wav,sad\n")
    with pytest.raises(CorpusError, match=r"is no header of a database" if nested else r"cannot be read as audformat"):
        corpora.load_own(folder)
    assert not ran.exists()


@pytest.mark.parametrize(
    "text", ["", "[1, 2]", "5", "a: b", "\x00", "{" * 5000, "name: x\nsource: y\nusage: 2026-99-99"]
)
def test_a_header_that_is_none_is_refused_in_a_line(folder, text):
    pytest.importorskip("audformat")
    (folder / "db.yaml").write_text(text)
    with pytest.raises(CorpusError, match=r"db\.yaml: is n") as raised:
        corpora.load_own(folder)
    assert "\n" not in str(raised.value)


def test_what_is_wrong_with_single_recordings_is_told(folder):
    (folder / "anna" / "one.wav").unlink()
    corpus = corpora.load_own(table(folder / "mine.csv", rows=[*CLIPS, CLIPS[1]]))
    assert [(path.name, reason) for path, reason in corpus.unreadable] == [("one.wav", "does not exist")]
    assert len(corpus.duplicates) == 1
    assert len(corpus.utterances) == 3


@pytest.mark.parametrize(
    ("rows", "options", "kind", "reason"),
    [
        ([("a.wav", "sad", "x", "")], {}, SettingsError, r"1 of its 1 files cannot be read.*`root`"),
        ([("anna/one.wav", "", "x", "")], {}, CorpusError, "holds no labelled recording"),
        ([("", "sad", "x", "")], {}, TableError, "line 2 has no file"),
        (
            [CLIPS[0], (*CLIPS[1][:2], "", "")],
            {},
            TableError,
            "1 of 2 recordings have no speaker.*line 3",
        ),
        ([], {}, CorpusError, "holds no labelled recording"),
        (CLIPS, {"columns": {"label": "mood"}}, SettingsError, "no column 'mood'"),
        (CLIPS, {"columns": {"side": "x"}}, SettingsError, "side is none of file, label"),
        (CLIPS, {"speaker": "([xyz])/"}, SettingsError, "finds no speaker in anna/one.wav"),
    ],
)
def test_tables_that_cannot_be_used(folder, rows, options, kind, reason):
    with pytest.raises(kind, match=reason) as raised:
        corpora.load_own(table(folder / "mine.csv", rows=rows), **options)
    assert "\n" not in str(raised.value)


def test_rows_without_a_label_are_left_out_and_counted(folder):
    path = table(folder / "mine.csv", rows=[*CLIPS[:2], (*CLIPS[2][:1], "", "ben", ""), (*CLIPS[3][:1], " ", "", "")])
    with pytest.warns(
        VoxaffectWarning, match=r"2 of its 4 rows have no label, the first is mine.csv, line 4; left out"
    ):
        corpus = corpora.load_own(path)
    assert [clip.id for clip in corpus.utterances] == ["mine/anna/one.wav", "mine/anna/two.wav"]
    assert corpus.unrecognised == ()


def test_sources_that_cannot_be_used(folder, tmp_path):
    with pytest.raises(CorpusError, match="does not exist"):
        corpora.load_own(tmp_path / "absent.csv")
    with pytest.raises(SettingsError, match="is of no known kind; give one of"):
        corpora.load_own(folder / "anna" / "one.wav")
    with pytest.raises(SettingsError, match="`root` is for a table"):
        corpora.load_own(folder, root=tmp_path)
    with pytest.raises(SettingsError, match="`columns` is for a table; in a folder, folders are the labels"):
        corpora.load_own(folder, columns={"label": "x"})
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match="holds no labelled recording"):
        corpora.load_own(tmp_path / "empty")
