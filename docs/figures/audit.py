"""What the audit finds of planted twins, and how long it takes: docs/audit.md."""

from collections.abc import Callable

from figures.tables import result, table


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


BLOCKS: dict[str, Callable[[], str]] = {"audit": audit}
