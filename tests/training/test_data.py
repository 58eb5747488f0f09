"""What is drawn, and what it should be called."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from voxaffect import labels
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError
from voxaffect.settings import read_experiment
from voxaffect.training import batches as data
from voxaffect.training import clips


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


def shares(weights, key):
    found = Counter()
    for weight, (utterance, label) in zip(weights, PAIRS, strict=True):
        found[key(utterance, label)] += weight
    return {name: round(share, 6) for name, share in found.items()}


def test_groups_are_drawn_evenly_and_groups_within_groups():
    weights = data.evenly(PAIRS, ("corpus", "class", "speaker"))
    assert weights.sum() == pytest.approx(1)
    assert shares(weights, lambda each, label: each.speaker.split("/")[0]) == {"small": 0.5, "large": 0.5}
    within = shares(weights, lambda each, label: (each.speaker.split("/")[0], label))
    assert set(within.values()) == {0.25}
    assert shares(weights, lambda each, label: (each.speaker, label))["large/c", 0] == 0.125
    assert data.evenly(PAIRS, ()) is None
    by_class = shares(data.evenly(PAIRS, ("class",)), lambda each, label: label)
    assert by_class == {0: 0.5, 3: 0.5}


def test_draws_follow_their_weights_and_depend_on_seed_and_epoch_alone():
    weights = data.evenly(PAIRS, ("corpus",))
    draws = data.Draws(len(PAIRS), 0, weights)
    drawn = Counter()
    for epoch in range(200):
        draws.set_epoch(epoch)
        order = list(draws)
        assert len(order) == len(PAIRS)
        assert all(number == epoch for number, _ in order)
        drawn.update(PAIRS[index][0].speaker.split("/")[0] for _, index in order)
    assert drawn["small"] / drawn.total() == pytest.approx(0.5, abs=0.02)
    again = data.Draws(len(PAIRS), 0, weights)
    again.set_epoch(199)
    assert list(again) == order


def test_what_listeners_heard_is_part_of_the_target():
    pairs = [
        (said("x/1", "angry", votes={"angry": 3, "sad": 1, "disgust": 6}), 0),
        (said("x/1", "sad", votes={"disgust": 6}), 3),
        (said("x/1", "happy"), 1),
    ]
    words = ["training.scheme='common-4'", "training.targets.listener_weight=0.5"]
    found = data.targets(pairs, read_experiment("cnn", words), 4)
    assert torch.allclose(found, torch.tensor([[0.875, 0, 0, 0.125], [0, 0, 0, 1.0], [0, 1.0, 0, 0]]))
    plain = data.targets(pairs, read_experiment("cnn", words[:1]), 4)
    assert torch.equal(plain.argmax(dim=1), torch.tensor([0, 3, 1]))
    assert set(np.unique(plain.numpy())) == {0.0, 1.0}


def test_other_emotions_are_classes_of_their_own_and_nobody_votes_on_them():
    heard = {"angry": 3, "disgust": 1}
    said_so = [said("x/1", emotion, votes=heard) for emotion in ("disgust", "angry", "bored")]
    scheme = labels.scheme("common-4")
    others = clips.others_of(said_so, scheme)
    assert others == ["bored", "disgust"]
    pairs = clips.labelled(said_so, scheme, others)
    assert [label for _, label in pairs] == [5, 0, 4]
    assert clips.labelled(said_so, scheme) == [(said_so[1], 0)]
    found = data.targets(
        pairs, read_experiment("cnn", ["training.scheme='common-4'", "training.targets.listener_weight=0.5"]), 6
    )
    assert torch.equal(found, torch.eye(6)[[5, 0, 4]])


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
