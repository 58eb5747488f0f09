import copy
import dataclasses
import io
import json
import shutil
import zipfile

import numpy as np
import pytest
import torch

from voxaffect import corpora
from voxaffect.errors import BundleError, SettingsError, SplitError
from voxaffect.models import build
from voxaffect.runs import recipe
from voxaffect.runs.run import Run, RunOptions
from voxaffect.settings import experiment_from_tables, read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training import pretrained
from voxaffect.training.fit import fit
from voxaffect.training.prepared import prepare
from voxaffect.training.run_folder import claim

QUICK = [
    "network.channels=[8, 16]",
    "network.embedding=24",
    "input.window=1.0",
    "augment.channel=false",
    "augment.masks={count=1, mel=2, frames=4}",
    "training.precision='32'",
    "training.sampling.clips_per_epoch=64",
    "training.epochs=1",
    "training.validate=false",
]


@pytest.fixture(scope="module")
def corpus(made_up):
    return corpora.load("ravdess", made_up)


def train(settings, corpus, utterances, split, folder):
    return recipe.train(Run(settings, (corpus.description,), tuple(utterances), split, folder), RunOptions(threads=1))


@pytest.fixture(scope="module")
def kept(corpus, tmp_path_factory):
    """What four speakers have taught a network, in a folder."""
    folder = tmp_path_factory.mktemp("start")
    utterances = [each for each in corpus.utterances if each.speaker <= "ravdess/04"]
    learnt = train(read_experiment("cnn", QUICK), corpus, utterances, by_speaker("four", utterances), folder / "run")
    pretrained.save_pretrained(folder / "four", learnt.fitted.model, learnt.bundle.card.pretrained())
    return folder / "four", learnt.fitted.model


def others(corpus):
    utterances = [each for each in corpus.utterances if each.speaker > "ravdess/04"]
    return utterances, by_speaker("others", utterances, test=["ravdess/07", "ravdess/08"])


def begun(folder, *settings):
    return read_experiment("cnn", [*QUICK, f"training.pretrained=['{folder}']", *settings])


def test_all_is_kept_but_the_last_layer(kept):
    folder, learnt = kept
    model = build(begun(folder))
    before = model.head.weight.clone()
    pretrained.initialize(model, pretrained.read_pretrained(str(folder)))
    assert torch.equal(model.head.weight, before)
    theirs = learnt.state_dict()
    for name, each in model.state_dict().items():
        if not name.startswith("head."):
            assert torch.allclose(each.float(), theirs[name].float(), rtol=1e-3, atol=1e-6), name


@pytest.mark.parametrize("side", ["dev", "test"])
def test_nobody_is_judged_who_was_pretrained_on(corpus, kept, side):
    folder, _ = kept
    split = by_speaker("leak", corpus.utterances, **{side: ["ravdess/03"]})
    with pytest.raises(
        SplitError, match=r"four was pretrained on 1 of its .*, ravdess/03 first; set training\.pretrained"
    ):
        prepare(begun(folder, "training.validate=true"), corpus.utterances, split)


def test_a_speaker_under_another_name_is_known_by_the_files(corpus, kept, tmp_path):
    folder, _ = kept
    mine = [dataclasses.replace(each, speaker=each.speaker.replace("ravdess", "mine")) for each in corpus.utterances]
    split = by_speaker("mine", mine, test=["mine/03"])
    with pytest.raises(SplitError, match=r"four was pretrained on 1 .* ravdess/03 first"):
        fit(prepare(begun(folder), mine, split), tmp_path)


def test_nobody_is_tested_where_it_is_unknown_whom_the_start_has_heard(corpus, kept, tmp_path):
    folder = altered(kept, tmp_path / "unknown", lambda card: card["training"]["split"].update(train=["mine/?"]))
    utterances, split = others(corpus)
    with pytest.raises(SplitError, match="speakers that unknown was pretrained on are unknown"):
        fit(prepare(begun(folder), utterances, split), tmp_path / "run")


def test_what_a_start_began_with_counts_as_heard(corpus, kept, tmp_path):
    folder, _ = kept
    utterances = [each for each in corpus.utterances if each.speaker in ("ravdess/05", "ravdess/06")]
    split = by_speaker("two", utterances)
    learnt = train(begun(folder), corpus, utterances, split, tmp_path / "run")
    pretrained.save_pretrained(tmp_path / "six", learnt.fitted.model, learnt.bundle.card.pretrained())
    again = pretrained.read_pretrained(str(tmp_path / "six"))
    assert again.speakers == {f"ravdess/{actor:02d}" for actor in range(1, 7)}
    leak = by_speaker("leak", corpus.utterances, test=["ravdess/01"])
    with pytest.raises(SplitError, match=r"six was pretrained on 1 .* ravdess/01 first"):
        fit(prepare(begun(tmp_path / "six"), corpus.utterances, leak), tmp_path / "leak")


