"""One self-contained HTML page: no network; light or dark as the reader prefers."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from voxaffect.html import colours

MADE_BY = '<meta name="generator" content="voxaffect">'
"""What every page made here holds, and no other."""

_CSS = colours.variables() + "\n" + Path(__file__).with_suffix(".css").read_text("utf-8")


class Section(NamedTuple):
    """A part of the page: what its address ends in, its title, and its HTML."""

    key: str
    title: str
    body: str


def page(title: str, about: Sequence[str], sections: Iterable[Section], css: str = "", script: str = "") -> str:
    """The whole page as text. about: paragraphs below the title, as HTML. css, script: of what only this page has."""
    parts = list(sections)
    links = "".join(f'<li><a href="#{part.key}">{escape(part.title)}</a></li>' for part in parts)
    bodies = "".join(
        f'<section id="{part.key}"><h2>{escape(part.title)}</h2>\n{part.body}</section>\n' for part in parts
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">{MADE_BY}\n'
        f"<title>{escape(title)}</title><style>{_CSS}{css}</style></head>\n<body><header><h1>{escape(title)}</h1>\n"
        + "".join(f'<p class="about">{paragraph}</p>\n' for paragraph in about)
        + (f"<nav><ul>{links}</ul></nav>" if len(parts) > 1 else "")
        + f"</header>\n<main>\n{bodies}</main>{f'<script>{script}</script>' if script else ''}</body></html>\n"
    )


def heading(text: str) -> str:
    """The title of a part of a section, plain text."""
    return f"<h3>{escape(text)}</h3>\n"


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>\n"


def bullets(items: Iterable[str]) -> str:
    """A list of plain texts."""
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>\n"


def figure(svg: str, caption: str) -> str:
    """A picture and what it shows."""
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>\n"


def grid(figures: Iterable[str]) -> str:
    """Figures side by side where there is room."""
    return f'<div class="grid">{"".join(figures)}</div>\n'


def folded(summary: str, body: str) -> str:
    """Something that is shown when it is asked for."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]], texts: int = 1) -> str:
    """A table; the first `texts` columns are words, aligned to the left, the rest numbers, aligned to the right."""

    def row(tag: str, cells: Sequence[object]) -> str:
        marks = ["" if column < texts else ' class="number"' for column in range(len(cells))]
        return "".join(f"<{tag}{mark}>{escape(str(cell))}</{tag}>" for mark, cell in zip(marks, cells, strict=True))

    lines = "".join(f"<tr>{row('td', cells)}</tr>\n" for cells in rows)
    return f'<div class="wide"><table><thead><tr>{row("th", head)}</tr></thead><tbody>{lines}</tbody></table></div>\n'
