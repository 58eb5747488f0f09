"""The pool of worker processes, for batches, audits, surveys and trainings.

Workers are spawned, not forked: the threads of numerical libraries do not survive a fork. A script that starts workers
must do so below `if __name__ == "__main__":`, as Python's multiprocessing demands.
"""

import multiprocessing
import multiprocessing.resource_tracker
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from voxaffect.errors import WorkerError

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

_PATIENCE = 5.0  # seconds in which an idle worker must end


class _Worker(NamedTuple):
    process: SpawnProcess
    connection: "Connection[Any, Any]"


class Pool:
    """Worker processes that apply a function to tasks, one task at a time each.

    On Ctrl-C, on an error and on leaving the `with` block early, workers that are busy are killed; they print nothing.
    When the parent dies, they end. Functions, tasks and results must be picklable.

    Args:
        workers: How many processes; 0: none, tasks run in this process, one after the other.
        initializer: Called with `initargs` once in each worker.
        initargs: Its arguments.
        threads: Threads of NumPy's and PyTorch's libraries in each worker; None: as in this process.
        fresh: Whether each task gets a process of its own.

    Examples:
        >>> with Pool(0) as pool:
        ...     list(pool.map(abs, [-1, 2]))
        [1, 2]
    """

    def __init__(
        self,
        workers: int,
        *,
        initializer: Callable[..., None] | None = None,
        initargs: tuple[Any, ...] = (),
        threads: int | None = 1,
        fresh: bool = False,
    ) -> None:
        self._count, self._fresh, self._threads = workers, fresh, threads
        self._prepare = (initializer, initargs)
        self._idle: list[_Worker] = []
        self._busy: dict[Connection[Any, Any], tuple[_Worker, Any]] = {}

    def __repr__(self) -> str:
        return f"Pool({self._count} workers)"

    def __enter__(self) -> Self:
        initializer, initargs = self._prepare
        if not self._count and initializer:
            initializer(*initargs)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not (self._idle or self._busy):
            return
        with _interrupts_wait():
            for worker, _ in self._busy.values():
                worker.process.kill()  # not terminate: Lightning has a handler for that, which prints
            for worker in self._idle:
                worker.connection.close()
            for worker in [*self._idle, *(each for each, _ in self._busy.values())]:
                _join(worker.process)
            self._idle.clear()
            self._busy.clear()

    def map(
        self, function: Callable[[Task], Outcome], tasks: Iterable[Task], *, name: Callable[[Task], str] = str
    ) -> Iterator[Outcome]:
        """Apply a function to each task.

        Args:
            function: Of a module, as it is pickled by its name.
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
        numbered = self.map_unordered(_Numbered(function), enumerate(tasks), name=lambda task: name(task[1]))
        for (number, _), outcome in numbered:
            early[number] = outcome
            while following in early:
                yield early.pop(following)
                following += 1

    def map_unordered(
        self, function: Callable[[Task], Outcome], tasks: Iterable[Task], *, name: Callable[[Task], str] = str
    ) -> Iterator[tuple[Task, Outcome]]:
        """Apply a function to each task, as `map` does.

        Yields:
            (task, result), as they are done.

        Raises:
            WorkerError: A worker died.
            Exception: What the function raised; tasks that are under way are given up.
        """
        if not self._count:
            for task in tasks:
                yield task, function(task)
            return
        left = iter(tasks)
        self._hand_out(function, left, name)
        while self._busy:
            done = [self._receive(connection, name) for connection in wait(list(self._busy))]
            self._hand_out(function, left, name)
            for task, fine, outcome in done:
                if not fine:
                    raise outcome
                yield task, outcome

    def _hand_out(self, function: Callable[[Any], Any], left: Iterator[Any], name: Callable[[Any], str]) -> None:
        while len(self._busy) < self._count:
            try:
                task = next(left)
            except StopIteration:
                return
            worker = self._idle.pop() if self._idle else self._start()
            self._busy[worker.connection] = worker, task
            try:
                worker.connection.send((function, task))
            except OSError:
                raise self._death(worker.connection, name) from None

    def _receive(self, connection: Any, name: Callable[[Any], str]) -> tuple[Any, bool, Any]:
        try:
            fine, outcome = connection.recv()
        except (EOFError, OSError):
            raise self._death(connection, name) from None
        worker, task = self._busy.pop(connection)
        if self._fresh:
            connection.close()
            _join(worker.process)
        else:
            self._idle.append(worker)
        return task, fine, outcome

    def _death(self, connection: Any, name: Callable[[Any], str]) -> WorkerError:
        return WorkerError(
            f"{name(self._busy[connection][1])}: its worker process died; if the memory was too little, try fewer "
            'workers; a script must start workers below `if __name__ == "__main__":`'
        )

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, *self._prepare), daemon=False)
        # What is set at the start counts: libraries read the number of their threads when they are loaded.
        with _interrupts_wait(), _environment(dict.fromkeys(_THREADS if self._threads else (), str(self._threads))):
            process.start()
        theirs.close()  # ours says so when the worker's own end is closed
        return _Worker(process, ours)


class _Numbered:
    """A function of (number, task) that leaves the number aside."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def __call__(self, task: tuple[int, Any]) -> Any:
        return self._function(task[1])


def _work(connection: Any, initializer: Callable[..., None] | None, initargs: tuple[Any, ...]) -> None:
    """The life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    prepared = initializer is None
    while True:
        try:
            asked = connection.recv_bytes()
        except EOFError:
            return
        try:
            function, task = ForkingPickler.loads(asked)
            if not prepared and initializer:
                initializer(*initargs)
                prepared = True
            answer = ForkingPickler.dumps((True, function(task)))
        except Exception as error:
            error.add_note(traceback.format_exc())
            answer = ForkingPickler.dumps((False, error))
        connection.send_bytes(answer)


def _end_with_parent() -> None:
    """An orphan would go on writing into the folder of the next run."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _join(process: SpawnProcess) -> None:
    process.join(_PATIENCE)
    if process.is_alive():
        process.kill()
        process.join()


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Hold Ctrl-C back for a moment; a process that is started in it is born deaf to it, and prints no traceback."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # Started here, before: the tracker's own start would let Ctrl-C through.
    multiprocessing.resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
