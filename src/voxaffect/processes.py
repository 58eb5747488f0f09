"""Processes side by side: trainings, each in one of its own, and workers that end with their parent."""

import concurrent.futures
import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from voxaffect.errors import SettingsError

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(run: Callable[[T], R], tasks: Sequence[T], workers: int) -> list[R]:
    """`run` of each task, `workers` at a time, each in a fresh process; a single task in this one.

    A script that has several must do so below `if __name__ == "__main__":`, as Python's multiprocessing demands.
    """
    if len(tasks) == 1:
        return [run(tasks[0])]
    # Spawned, not forked: PyTorch's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    # Fresh for each task: what PyTorch's exporter learns of one recurrent network spoils the next.
    pool = concurrent.futures.ProcessPoolExecutor(
        workers, mp_context=context, initializer=end_with_parent, max_tasks_per_child=1
    )
    try:
        return list(pool.map(run, tasks))
    except BrokenProcessPool:
        raise SettingsError(
            "a training's process ended before it was done; a script must start several below "
            '`if __name__ == "__main__":`, and the memory must be enough for all: try fewer workers'
        ) from None
    finally:
        # Where a task failed or Ctrl-C came, those that wait must not start.
        pool.shutdown(cancel_futures=True)


def end_with_parent() -> None:
    """Let a worker end when its parent is killed: an orphan would go on writing into the folder of the next run."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        assert parent is not None
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
