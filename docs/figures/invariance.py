"""How many answers an offset, hum, a cut or silence changes: docs/how-to/recognize.md."""

from collections.abc import Callable

from figures.tables import result, table

CORPORA = {"ravdess": "RAVDESS", "crema-d": "CREMA-D", "emodb": "EMO-DB"}


def invariance() -> str:
    """Changed answers before and after, and what the preparation does to clean clips."""
    found = result("invariance")
    before, after = found["before"], found["after"]
    changes = list(after["common4"]["changed"])
    rows = [
        [
            change,
            *(
                " → ".join(str(side[name]["changed"][change]) for side in (before, after) if name in side)
                for name in after
            ),
        ]
        for change in changes
    ]
    clean = []
    for name in before:
        parts = []
        for corpus, title in CORPORA.items():
            old, new = before[name]["clean"][corpus], after[name]["clean"][corpus]
            other = sum(one != two for one, two in zip(old["answers"], new["answers"], strict=True))
            share = 100 * other / len(new["answers"])
            parts.append(f"{title} {100 * old['uar']:.1f} → {100 * new['uar']:.1f} % UAR, {share:.0f} % other answers")
        clean.append(f"`{name}`: {'; '.join(parts)}.")
    below = (
        f"Changed answers of {found['changed_clips']} clips of RAVDESS, before recordings were prepared in this way → "
        "since; `base` is newer. Decibels are relative to full scale. How the end of a recording is rounded was chosen "
        f"with these clips in sight, the rest on others. Clean clips, {found['clips']} a corpus, most of speakers that "
        f"the bundles were trained on: {' '.join(clean)} `{found['command']}`."
    )
    return table(["change", *(f"`{name}`" for name in after)], rows, below, numbers=True)


BLOCKS: dict[str, Callable[[], str]] = {"invariance": invariance}
