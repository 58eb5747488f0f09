"""Datasets as Hugging Face's libraries write them."""

import io
import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect import corpora, split
from voxaffect.corpora.own import hugging_face
from voxaffect.corpora.sources import source_name
from voxaffect.errors import CorpusError, SettingsError, SplitError, TableError, VoxaffectWarning
from voxaffect.evaluation.split import find_split
from voxaffect.files import tables
from voxaffect.files.parquet import unpack

from .test_own import sound, table

pyarrow = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402

NAMES = ["angry", "happy", "sad"]


def wave(level: float, ending: str = "WAV") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.full(1600, level, np.float32), 16_000, format=ending)
    return file.getvalue()


def write(
    path: Path, rows: list[dict], *, names: list[str] | None = None, audio: pyarrow.DataType | None = None
) -> Path:
    """names: of the classes that `label` numbers, as `datasets` writes them into the schema."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = audio or pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    fields = [pyarrow.field("audio", kind)]
    fields += [pyarrow.field(key, pyarrow.array([row[key] for row in rows]).type) for key in rows[0] if key != "audio"]
    features = {"audio": {"sampling_rate": 16_000, "_type": "Audio"}}
    if names:
        features["label"] = {"names": names, "_type": "ClassLabel"}
    about = {"huggingface": json.dumps({"info": {"features": features}})}
    parquet.write_table(pyarrow.Table.from_pylist(rows, pyarrow.schema(fields, metadata=about)), path)
    return path


def clip(name: str, label: object, speaker: str, level: float = 0.1, **more: object) -> dict:
    return {"audio": {"bytes": wave(level), "path": name}, "label": label, "speaker_id": speaker, **more}


def levels(corpus: corpora.Corpus) -> dict[str, float]:
    return {each.id: round(float(each.sound.load(16_000)[0]), 2) for each in corpus.utterances}


def test_embedded_recordings_are_read_with_the_names_of_their_classes(tmp_path):
    rows = [clip("x/A_1.wav", 0, "A", 0.1), clip("A_2.wav", 1, "A", 0.2), clip("B_1.flac", 2, "B", 0.3)]
    corpus = corpora.load_own(write(tmp_path / "mine.parquet", rows, names=NAMES))
    assert [(each.emotion, each.speaker) for each in corpus.utterances] == [
        ("happy", "mine/A"),
        ("sad", "mine/B"),
        ("angry", "mine/A"),
    ]
    assert levels(corpus) == {"mine/A_2.wav": 0.2, "mine/B_1.flac": 0.3, "mine/x/A_1.wav": 0.1}
    assert [each.path.name for each in corpus.utterances] == ["A_2.wav", "B_1.flac", "A_1.wav"]


def test_recordings_without_a_class_are_left_out_and_counted(tmp_path):
    rows = [clip("a.wav", 0, "A", 0.1), clip("b.wav", -1, "A", 0.2), clip("c.wav", 2, "B", 0.3)]
    with pytest.warns(
        VoxaffectWarning, match=r"1 of its 3 rows have no label, the first is mine\.parquet, row 2; left"
    ):
        corpus = corpora.load_own(write(tmp_path / "mine.parquet", rows, names=NAMES))
    assert levels(corpus) == {"mine/a.wav": 0.1, "mine/c.wav": 0.3}


def test_a_table_of_bytes_alone_or_of_recordings_without_names(tmp_path):
    plain = [{"audio": wave(0.2), "label": "sad"}, {"audio": wave(0.3), "label": "angry"}]
    corpus = corpora.load_own(write(tmp_path / "plain.parquet", plain, audio=pyarrow.large_binary()))
    assert levels(corpus) == {"plain/plain 1": 0.2, "plain/plain 2": 0.3}
    nameless = [clip(None, "sad", "A", 0.2), clip("a.wav", "sad", "A", 0.3), clip("a.wav", "sad", "B", 0.4)]
    corpus = corpora.load_own(write(tmp_path / "few.parquet", nameless))
    assert levels(corpus) == {
        "few/few 1": 0.2,
        "few/few.parquet, row 2, a.wav": 0.3,
        "few/few.parquet, row 3, a.wav": 0.4,
    }


def test_recordings_are_taken_before_the_names_of_files_and_whatever_their_column_is_called(tmp_path):
    rows = [clip("a.wav", "sad", "A", path="/home/ann/a.wav", md5=b"\x01\x02")]
    assert levels(corpora.load_own(write(tmp_path / "one.parquet", rows))) == {"one/a.wav": 0.1}
    path = write(tmp_path / "two.parquet", rows)
    read = parquet.read_table(path).rename_columns({"audio": "speech"})
    parquet.write_table(read, path)
    assert levels(corpora.load_own(path)) == {"two/a.wav": 0.1}
    sound(tmp_path / "home" / "a.wav")
    with pytest.raises(SettingsError, match="does not exist"):  # where the caller says so
        corpora.load_own(path, columns={"file": "path"})


def test_files_that_parquet_names_lie_beside_it(tmp_path):
    sound(tmp_path / "a.wav")
    rows = [{"audio": {"bytes": None, "path": "a.wav"}, "label": "sad"}, clip("b.wav", "sad", "A") | {}]
    del rows[1]["speaker_id"]
    corpus = corpora.load_own(write(tmp_path / "mine.parquet", rows))
    assert [each.path.parent == tmp_path for each in corpus.utterances] == [True, False]


def test_no_name_leads_out_of_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VOXAFFECT_CACHE", str(tmp_path / "cache"))
    names = ["../../../../evil.wav", "/etc/evil.wav", "..", "C:\\evil.wav", "a\x00\n.wav", "long" * 100 + ".wav", ""]
    path = write(tmp_path / "mine.parquet", [clip(name, "sad", "A") for name in names])
    places = unpack(path, "audio")
    assert all(place.resolve().is_relative_to(tmp_path / "cache") and place.is_file() for place in places)
    assert [place.name for place in places[:4]] == ["evil.wav", "evil.wav", "recording", "evil.wav"]


def test_recordings_are_unpacked_once_and_again_where_they_are_gone(tmp_path, monkeypatch):
    monkeypatch.setenv("VOXAFFECT_CACHE", str(tmp_path / "cache"))
    path = write(tmp_path / "mine.parquet", [clip("a.wav", "sad", "A"), clip("b.wav", "sad", "A")])
    first, second = unpack(path, "audio")
    stamp = first.stat().st_mtime_ns
    second.unlink()
    assert unpack(path, "audio") == [first, second]
    assert (first.stat().st_mtime_ns, second.read_bytes()) == (stamp, wave(0.1))
    write(path, [clip("a.wav", "sad", "A", 0.5)])
    assert unpack(path, "audio")[0].read_bytes() == wave(0.5)


def test_memory_does_not_grow_with_the_recordings(tmp_path, monkeypatch):
    monkeypatch.setenv("VOXAFFECT_CACHE", str(tmp_path / "cache"))
    content = np.random.default_rng(0).bytes(200_000)
    rows = [{"audio": {"bytes": content, "path": f"{number}.wav"}, "label": "sad"} for number in range(100)]
    path = write(tmp_path / "mine.parquet", rows)
    del rows
    tracemalloc.start()
    before = pyarrow.total_allocated_bytes()
    assert len(tables.read(path).rows) == 100
    assert pyarrow.total_allocated_bytes() - before < 1_000_000
    unpack(path, "audio")
    assert tracemalloc.get_traced_memory()[1] < 8_000_000  # of 20 MB
    tracemalloc.stop()


def test_a_table_that_is_damaged_in_the_middle_is_named(tmp_path):
    rows = [{"audio": {"bytes": wave(0.1), "path": f"{number}.wav"}, "label": "sad"} for number in range(50)]
    path = write(tmp_path / "mine.parquet", rows)
    content = bytearray(path.read_bytes())
    content[20:400] = bytes(range(100, 200)) * 3 + bytes(80)
    path.write_bytes(content)
    with pytest.raises(TableError, match=r"mine\.parquet: cannot be read as Parquet .*; write it anew"):
        corpora.load_own(path)


def test_a_cache_without_room_is_named(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("VOXAFFECT_CACHE", str(tmp_path / "cache"))
    path = write(tmp_path / "mine.parquet", [clip("a.wav", "sad", "A")])
    with pytest.raises(TableError, match=r"mine\.parquet: its recordings cannot be unpacked to .*set VOXAFFECT_CACHE"):
        corpora.load_own(path)


def hub(folder: Path, **speakers: str) -> Path:
    """A dataset of shards, as the hub has it; speakers: of each shard of each split."""
    for name, ids in speakers.items():
        for number, who in enumerate(ids):
            rows = [clip(f"{who}-{name}-{label}.wav", label, who) for label in range(2)]
            write(folder / "data" / f"{name}-{number:05}-of-{len(ids):05}.parquet", rows, names=NAMES)
    return folder


def test_a_folder_of_shards_is_one_corpus_with_a_split(tmp_path):
    loaded = corpora.load_sources(hub(tmp_path / "hub", train="ab", validation="c", test="d"))
    assert {side: {clip.speaker for clip in clips} for side, clips in loaded.sides.items()} == {
        "train": {"hub/a", "hub/b"},
        "dev": {"hub/c"},
        "test": {"hub/d"},
    }
    (made,) = split(tmp_path / "hub", given=True)
    assert made.sizes == "train 4 of 2 speakers, dev 2 of 1 speaker, test 2 of 1 speaker"
    assert made.name == "hub/given"


def test_shards_that_are_named_are_one_corpus(tmp_path, recwarn):
    data = hub(tmp_path / "hub", train="ab", test="d") / "data"
    shards = sorted(map(str, data.glob("*.parquet")))
    loaded = corpora.load_sources(shards)
    assert (loaded.name, source_name(shards), source_name(shards[0])) == ("hub", "hub", "hub")
    assert loaded.corpora[0].speakers == ("hub/a", "hub/b", "hub/d")
    assert find_split("given", loaded).sizes == "train 4 of 2 speakers, dev 0 of 0 speakers, test 2 of 1 speaker"
    assert not recwarn.list


def test_a_given_split_with_a_speaker_on_two_sides_is_refused(tmp_path):
    with pytest.raises(SplitError, match="speaker hub/b is in train and in test; split by speaker"):
        split(hub(tmp_path / "hub", train="ab", test="b"), given=True)


def test_a_given_split_of_unknown_speakers_says_that_it_leaks(tmp_path):
    folder = hub(tmp_path / "hub", train="ab", test="b")
    with pytest.warns(VoxaffectWarning, match="SPEAKERS ARE UNKNOWN"):
        loaded = corpora.load_sources(folder, columns={"speaker": ""})
    assert find_split("given", loaded).name == "hub/given-leaky"
    with pytest.warns(VoxaffectWarning), pytest.raises(SettingsError, match="a split keeps speakers apart"):
        split(folder, given=True, columns={"speaker": ""})


def test_a_split_that_is_not_given(tmp_path):
    folder = hub(tmp_path / "hub", all="ab")
    with pytest.raises(SettingsError, match=r"hub: gives no split; name its column by `columns` split=NAME"):
        split(folder, given=True)


@pytest.mark.parametrize(("name", "side"), [("side", "Train"), ("split", "validation"), ("fold", "test")])
def test_a_column_gives_a_split(tmp_path, name, side):
    for file in ("a.wav", "b.wav", "c.wav"):
        sound(tmp_path / file)
    rows = [("a.wav", "sad", "x", side), ("b.wav", "angry", "y", "test"), ("c.wav", "angry", "z", "later")]
    if side == "test":
        rows[1] = (*rows[1][:3], "train")
    mine = table(tmp_path / "mine.csv", ("file", "label", "speaker", name), rows)
    with pytest.warns(VoxaffectWarning, match="1 of 3 utterances are on no side and are left out"):
        (made,) = split(mine, given=True, columns={"split": name})
    assert made.ids(tables.SIDES[side.lower()]) == ("mine/a.wav",)
    assert not any("mine/c.wav" in made.ids(each) for each in ("train", "dev", "test"))


def test_a_recording_on_two_sides_is_refused(tmp_path):
    sound(tmp_path / "a.wav")
    rows = [("a.wav", "sad", "x", "train"), ("a.wav", "sad", "y", "test")]
    mine = table(tmp_path / "mine.csv", ("file", "label", "speaker", "split"), rows)
    reason = r"gives mine/a\.wav on two sides"
    with pytest.warns(VoxaffectWarning, match="twice"), pytest.raises(SplitError, match=reason):
        split(mine, given=True)


def test_folders_of_splits(tmp_path):
    for place in ("train/sad/a_1.wav", "train/angry/a_2.wav", "validation/sad/b_1.wav", "Test/angry/c_1.wav"):
        sound(tmp_path / "hub" / place)
    (made,) = split(tmp_path / "hub", speaker="([abc])_", given=True)
    assert made.sizes == "train 2 of 1 speaker, dev 1 of 1 speaker, test 1 of 1 speaker"


def test_a_table_for_each_split(tmp_path):
    """The same names in both folders are other recordings."""
    for side, level in (("train", 0.1), ("test", 0.2)):
        sound(tmp_path / "hub" / side / "1.wav")
        soundfile.write(tmp_path / "hub" / side / "1.wav", np.full(1600, level, np.float32), 16_000)
        table(tmp_path / "hub" / side / "metadata.csv", rows=[("1.wav", "sad", side, "")])
    corpus = corpora.load_own(tmp_path / "hub")
    assert levels(corpus) == {
        "hub/test/metadata.csv, line 2, 1.wav": 0.2,
        "hub/train/metadata.csv, line 2, 1.wav": 0.1,
    }
    sound(tmp_path / "lists" / "a.wav")
    sound(tmp_path / "lists" / "b.wav")
    table(tmp_path / "lists" / "train.csv", rows=[("a.wav", "sad", "x", "")])
    (tmp_path / "lists" / "test_fold1.jsonl").write_text(json.dumps({"path": "b.wav", "label": "sad", "speaker": "y"}))
    (made,) = split(tmp_path / "lists", given=True)
    assert (made.ids("train"), made.ids("test")) == (("lists/a.wav",), ("lists/b.wav",))


def test_folders_that_cannot_be_one_dataset(tmp_path):
    for name in ("clean", "noisy"):
        hub(tmp_path / "hub" / name, train="a")
    with pytest.raises(SettingsError, match=r"holds 2 sets, clean/data, noisy/data; name the folder of one"):
        corpora.load_own(tmp_path / "hub")
    (tmp_path / "arrow").mkdir()
    (tmp_path / "arrow" / "data-00000-of-00001.arrow").write_bytes(b"")
    with pytest.raises(CorpusError, match=r"holds Arrow files.*write Parquet by `to_parquet`"):
        corpora.load_own(tmp_path / "arrow")


def test_the_splits_of_converted_datasets_lie_in_folders(tmp_path):
    for side in ("train", "test"):
        write(tmp_path / "hub" / side / "0000.parquet", [clip(f"{side}.wav", "sad", side)])
    assert list(corpora.load_own(tmp_path / "hub").sides.items()) == [
        ("test", ("hub/test.wav",)),
        ("train", ("hub/train.wav",)),
    ]
    assert hugging_face.split_of(Path("a/latest.parquet"), Path("a")) == ""


def test_what_a_folder_holds_besides_is_counted(tmp_path):
    for name in ("sad/a.wav", "sad/b.WAV", "loose.wav"):
        sound(tmp_path / name)
    (tmp_path / "sad" / "c.take").write_bytes(wave(0.1))  # read, whatever its ending
    for name in ("notes.txt", "sad/more.TXT", "paper.pdf", ".hidden"):
        (tmp_path / name).write_text("x")
    with pytest.warns(VoxaffectWarning) as caught:
        loaded = corpora.load_sources(tmp_path, speaker="([a-z])[.]")
    assert [each.path.name for each in loaded.utterances] == ["a.wav", "b.WAV", "c.take"]
    assert sorted(str(each.message) for each in caught) == [
        f"{tmp_path}: 1 recording has no label: {tmp_path / 'loose.wav'}; left out",
        f"{tmp_path}: 3 files are not recordings: 2 .txt, 1 .pdf",
    ]


def test_tables_of_a_dataset_are_not_counted_but_recordings_without_a_row_are(tmp_path):
    for name in ("a.wav", "b.wav"):
        sound(tmp_path / name)
    table(tmp_path / "metadata.csv", rows=[("a.wav", "sad", "x", "")])
    with pytest.warns(VoxaffectWarning) as caught:
        corpora.load_sources(tmp_path)
    assert [str(each.message) for each in caught] == [
        f"{tmp_path}: 1 recording has no label: {tmp_path / 'b.wav'}; left out"
    ]


def test_speakers_of_one_name_in_two_sources_get_a_word(tmp_path):
    for name in ("one", "two"):
        sound(tmp_path / f"{name}.wav")
        table(tmp_path / f"{name}.csv", rows=[(f"{name}.wav", "sad", "ann", "")])
    with pytest.warns(VoxaffectWarning, match=r"1 of the speakers, ann first, are in one and in two and count as diff"):
        corpora.load_sources([tmp_path / "one.csv", tmp_path / "two.csv"])
