"""The command `voxaffect`: one module a subcommand, each with `add(subparsers)` and `run(arguments) -> exit code`.

Results go to stdout, progress and complaints to stderr. Exit codes: 0 done, 1 some inputs failed, 2 wrong usage,
130 interrupted.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from voxaffect import __version__
from voxaffect.apps.cli import (
    audit,
    baseline,
    batch,
    benchmark,
    corpus,
    evaluate,
    explore,
    info,
    listen,
    recognize,
    reproduce,
    split,
    timeline,
    train,
)
from voxaffect.errors import SettingsError, VoxaffectError
from voxaffect.text import printable

COMMANDS = (
    recognize,
    timeline,
    listen,
    batch,
    baseline,
    info,
    corpus,
    explore,
    split,
    audit,
    train,
    evaluate,
    benchmark,
    reproduce,
)


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; nothing heavy is imported for it."""
    root = argparse.ArgumentParser(
        prog="voxaffect",
        description="What emotion a voice carries, and models to hear it, honestly measured.",
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=14),
    )
    root.add_argument("--version", action="version", version=f"voxaffect {__version__}")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code."""
    # Daemons are started without one or both.
    sys.stdout, sys.stderr = sys.stdout or open(os.devnull, "w"), sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        # A file's name need not be valid text; it must not stop a result from being printed.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except VoxaffectError as error:
        print(f"voxaffect: {error}", file=sys.stderr)
        return 2 if isinstance(error, SettingsError) else 1
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`). Python would complain once more while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt as interrupt:
        print(f"voxaffect: interrupted; {interrupt}".rstrip("; "), file=sys.stderr)
        return 130
    except OSError as error:
        print(
            f"voxaffect: {printable(str(error.filename or 'output'))}: {error.strerror}; check the path and the space",
            file=sys.stderr,
        )
        return 1
