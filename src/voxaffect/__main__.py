"""`python -m voxaffect` and the command `voxaffect`, with what happens when they are stopped.

Ctrl-C and SIGTERM are seen to before anything is imported. Python would print a traceback on the one, at whatever
line it is, and die of the other without removing temporary files.
"""

# `signal` would import for milliseconds, in which Ctrl-C would print a traceback.
import _signal  # type: ignore[import-not-found]
import os
import sys

_SIGNALS = [getattr(_signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(_signal, name)]


def run() -> int:
    """Run the command line and give its exit code; 128 and the signal's number where one has stopped it."""
    stop = _Stop()
    stop.install()
    from voxaffect.apps.cli import main

    try:
        stop.gently = True
        code: int = main()
        stop.ignore()  # Python's own shutdown would print tracebacks
    except KeyboardInterrupt:
        stop.at_once()
    return code if stop.number in (0, _signal.SIGINT) else 128 + stop.number


class _Stop:
    """What Ctrl-C, SIGTERM and SIGHUP do: raise KeyboardInterrupt, or end the process at once.

    At once where the exception would be lost or turned into another: while modules are imported, in a callback from C,
    and where one signal has come already. All that is to be done then is to remove temporary files; workers end with
    their parent.
    """

    def __init__(self) -> None:
        self.gently, self.number = False, 0

    def install(self) -> None:
        """See to all signals that are not ignored, as those of a command behind `nohup`."""
        for number in _SIGNALS:
            if _signal.getsignal(number) in (_signal.default_int_handler, _signal.SIG_DFL):
                _signal.signal(number, self)
        sys.unraisablehook = self._unraisable

    def ignore(self) -> None:
        """The work is done."""
        for number in _SIGNALS:
            _signal.signal(number, _signal.SIG_IGN)

    def __call__(self, number: int, frame: object) -> None:
        first, self.number = not self.number, number
        if not (self.gently and first) or _loses_exceptions(frame):
            self.at_once()
        raise KeyboardInterrupt

    def at_once(self) -> None:
        """End the process, without what Python does at its end."""
        try:
            if remove_all := getattr(sys.modules.get("voxaffect.temporary"), "remove_all", None):
                remove_all()
            os.write(2, b"voxaffect: interrupted\n")
        finally:
            os._exit(128 + (self.number or _signal.SIGINT))

    def _unraisable(self, lost: "sys.UnraisableHookArgs") -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            self.at_once()
        sys.__unraisablehook__(lost)


def _loses_exceptions(frame: object) -> bool:
    """Whether a frame is called by an import, which may turn exceptions into others, or by libsndfile."""
    while frame is not None:
        code = frame.f_code  # type: ignore[attr-defined]
        if code.co_filename.startswith("<frozen importlib") or code.co_name.startswith("vio_"):
            return True
        frame = frame.f_back  # type: ignore[attr-defined]
    return False


if __name__ == "__main__":
    sys.exit(run())
