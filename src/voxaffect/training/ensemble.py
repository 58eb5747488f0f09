"""Several networks of one experiment, trained one after the other and joined into one model."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from voxaffect.corpora import Utterance
from voxaffect.settings import Experiment
from voxaffect.splits import Sides
from voxaffect.training import run_folder
from voxaffect.training.fit import Fitted, fit


def fit_members(
    experiment: Experiment,
    utterances: Sequence[Utterance],
    split: Sides,
    folder: Path,
    resume: bool = False,
    threads: int | None = None,
    label: str = "",
    device: str = "auto",
) -> Fitted:
    """`fit`, once for each of `training.members`, and their mean (an ensemble: Hansen & Salamon 1990).

    Members differ by their seeds alone, and no two experiments that differ by their seeds share one.
    """
    count, seed = experiment.training.members, experiment.training.seed
    found = []
    for place in range(count):
        settings = dataclasses.replace(experiment.training, seed=count * seed + place)
        own = dataclasses.replace(experiment, training=settings)
        below, name = (
            (folder, label)
            if count == 1
            else (run_folder.member(folder, place), f"{label or experiment.name} member {place + 1}")
        )
        found.append(fit(own, utterances, split, below, resume, threads, name, device))
    first, others = found[0], found[1:]
    if others:
        first.model.join([each.model for each in others])
    history = tuple(
        {**({"member": float(place)} if count > 1 else {}), **epoch}
        for place, each in enumerate(found)
        for epoch in each.history
    )
    devices = ", ".join(dict.fromkeys(each.device for each in found))
    return dataclasses.replace(first, history=history, seconds=sum(each.seconds for each in found), device=devices)
