"""Text of names that may hold anything: those of files need be no valid text, and may hold control characters."""

import difflib
import unicodedata
from collections.abc import Iterable, Sequence


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
    return "".join(map(_escaped, valid(text)))


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


def _escaped(character: str) -> str:
    unsafe = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return character.encode("unicode_escape").decode() if unsafe else character
