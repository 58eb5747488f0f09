"""What a bundle's card says of a training run."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from voxaffect import labels
from voxaffect.corpora import Description, Utterance
from voxaffect.settings import Experiment
from voxaffect.splits import SIDES, Sides
from voxaffect.training import pretrained
from voxaffect.training.export import SHORTEST
from voxaffect.training.fit import Fitted

LONGEST = 6.0
"""Seconds heard at once; the longest clip of RAVDESS lasts 5.3. What is longer is heard in windows."""


def card(
    experiment: Experiment,
    corpora: Iterable[Description],
    utterances: Sequence[Utterance],
    split: Sides,
    fitted: Fitted,
    versions: Mapping[str, str],
    scores: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The card of a bundle, but for what `export` and `bundle.write` add of the model itself.

    scores: of the benchmark that stands for the bundle; None where it has not been scored.
    """
    train = split.select(utterances, "train")
    descriptions = [
        {
            "name": each.name,
            "licence": each.licence,
            "language": each.language,
            "cite": each.cite,
            "url": each.url,
        }
        for each in corpora
    ]
    begun = pretrained.on_card(fitted.starts)
    licences = {each["licence"] for each in (*descriptions, *begun.get("corpora", []))}
    settings = experiment.to_dict()
    # Where their folders lie is nobody's business.
    settings["training"]["pretrained"] = [each.name for each in fitted.starts]
    return {
        "classes": list(labels.scheme(experiment.training.scheme).classes),
        "scheme": experiment.training.scheme,
        "sample_rate": experiment.input.sample_rate,
        "window": {
            "training": experiment.input.window,
            "shortest": SHORTEST + (experiment.input.start or 0.0),
            "longest": LONGEST,
            "trim": experiment.input.trim,
            "pad": experiment.input.pad,
        },
        "licence": " and ".join(sorted(licences)),
        "training": {
            "corpora": descriptions,
            **({"start": begun} if begun else {}),
            "utterances": sum(not each.copy for each in train),
            "copies": sum(bool(each.copy) for each in train),
            "styles": sorted({each.style for each in train}),
            "split": {"name": split.name, "speakers_apart": split.speakers_apart}
            | {side: sorted(getattr(split, side)) for side in SIDES},
            "epochs": fitted.epochs,
            "best_epoch": fitted.best_epoch,
            "seconds": round(fitted.seconds),
            "experiment": settings,
        },
        "scores": dict(scores or {}),
        "versions": dict(versions),
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
