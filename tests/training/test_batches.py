"""What is drawn, and what it should be called."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from voxaffect import labels
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError
from voxaffect.settings import InputSettings, read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training import batches as data
from voxaffect.training.clips import Clips
from voxaffect.training.prepared import prepare


def said(speaker: str, emotion: str, number: int = 0, votes: dict[str, int] | None = None) -> Utterance:
    return Utterance(f"{speaker}/{emotion}/{number}", Path("x.wav"), speaker, "female", emotion, votes=votes or {})


# Two corpora of unlike size: `small` is of one speaker; `large` has few angry clips, most of them of one speaker.
PAIRS = [
    *((said("small/a", "angry", number), 0) for number in range(2)),
    (said("small/a", "sad"), 3),
    *((said("large/b", "angry", number), 0) for number in range(5)),
    (said("large/c", "angry"), 0),
    *((said("large/b", "sad", number), 3) for number in range(20)),
    *((said("large/c", "sad", number), 3) for number in range(20)),
]


def clips_of(pairs) -> Clips:
    utterances, found = zip(*pairs, strict=True)
    return Clips(utterances, np.array(found, np.int64), InputSettings())


CLIPS = clips_of(PAIRS)


def shares(weights, key):
    found = Counter()
    for weight, (utterance, label) in zip(weights, PAIRS, strict=True):
        found[key(utterance, label)] += weight
    return {name: round(share, 6) for name, share in found.items()}


def test_groups_are_drawn_evenly_and_groups_within_groups():
    weights = data.balanced_weights(CLIPS, ("corpus", "class", "speaker"))
    assert weights.sum() == pytest.approx(1)
    assert shares(weights, lambda each, label: each.corpus) == {"small": 0.5, "large": 0.5}
    within = shares(weights, lambda each, label: (each.corpus, label))
    assert set(within.values()) == {0.25}
    assert shares(weights, lambda each, label: (each.speaker, label))["large/c", 0] == 0.125
    assert data.balanced_weights(CLIPS, ()) is None
    by_class = shares(data.balanced_weights(CLIPS, ("class",)), lambda each, label: label)
    assert by_class == {0: 0.5, 3: 0.5}


def test_draws_follow_their_weights_and_depend_on_seed_and_epoch_alone():
    weights = data.balanced_weights(CLIPS, ("corpus",))
    draws = data.EpochSampler(len(PAIRS), 0, weights=weights)
    drawn = Counter()
    for epoch in range(200):
        draws.set_epoch(epoch)
        order = list(draws)
        assert len(order) == len(PAIRS)
        assert all(number == epoch for number, _ in order)
        drawn.update(PAIRS[index][0].corpus for _, index in order)
    assert drawn["small"] / drawn.total() == pytest.approx(0.5, abs=0.02)
    again = data.EpochSampler(len(PAIRS), 0, weights=weights)
    again.set_epoch(199)
    assert list(again) == order


def test_what_listeners_heard_is_part_of_the_target():
    pairs = [
        (said("x/1", "angry", votes={"angry": 3, "sad": 1, "disgust": 6}), 0),
        (said("x/1", "sad", votes={"disgust": 6}), 3),
        (said("x/1", "happy"), 1),
    ]
    scheme = labels.scheme("common-4")
    found = data.targets(clips_of(pairs), scheme, 4, 0.5)
    assert torch.allclose(found, torch.tensor([[0.875, 0, 0, 0.125], [0, 0, 0, 1.0], [0, 1.0, 0, 0]]))
    plain = data.targets(clips_of(pairs), scheme, 4, 0.0)
    assert torch.equal(plain.argmax(dim=1), torch.tensor([0, 3, 1]))
    assert set(np.unique(plain.numpy())) == {0.0, 1.0}


def test_other_emotions_are_extra_classes_and_nobody_votes_on_them():
    votes = {"angry": 3, "disgust": 1}
    utterances = [said(f"x/{n}", each, votes=votes) for n, each in enumerate(("disgust", "angry", "bored", "bored"))]
    split = by_speaker("some", utterances, dev=["x/3"])
    words = ["training.scheme='common-4'", "training.sampling.clips_per_epoch=32"]
    prepared = prepare(read_experiment("cnn", [*words, "training.targets.extra_classes=true"]), utterances, split)
    assert prepared.extra_classes == ("bored", "disgust")
    assert (prepared.train.labels.tolist(), prepared.dev.labels.tolist()) == ([5, 0, 4], [-1])
    assert torch.equal(data.targets(prepared.train, prepared.scheme, 6, 0.5), targets_of(5, 0, 4))
    without = prepare(read_experiment("cnn", [*words, "training.targets.extra_classes=false"]), utterances, split)
    assert (without.n_outputs, without.train.labels.tolist()) == (4, [-1, 0, -1])
    assert without.train.labelled.utterances == (utterances[1],)


def targets_of(*classes):
    return torch.eye(6)[list(classes)]


def test_classes_by_sex_are_voted_for_by_sex():
    found = labels.listener_distribution(labels.scheme("article-10"), {"angry": 1, "sad": 1}, "male")
    assert found[5:] == (0.5, 0, 0, 0, 0.5)
    assert labels.listener_distribution(labels.scheme("article-10"), {"angry": 1}, None) is None


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("training.targets.listener_weight=1.5", "choose 0 to 1"),
        ("training.optimizer.ema_decay=1", "choose above 0 and below 1"),
        ("training.sampling.clips_per_epoch=10", "do not fill a batch of 32"),
        ('training.sampling.balance=["mood"]', "training.sampling.balance"),
    ],
)
def test_nonsense_is_refused(setting, reason):
    with pytest.raises(SettingsError, match=reason):
        read_experiment("cnn", [setting])
