"""Pictures as a program draws them that is no browser: without CSS variables and without a preference for dark."""

import io
import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import resvg_py
from matplotlib.image import imread

from voxaffect.html import colours

FONTS = str(Path(mpl.get_data_path()) / "fonts" / "ttf")
_OF = {colour.light: colour for colour in colours.NAMED.values()}


def inline(page: str) -> list[str]:
    """The pictures of a page, as files of their own."""
    found = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    named = [
        svg if "xmlns=" in svg else svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"') for svg in found
    ]
    return [colours.standalone(svg) for svg in named]


def check(svg: str) -> set[str]:
    """Fail unless every colour that is asked for is drawn, light and dark, and nothing is black -> those colours.

    svg: a file of its own. Images in it are left out.
    """
    svg = re.sub(r"<image.*?/>", "", svg, flags=re.DOTALL)
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', svg)) & set(_OF)
    rules = re.search(r"<style>@media\(prefers-color-scheme:dark\)\{(.*?)\}</style>", svg)
    assert rules is not None
    for theme, css in (("light", ""), ("dark", rules[1])):
        drawn = _draw(svg, css)
        assert drawn[0, 0] == _number(getattr(colours.PAGE["paper"], theme))
        seen = set(np.unique(drawn).tolist())
        assert min(seen) > 0, f"{theme}: something is black"
        missing = [colour for colour in used if _number(getattr(_OF[colour], theme)) not in seen]
        assert not missing, f"{theme}: {missing} cannot be seen"
    return used


def _draw(svg: str, css: str) -> np.ndarray:
    """(height, width) of 0xrrggbb."""
    png = resvg_py.svg_to_bytes(
        svg_string=svg,
        style_sheet=css or None,
        width=1000,
        skip_system_fonts=True,
        font_dirs=[FONTS],
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
    )
    red, green, blue = np.round(imread(io.BytesIO(bytes(png))).T[:3] * 255).astype(int)
    return (red << 16 | green << 8 | blue).T[:-1, :-1]  # the last of a row may lie outside


def _number(colour: str) -> int:
    return int(colour[1:], 16)
