"""Text of names that may hold anything: those of files need be no valid text, and may hold control characters."""

import unicodedata


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


def _escaped(character: str) -> str:
    unsafe = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return character.encode("unicode_escape").decode() if unsafe else character