def altered(kept, folder, change):
    """A copy of a start with something else on its card."""
    shutil.copytree(kept[0], folder)
    card = json.loads((folder / "card.json").read_text("utf-8"))
    change(card)
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("licence", "follows"),
    [
        ("CC0 1.0", "CC BY-NC-SA 4.0 and CC0 1.0"),
        (corpora.NO_LICENCE, "none, must not be passed on: no licence is stated for elsewhere"),
    ],
)
def test_the_card_says_whom_it_began_with_and_under_which_licence(licence, follows, corpus, kept, tmp_path):
    def of_another_corpus(card):
        card["training"]["corpora"][0].update(name="elsewhere", licence=licence)

    folder = altered(kept, tmp_path / "elsewhere", of_another_corpus)
    utterances, split = others(corpus)
    trained = train(begun(folder), corpus, utterances, split, tmp_path / "run")
    card = trained.bundle.card
    assert card.training.pretrained.speakers == tuple(f"ravdess/{actor:02d}" for actor in range(1, 5))
    assert [each.name for each in card.training.pretrained.corpora] == ["elsewhere"]
    assert card.licence == follows
    assert card.training.experiment["training"]["pretrained"] == ["elsewhere"]
    assert str(tmp_path) not in json.dumps(card.to_dict())


def test_a_run_does_not_go_on_with_another_start_of_the_same_name(corpus, kept, tmp_path):
    folder = altered(kept, tmp_path / "start", lambda card: None)
    utterances, split = others(corpus)
    claim(tmp_path / "run", begun(folder), split, resume=False)
    fit(prepare(begun(folder), utterances, split), tmp_path / "run")
    claim(tmp_path / "run", begun(folder), split, resume=True)
    shutil.rmtree(folder)
    altered(kept, folder, lambda card: card.update(created="2000-01-01"))
    with pytest.raises(SettingsError, match="holds a run with other settings"):
        claim(tmp_path / "run", begun(folder), split, resume=True)


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
        settings = begun(folder, f"training.pretrained=['{folder}', '{other}']", f"training.seed={seed}")
        model = fit(prepare(settings, utterances, split), tmp_path / str(seed)).model
        first[seed] = model.network.stages.stem[0].weight.abs().mean()
    # Two steps at a low rate lead nowhere from where they began.
    assert first[0] > 10 * first[1]


def test_a_level_can_be_told_beside_what_the_start_has_heard(corpus, kept, tmp_path):
    folder, learnt = kept
    settings = begun(folder, "frontend.append_level=true")
    (found,) = pretrained.load_pretrained(settings)
    model = build(settings)
    fresh = model.network.embed[1].weight[:, -1].clone()
    pretrained.initialize(model, found)
    weight = learnt.network.embed[1].weight
    assert torch.allclose(model.network.embed[1].weight[:, :-1], weight, rtol=1e-3, atol=1e-6)
    assert torch.equal(model.network.embed[1].weight[:, -1], fresh)
    assert model.normalise[1].running_mean[-1] == 0
    utterances, split = others(corpus)
    assert fit(prepare(settings, utterances, split), tmp_path).pretrained[0].sha256 == found.sha256


@pytest.mark.parametrize(
    "setting",
    [
        "network.channels=[8, 24]",
        "network.stem_stride=[2, 2]",
        "frontend.hop_length=160",
        "frontend.dynamic_range=false",
    ],
)
def test_weights_of_another_network_are_refused_before_anything_is_trained(kept, setting):
    folder, _ = kept
    with pytest.raises(SettingsError, match=rf"pretrained=four is of another network: its {setting.split('=')[0]} is "):
        pretrained.load_pretrained(begun(folder, setting))
    assert pretrained.load_pretrained(begun(folder, "network.dropout=0.5"))


def test_weights_that_are_not_of_the_network_on_their_card_are_refused(kept, tmp_path):
    folder = altered(kept, tmp_path / "odd", lambda card: None)
    with np.load(folder / "weights.npz") as file:
        weights = {name: file[name] for name in file.files}
    projection = weights.pop("network.project.0.weight")
    for other in ({}, {"network.project.0.weight": projection[:-1]}, {"network.project.0.weight": projection[0]}):
        np.savez(folder / "weights.npz", **weights, **other)
        with pytest.raises(BundleError, match="not of the network on its card"):
            pretrained.initialize(build(begun(folder)), pretrained.read_pretrained(str(folder)))


