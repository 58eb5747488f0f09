"""Make a trained model as sure as it is right, by development speakers."""

from collections.abc import Sequence

import torch

from voxaffect.calibration import risk_coverage, temperature
from voxaffect.card import Calibration
from voxaffect.corpora import Utterance
from voxaffect.models import Classifier
from voxaffect.settings import Experiment
from voxaffect.splits import Sides
from voxaffect.training.embeddings import embedded


def calibrate(
    model: Classifier, experiment: Experiment, utterances: Sequence[Utterance], split: Sides
) -> Calibration | None:
    """Divide the model's last layer by the temperature that fits the development side; None without one."""
    dev = embedded(model, experiment, utterances, split, "dev")
    if dev is None:
        return None
    known = dev.labels >= 0
    truth = dev.labels[known]
    with torch.no_grad():
        logits = model.head(torch.from_numpy(dev.embeddings[known])).double()
    found = temperature(truth, logits.numpy())
    soften(model, found)
    on = f"the {len(split.dev)} development speakers of split {split.name}"
    curve = risk_coverage(truth, torch.softmax(logits / found, dim=1).numpy())
    return Calibration(on, round(found, 4), curve)


def soften(model: Classifier, temperature: float) -> None:
    """Divide all logits by the temperature, in the last layer: whatever runs the graph has calibrated ones."""
    model.head.weight.data /= temperature
    model.head.bias.data /= temperature
