"""One self-contained HTML page: no network; light or dark as the reader prefers."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from voxaffect.html import colours

MADE_BY = '<meta name="generator" content="voxaffect">'
"""What every page made here holds, and no other."""

_CSS = (
    colours.variables()
    + """
:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem clamp(1rem,4vw,3rem) 4rem;background:var(--paper);color:var(--ink);
font:1rem/1.55 system-ui,sans-serif}
h1{font-size:1.9rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.35rem;margin:3rem 0 .6rem;padding-top:.8rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.8rem 0 .4rem}
p,li{max-width:46rem}
a{color:inherit;text-underline-offset:.2em}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.3rem;list-style:none;margin:1rem 0 0;padding:0}
.about,figcaption,.faint{color:var(--faint)}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1.5rem 2rem}
figure{margin:1rem 0;min-width:0}
figcaption{font-size:.9rem;max-width:46rem}
svg{display:block;max-width:100%;height:auto}
/* A shadow at an edge beyond which there is more: covers, which go with the table, uncover it. */
.wide{overflow-x:auto;background:linear-gradient(90deg,var(--paper) 40%,transparent) 0/3rem 100% local,
linear-gradient(270deg,var(--paper) 40%,transparent) 100%/3rem 100% local,
linear-gradient(90deg,color-mix(in srgb,var(--faint) 60%,transparent),transparent) 0/.8rem 100% scroll,
linear-gradient(270deg,color-mix(in srgb,var(--faint) 60%,transparent),transparent) 100%/.8rem 100% scroll;
background-repeat:no-repeat}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums;margin:.6rem 0}
th,td{padding:.28rem .8rem .28rem 0;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600}
td.number,th.number{text-align:right}
summary{cursor:pointer;margin:.6rem 0}
@media(max-width:30rem){body{padding-top:.5rem}h1{font-size:1.5rem}table{font-size:.84rem}td,th{padding-right:.55rem}ul{padding-left:1.2rem}}
"""
)


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
    """Figures beside each other where there is room."""
    return f'<div class="grid">{"".join(figures)}</div>\n'


def folded(summary: str, body: str) -> str:
    """Something that is shown when it is asked for."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]], texts: int = 1) -> str:
    """A table; the first `texts` columns are words and stand to the left, all others to the right."""

    def row(tag: str, cells: Sequence[object]) -> str:
        marks = ["" if column < texts else ' class="number"' for column in range(len(cells))]
        return "".join(f"<{tag}{mark}>{escape(str(cell))}</{tag}>" for mark, cell in zip(marks, cells, strict=True))

    lines = "".join(f"<tr>{row('td', each)}</tr>\n" for each in rows)
    return f'<div class="wide"><table><thead><tr>{row("th", head)}</tr></thead><tbody>{lines}</tbody></table></div>\n'
