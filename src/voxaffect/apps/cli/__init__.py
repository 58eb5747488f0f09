"""The command `voxaffect`: one module a subcommand, each with `add(parser)` and `run(options) -> exit code`.

Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 some inputs failed, 2 wrong usage,
130 interrupted.
"""

import argparse
import errno
import importlib
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from voxaffect import __version__
from voxaffect.apps.cli.options import Parser
from voxaffect.apps.cli.terminal import complain
from voxaffect.errors import SettingsError, VoxaffectError, VoxaffectWarning

COMMANDS = {
    "recognize": "the emotion in recordings",
    "timeline": "the emotions in a long recording, over time",
    "listen": "the emotions in what a microphone records, live",
    "batch": "a table of many recordings",
    "baseline": "what is normal for a voice or a line",
    "info": "what a bundle holds",
    "list": "corpora, schemes, protocols, experiments, bundles, conditions",
    "corpus": "where a corpus comes from, and what a folder holds of it",
    "explore": "tables and pictures of a corpus or a recording",
    "split": "divide recordings by speakers",
    "audit": "leaks, duplicates and labels given away, in any split",
    "train": "train a model",
    "evaluate": "score a bundle",
    "benchmark": "score an experiment under a published set-up",
    "reproduce": "run the article's experiments",
}
"""Command -> what it is for; its module is imported when it is chosen."""

_MODULES = {"list": "catalog"}
"""Command -> its module, where they are not called alike: a module `list` would hide the built-in one here."""


_UNWRITTEN = (errno.ENOSPC, errno.EFBIG, errno.EIO)


def parser(chosen: str | None = None) -> Parser:
    """The parser of the command line: the whole of the chosen command, and the names of all."""
    # argparse would break the line after the longest names.
    lines = [f"  {name:12}{purpose}" for name, purpose in COMMANDS.items()]
    root = Parser(
        prog="voxaffect",
        usage="voxaffect [-h] [--version] COMMAND ...",
        description="Recognize emotions in speech, and train and measure models that do.",
        epilog="\n".join(["commands:", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"voxaffect {__version__}")
    commands = root.add_subparsers(prog="voxaffect", metavar="COMMAND", required=True, help=argparse.SUPPRESS)
    for name in COMMANDS:
        command = commands.add_parser(name)
        if name == chosen:
            module = importlib.import_module(f"voxaffect.apps.cli.{_MODULES.get(name, name)}")
            command.description = module.__doc__
            command.set_defaults(run=module.run)
            module.add(command)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code."""
    # Daemons are started without one or both.
    sys.stdout, sys.stderr = sys.stdout or open(os.devnull, "w"), sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        # A file's name need not be valid text; it must not stop a result from being printed.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with _warnings_as_lines():
            return _run(words)
    except VoxaffectError as error:
        complain(str(error))
        return 2 if isinstance(error, SettingsError) else 1
    except BrokenPipeError:  # the reader has ended (`| head`)
        _discard_output()
        return 1
    except KeyboardInterrupt as interrupt:
        complain(f"interrupted; {interrupt}".rstrip("; "))
        return 130
    except OSError as error:
        # All files are written by `files.atomic`, whose errors have names; what has none is printed.
        if error.filename is None and error.errno in _UNWRITTEN:
            _discard_output()
        name = error.filename or ("standard output" if error.errno in _UNWRITTEN else "output")
        reason = os.strerror(error.errno) if error.errno else str(error)
        complain(f"{name}: {reason}; check the path and the space")
        return 1


def _discard_output() -> None:
    """Drop what could not be printed: Python would report it once more while closing stdout."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(words: Sequence[str]) -> int:
    root = parser(next((word for word in words if not word.startswith("-")), None))
    if not words:
        root.print_help()
        return 0
    options: argparse.Namespace = root.parse_args(words)
    code: int = options.run(options)
    sys.stdout.flush()
    return code


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """The library's warnings are lines on stderr, each one as often as it is raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", VoxaffectWarning)
        show = warnings.showwarning

        def print_line(message: Warning | str, category: type[Warning], *place: object) -> None:
            if issubclass(category, VoxaffectWarning):
                complain(str(message))
            else:
                show(message, category, *place)  # type: ignore[arg-type]

        warnings.showwarning = print_line  # type: ignore[assignment]
        yield
