"""Cells of CSV that no spreadsheet takes for a formula.

Programs as Excel and LibreOffice compute a cell that begins with `=`, `+`, `-` or `@`, also behind a tab or a line end.
A name of a file or a line of a transcript may begin so, and whoever gives it chooses what is computed. The remedy that
spreadsheets know is an apostrophe before it (OWASP, CSV Injection). Numbers stay as they are, and so do single signs.
"""

import re
from typing import TypeVar

Value = TypeVar("Value")

# Apostrophes may stand before it already: each writing adds one, and each reading takes one away.
_FORMULA = re.compile(r"'*(?![+-]?\d*\.?\d+(e[+-]?\d+)?$)[=+\-@\t\r\n].", re.IGNORECASE | re.DOTALL)


def harmless(value: Value) -> Value | str:
    """A value as it is written: text that would be a formula with an apostrophe before it.

    Examples:
        >>> harmless("=1+1"), harmless("+49 30.wav"), harmless("a=b.wav"), harmless(-0.5)
        ("'=1+1", "'+49 30.wav", 'a=b.wav', -0.5)
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def restored(cell: str) -> str:
    """A cell as it was before `harmless`.

    Examples:
        >>> restored("'=1+1"), restored("'tis.wav")
        ('=1+1', "'tis.wav")
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
