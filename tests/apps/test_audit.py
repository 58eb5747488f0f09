import json

import numpy as np
import pytest
import soundfile

from conftest import babble
from voxaffect.apps.cli import main


@pytest.fixture
def run(capsys):
    def run(*words: object) -> tuple[int, str, str]:
        try:
            code = main(["audit", *(str(word) for word in words)])
        except SystemExit as stop:
            code = stop.code
        found = capsys.readouterr()
        assert "Traceback" not in found.err
        return code, found.out, found.err

    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for seed in range(6):
        soundfile.write(folder / f"{seed}.wav", babble(seed, 1.0), 16_000)
    soundfile.write(folder / "0.flac", soundfile.read(folder / "0.wav")[0], 16_000)
    soundfile.write(folder / "1-quiet.wav", 0.2 * soundfile.read(folder / "1.wav")[0], 16_000)
    return folder


def table(folder, *rows, head="file,speaker,label,split,sentence", name="s.csv"):
    (folder / name).write_text("\n".join([head, *rows]) + "\n")
    return folder / name


CLEAN = ["0.wav,ann,sad,train,hi", "1.wav,ann,happy,train,ho", "2.wav,bob,sad,test,ha", "3.wav,bob,happy,test,he"]


def test_a_clean_split(run, folder):
    code, out, err = run(table(folder, *CLEAN))
    assert code == 0
    assert "s.csv: 4 recordings of 2 speakers\nNo leak: no speaker and no recording is on two sides." in out
    assert "LEAK:" not in out
    assert not err
    assert [line.split() for line in out.splitlines()[-3:]] == [
        ["happy", "1", "1"],
        ["sad", "1", "1"],
        ["together", "2", "2"],
    ]


def test_every_kind_of_leak_is_named_with_its_pairs(run, folder):
    rows = [*CLEAN, "0.flac,bob,happy,test,hi", "1-quiet.wav,bob,happy,test,new", "4.wav,ann,sad,test,new"]
    path = table(folder, *rows, "absent.wav,bob,sad,test,new")
    code, out, _ = run(path)
    assert code == 1
    assert "It LEAKS: 1 speaker on two sides, 2 pairs of one recording on two sides." in out
    assert "LEAK: 1 speaker on two sides\n  ann: train 2, test 1" in out
    assert "LEAK: the same recording on two sides, 1 pair\n  train  0.wav\n  test   0.flac\n" in out
    assert "LEAK: a near-twin on two sides, 1 pair\n  train  1.wav\n  test   1-quiet.wav\n         = a copy" in out
    assert "labels that contradict on one recording: 1 pair\n  train  0.wav  sad\n  test   0.flac  happy\n" in out
    assert "cannot be read: 1 recording" in out
    assert "  absent.wav: does not exist; check the path" in out
    assert "note: 1 sentence on two sides; words cannot be new\n  hi: train 1, test 1" in out
    assert max(map(len, out.splitlines())) <= 80
    code, plain, _ = run(path, "--json")
    assert code == 1
    found = json.loads(plain)
    assert found["leaks"] is True
    assert found["speakers_on_two_sides"] == {"ann": {"train": 2, "test": 1}}
    assert [(pair["first"]["name"], pair["second"]["name"], pair["equal"]) for pair in found["pairs"]] == [
        ("0.wav", "0.flac", True),
        ("1.wav", "1-quiet.wav", False),
    ]
    assert found["pairs"][0]["contradicts"]
    assert found["labels"] == {"train": {"sad": 1, "happy": 1}, "test": {"sad": 3, "happy": 3}}
    assert [each["name"] for each in found["unreadable"]] == ["absent.wav"]


def test_a_file_that_cannot_be_read_is_not_clean(run, folder):
    code, out, _ = run(table(folder, *CLEAN, "absent.wav,bob,sad,test,new"))
    assert code == 1
    head = out.splitlines()[1]
    assert head == (
        "Whether it leaks is NOT KNOWN: 1 recording cannot be read. Among the others no speaker and no recording is on "
        "two sides."
    )


