"""A limit of time for runs of ONNX Runtime."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from onnxruntime import RunOptions

_EVERY = 0.5  # seconds between two looks at the clock

_lock = threading.Lock()
_running: dict[int, tuple[RunOptions, float]] = {}
_watching: threading.Thread | None = None


@contextmanager
def time_limit(seconds: float) -> Iterator[RunOptions]:
    """Options of a run that is ended, between two of its nodes, once it has taken so long: ONNX Runtime then raises.

    One thread looks at all runs of the process, and ends where it finds none: a run costs some microseconds.
    """
    global _watching
    options = RunOptions()
    with _lock:
        _running[id(options)] = options, time.monotonic() + seconds
        if _watching is None or not _watching.is_alive():  # a forked process has none
            _watching = threading.Thread(target=_watch, name="time limit of runs", daemon=True)
            _watching.start()
    try:
        yield options
    finally:
        with _lock:
            del _running[id(options)]


def _watch() -> None:
    global _watching
    while True:
        time.sleep(_EVERY)
        with _lock:
            for options, end in _running.values():
                options.terminate = time.monotonic() > end
            if not _running:
                _watching = None
                return
