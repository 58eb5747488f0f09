"""Bars of progress on a terminal, lines in a log; imports nothing heavy, since workers that decode clips need it."""

import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")

_EVERY = 30.0  # seconds between two lines in a log


def bars() -> bool:
    """Whether to draw bars: on a terminal, and not in processes side by side, which would draw over each other's."""
    return sys.stderr.isatty() and multiprocessing.parent_process() is None


def counted(items: Sequence[Item], what: str) -> Iterator[Item]:
    """The items one by one, with a bar on a terminal and a line now and then in a log.

    Args:
        items: Any.
        what: What is done to them, as `decoding`.
    """
    if bars():
        yield from tqdm(items, what, leave=False, file=sys.stderr, dynamic_ncols=True)
    else:
        yield from _logged(items, what)


def _logged(items: Sequence[Item], what: str) -> Iterator[Item]:
    begin = last = time.monotonic()
    for count, item in enumerate(items):
        now = time.monotonic()
        if now - last >= _EVERY and multiprocessing.parent_process() is None:
            last, left = now, (now - begin) / count * (len(items) - count)
            print(f"voxaffect: {what} {count}/{len(items)}, {left / 60:.1f} min left", file=sys.stderr, flush=True)
        yield item
