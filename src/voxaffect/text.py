"""Text of names that may hold anything: those of files need be no valid text, and may hold control characters."""

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

_JOINERS = "\u200c\u200d"  # of letters in Persian and Hindi, and of emoji: they cannot mislead


def valid(name: str) -> str:
    r"""Valid Unicode, with every byte that is none as an escape.

    Examples:
        >>> valid("caf\udce9.wav")
        'caf\\xe9.wav'
    """
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a surrogate that stands for no byte, as in names of Windows
        return name.encode("utf-8", "backslashreplace").decode("utf-8")


def printable(text: str) -> str:
    r"""One line for a terminal: control characters, line ends and what is not valid text as escapes.

    Examples:
        >>> printable("title\x1b]0;x\a.wav")
        'title\\x1b]0;x\\x07.wav'
    """
    return "".join(
        character.encode("unicode_escape").decode() if _is_control(character) else character
        for character in valid(text)
    )


def printable_lines(text: str) -> str:
    """Text for a terminal whose line ends are meant: each line as `printable` gives it."""
    return "\n".join(map(printable, text.split("\n")))


def as_json(value: Any, indent: int | None = None) -> str:
    r"""JSON of exactly this value that is safe on a terminal: readers undo the escapes of control characters.

    Examples:
        >>> as_json("caf\u00e9\x9b2J")
        '"café\\u009b2J"'
    """
    return re.sub(r"[^ -~\n]", _json_escape, json.dumps(value, indent=indent, ensure_ascii=False))


def as_document(value: Any) -> str:
    r"""JSON of this value, indented, for a file that people read too: numbers in a row stay on one line.

    Examples:
        >>> print(as_document({"classes": ["angry"], "interval": [0.5, 1]}), end="")
        {
         "classes": [
          "angry"
         ],
         "interval": [0.5, 1]
        }
    """
    text = as_json(value, indent=1)
    # A string holds no bare line end, so what is matched is never part of one.
    return re.sub(r"\[\n[-+.\deE,\n ]+\]", lambda found: f"[{' '.join(found[0][1:-1].split())}]", text) + "\n"


def closest(name: str, names: Iterable[str]) -> str | None:
    """The one of these names that is meant by another, as a slip of the pen; case does not matter.

    Examples:
        >>> closest("angyr", ["angry", "sad"]), closest("bored", ["angry", "sad"])
        ('angry', None)
    """
    lower = {each.lower(): each for each in names}
    found = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.75)
    return lower[found[0]] if found else None


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names with commas between, and how many there are beyond `most`.

    Examples:
        >>> listed(["angry", "happy", "sad"], most=2)
        'angry, happy and 1 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _json_escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if _is_control(found[0]) else found[0]


def _is_control(character: str) -> bool:
    """Whether it moves a terminal's cursor, changes the direction of text, or cannot be seen."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in _JOINERS
