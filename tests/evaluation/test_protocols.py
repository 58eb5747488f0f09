from collections import Counter
from pathlib import Path

import pytest

from voxaffect import corpora, labels
from voxaffect.corpora import Utterance
from voxaffect.errors import CorpusError, SettingsError, SplitError
from voxaffect.evaluation.protocols import PROTOCOLS, Part, protocol

NAMES = ("ravdess", "crema-d", "emodb")
TRAINED = (*NAMES, "nemo", "emotiontts")


@pytest.fixture(scope="module")
def released() -> list[Utterance]:
    """All utterances of the corpora that protocols are about, by their names; nothing is decoded."""
    found = []
    for name in (*TRAINED, "emovo", "emotale"):
        about = corpora.CORPORA[name]
        ids = [identity for group in about.expected().values() for identity in group.ids]
        found += [about.parse(Path(f"{identity.partition('/')[2]}.wav")) for identity in ids]
    return found


def actors(name: str, released: list[Utterance]) -> list[list[str]]:
    return [[speaker.split("/")[1] for speaker in split.test] for split in protocol(name).splits(released)]


def test_luna_is_the_published_one(released):
    assert actors("ravdess-luna5", released) == [
        ["02", "05", "14", "15", "16"],
        ["03", "06", "07", "13", "18"],
        ["10", "11", "12", "19", "20"],
        ["08", "17", "21", "23", "24"],
        ["01", "04", "09", "22"],
    ]


def test_emobox_is_the_published_one(released):
    assert actors("ravdess-emobox6", released) == [
        ["01", "11", "20", "21"],
        ["04", "10", "12", "14"],
        ["08", "09", "19", "23"],
        ["03", "05", "07", "24"],
        ["02", "15", "16", "18"],
        ["06", "13", "17", "22"],
    ]


@pytest.mark.parametrize("name", list(PROTOCOLS))
def test_all_that_is_tested_on_is_tested_once(name, released):
    setup = protocol(name)
    scheme = labels.scheme(setup.scheme)
    parts = {part for fold in setup.folds for part in fold.tested}
    about = [
        each.id
        for each in released
        if any(part.holds(each) for part in parts) and scheme.index(each.emotion) is not None
    ]
    splits = setup.splits(released)
    # After each of two others was trained on; together with each of four others.
    times = {"pairs-common4": 2, "strangers4-nested": 4}.get(name, 1)
    assert sorted(each for split in splits for each in split.ids("test")) == sorted(times * about)
    for split in splits:
        assert split.speakers_apart
        assert split.train
        assert split.dev


@pytest.mark.parametrize(
    ("name", "folds", "clips"),
    [
        ("ravdess-luna5", 5, 1440),
        ("ravdess-emobox6", 6, 1440),
        ("ravdess-loso", 24, 1440),
        ("ravdess-song", 5, 1012),
        ("ravdess-speech-to-song", 5, 1012),
        ("ravdess-song-to-speech", 5, 1056),
        ("crema-d-5fold", 5, 7442),
        ("emodb-loso", 10, 535),
        ("cross-common4", 3, 672 + 4900 + 339),
        ("pairs-common4", 3, 2 * (672 + 4900 + 339)),
        ("nemo-loso", 9, 4481),
        ("emovo-loso", 6, 588),
        ("emotale-loso", 18, 800),
        ("strangers4", 6, 672 + 4900 + 339 + 3076 + 300 + 336 + 640),
        ("strangers4-nested", 10, 4 * (672 + 4900 + 339 + 3076 + 300)),
    ],
)
def test_sizes(name, folds, clips, released):
    splits = protocol(name).splits(released)
    assert (len(splits), sum(len(split.ids("test")) for split in splits)) == (folds, clips)


@pytest.mark.parametrize("name", [name for name in PROTOCOLS if name.startswith(("ravdess", "emodb", "emovo"))])
def test_a_man_and_a_woman_validate(name, released):
    sexes = {each.speaker: each.sex for each in released}
    for split in protocol(name).splits(released):
        assert sorted(sexes[speaker] for speaker in split.dev) == ["female", "male"]


@pytest.mark.parametrize("name", ["nemo", "emotale"])
def test_a_man_and_a_woman_validate_where_the_owners_table_says_the_sex(name, data):
    if not (data / name).is_dir():
        pytest.skip(f"real recordings: {name} is not there")
    utterances = corpora.load(name, data / name).utterances
    sexes = {each.speaker: each.sex for each in utterances}
    for split in protocol(f"{name}-loso").splits(utterances):
        assert sorted(sexes[speaker] for speaker in split.dev) == ["female", "male"]


