"""The short lines of figures on README and home page."""

from collections.abc import Callable

from figures import strangers
from figures.scores import KNOWN
from figures.tables import percent, result
from voxaffect import bundle


def headline() -> str:
    """One line each for another corpus, new speakers and time."""
    other, known = result(strangers.BASE), result(KNOWN)
    against = result(f"{strangers.BASE}-baselines")["baselines"]["corpus"]["20"]["uar"]
    took = result("speed")["times"]
    return (
        f"- **Another corpus**, {len(other['classes'])} emotions: UAR {percent(other['mean_of_corpora'])} %, chance "
        f"{100 * other['chance']:g} ([seven corpora](strangers.md)). Against the mean of 20 recordings without labels "
        f"it is {percent(against)} % ([baselines](how-to/recognize.md#use-a-baseline-of-a-line-or-a-voice)).\n"
        f"- **New speakers of RAVDESS**, {len(known['classes'])} emotions, by `ravdess-small`: UAR "
        f"{percent(known['uar'])} %, chance "
        f"{100 * known['chance']:g} ([leaderboard](leaderboard.md#ravdess-luna5)).\n"
        f"- **3 s of speech** take {_milliseconds(took['whole'])} ms on one core, by a model of "
        f"{_size(bundle.DEFAULT)} MB. `common4` takes {_milliseconds(took['small'])} ms and {_size('common4')} MB "
        "([speed](speed.md)).\n"
    )


def _milliseconds(times: dict[str, dict[str, float]]) -> str:
    return f"{times['recognize, WAV 48 kHz']['median_ms']:.1f}"


def _size(name: str) -> str:
    return f"{bundle.read(bundle.find(name)).card.model.bytes / 1e6:.1f}"


BLOCKS: dict[str, Callable[[], str]] = {"headline": headline}
