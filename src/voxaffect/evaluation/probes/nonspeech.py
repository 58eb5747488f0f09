"""What a bundle says of sounds that are no speech, where "uncertain" would be right."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from voxaffect.augment import nonspeech
from voxaffect.calibration import softmax
from voxaffect.inference.recognizer import Recognizer

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

COUNT = 20
"""Sounds of each kind."""

_SECONDS = (1.0, 5.0)
_DECIBELS = (-40.0, 0.0)  # re a peak of a half: near and far
_SEED = 2**32  # which no training has: what is heard here was not heard there


def hear(recognizer: Recognizer) -> dict[str, Any]:
    """What is said of each kind of sound, some of them soft and some loud.

    learnt: whether training had others of the kind. confidence: the mean. emotion: the most frequent. answered: the
    share at or above each of THRESHOLDS.
    """
    share = recognizer.bundle.card["training"].get("experiment", {}).get("training", {}).get("nonspeech", 0)
    found = {}
    for kind, name in enumerate(nonspeech.TRAINING_SOUNDS | nonspeech.TEST_SOUNDS):
        logits = []
        for number in range(COUNT):
            rng = np.random.default_rng((_SEED, kind, number))
            samples = round(rng.uniform(*_SECONDS) * recognizer.sample_rate)
            sound = nonspeech.synthesize(name, rng, samples, recognizer.sample_rate)
            sound *= np.float32(10 ** (rng.uniform(*_DECIBELS) / 20))
            logits.append(recognizer.listen(sound)[0])
        probabilities = softmax(np.stack(logits))
        confidence = probabilities.max(axis=1)
        most = np.bincount(probabilities.argmax(axis=1)).argmax()
        found[name] = {
            "learnt": bool(share) and name in nonspeech.TRAINING_SOUNDS,
            "confidence": round(float(confidence.mean()), 4),
            "emotion": recognizer.classes[most],
            "answered": {str(least): round(float((confidence >= least).mean()), 4) for least in THRESHOLDS},
        }
    return found


def mean(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What `hear` gave of several bundles of one experiment, as of the folds of a benchmark, taken together."""
    found = {}
    for name in parts[0]:
        each = [part[name] for part in parts]
        emotions = [one["emotion"] for one in each]
        found[name] = {
            "learnt": each[0]["learnt"],
            "confidence": round(float(np.mean([one["confidence"] for one in each])), 4),
            "emotion": max(emotions, key=emotions.count),
            "answered": {
                least: round(float(np.mean([one["answered"][least] for one in each])), 4)
                for least in each[0]["answered"]
            },
        }
    return found


def as_text(found: Mapping[str, Any]) -> str:
    """The report as a table for a terminal, in per cent."""
    lines = [f"  Of {COUNT} sounds each that are no speech, answered at such a confidence:", ""]
    lines.append(f"    {'':12}" + "".join(f"{least:>6}" for least in THRESHOLDS) + "   mostly as")
    for name, each in found.items():
        shares = "".join(f"{100 * share:>4.0f} %" for share in each["answered"].values())
        lines.append(f"    {name:12}{shares}   {each['emotion']}{'; learnt to refuse' if each['learnt'] else ''}")
    return "\n".join(lines)
