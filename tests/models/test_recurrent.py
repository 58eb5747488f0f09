import subprocess
import sys

import pytest
import torch

from voxaffect.errors import SettingsError
from voxaffect.models import Classifier
from voxaffect.models.frontend import LogMel
from voxaffect.models.recurrent import Recurrent
from voxaffect.settings.frontends import LogMelSettings
from voxaffect.settings.networks import RecurrentSettings


@pytest.mark.parametrize("channels", [(), (8, 16)])
def test_any_length_and_batch(channels):
    settings = RecurrentSettings(hidden=12, layers=2, channels=channels)
    model = Classifier(LogMel(LogMelSettings(), 16_000), Recurrent(settings, 64), 5).eval()
    for seconds in (0.5, 3.3):
        logits, embedding = model(torch.randn(3, round(16_000 * seconds)))
        assert logits.shape == (3, 5)
        assert embedding.shape == (3, 48)


EXPORT = """
from voxaffect.training.export import gap, to_onnx
from voxaffect.models import build
from voxaffect.settings import read_experiment
small = ["model=recurrent", "network={hidden=8, layers=1, channels=[4, 8]}", "name=small"]
model = build(read_experiment("cnn", small)).eval()
print(gap(model, to_onnx(model, 16_000), 16_000))
"""


def test_the_graph_is_the_network():
    """In a process of its own, as every training is: PyTorch's exporter takes but one recurrent network in each."""
    done = subprocess.run([sys.executable, "-c", EXPORT], capture_output=True, text=True, check=True)
    assert float(done.stdout.splitlines()[-1]) < 1e-4


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"hidden": 0}, "at least 1"),
        ({"dropout": 1.0}, "0 to below 1"),
        ({"channels": (0,)}, "not a list of sizes"),
        ({"channels": (4,), "stem_stride": (0, 2)}, "choose 1 or 2 for each"),
        ({"channels": (4,), "stem_stride": ()}, "choose 1 or 2 for each"),
    ],
)
def test_nonsense_is_refused(wrong, reason):
    with pytest.raises(SettingsError, match=reason):
        RecurrentSettings(**wrong)
