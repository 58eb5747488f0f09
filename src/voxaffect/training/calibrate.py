"""Make a trained model's confidence match its accuracy, on development speakers."""

import torch

from voxaffect.calibration import risk_coverage, temperature
from voxaffect.card.scores import Calibration
from voxaffect.models import Classifier
from voxaffect.training.embeddings import Embeddings


def calibrate(model: Classifier, dev: Embeddings, on: str) -> Calibration:
    """Divide a model's logits by the temperature that fits the development side.

    Args:
        model: In evaluation mode; its output layer is changed.
        dev: Its embeddings of the development side.
        on: Which recordings these are, for the card.
    """
    known = dev.labels >= 0
    truth = dev.labels[known]
    with torch.no_grad():
        logits = model.head(torch.from_numpy(dev.vectors[known])).double()
    value = temperature(truth, logits.numpy())
    divide_logits(model, value)
    return Calibration(on, round(value, 4), risk_coverage(truth, torch.softmax(logits / value, dim=1).numpy()))


def divide_logits(model: Classifier, temperature: float) -> None:
    """Divide all logits by the temperature, in the output layer: whatever runs the graph has calibrated ones."""
    model.head.weight.data /= temperature
    model.head.bias.data /= temperature
