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

_INK = "text.color", "axes.labelcolor", "axes.titlecolor", "xtick.labelcolor", "ytick.labelcolor"
_STYLE: dict[Any, Any] = {
    **dict.fromkeys(_INK, colours.plain("ink")),
    **dict.fromkeys(("axes.edgecolor", "grid.color", "xtick.color", "ytick.color"), colours.plain("line")),
    **dict.fromkeys(("font.size", "axes.titlesize", "axes.labelsize", "legend.fontsize"), 11),
    **dict.fromkeys(("axes.spines.top", "axes.spines.right", "legend.frameon"), False),
    "svg.fonttype": "none",
    "svg.hashsalt": "voxaffect",
    "font.family": "sans-serif",
    "axes.titlelocation": "left",
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "grid.linewidth": 0.5,
    "path.simplify": True,
}


class Picture:
    """A figure while it is drawn; `svg` once the block of `picture` has ended."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.svg = ""

    def axes(self, rows: int = 1, columns: int = 1, **options: Any) -> list[Axes]:
        """Axes of `rows` × `columns`, row by row."""
        return list(self.figure.subplots(rows, columns, squeeze=False, **options).ravel())


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
    properties = dict(pair.split(":", 1) for pair in style[1].split(";"))
    return "".join(
        f' {name.strip()}="{value.strip()}"' for name, value in properties.items() if name.strip() != "font-family"
    )
