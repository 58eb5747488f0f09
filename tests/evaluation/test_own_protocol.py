"""Protocols of one's own, in TOML."""

import dataclasses
from pathlib import Path

import pytest

from voxaffect.benchmarking import benchmark, settings_for
from voxaffect.corpora import Utterance, load, load_sources
from voxaffect.errors import SettingsError, SplitError, VoxaffectWarning
from voxaffect.evaluation.own_protocol import is_file, read_protocol
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.protocols import Part, protocol
from voxaffect.evaluation.split import split
from voxaffect.runs.executors import InProcess

NAMED = """
title = "Two floors of our call centre"
scheme = ["angry", "neutral", "sad"]
trained = ["mine/speech"]

[folds.ground]
test = "ann bob"
dev = ["cal", "mine/dan"]

[folds.first]
test = "cal dan eve fay"
dev = "ann bob"
"""
DEALT = 'scheme = "angry,neutral,sad"\nfolds = 3\nseed = 4\n'
ACROSS = """
scheme = "angry,sad"
[folds."to theirs"]
trained = ["mine/speech"]
tested = ["theirs/speech"]
dev = "ann"

[folds."to mine"]
trained = ["theirs/speech"]
tested = ["mine/speech"]
dev = "zoe"
"""


def clips(corpus: str, names: str, emotions=("angry", "neutral", "sad", "bored")) -> list[Utterance]:
    return [
        Utterance(f"{corpus}/{who}-{emotion}", Path(f"{who}-{emotion}.wav"), f"{corpus}/{who}", None, emotion)
        for who in names.split()
        for emotion in emotions
    ]


MINE = clips("mine", "ann bob cal dan eve fay")
THEIRS = clips("theirs", "zoe yan xia")


def read(tmp_path, text, name="floors.toml"):
    path = tmp_path / name
    path.write_text(text)
    return read_protocol(path)


def test_folds_that_name_their_speakers(tmp_path):
    setup = read(tmp_path, NAMED).protocol(MINE)
    assert (setup.name, setup.title) == ("floors", "Two floors of our call centre")
    assert setup.scheme == "angry,neutral,sad"
    assert setup.parts == (Part("mine"),)
    ground, first = setup.splits(MINE)
    assert ground.name == "floors/ground"
    assert list(ground.test) == ["mine/ann", "mine/bob"]
    assert list(ground.dev) == ["mine/cal", "mine/dan"]
    assert list(ground.train) == ["mine/eve", "mine/fay"]
    assert sorted([*ground.test, *first.test]) == sorted({each.speaker for each in MINE})
    assert not any("bored" in identity for side in ("train", "dev", "test") for identity in ground.ids(side))


def test_folds_that_are_dealt_test_each_speaker_once_whatever_the_order_of_recordings(tmp_path):
    setup = read(tmp_path, DEALT).protocol(MINE)
    assert setup == read(tmp_path, DEALT).protocol(MINE[::-1])
    assert sorted(who for fold in setup.folds for who in fold.test) == sorted({each.speaker for each in MINE})
    assert setup != read(tmp_path, DEALT.replace("seed = 4", "seed = 5")).protocol(MINE)
    for made in setup.splits(MINE):
        assert len(made.test) == len(made.dev) == len(made.train) == 2


def test_without_a_scheme_the_labels_are_the_classes_and_all_sources_are_used(tmp_path):
    setup = read(tmp_path, "folds = 3").protocol(MINE + THEIRS)
    assert setup.scheme == "angry,bored,neutral,sad"
    assert setup.title == "floors"
    assert setup.corpora == ("mine", "theirs")


def test_from_one_corpus_to_another(tmp_path):
    setup = read(tmp_path, ACROSS).protocol(MINE + THEIRS)
    forth, back = setup.splits(MINE + THEIRS)
    assert {each.partition("/")[0] for each in forth.test} == {"theirs"}
    assert {each.partition("/")[0] for each in (*forth.train, *forth.dev)} == {"mine"}
    assert len(back.test) == 6
    assert list(back.dev) == ["theirs/zoe"]


