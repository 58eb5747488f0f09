import pytest
import torch

from voxaffect.errors import SettingsError
from voxaffect.models import MODELS, Classifier, LogMel, LogMelSettings
from voxaffect.models.cnn import AttentivePooling, Cnn, CnnSettings
from voxaffect.training import experiment
from voxaffect.training.fit import build


def test_the_shipped_experiment_is_small():
    model = build(experiment.read("cnn"))
    assert sum(each.numel() for each in model.parameters()) <= 1_000_000


@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.3, 12.0])
@pytest.mark.parametrize("stem_stride", [(1, 1), (2, 1), (2, 2)])
def test_any_length_and_batch(seconds, stem_stride):
    settings = CnnSettings(channels=(8, 16), stem_stride=stem_stride, embedding=24)
    model = Classifier(LogMel(LogMelSettings(), 16_000), MODELS["cnn"], settings, 51, 5, None).eval()
    logits, embedding = model(torch.randn(3, round(16_000 * seconds)))
    assert logits.shape == (3, 5)
    assert embedding.shape == (3, 24)


@pytest.mark.parametrize(("stem", "bands", "frames"), [(None, 16, 25), (4, 8, 13)])
def test_with_a_stem_of_its_own_the_first_stage_halves_too(stem, bands, frames):
    stages = Cnn(CnnSettings(channels=(8, 16), stem=stem, stem_stride=(2, 2), embedding=24), 64).stages
    assert stages.stem[0].out_channels == (stem or 8)
    assert stages(torch.randn(1, 64, 100)).shape == (1, 16 * bands, frames)
    assert stages.size == 16 * bands


def test_a_clip_does_not_depend_on_its_batch():
    model = build(experiment.read("cnn")).eval()
    clips = torch.randn(4, 16_000)
    with torch.no_grad():
        together, alone = model(clips)[0], torch.cat([model(clip[None])[0] for clip in clips])
    assert torch.allclose(together, alone, atol=1e-4)


def test_uniform_attention_is_mean_and_deviation():
    pool = AttentivePooling(6)
    for parameter in pool.parameters():
        torch.nn.init.zeros_(parameter)
    x = torch.randn(2, 6, 50)
    expected = torch.cat([x.mean(-1), x.std(-1, unbiased=False)], dim=1)
    assert torch.allclose(pool(x), expected, atol=1e-4)


@pytest.mark.parametrize("wrong", [{"channels": ()}, {"dropout": 1.0}, {"stem": 0}])
def test_nonsense_is_refused(wrong):
    with pytest.raises(SettingsError, match="choose"):
        CnnSettings(**wrong)
