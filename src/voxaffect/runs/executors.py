"""Where runs are executed: in this process, or in processes on this machine."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from voxaffect.errors import check
from voxaffect.processes import Pool
from voxaffect.runs.run import Run

Outcome = TypeVar("Outcome")


class Executor(Protocol):
    """Executes runs. The run's folder must be the same for whoever executes it."""

    def execute(self, function: Callable[[Run], Outcome], runs: Sequence[Run]) -> Iterator[tuple[Run, Outcome]]:
        """Call a picklable function with each run.

        Yields:
            (run, result), as runs end.

        Raises:
            Exception: What the function raised; runs that are under way are given up.
        """
        ...


@dataclass(frozen=True)
class InProcess:
    """One run after the other, in this process."""

    def execute(self, function: Callable[[Run], Outcome], runs: Sequence[Run]) -> Iterator[tuple[Run, Outcome]]:
        """See `Executor`."""
        for run in runs:
            yield run, function(run)


@dataclass(frozen=True)
class Processes:
    """Several runs at a time, each in a fresh process; a single one in this process.

    A script that uses it must do so below `if __name__ == "__main__":`, as Python's multiprocessing demands.

    Args:
        workers: How many at a time.

    Raises:
        SettingsError: Fewer than one.
    """

    workers: int = 1

    def __post_init__(self) -> None:
        check(self.workers >= 1, f"workers={self.workers}: choose at least 1")

    def execute(self, function: Callable[[Run], Outcome], runs: Sequence[Run]) -> Iterator[tuple[Run, Outcome]]:
        """See `Executor`."""
        # A fresh process per run: PyTorch's exporter gives a second recurrent network a fixed length.
        workers, threads = 0 if len(runs) == 1 else self.workers, 1 if self.workers > 1 else None
        with Pool(workers, threads=threads, fresh=True) as pool:
            yield from pool.map_unordered(function, runs, name=lambda run: run.label)
