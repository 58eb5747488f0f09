"""Keep libraries in C from printing on standard error."""

import ctypes
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_lock = threading.Lock()
_users = 0


@contextmanager
def quiet() -> Iterator[None]:
    """What C code writes to its `stderr` meanwhile is lost; Python's own is another.

    glibc and macOS let a program assign the variable. Of other systems, nothing is changed.
    """
    variable = _variable()
    if variable is None:
        yield
        return
    _add(1, *variable)
    try:
        yield
    finally:
        _add(-1, *variable)


def _add(count: int, variable: Any, usual: int, nowhere: int) -> None:
    global _users
    with _lock:
        _users += count
        variable.value = nowhere if _users else usual


@cache
def _variable() -> tuple[Any, int, int] | None:
    """The variable, its usual value, and the value by which nothing is printed; None: there is no such variable."""
    if sys.platform == "darwin":
        name = "__stderrp"
    elif sys.platform == "linux" and platform.libc_ver()[0] == "glibc":
        name = "stderr"
    else:
        return None
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    variable = ctypes.c_void_p.in_dll(libc, name)
    nowhere = libc.fopen(b"/dev/null", b"w")
    return (variable, variable.value, nowhere) if variable.value and nowhere else None