def test_statistics_of_any_size_are_kept(kept, tmp_path):
    _, learnt = kept
    model = copy.deepcopy(learnt)
    model.normalise[1].running_var.fill_(1e6)
    pretrained.save_pretrained(tmp_path / "loud", model, pretrained.read_pretrained(str(kept[0])).card)
    assert pretrained.read_pretrained(str(tmp_path / "loud")).weights["normalise.1.running_var"].max() == 1e6


@pytest.mark.parametrize("name", read_experiment("small").training.pretrained)
def test_what_small_begins_with_is_in_the_package(name):
    recipe_, found = read_experiment("small"), pretrained.read_pretrained(name)
    assert found.sha256 in [each.sha256 for each in pretrained.load_pretrained(recipe_)]
    pretrained.initialize(build(recipe_), found)
    assert all(np.isfinite(each).all() for each in found.weights.values())
    assert not any(speaker.startswith("ravdess/") for speaker in found.speakers)
    assert len(found.speakers) == 101
    begun_with = experiment_from_tables(found.card.training.experiment)
    assert begun_with == read_experiment("small-start", [f"training.seed={begun_with.training.seed}"])


def test_a_damaged_start_is_refused(kept, tmp_path):
    folder, _ = kept
    with pytest.raises(BundleError, match=r"nowhere is no folder in .* and none of the package"):
        pretrained.read_pretrained("nowhere")
    for name in ("weights.npz", "card.json"):
        broken = tmp_path / name
        broken.mkdir()
        for each in folder.iterdir():
            content = each.read_bytes()
            (broken / each.name).write_bytes(content[: len(content) // 2] if each.name == name else content)
        with pytest.raises(BundleError, match="train it anew"):
            pretrained.read_pretrained(str(broken))
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "weights.npz").write_bytes((folder / "weights.npz").read_bytes())
    (empty / "card.json").write_text(json.dumps({}), "utf-8")
    with pytest.raises(BundleError, match="train it anew"):
        pretrained.read_pretrained(str(empty))


def test_weights_with_any_bytes_changed_are_taken_or_refused_in_one_line(tmp_path):
    """Flipped bytes, values that are no weights, and a header that promises terabytes."""
    shipped, rng = pretrained.PACKAGED / "small-0", np.random.default_rng(0)
    whole = np.frombuffer((shipped / "weights.npz").read_bytes(), np.uint8)
    contents = [whole[: rng.integers(len(whole))].tobytes() for _ in range(5)]
    for number in range(40):
        flipped = whole.copy()
        flipped[rng.integers(len(whole), size=1 + number)] = rng.integers(256, size=1 + number)
        contents.append(flipped.tobytes())
    for values in (
        np.array("x"),
        np.full(64, np.nan),
        np.zeros(64, "M8[s]"),
        np.zeros(64, complex),
        np.zeros(64, object),
    ):
        file = io.BytesIO()
        np.savez(file, **{"normalise.mean": values})
        contents.append(file.getvalue())
    head, file = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (10**13,)})
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("normalise.mean.npy", head.getvalue())
    contents.append(file.getvalue())
    shutil.copy(shipped / "card.json", tmp_path)
    refusals = []
    for content in contents:
        (tmp_path / "weights.npz").write_bytes(content)
        try:
            pretrained.read_pretrained(str(tmp_path))
        except BundleError as error:
            refusals.append(str(error))
    assert len(refusals) > 40
    assert not any("\n" in line for line in refusals)


def test_where_weights_cannot_be_written_is_said_before_training(tmp_path):
    settings = read_experiment("cnn", QUICK)
    pretrained.check_save_pretrained(tmp_path / "new", tmp_path / "model", settings)
    with pytest.raises(SettingsError, match=r"training\.members=1"):
        pretrained.check_save_pretrained(
            tmp_path / "new", tmp_path / "model", read_experiment("cnn", [*QUICK, "training.members=2"])
        )
    with pytest.raises(SettingsError, match="name another folder"):
        pretrained.check_save_pretrained(tmp_path / "model", tmp_path / "model", settings)
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "model.onnx").write_bytes(b"")
    with pytest.raises(SettingsError, match=r"holds something else \(model\.onnx\)"):
        pretrained.check_save_pretrained(tmp_path / "bundle", tmp_path / "model", settings)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SettingsError, match="holds something else"):
        pretrained.check_save_pretrained(tmp_path / "file", tmp_path / "model", settings)
