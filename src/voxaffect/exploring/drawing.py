"""Matplotlib figures as SVG that follows the page: light or dark, in the reader's own font."""

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

# Matplotlib knows no CSS variables, so each colour is drawn as a stand-in that nothing else has, and put in afterwards.
_STAND_INS = {name: f"#fe01{number:02x}" for number, name in enumerate(colours.NAMED)}

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "voxaffect",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.edgecolor": _STAND_INS["line"],
    "axes.labelcolor": _STAND_INS["ink"],
    "axes.titlecolor": _STAND_INS["ink"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "grid.color": _STAND_INS["line"],
    "grid.linewidth": 0.5,
    "text.color": _STAND_INS["ink"],
    "xtick.color": _STAND_INS["line"],
    "ytick.color": _STAND_INS["line"],
    "xtick.labelcolor": _STAND_INS["ink"],
    "ytick.labelcolor": _STAND_INS["ink"],
    "legend.frameon": False,
    "path.simplify": True,
}


def ink(name: str) -> str:
    """A colour of `colours.NAMED`, to draw with."""
    return _STAND_INS[name]


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
        drawn.svg = _following_the_page(text.getvalue(), name, about)


def standalone(svg: str) -> str:
    """The picture as a file of its own, which brings its colours along, the page's too."""
    head, tail = svg.split(">", 1)
    return f"{head}><style>{colours.variables('svg')}svg{{background:{colours.css('paper')}}}</style>{tail}"


def _following_the_page(svg: str, name: str, about: str) -> str:
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.DOTALL)
    box = re.search(r'viewBox="([^"]+)"', body)
    assert box is not None  # Matplotlib writes one
    width = box[1].split()[2]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{box[1]}" '
        f'role="img" aria-label={quoteattr(about)} style="max-width:{float(width) * 4 / 3:.0f}px">'
        f"<title>{escape(about)}</title>"
    )
    body = head + body[body.index(">") + 1 :]
    # Ids are unique on a page; only what is referred to needs one.
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda match: f' id="{name}-{match[1]}"' if match[1] in used else "", body)
    body = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", body)
    body = re.sub(r"font: ([^;\"]*?px) [^;\"]+", r"font: \1 system-ui, sans-serif", body)
    for colour, stand_in in _STAND_INS.items():
        body = body.replace(stand_in, colours.css(colour))
    return body