def test_speakers_whom_no_fold_tests_are_named(tmp_path):
    with pytest.warns(VoxaffectWarning, match="4 of 6 speakers are tested in no fold: mine/cal, mine/dan"):
        read(tmp_path, NAMED[: NAMED.index("[folds.first]")]).protocol(MINE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("folds = 5\nscheme", "is not TOML"),
        ("title = 'x'", r"has no folds; write folds = 5, or a table \[folds.1\]"),
        ("folds = {}", "has no folds"),
        ("folds = true", "folds = True is not a whole number or a table"),
        ("folds = 3\nseeds = 1", "seeds is not known; did you mean seed?"),
        ("folds = 3\ncolour = 1", "colour is not known; choose among title, scheme, labels"),
        ("folds = 3\nscheme = 4", "scheme = 4 is not text or a list"),
        ("folds = 3\nscheme = ['a', 1]", r"scheme = \['a', 1\] is not a list of names"),
        ("folds = 3\nlabels = {a = 1}", "labels maps a label to an emotion"),
        ("folds = 3\ntrained = 'mine'", "trained = 'mine' is not a list of names"),
        ("seed = 3\n[folds.1]\ntest = 'ann'\ndev = 'bob'", "seed deals speakers to folds = 5"),
        ("folds = {1 = 5}", r"folds.1 is no table; write \[folds.1\]"),
        ("[folds.1]\ntest = 'ann'", "folds.1 has no dev"),
        ("[folds.'../x']\ntest = 'ann'\ndev = 'bob'", "gives its name to a folder"),
        ("[folds.1]\ntests = 'ann'\ndev = 'bob'", "folds.1.tests is not known; did you mean folds.1.test?"),
        ("[folds.1]\ntest = ''\ndev = 'bob'", "folds.1.test names no speaker"),
        ("[folds.1]\ntest = 7\ndev = 'bob'", "folds.1.test = 7 is not names separated by spaces, or a list"),
    ],
)
def test_a_file_that_is_not_right_says_where_and_what_to_write(tmp_path, text, reason):
    with pytest.raises(SettingsError, match=rf"floors\.toml: .*{reason}"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            NAMED.replace("mine/speech", "mine/song"),
            "trained: there are no recordings mine/song; the sources are mine/",
        ),
        (NAMED.replace("mine/speech", "main"), "trained: there are no recordings main/speech"),
        (
            NAMED.replace("bob", "mine/bop"),
            "folds.ground.test: speaker mine/bop has no recording with a class; did you mean mine/bob?",
        ),
        (NAMED.replace("ann bob", "zoe"), "speaker zoe has no recording with a class"),
        (NAMED.replace('dev = "ann bob"', 'dev = "ann eve"'), "folds.first: speaker mine/eve is in dev and in test"),
        (NAMED.replace('"angry", "neutral", "sad"', '"glad", "mad"'), "no recording has a class of scheme glad,mad"),
        (NAMED.replace('["angry", "neutral", "sad"]', '"common-5"'), "scheme 'common-5' is not known"),
        ("folds = 2", "2 folds of 9 speakers: choose at least 3"),
        ("folds = 3\ntrained = ['mine/speech']\ntested = ['theirs/speech']", "theirs/xia is only tested"),
        ("[folds.1]\ndev = 'ann'", "folds.1 has no test, and what it is tested on is trained on"),
    ],
)
def test_what_the_recordings_do_not_have_is_named(tmp_path, text, reason):
    with pytest.raises(SettingsError, match=reason):
        read(tmp_path, text).protocol(MINE + THEIRS)


def test_speakers_of_one_name_are_told_apart_and_unknown_ones_refused(tmp_path):
    both = clips("mine", "ann bob cal") + clips("theirs", "ann yan")
    text = "[folds.1]\ntest = 'ann'\ndev = 'bob'"
    with pytest.raises(SettingsError, match="speaker ann is in several corpora; write mine/ann or theirs/ann"):
        read(tmp_path, text).protocol(both)
    with pytest.warns(VoxaffectWarning, match="tested in no fold"):
        setup = read(tmp_path, text.replace("'ann'", "'theirs/ann'")).protocol(both)
    assert setup.folds[0].test == ("theirs/ann",)
    nobody = [dataclasses.replace(each, speaker="mine/?") for each in MINE]
    with pytest.raises(SettingsError, match="folds keep speakers apart, and these are unknown"):
        read(tmp_path, "folds = 3").protocol(nobody)


