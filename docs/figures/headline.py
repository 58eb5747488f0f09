"""The short lines of figures on README and home page."""

import json
from collections.abc import Callable

from figures import strangers
from figures.scores import KNOWN
from figures.tables import ROOT, percent, result

CARD = ROOT / "src" / "voxaffect" / "bundles" / "common4" / "card.json"


def headline() -> str:
    """One line each for another corpus, new speakers and time."""
    other, known = result(strangers.RECIPE), result(KNOWN)
    plain = result(strangers.PLAIN)["mean_of_corpora"]["value"]
    clip = result("speed")["times"]["whole"]["recognize, WAV 48 kHz"]["median_ms"]
    size = json.loads(CARD.read_text("utf-8"))["model"]["bytes"]
    return (
        f"- **Another corpus**, {len(other['classes'])} emotions: UAR {percent(other['mean_of_corpora'])} %, chance "
        f"{100 * other['chance']:g} ([three corpora](strangers.md); {100 * plain:.1f} without "
        "[one choice made on them](strangers.md#how-it-was-chosen)).\n"
        f"- **New speakers of RAVDESS**, {len(known['classes'])} emotions: UAR {percent(known['uar'])} %, chance "
        f"{100 * known['chance']:g} ([leaderboard](leaderboard.md#ravdess-luna5)).\n"
        f"- **3 s of speech** take {clip:.1f} ms on one core, by a model of {size / 1e6:.1f} MB "
        "([speed](speed.md)).\n"
    )


BLOCKS: dict[str, Callable[[], str]] = {"headline": headline}
