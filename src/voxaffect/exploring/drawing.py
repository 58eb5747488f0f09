"""Matplotlib figures as SVG for light and dark pages, in the reader's own font."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from voxaffect.html import colours

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "voxaffect",
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.labelsize": 11,
    "legend.fontsize": 11,
    "axes.titlelocation": "left",
    "axes.edgecolor": colours.plain("line"),
    "axes.labelcolor": colours.plain("ink"),
    "axes.titlecolor": colours.plain("ink"),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "grid.color": colours.plain("line"),
    "grid.linewidth": 0.5,
    "text.color": colours.plain("ink"),
    "xtick.color": colours.plain("line"),
    "ytick.color": colours.plain("line"),
    "xtick.labelcolor": colours.plain("ink"),
    "ytick.labelcolor": colours.plain("ink"),
    "legend.frameon": False,
    "path.simplify": True,
}


class Picture:
    """A figure while it is drawn; `svg` once the block of `picture` has ended."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.svg = ""

    def axes(self, rows: int = 1, columns: int = 1, **options: Any) -> list[Axes]:
        """Axes of `rows` × `columns`, row by row."""
        found = self.figure.subplots(rows, columns, squeeze=False, **options)
        return [axes for row in found for axes in row]


@contextmanager
def picture(name: str, about: str, width: float, height: float) -> Iterator[Picture]:
    """Draw a picture of width × height points, which is named once a page and described for those who do not see it."""
    with mpl.rc_context(_STYLE):
        drawn = Picture(Figure(figsize=(width / 72, height / 72), layout="constrained"))
        yield drawn
        text = io.StringIO()
        drawn.figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        drawn.svg = _as_attributes(text.getvalue(), name, about)


def _as_attributes(svg: str, name: str, about: str) -> str:
    """The picture that Matplotlib wrote, its colours as attributes in place of styles, which no page could exchange."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</defs>|<!--.*?-->\s*", "", body, flags=re.DOTALL)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', body)
    assert box is not None  # Matplotlib writes one
    width, height = (float(points) * 4 / 3 for points in box.groups())
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width:.6g}" height="{height:.6g}" {box[0]} font-family="system-ui, sans-serif" '
        f'stroke-linejoin="round" role="img" aria-label={quoteattr(about)}><title>{escape(about)}</title>'
    )
    body = head + re.sub(r' style="([^"]*)"', _attributes, body[body.index(">") + 1 :])
    # Ids are unique on a page; only what is referred to needs one.
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda match: f' id="{name}-{match[1]}"' if match[1] in used else "", body)
    return re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", body)


def _attributes(style: re.Match[str]) -> str:
    properties = dict(each.split(":", 1) for each in style[1].split(";"))
    return "".join(
        f' {name.strip()}="{value.strip()}"' for name, value in properties.items() if name.strip() != "font-family"
    )