def test_a_file_is_told_from_a_name(tmp_path):
    assert is_file("a/b.TOML")
    assert not is_file("ravdess-luna5")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_protocol(tmp_path / "nowhere.toml")
    with pytest.raises(SettingsError, match="is called like the published protocol emodb-loso; rename the file"):
        read(tmp_path, DEALT, "emodb-loso.toml")
    with pytest.raises(SettingsError, match="says which recordings it is of; `sources` goes with a TOML file"):
        benchmark("emodb-loso", ["my.csv"])


@pytest.fixture(scope="module")
def mine(made_up, tmp_path_factory):
    """The made-up corpus as a table, whose labels are German and whose protocol says so."""
    folder = tmp_path_factory.mktemp("mine")
    names = {"angry": "genervt", "happy": "froh", "sad": "trübe", "neutral": "ruhig"}
    lines = [
        f"{each.path},{names[each.emotion]},{each.speaker.partition('/')[2]}"
        for each in load("ravdess", made_up).utterances
    ]
    (folder / "mine.csv").write_text("\n".join(["file,label,speaker", *lines]), "utf-8")
    labels = 'labels = { genervt = "angry", froh = "happy", "trübe" = "sad" }\nscheme = "angry,happy,sad"\n'
    folds = '[folds.a]\ntest = "01 02 03 04"\ndev = "05"\n[folds.b]\ntest = "05 06 07 08"\ndev = "01"\n'
    (folder / "half.toml").write_text(labels + folds, "utf-8")
    return folder


def test_a_benchmark_under_a_protocol_of_ones_own(mine, tmp_path):
    tiny = ["training.epochs=1", "training.sampling.clips_per_epoch=64", "network.channels=[4]", "input.window=0.5"]
    result = benchmark(
        mine / "half.toml",
        mine / "mine.csv",
        overrides=[*tiny, "training.sampling.batch_size=8", "name=tiny"],
        results=tmp_path / "results",
        runs=tmp_path / "runs",
        threads=1,
        device="cpu",
        executor=InProcess(),
    )
    assert result.protocol == "half"
    assert result.summary.classes == ("angry", "happy", "sad")
    assert (result.summary.utterances, result.summary.speakers) == (96, 8)
    assert [fold.test for fold in result.folds] == [
        tuple(f"mine/{number:02d}" for number in numbers) for numbers in ((1, 2, 3, 4), (5, 6, 7, 8))
    ]
    written = Predictions.read(tmp_path / "results" / "half" / "tiny.csv")
    assert (written.probabilities == result.predictions.probabilities).all()
    assert "half.toml" in result.command
    assert "mine.csv" in result.command


def test_split_takes_it_too(mine):
    made = split(mine / "mine.csv", protocol=str(mine / "half.toml"))
    assert [each.name for each in made] == ["half/a", "half/b"]
    assert [len(each.ids("test")) for each in made] == [48, 48]


def test_other_recordings_than_the_protocols_are_refused(mine, tmp_path):
    lines = (mine / "mine.csv").read_text("utf-8").splitlines()
    (tmp_path / "mine.csv").write_text("\n".join(line for line in lines if not line.endswith(",03")), "utf-8")
    with pytest.raises(SettingsError, match=r"folds\.a\.test: speaker 03 has no recording with a class"):
        split(tmp_path / "mine.csv", protocol=str(mine / "half.toml"))
    with pytest.raises(SplitError):
        read_protocol(mine / "half.toml").protocol(
            load_sources(mine / "mine.csv", labels=read_protocol(mine / "half.toml").labels).utterances
        ).splits(MINE)


def test_other_settings_have_a_name_of_their_own():
    setup = protocol("emodb-loso")
    with pytest.raises(SettingsError, match=r"taken for those of experiment cnn; give these a name .* name=cnn-b$"):
        settings_for(setup, "cnn", ["training.epochs=1"])
    assert settings_for(setup, "cnn", ["training.epochs=1", "name=cnn-b"]).name == "cnn-b"
    assert settings_for(setup, "cnn").name == "cnn"