def sides(tmp_path, **files):
    """A folder of train/ and test/ with files of these bytes."""
    for name, content in files.items():
        path = tmp_path / name.replace("__", ".").replace("_", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return tmp_path


UNREAD = b"ID3 no program plays this" * 99


@pytest.mark.parametrize(
    ("files", "leaks", "unread"),
    [
        ({"train_a__mp3": UNREAD, "test_b__mp3": UNREAD}, True, 2),  # as one phone's recording on both sides
        ({"train_a__mp3": UNREAD, "test_b__mp3": UNREAD[1:]}, False, 2),
        ({"train_a__m4a": b"", "test_b__m4a": b""}, False, 2),  # nothing equals nothing
        ({"train_a__wav": b"version https://git-lfs", "test_b__wav": b"version https://git-lfs"}, True, 2),
    ],
)
def test_what_cannot_be_read_is_not_known(run, tmp_path, folder, files, leaks, unread):
    sound = (folder / "0.wav").read_bytes()
    other = (folder / "2.wav").read_bytes()
    code, out, _ = run(sides(tmp_path, train_c__wav=sound, test_d__wav=other, **files))
    head = out.splitlines()[1:3]
    assert code == 1
    assert f"cannot be read: {unread} recordings" in out
    if leaks:
        assert head == [
            "It LEAKS: 1 pair of one recording on two sides.",
            f"{unread} recordings cannot be read: whether they leak too is NOT KNOWN.",
        ]
    else:
        assert head[0].startswith(f"Whether it leaks is NOT KNOWN: {unread} recordings cannot be read.")
    plain = json.loads(run(tmp_path, "--json")[1])
    assert (plain["passes"], plain["leaks"], len(plain["unreadable"])) == (False, leaks, unread)


def test_recordings_of_phones(run, tmp_path, folder):
    """AAC on both sides of what is WAV on one: a copy where a package reads it, and not known where none does."""
    encoding = pytest.importorskip("encoding", exc_type=ImportError)
    samples, rate = soundfile.read(folder / "2.wav", dtype="float32")
    phone = encoding.encoded(samples, rate, "ipod", "aac")
    sound = (folder / "2.wav").read_bytes()
    code, out, _ = run(sides(tmp_path, train_a__m4a=phone, test_b__m4a=phone, train_c__wav=sound))
    assert code == 1
    assert "LEAK: the same recording on two sides, 1 pair\n  test   test/b.m4a\n  train  train/a.m4a\n" in out
    assert "LEAK: a near-twin on two sides, 1 pair\n  test   test/b.m4a\n  train  train/c.wav\n" in out


def test_what_is_no_recording_is_said(run, tmp_path, folder):
    sound = (folder / "0.wav").read_bytes()
    other = (folder / "2.wav").read_bytes()
    code, out, _ = run(
        sides(tmp_path, train_c__wav=sound, test_d__wav=other, train_c__txt=b"hello", test_x__PDF=b"%PDF")
    )
    assert code == 0
    assert "2 files are not recordings: 1 .pdf, 1 .txt." in out


def test_a_table_a_side(run, folder):
    head = "file,speaker,label"
    train = table(folder, "0.wav,ann,sad", "1.wav,ann,happy", head=head, name="my_train.csv")
    test = table(folder, "2.wav,bob,sad", "3.wav,bob,happy", head=head, name="my_test.csv")
    code, out, _ = run(train, test)
    assert code == 0
    assert "my_train.csv + my_test.csv: 4 recordings of 2 speakers\nNo leak" in out
    assert run(test, "--workers", "1", train)[1].splitlines()[1:] == out.splitlines()[1:]
    leaky = table(folder, "0.flac,bob,sad", head=head, name="more.csv")
    code, out, _ = run(f"train={train}", f"test={leaky}")
    assert code == 1
    assert "It LEAKS: 1 pair of one recording on two sides." in out


def test_duplicates_of_one_side_are_a_note(run, folder):
    code, out, _ = run(table(folder, *CLEAN, "0.flac,ann,sad,train,hi"))
    assert code == 0
    assert "note: within one side, 1 pair of one recording\n  train  0.wav\n  train  0.flac\n" in out


def test_unknown_speakers_are_said_aloud(run, folder):
    path = table(folder, *(row.split(",", 1)[0] + "," + row.split(",")[3] for row in CLEAN), head="file,split")
    code, out, _ = run(path)
    assert code == 0
    assert "SPEAKERS ARE UNKNOWN: whether one is on two of train, test could not be checked." in out
    code, out, _ = run(path, "--speaker", "([0-9])")
    assert "4 recordings of 4 speakers" in out


def test_our_own_split(run, tmp_path, capsys):
    for number, name in enumerate(("01-01-01-01", "05-02-01-01", "01-01-02-02", "05-02-02-02")):
        soundfile.write(tmp_path / f"03-01-{name[:-2]}01-{name[-2:]}.wav", babble(number, 1.0), 16_000)
    corpus = f"ravdess={tmp_path}"
    assert main(["split", "--corpus", corpus, "--test", "ravdess/01", "--out", str(tmp_path / "s.json")]) == 0
    capsys.readouterr()
    code, out, _ = run(tmp_path / "s.json", "--corpus", corpus)
    assert code == 0
    assert "s.json: 4 recordings of 2 speakers\nNo leak" in out
    leaky = (tmp_path / "s.json").read_text().replace("ravdess/02", "ravdess/01")
    (tmp_path / "leaky.json").write_text(leaky)
    code, out, _ = run(tmp_path / "leaky.json", "--corpus", corpus)
    assert code == 1
    assert "ravdess/01: train 2, test 2" in out
    assert run(tmp_path / "s.json")[0] == 2


def test_our_own_split_of_a_table(run, folder, capsys):
    (folder / "x").mkdir()
    soundfile.write(folder / "x" / "5.wav", babble(5, 1.0), 16_000)
    mine = table(
        folder, "0.wav,sad,ann", "x/5.wav,sad,bob", "2.wav,sad,cyd", head="file,label,speaker", name="mine.csv"
    )
    assert main(["split", str(mine), "--test", "mine/bob", "--out", str(folder / "mine.json")]) == 0
    capsys.readouterr()
    for words in ((mine,), ("--workers", 1, mine), ("--root", folder, mine)):
        code, out, _ = run(folder / "mine.json", *words)
        assert code == 0
        assert "mine.json: 3 recordings of 3 speakers\nNo leak" in out


def test_our_own_split_of_ones_own_table(run, folder, capsys, monkeypatch):
    """What `split` writes by default, with the very source that it divides."""
    monkeypatch.chdir(folder)
    table(folder, *(f"{seed}.wav,{'abc'[seed % 3]},sad" for seed in range(6)), head="path,who,mood", name="own.csv")
    columns = ["--columns", "speaker=who", "--columns", "label=mood"]
    assert main(["split", "own.csv", *columns]) == 0
    sizes = "train 2 of 1 speaker, dev 2 of 1 speaker, test 2 of 1 speaker"
    assert capsys.readouterr().out == f"own-split.json: {sizes}\n"
    code, out, _ = run("own-split.json", "own.csv", *columns)
    assert (code, out.splitlines()[0]) == (0, "own-split.json: 6 recordings of 3 speakers")
    code, out, err = run("own-split.json")
    assert (code, out) == (2, "")
    assert "name the recordings that it divides by SOURCE or --corpus" in err


def test_labels_that_are_given_away(run, tmp_path):
    """All happy recordings, and no others, have silence before the voice; so they are longer, and without any noise."""
    rows = []
    for number in range(40):
        label, speaker = ("happy", "sad")[number % 2], number // 8
        samples = np.pad(babble(number, 0.4), (4_000 * (label == "happy"), 0))
        soundfile.write(tmp_path / f"{number}.wav", samples, 16_000)
        rows.append(f"{number}.wav,{speaker},{label},{'train' if speaker < 3 else 'test'},hi {number}")
    path = table(tmp_path, *rows)
    code, out, _ = run(path)
    assert code == 0  # another split would not help
    assert "LABELS ARE GIVEN AWAY: 3 properties alone tell labels of unseen speakers" in out
    told = out[out.index("  silence before the sound: UAR 100 %") :].partition("\n\n")[0]
    assert "happy best" in told
    assert max(map(len, out.splitlines())) <= 80
    found = json.loads(run(path, "--json")[1])["shortcuts"]
    given_away = [each["property"] for each in found["properties"] if each["gives_away"]]
    assert given_away == ["length", "leading", "noise"]
    assert (found["labels"], found["recordings"], found["speakers"]) == (["happy", "sad"], 40, 5)


def test_too_few_to_tell_whether_labels_are_given_away(run, folder):
    path = table(folder, *CLEAN)
    assert "note: whether recordings give their labels away cannot be told: it takes two" in run(path)[1]
    assert json.loads(run(path, "--json")[1])["shortcuts"]["known"] is False


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["nowhere"], 1, "does not exist; give .json"),
        (["s.csv", "--columns", "file"], 2, "is not NAME=VALUE"),
        (["s.csv", "--columns", "file=path"], 2, "holds the file, as --columns file=NAME"),
        (["s.csv", "--speaker", "-x"], 2, "--speaker '-x' has 0 groups"),
        (["far.csv", "--root", "elsewhere"], 2, "name the folder that they are in by --root"),
        (["s.csv", "s.csv"], 2, "s.csv: is named twice"),
        (["s.csv", "--workers", "0"], 2, "workers=0: choose at least 1"),
        (["s.csv", "--workers", "x"], 2, "invalid int value"),
        (["s.csv", "--corpus", "ravdess=/nowhere"], 2, "needs no SOURCE or --corpus; leave them out"),
        ([], 2, "required: SPLIT"),
    ],
)
def test_wrong_use(run, folder, monkeypatch, words, code, reason):
    table(folder, *CLEAN)
    table(folder, *(f"far/{row}" for row in CLEAN), name="far.csv")
    monkeypatch.chdir(folder)
    found, out, err = run(*words)
    assert found == code
    assert reason in err
    assert not out
