"""Several networks of one experiment, trained one after the other and joined into one model."""

import dataclasses
from pathlib import Path

from voxaffect.training import run_folder
from voxaffect.training.fit import Fitted, fit
from voxaffect.training.prepared import Prepared


def fit_members(
    prepared: Prepared, folder: Path, *, resume: bool = False, device: str = "auto", label: str = ""
) -> Fitted:
    """`fit` each of `training.members` and average them (an ensemble: Hansen & Salamon 1990).

    Args:
        prepared: What is trained.
        folder: Of the checkpoints; of several members, each has a folder of its own in it.
        resume: Continue from the last checkpoints.
        device: "auto", "cpu" or "gpu".
        label: Name of the run in progress messages; empty: the experiment's.

    Raises:
        SettingsError: As `fit`.
        BundleError: As `fit`.
    """
    count, label = prepared.experiment.training.members, label or prepared.experiment.name
    if count == 1:
        return fit(prepared, folder, resume=resume, device=device, label=label)
    members = [
        fit(
            prepared.member(place),
            run_folder.member(folder, place),
            resume=resume,
            device=device,
            label=f"{label} member {place + 1}",
        )
        for place in range(count)
    ]
    first = members[0]
    first.model.join([each.model for each in members[1:]])
    return dataclasses.replace(
        first,
        history=tuple({"member": float(place), **row} for place, each in enumerate(members) for row in each.history),
        seconds=sum(each.seconds for each in members),
        device=", ".join(dict.fromkeys(each.device for each in members)),
    )
