"""The grammar that all commands share.

Lists are given by repeating an option, by commas, or both. A table has `--format table|csv|jsonl`, one object has
`--json`. Errors of the library name parameters in backticks; `as_options` names the options in their place.
"""

import argparse
import re
import shutil
from collections.abc import Callable, Sequence
from typing import Any

from voxaffect.text import printable_lines

_OPTIONS = {"sources": "SOURCE or --corpus", "overrides": "--set", "raw": "--rate and --encoding"}
"""Parameters whose option is not called like them."""

_FREE = ("--speaker",)
"""Options whose value may begin with a dash."""


class Parser(argparse.ArgumentParser):
    """A parser that prints module docstrings as plain text, takes `--speaker '-(..)'`, and names between options."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _formatter} | options)
        self._intermixed = False

    def format_help(self) -> str:
        """As argparse does, without backticks."""
        return super().format_help().replace("`", "")

    def _print_message(self, message: str, file: Any = None) -> None:
        super()._print_message(printable_lines(message), file)  # it may name a file that is not taken

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does, with the values of options in `_FREE` taken as they are, and options between names."""
        if self._intermixed or self._subparsers is not None:
            return super().parse_known_args(args if args is None else _joined(args), namespace)
        self._intermixed = True  # argparse's method for that calls this one
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._intermixed = False


def as_options(message: str) -> str:
    """A message of the library with the options in place of its parameters.

    >>> as_options("has no column 'x'; name it by `columns` file=NAME, or see `voxaffect corpus`")
    "has no column 'x'; name it by --columns file=NAME, or see `voxaffect corpus`"
    """
    return re.sub(r"`([a-z_]+)`", lambda name: _OPTIONS.get(name[1], "--" + name[1].replace("_", "-")), message)


def listed(kind: Callable[[str], Any] = str) -> Callable[[str], list[Any]]:
    """The type of a list's option: values separated by commas."""

    def values(text: str) -> list[Any]:
        return [kind(part.strip()) for part in text.split(",") if part.strip()]

    values.__name__ = kind.__name__  # for argparse's message
    return values


LIST: dict[str, Any] = {"action": "extend", "type": listed(), "default": []}
"""What `add_argument` takes of an option that is a list."""


def renamed(parser: argparse.ArgumentParser, old: str, new: str) -> None:
    """Let an option's old name say what it is called now."""

    class Renamed(argparse.Action):
        def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
            parser.error(f"{old} is now {new}")

    parser.add_argument(old, action=Renamed, nargs="?", help=argparse.SUPPRESS)


def add_format(parser: argparse.ArgumentParser) -> None:
    """How a table is printed."""
    parser.add_argument("--format", choices=("table", "csv", "jsonl"), default="table", help="(default: table)")


def add_probes(parser: argparse.ArgumentParser) -> None:
    """What is measured of a bundle besides its score."""
    option = parser.add_argument
    option("--conditions", **LIST, metavar="NAME,...", help="score under these, as mu-law,telephone+white-20, or all")
    text = "score with baselines of 1 to 100 test recordings, under the conditions too"
    option("--baseline-curve", action="store_true", help=text)
    option("--nonspeech", action="store_true", help="test on noises, tones and music-like sounds")


def add_workers(parser: argparse.ArgumentParser, what: str) -> None:
    """How many trainings run at a time, in which folder, and whether they go on."""
    option = parser.add_argument
    option("--workers", type=int, metavar="N", help=f"{what} side by side (default: one a core, or one on a GPU)")
    option("--resume", action="store_true", help=f"keep the {what} and epochs that are done")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Which experiment is trained."""
    parser.add_argument("--experiment", default="cnn", metavar="NAME|TOML", help="the settings (default: cnn)")
    text = "override a setting, as training.epochs=3"
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=text)


def add_computing(parser: argparse.ArgumentParser) -> None:
    """What a training runs on."""
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="(default: auto)")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of PyTorch on a CPU")


def chosen(options: argparse.Namespace, names: str) -> dict[str, Any]:
    """The values of these options, separated by spaces, as parameters of the library."""
    return {name: getattr(options, name) for name in names.split()}


def _joined(words: Sequence[str]) -> list[str]:
    """`--speaker X` as `--speaker=X`, so that X may begin with a dash."""
    result: list[str] = []
    for word in words:
        if result and result[-1] in _FREE:
            result[-1] += f"={word}"
        else:
            result.append(word)
    return result


def _formatter(prog: str) -> argparse.HelpFormatter:
    width = min(shutil.get_terminal_size().columns - 2, 110)
    return argparse.HelpFormatter(prog, max_help_position=26, width=width)
