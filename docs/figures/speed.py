"""Time and memory: a clip and its parts, new processes, hours, live speech: docs/speed.md."""

from collections.abc import Callable
from functools import partial

from figures.tables import result, table

_HEADS = {
    "whole": "3 s of speech",
    "small": "the same by `common4`",
    "parts": "part of it",
    "batches": "in batches",
    "peers": "other software, same clip",
    "starts": "a new process",
}


def clip(group: str) -> str:
    """Times of a 3 s clip, of one kind."""
    found = result("speed")
    memory = group == "starts"
    rows = [
        [name, f"{each['median_ms']:.1f}", f"{each['p95_ms']:.1f}", *([f"{each['peak_mb']}"] if memory else [])]
        for name, each in found["times"][group].items()
    ]
    head = [_HEADS[group], "median ms", "95th percentile ms", *(["peak MB"] if memory else [])]
    return table(head, rows, numbers=True)


def about() -> str:
    """What was timed, and on what."""
    found = result("speed")
    runs = f"time of one core of {found['processor']}; {found['runs']} runs, interleaved"
    return f"Bundle `{found['bundle']}`; {found['clip']}; {runs}; `{found['command']}`.\n"


def hours() -> str:
    """Timelines of long recordings."""
    found = result("long")
    rows = [
        [name, f"{each['core_seconds']:.1f}", f"{each['peak_mb']}", f"{each['segments']}"]
        for name, each in found["timeline"].items()
    ]
    below = (
        f"Bundle `{found['bundle']}`; {found['calls']}; the whole command, on {found['processor']}; "
        f"`{found['command']}`."
    )
    return table(["a call of", "core seconds", "peak MB", "segments"], rows, below, numbers=True)


def live() -> str:
    """What a stream costs."""
    found = result("long")["live"]
    return (
        f"Half a second of live speech costs {found['mean_ms']:.1f} ms of one core (95th percentile "
        f"{found['p95_ms']:.1f}). After a pause, the first answer comes {found['first_answer_median_s']:.2f} s "
        f"after speech begins, at the latest {found['first_answer_longest_s']:.2f} s.\n"
    )


BLOCKS: dict[str, Callable[[], str]] = {
    **{f"speed-{group}": partial(clip, group) for group in _HEADS},
    "speed-about": about,
    "speed-hours": hours,
    "speed-live": live,
}
