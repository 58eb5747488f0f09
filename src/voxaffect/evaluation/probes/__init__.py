"""What is measured of a bundle besides its score: a module a probe, and the table of them.

>>> list(PROBES)
['conditions', 'baselines', 'nonspeech']
"""

from collections.abc import Iterable
from typing import Any

from voxaffect.errors import check
from voxaffect.evaluation.probes.base import Findings, Probe, Progress, TestSet
from voxaffect.evaluation.probes.baselines import Baselines
from voxaffect.evaluation.probes.conditions import Conditions
from voxaffect.evaluation.probes.nonspeech import Nonspeech

__all__ = ["PROBES", "Baselines", "Conditions", "Findings", "Nonspeech", "Probe", "Progress", "TestSet", "find"]

PROBES: dict[str, type[Probe[Any]]] = {each.name: each for each in (Conditions, Baselines, Nonspeech)}


def find(probes: Iterable[str | Probe[Any]]) -> tuple[Probe[Any], ...]:
    """Probes by name, each as it is by default; a probe stands for itself.

    Baselines are measured under the conditions too, where both are asked for.

    Raises:
        SettingsError: A name is not known, or there are two probes of one name.

    Examples:
        >>> find(["nonspeech", Conditions(("telephone",)), "baselines"])
        (Nonspeech(), Conditions(names=('telephone',)), Baselines(conditions=('telephone',)))
    """
    by_name: dict[str, Probe[Any]] = {}
    for probe in probes:
        check(
            not isinstance(probe, str) or probe in PROBES,
            f"probe {probe!r} is not known; choose among {', '.join(PROBES)}",
        )
        made = PROBES[probe]() if isinstance(probe, str) else probe
        check(made.name not in by_name, f"probe {made.name} is named twice; name it once")
        by_name[made.name] = made
    conditions, baselines = by_name.get(Conditions.name), by_name.get(Baselines.name)
    if isinstance(conditions, Conditions) and isinstance(baselines, Baselines) and not baselines.conditions:
        by_name[Baselines.name] = Baselines(conditions.names)
    return tuple(by_name.values())
