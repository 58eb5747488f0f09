"""The pool of worker processes, for batches, audits, surveys and trainings.

Workers are spawned, not forked: the threads of numerical libraries do not survive a fork. A script that starts workers
must do so below `if __name__ == "__main__":`, as Python's multiprocessing demands.
"""

import itertools
import multiprocessing
import multiprocessing.resource_tracker
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any, Self, TypeVar

from voxaffect import temporary
from voxaffect.errors import WorkerError

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

_STOPS = (signal.SIGINT, signal.SIGTERM)

_PATIENCE, _HASTE = 5.0, 1.0  # seconds in which an idle worker must end, and one that is told to end at once


class Pool:
    """Worker processes that apply a function to tasks, one task at a time.

    On Ctrl-C, on an error and on leaving the `with` block early, workers that are busy are ended at once; they print
    nothing and leave no temporary files. When the parent dies, they end likewise. Functions, tasks and results must be
    picklable.

    Args:
        workers: How many processes; 0: none, tasks run in this process, one after the other.
        threads: Threads of NumPy's and PyTorch's libraries in a worker; None: as in this process.
        fresh: Whether every task gets a process of its own.

    Examples:
        >>> with Pool(0) as pool:
        ...     list(pool.map(abs, [-1, 2]))
        [1, 2]
    """

    def __init__(self, workers: int, *, threads: int | None = 1, fresh: bool = False) -> None:
        self._count, self._threads, self._fresh = workers, threads, fresh
        self._idle: list[_Worker] = []
        self._busy: dict[Connection[Any, Any], tuple[_Worker, int, Any]] = {}

    def __repr__(self) -> str:
        return f"Pool({self._count} workers)"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if not (self._idle or self._busy):
            return
        with interrupts_wait():
            busy = [worker for worker, _, _ in self._busy.values()]
            for worker in busy:
                worker.process.terminate()
            for worker in self._idle:
                worker.connection.close()
            for worker in busy:
                _join(worker.process, _HASTE)
            for worker in self._idle:
                _join(worker.process)
            self._idle.clear()
            self._busy.clear()

    def map(
        self, function: Callable[[Task], Outcome], tasks: Iterable[Task], *, name: Callable[[Task], str] = str
    ) -> Iterator[Outcome]:
        """Apply a function to every task.

        Args:
            function: Sent to a worker once, not with every task.
            tasks: Taken as workers become free.
            name: What a task is called if its worker dies.

        Yields:
            The results, in the order of the tasks.

        Raises:
            WorkerError: A worker died.
            Exception: What the function raised; tasks that are under way are given up.
        """
        early: dict[int, Outcome] = {}
        following = 0
        for number, _, outcome in self._results(function, tasks, name):
            early[number] = outcome
            while following in early:
                yield early.pop(following)
                following += 1

    def map_unordered(
        self, function: Callable[[Task], Outcome], tasks: Iterable[Task], *, name: Callable[[Task], str] = str
    ) -> Iterator[tuple[Task, Outcome]]:
        """Apply a function to every task, as `map` does.

        Yields:
            (task, result), as they are done.

        Raises:
            WorkerError: A worker died.
            Exception: What the function raised; tasks that are under way are given up.
        """
        for _, task, outcome in self._results(function, tasks, name):
            yield task, outcome

    def _results(
        self, function: Callable[[Task], Outcome], tasks: Iterable[Task], name: Callable[[Task], str]
    ) -> Iterator[tuple[int, Task, Outcome]]:
        """(place of the task, task, result), as they are done."""
        left = enumerate(tasks)
        if not self._count:
            for number, task in left:
                yield number, task, function(task)
            return
        self._hand_out(function, left, name)
        while self._busy:
            done = [self._receive(connection, name) for connection in wait(list(self._busy))]
            self._hand_out(function, left, name)
            for number, task, fine, outcome in done:
                if not fine:
                    raise outcome
                yield number, task, outcome

    def _hand_out(self, function: Any, left: Iterator[tuple[int, Any]], name: Callable[[Any], str]) -> None:
        tasks = list(itertools.islice(left, self._count - len(self._busy)))
        while len(self._idle) < len(tasks):  # all, before one is sent a function, for which it must be awake
            self._start()
        for number, task in tasks:
            worker = self._idle[-1]
            self._busy[worker.connection] = worker, number, task
            self._idle.pop()  # last, so that Ctrl-C finds every worker
            new, worker.function = worker.function is not function, function
            try:
                worker.connection.send(((function,) if new else (), task))
            except OSError:
                raise self._death(worker.connection, name) from None

    def _receive(self, connection: Any, name: Callable[[Any], str]) -> tuple[int, Any, bool, Any]:
        try:
            fine, outcome = connection.recv()
        except (EOFError, OSError):
            raise self._death(connection, name) from None
        worker, number, task = self._busy[connection]
        if self._fresh:
            connection.close()
            _join(worker.process)
        else:
            self._idle.append(worker)
        del self._busy[connection]  # last, so that Ctrl-C finds every worker
        return number, task, fine, outcome

    def _death(self, connection: Any, name: Callable[[Any], str]) -> WorkerError:
        return WorkerError(
            f"{name(self._busy[connection][2])}: its worker process died; if the memory was too little, try fewer "
            'workers; a script must start workers below `if __name__ == "__main__":`'
        )

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs,), daemon=False)
        # What is set at the start counts: libraries read the number of their threads when they are loaded.
        if hasattr(signal, "pthread_sigmask"):  # the tracker's own start would let Ctrl-C through
            multiprocessing.resource_tracker.ensure_running()
        with interrupts_wait(), _environment(dict.fromkeys(_THREADS if self._threads else (), str(self._threads))):
            process.start()
            self._idle.append(_Worker(process, ours))
        theirs.close()  # ours says so when the worker's own end is closed


@dataclass
class _Worker:
    """A process, our end of the pipe to it, and the function that it has."""

    process: SpawnProcess
    connection: "Connection[Any, Any]"
    function: Any = None


def _work(connection: Any) -> None:
    """The life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    signal.signal(signal.SIGTERM, lambda *_: _end())
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    functions: tuple[Callable[[Any], Any], ...] = ()
    while True:
        try:
            message = connection.recv_bytes()
        except (EOFError, OSError):  # the parent has closed the pipe, or is gone
            return
        try:
            new, task = ForkingPickler.loads(message)
            functions = new or functions
            answer = ForkingPickler.dumps((True, functions[0](task)))
        except Exception as error:
            error.add_note(traceback.format_exc())
            answer = ForkingPickler.dumps((False, error))
        try:
            connection.send_bytes(answer)
        except OSError:
            return


def _end_with_parent() -> None:
    """An orphan would go on writing into the folder of the next run."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    _end()


def _end() -> None:
    temporary.remove_all()
    os._exit(1)


def _join(process: SpawnProcess, patience: float = _PATIENCE) -> None:
    process.join(patience)
    if process.is_alive():
        process.kill()
        process.join()


@contextmanager
def interrupts_wait() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait for the end of the block; a process that is started in it has them blocked."""
    came: list[int] = []
    before: dict[int, Any] = {}
    mask = None
    try:
        if threading.current_thread() is threading.main_thread():  # the only one that may, and that is interrupted
            for number in _STOPS:
                before[number] = signal.signal(number, lambda stop, _: came.append(stop))
        if hasattr(signal, "pthread_sigmask"):  # not on Windows
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        yield
    finally:
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for each, handler in before.items():
            signal.signal(each, handler)
        if came:
            signal.raise_signal(came[0])


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            del os.environ[name]
        os.environ.update({name: value for name, value in before.items() if value is not None})
