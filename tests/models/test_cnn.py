import pytest
import torch

from voxaffect.errors import SettingsError
from voxaffect.models import Classifier, build
from voxaffect.models.cnn import AttentivePooling, Cnn
from voxaffect.models.frontend import LogMel
from voxaffect.settings import read_experiment
from voxaffect.settings.frontends import LogMelSettings
from voxaffect.settings.networks import CnnSettings


def test_the_shipped_experiment_is_small():
    model = build(read_experiment("cnn"))
    assert sum(each.numel() for each in model.parameters()) <= 1_000_000


@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.3, 12.0])
@pytest.mark.parametrize("stem_stride", [(1, 1), (2, 1), (2, 2)])
def test_any_length_and_batch(seconds, stem_stride):
    settings = CnnSettings(channels=(8, 16), stem_stride=stem_stride, embedding=24)
    model = Classifier(LogMel(LogMelSettings(), 16_000), Cnn(settings, 64), 5).eval()
    logits, embedding = model(torch.randn(3, round(16_000 * seconds)))
    assert logits.shape == (3, 5)
    assert embedding.shape == (3, 24)


def test_every_stage_but_the_first_halves_both_axes():
    stages = Cnn(CnnSettings(channels=(8, 16), stem_stride=(2, 2), embedding=24), 64).stages
    assert stages(torch.randn(1, 64, 100)).shape == (1, 16 * 16, 25)
    assert stages.size == 16 * 16


def test_a_clip_does_not_depend_on_its_batch():
    model = build(read_experiment("cnn")).eval()
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


@pytest.mark.parametrize("wrong", [{"channels": ()}, {"dropout": 1.0}])
def test_nonsense_is_refused(wrong):
    with pytest.raises(SettingsError, match="choose"):
        CnnSettings(**wrong)
