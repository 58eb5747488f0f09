import pytest
import torch

from voxaffect import corpora
from voxaffect.errors import SettingsError
from voxaffect.models import build
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training import export
from voxaffect.training.compact import compact
from voxaffect.training.ensemble import fit_members
from voxaffect.training.fit import fit
from voxaffect.training.prepared import prepare
from voxaffect.training.run_folder import claim

QUICK = [
    "network.channels=[8, 16]",
    "network.embedding=24",
    "input.window=1.0",
    "training.precision='32'",
    "training.sampling.clips_per_epoch=64",
    "training.epochs=2",
    "training.validate=false",
]


@pytest.fixture(scope="module")
def utterances(made_up):
    return corpora.load("ravdess", made_up).utterances


@pytest.fixture(scope="module")
def split(utterances):
    return by_speaker("test", utterances, test=["ravdess/01", "ravdess/02"])


def two(seed=3):
    return read_experiment("cnn", [*QUICK, "training.members=2", f"training.seed={seed}"])


def test_logits_are_the_means_of_the_members(utterances, split, tmp_path):
    fitted = fit_members(prepare(two(), utterances, split), tmp_path / "two")
    waveform = torch.randn(2, 20_000) * 0.1
    logits = []
    for seed in (6, 7):
        alone = read_experiment("cnn", [*QUICK, f"training.seed={seed}"])
        logits.append(fit(prepare(alone, utterances, split), tmp_path / str(seed)).model(waveform)[0])
    found, embedding = fitted.model(waveform)
    assert not torch.allclose(logits[0], logits[1], atol=1e-3)
    assert torch.allclose(found, (logits[0] + logits[1]) / 2, atol=1e-5)
    assert embedding.shape == (2, 48)
    assert [epoch["member"] for epoch in fitted.history] == [0, 0, 1, 1]
    graph = export.to_onnx(fitted.model, 16_000)
    assert export.gap(fitted.model, graph, 16_000) < export.TOLERANCE


def test_seeds_share_no_member(utterances, split, tmp_path):
    waveform = torch.randn(1, 20_000) * 0.1
    halves = [
        fit_members(prepare(two(seed), utterances, split), tmp_path / str(seed)).model(waveform)[1][0].split(24)
        for seed in (0, 1)
    ]
    assert not any(torch.allclose(one, other) for one in halves[0] for other in halves[1])


def test_it_goes_on_where_it_stopped(utterances, split, tmp_path):
    claim(tmp_path, two(), split, resume=False)
    whole = fit_members(prepare(two(), utterances, split), tmp_path)
    (tmp_path / "member1" / "last.ckpt").unlink()
    claim(tmp_path, two(), split, resume=True)
    again = fit_members(prepare(two(), utterances, split), tmp_path, resume=True)
    for one, other in zip(whole.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_folder_that_holds_members_is_taken(utterances, split, tmp_path):
    claim(tmp_path, two(), split, resume=False)
    fit_members(prepare(two(), utterances, split), tmp_path)
    with pytest.raises(SettingsError, match="`resume` goes on"):
        claim(tmp_path, two(), split, resume=False)


def test_members_have_no_best_epoch():
    with pytest.raises(SettingsError, match=r"training\.validate=false"):
        read_experiment("cnn", ["training.members=2"])


def test_small_is_small():
    recipe = read_experiment("small")
    first, *others = [build(recipe) for _ in range(recipe.training.members)]
    first.join(others)
    assert sum(each.numel() for each in first.parameters()) <= 1_000_000
    assert len(compact(export.to_onnx(first, recipe.input.sample_rate))) <= 2_300_000