def test_crema_d_is_balanced_by_sex(data):
    if not (data / "crema-d").is_dir():
        pytest.skip("real recordings: crema-d is not there")
    utterances = corpora.load("crema-d", data / "crema-d").utterances
    sexes = {each.speaker: each.sex for each in utterances}
    for split in protocol("crema-d-5fold").splits(utterances):
        assert Counter(sexes[speaker] for speaker in split.dev) == {"male": 4, "female": 4}
        counts = Counter(sexes[speaker] for speaker in split.test)
        assert abs(counts["male"] - counts["female"]) <= 2


def test_of_song_to_speech_no_speaker_is_on_two_sides(released):
    for split in protocol("ravdess-song-to-speech").splits(released):
        assert all(identity.startswith("ravdess/03-02") for side in ("train", "dev") for identity in split.ids(side))
        assert all(identity.startswith("ravdess/03-01") for identity in split.ids("test"))


def test_strangers_are_a_corpus_that_nobody_trained_on(released):
    setup = protocol("cross-common4")
    assert [fold.name for fold in setup.folds] == ["ravdess", "crema-d", "emodb"]
    for fold, split in zip(setup.folds, setup.splits(released), strict=True):
        assert {speaker.split("/")[0] for speaker in split.test} == {fold.name}
        for side in (split.train, split.dev):
            assert {speaker.split("/")[0] for speaker in side} == set(NAMES) - {fold.name}


def test_other_emotions_are_learnt_from_and_never_scored(released):
    setup, emotions = protocol("cross-common4"), {each.id: each.emotion for each in released}
    common = {"angry", "happy", "neutral", "sad"}
    for plain, more in zip(setup.splits(released), setup.splits(released, extra_classes=True), strict=True):
        assert (plain.dev, plain.test) == (more.dev, more.test)
        assert {emotions[each] for side in ("train", "dev", "test") for each in plain.ids(side)} == common
        assert {emotions[each] for each in more.ids("train")} > common
        assert set(more.ids("train")) > set(plain.ids("train"))
        assert set(more.train) == set(plain.train)


def test_a_pair_is_about_two_corpora_alone(released):
    setup = protocol("pairs-common4")
    for fold, split in zip(setup.folds, setup.splits(released), strict=True):
        trained = fold.name.removeprefix("from ")
        assert {speaker.split("/")[0] for side in (split.train, split.dev) for speaker in side} == {trained}
        assert {speaker.split("/")[0] for speaker in split.test} == set(NAMES) - {trained}


def corpora_of(speakers) -> set[str]:
    return {speaker.split("/")[0] for speaker in speakers}


def test_each_corpus_is_tested_by_a_model_that_never_met_it(released):
    setup, tested = protocol("strangers4"), []
    for fold, split in zip(setup.folds, setup.splits(released), strict=True):
        its = corpora_of(split.test)
        assert corpora_of(split.train) == corpora_of(split.dev) == set(TRAINED) - its, fold.name
        tested += its
    assert sorted(tested) == sorted([*TRAINED, "emovo", "emotale"])
    # One training serves both test corpora.
    assert [len(fold.tested) for fold in setup.folds] == [1, 1, 1, 1, 1, 2]


def test_nested_choices_know_neither_the_corpus_that_is_left_out_nor_the_test_corpora(released):
    setup, pairs = protocol("strangers4-nested"), []
    for split in setup.splits(released):
        left_out = corpora_of(split.test)
        assert corpora_of(split.train) == corpora_of(split.dev) == set(TRAINED) - left_out
        assert split.name == f"strangers4-nested/without {' and '.join(each for each in TRAINED if each in left_out)}"
        pairs.append(frozenset(left_out))
    # For each corpus that is left out, each of the other four is tested once.
    assert len(set(pairs)) == len(pairs) == 10


def test_of_several_corpora_as_many_men_as_women_of_each_validate(released):
    sexes = {each.speaker: each.sex for each in released}
    (fold,) = [fold for fold in protocol("strangers4").folds if len(fold.trained) == 5]
    for name in ("ravdess", "emodb", "emotiontts"):
        counts = Counter(sexes[speaker] for speaker in fold.dev if speaker.startswith(name))
        assert counts["male"] == counts["female"] > 0, name


def test_without_a_speaker_or_a_clip_it_is_another_set_up(released, made_up):
    with pytest.raises(SplitError, match="speaker ravdess/03 has no utterance"):
        protocol("ravdess-luna5").splits([each for each in released if each.speaker != "ravdess/03"])
    with pytest.raises(CorpusError, match=r"1312 clips of speech are missing.* the first is .*luna5 needs"):
        protocol("ravdess-luna5").check_complete({"ravdess": corpora.load("ravdess", made_up)})


def test_parts_are_told_by_corpus_and_style(released):
    assert Counter(Part("ravdess", "song").holds(each) for each in released)[True] == 1012
    assert protocol("cross-common4").corpora == ("crema-d", "emodb", "ravdess")


def test_an_unknown_one():
    with pytest.raises(SettingsError, match="choose one of ravdess-luna5"):
        protocol("nope")
