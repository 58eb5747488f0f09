import pytest

from voxaffect import corpora
from voxaffect.augment import augmented
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError
from voxaffect.reproduction.setups import DEV, MODES, SETUPS, TEST, setup
from voxaffect.splits import LEAKY, LeakySplit, Split


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> list[Utterance]:
    """Every utterance of RAVDESS by its official name; nothing is decoded."""
    from voxaffect.corpora.ravdess import RAVDESS

    folder = tmp_path_factory.mktemp("names")
    ids = [identity for group in RAVDESS.expected().values() for identity in group.ids]
    return [RAVDESS.parse(folder / f"{identity.partition('/')[2]}.wav") for identity in ids]


def test_the_whole_corpus_is_there(whole):
    assert len(whole) == 2452


@pytest.mark.parametrize("row", [each for each in SETUPS.values() if each.counts], ids=lambda row: row.name)
def test_counts_are_those_published(row, whole):
    utterances, split = row.sides(whole, LEAKY, 0)
    assert tuple(len(split.select(utterances, side)) for side in ("train", "dev", "test")) == row.counts


@pytest.mark.parametrize("row", SETUPS.values(), ids=lambda row: row.name)
def test_as_published_leaks_and_says_so(row, whole):
    _, split = row.sides(whole, LEAKY, 0)
    assert isinstance(split, LeakySplit)
    assert split.name.endswith("leaky")
    assert not split.speakers_apart
    assert row.leak()
    originals = {side: {each.partition("+")[0] for each in split.ids(side)} for side in ("train", "dev", "test")}
    # Copies of a clip lie on both sides, just where there are copies.
    assert bool(originals["train"] & originals["dev"]) == bool(row.copies.kinds)
    assert bool((originals["train"] | originals["dev"]) & originals["test"]) == row.tested_trained


@pytest.mark.parametrize("row", SETUPS.values(), ids=lambda row: row.name)
def test_corrected_holds_speakers_apart_and_copies_training_clips_alone(row, whole):
    utterances, split = row.sides(whole, "corrected", 0)
    assert isinstance(split, Split)
    assert split.speakers_apart
    assert set(split.dev) <= {f"ravdess/{actor}" for actor in DEV}
    assert set(split.test) <= {f"ravdess/{actor}" for actor in TEST}
    assert not any("+" in identity for side in ("train", "dev", "test") for identity in split.ids(side))
    from voxaffect import labels

    train = split.select(utterances, "train")
    copies = augmented(train, row.copies.kinds, row.copies.classes, labels.scheme(row.scheme))
    after = split.with_copies(copies)
    assert after.speakers_apart
    assert len(after.ids("train")) == len(train) + len(copies)
    assert (after.ids("dev"), after.ids("test")) == (split.ids("dev"), split.ids("test"))


def test_the_same_clips_are_tested_in_both_modes(whole):
    for row in SETUPS.values():
        tested = [sorted(row.sides(whole, mode, 0)[1].ids("test")) for mode in MODES]
        assert tested[0] == tested[1]


def test_the_division_as_published_is_stratified_and_seeded(whole):
    row = setup("men-5")
    utterances, split = row.sides(whole, LEAKY, 0)
    dev = split.select(utterances, "dev")
    assert [sum(each.emotion == emotion for each in dev) for emotion in ("angry", "calm", "sad")] == [32, 32, 32]
    assert row.sides(whole, LEAKY, 0)[1] == split
    assert row.sides(whole, LEAKY, 1)[1] != split


def test_positive_only_balances(whole):
    row = setup("men-2-noise-shift-positive")
    utterances, split = row.sides(whole, LEAKY, 0)
    clips = [*split.select(utterances, "train"), *split.select(utterances, "dev")]
    positive = sum(each.emotion in ("happy", "calm") for each in clips)
    assert (positive, len(clips) - positive) == (960, 480)


def test_on_real_recordings_too(ravdess):
    found = corpora.load("ravdess", ravdess).utterances
    _, split = setup("ancestor").sides(found, LEAKY, 0)
    assert len(split.ids("train")) == 1248


def test_unknown_rows_are_named():
    with pytest.raises(SettingsError, match="row 'men-9' is not known; choose among ancestor-all, ancestor, men-5"):
        setup("men-9")
