"""What the audit finds of planted twins, how long it takes, and what gives labels away: docs/audit.md."""

from collections.abc import Callable
from typing import Any

from figures.tables import result, table
from voxaffect.auditing import PROPERTIES
from voxaffect.auditing.shortcuts import describe


def audit() -> str:
    """Twins found, twins made up, and time."""
    found = result("audit")
    twins, time = found["twins"], found["time"]
    groups: dict[str, list[int]] = {}
    for name, each in twins["recall"].items():
        counts = groups.setdefault(name.split(":")[0], [0, 0])
        counts[0] += each["found"]
        counts[1] += each["n"]
    rows = [[name, f"{100 * hits / whole:.1f}", str(whole)] for name, (hits, whole) in groups.items()]
    last = time["steps"][-1]

    def real(pairs: list[list[str]]) -> list[list[str]]:
        return [pair for pair in pairs if not any(name.startswith("twin of") for name in pair[:2])]

    mistaken = len(real(twins["false"]))
    doubles = ", ".join(f"{one} and {other}" for one, other, *_ in real(twins["doubles"]))
    least = min(pair[3].split()[1] for pair in real(twins["doubles"]))
    below = (
        f"Twins of recordings of {twins['speakers_of_twins']}, by which no threshold of the audit was chosen, among "
        f"all {twins['clips']} recordings of RAVDESS, CREMA-D and EMO-DB. {mistaken} pairs of these recordings are "
        f"false alarms, {1000 * mistaken / twins['clips']:.1f} in 1000, and {twins['false_pairs']} pairs if the "
        f"{twins['twins']} twins are counted too; takes of one song are the hardest to distinguish from copies. The "
        f"audit also found recordings under two names, whose waveforms correlate by {least} or more: {doubles}.\n\n"
        f"{last['clips']} recordings took {last['seconds']:.0f} s on {time['cores']} cores ({time['processor']}; "
        f"other load: {time['beside']}); the work grows with the power "
        f"{time['growth_exponent_of_cpu_seconds']} of their number. `{found['command']}`."
    )
    return table(["twin", "found %", "of"], rows, below, numbers=True)


def carriers() -> str:
    """False pairs of sets with one carrier sentence, and twins found among them."""
    found = result("audit")["carriers"]
    kinds: dict[str, list[dict[str, Any]]] = {"spoken": [], "glued": []}
    for each in found["sets"].values():
        kinds[each["kind"]].append(each)
    rows, with_twins = [], 0
    for kind, name in (("spoken", "synthetic voices"), ("glued", "one real beginning, other real words")):
        sets = kinds[kind]
        clips, false = (sum(each[key] for each in sets) for key in ("clips", "false_pairs"))
        with_twins += sum(each["false_pairs_with_twins"] for each in sets)
        cells = [name, str(clips), str(false), f"{1000 * false / clips:.1f}"]
        for ways in (("gain", "noise", "shift", "resampled", "codec"), ("pitch", "stretch")):
            hits, whole = (sum(each[key].get(way, 0) for each in sets for way in ways) for key in ("found", "twins"))
            cells.append(f"{100 * hits / whole:.0f}")
        rows.append(cells)
    twins = sum(sum(each["twins"].values()) for each in found["sets"].values())
    spoken, glued = len(kinds["spoken"]), len(kinds["glued"])
    below = (
        f"{spoken} sets of 300 words by synthetic voices, whose takes vary in tempo and noise, and {glued} sets "
        f"that begin with one recording of an actor. With the {twins} twins among them there are {with_twins} false "
        "pairs. Results of the first three synthetic sets were seen while the thresholds were chosen."
    )
    if "time" in found:
        steps = " and ".join(f"{step['clips']} recordings took {step['cpu_seconds']:.0f} s" for step in found["time"])
        below += f" With one such sentence, {steps} of processor time."
    head = [
        "same sentence, other word",
        "recordings",
        "false pairs",
        "in 1000",
        "copies found %",
        "pitch, tempo found %",
    ]
    return table(head, rows, below, numbers=True)


def shortcuts() -> str:
    """What properties alone tell of the labels of five corpora."""
    corpora = result("audit")["shortcuts"]
    names = [each["property"] for each in next(iter(corpora.values()))["properties"]]
    told = {title: {each["property"]: each for each in found["properties"]} for title, found in corpora.items()}
    rows = []
    for name in names:
        cells = []
        for of_corpus in told.values():
            each = of_corpus[name]
            low, high = (f"{100 * share:.0f}" for share in each["interval"])
            cell = f"{100 * each['uar']:.0f} [{low}, {high}]"
            cells.append(f"**{cell}**" if each["gives_away"] else cell)
        rows.append([f"{PROPERTIES[name].title} ({PROPERTIES[name].of})", *cells])
    head = [
        "UAR %, by one property alone",
        *(f"{title}, chance {100 / len(found['labels']):.1f}" for title, found in corpora.items()),
    ]
    away = [
        f"{title}, {describe(each)}"
        for title, of_corpus in told.items()
        for each in of_corpus.values()
        if each["gives_away"]
    ]
    below = (
        f"In bold what is reported. {'. '.join(away)}. The recordings are Opus copies, so band and format are not "
        f"those of the owners' files. `{result('audit')['command']}`."
    )
    return table(head, rows, below, numbers=True)


BLOCKS: dict[str, Callable[[], str]] = {"audit": audit, "audit-carriers": carriers, "audit-shortcuts": shortcuts}
