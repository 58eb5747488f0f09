import json

import numpy as np
import pytest
import torch

from voxaffect import corpora, recipe
from voxaffect.errors import BundleError, SettingsError, SplitError
from voxaffect.splits import by_speaker
from voxaffect.training import experiment, start
from voxaffect.training.fit import build, fit

QUICK = [
    "network.channels=[8, 16]",
    "network.embedding=24",
    "input.window=1.0",
    "augment.channel=false",
    "augment.masks={count=1, mel=2, frames=4}",
    "training.precision='32'",
    "training.clips=64",
    "training.epochs=1",
    "training.validate=false",
]


@pytest.fixture(scope="module")
def corpus(made_up):
    return corpora.load("ravdess", made_up)


@pytest.fixture(scope="module")
def kept(corpus, tmp_path_factory):
    """What four speakers have taught a network, in a folder."""
    folder = tmp_path_factory.mktemp("start")
    utterances = [each for each in corpus.utterances if each.speaker <= "ravdess/04"]
    learnt = recipe.train(
        experiment.read("cnn", QUICK),
        [corpus.description],
        utterances,
        by_speaker("four", utterances),
        folder / "run",
        threads=1,
    )
    start.write(folder / "four", learnt.fitted.model, learnt.bundle.card)
    return folder / "four", learnt.fitted.model


def others(corpus):
    utterances = [each for each in corpus.utterances if each.speaker > "ravdess/04"]
    return utterances, by_speaker("others", utterances, test=["ravdess/07", "ravdess/08"])


def begun(folder, *settings):
    return experiment.read("cnn", [*QUICK, f"training.start=['{folder}']", *settings])


def test_all_is_kept_but_the_last_layer(kept):
    folder, learnt = kept
    model = build(begun(folder))
    before = model.head.weight.clone()
    start.begin(model, start.read(str(folder)))
    assert torch.equal(model.head.weight, before)
    theirs = learnt.state_dict()
    for name, each in model.state_dict().items():
        if not name.startswith("head."):
            assert torch.allclose(each.float(), theirs[name].float(), rtol=1e-3, atol=1e-6), name


def test_nobody_is_tested_whom_the_start_has_heard(corpus, kept, tmp_path):
    folder, _ = kept
    for side in ("dev", "test"):
        split = by_speaker("leak", corpus.utterances, **{side: ["ravdess/03"]})
        with pytest.raises(SplitError, match=r"ravdess/03 first, were heard by four.*training\.start"):
            fit(begun(folder), corpus.utterances, split, tmp_path, threads=1)


def test_the_card_says_whom_it_began_with(corpus, kept, tmp_path):
    folder, _ = kept
    utterances, split = others(corpus)
    trained = recipe.train(begun(folder), [corpus.description], utterances, split, tmp_path, threads=1)
    begun_with = trained.bundle.card["training"]["start"]
    assert begun_with["speakers"] == [f"ravdess/{actor:02d}" for actor in range(1, 5)]
    assert [each["name"] for each in begun_with["corpora"]] == ["ravdess"]
    assert trained.bundle.card["licence"] == corpus.description.licence


def test_seeds_take_turns(corpus, kept, tmp_path):
    folder, _ = kept
    other = tmp_path / "zeros"
    other.mkdir()
    (other / "card.json").write_text((folder / "card.json").read_text("utf-8"), "utf-8")
    with np.load(folder / "weights.npz") as file:
        np.savez(other / "weights.npz", **{name: np.zeros_like(file[name]) for name in file.files})
    utterances, split = others(corpus)
    first = {}
    for seed in (0, 1):
        settings = begun(folder, f"training.start=['{folder}', '{other}']", f"training.seed={seed}")
        model = fit(settings, utterances, split, tmp_path / str(seed), threads=1).model
        first[seed] = model.network.stages.stem[0].weight.abs().mean()
    # Two steps at a low rate lead nowhere from where they began.
    assert first[0] > 10 * first[1]


@pytest.mark.parametrize("setting", ["network.channels=[8, 24]", "frontend.n_mels=40"])
def test_weights_of_another_network_are_refused(corpus, kept, tmp_path, setting):
    folder, _ = kept
    utterances, split = others(corpus)
    with pytest.raises(SettingsError, match=r"training\.start=four is of another network"):
        fit(begun(folder, setting), utterances, split, tmp_path, threads=1)


def test_a_damaged_start_is_refused(kept, tmp_path):
    folder, _ = kept
    with pytest.raises(BundleError, match="no folder and none of the package"):
        start.read("nowhere")
    for name in ("weights.npz", "card.json"):
        broken = tmp_path / name
        broken.mkdir()
        for each in folder.iterdir():
            content = each.read_bytes()
            (broken / each.name).write_bytes(content[: len(content) // 2] if each.name == name else content)
        with pytest.raises(BundleError, match="train it anew"):
            start.read(str(broken))
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "weights.npz").write_bytes((folder / "weights.npz").read_bytes())
    (empty / "card.json").write_text(json.dumps({}), "utf-8")
    with pytest.raises(BundleError, match="train it anew"):
        start.read(str(empty))


def test_several_networks_are_no_start():
    with pytest.raises(SettingsError, match=r"training\.members=1"):
        start.refuse_several(experiment.read("cnn", [*QUICK, "training.members=2"]))
