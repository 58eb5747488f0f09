"""The colours of emotions, of women and men, and of the page around them, for light and for dark pages.

Within each theme every two emotions but the two surprises differ by 22 or more (CIE 1976) to people who see all
colours, and to protanopes, deuteranopes and tritanopes (simulated after Machado, Oliveira & Fernandes 2009). Angry,
happy, neutral and sad differ in lightness as well, by a contrast of 1.4 to 1 or more; every colour has one of 3 to 1 or
more to the page (WCAG 2.2). Still a name or a shape goes with every colour.

A picture in SVG has the colours of a light page as plain attributes, which every program can draw. `variables`
and `standalone` add rules that exchange them on a dark page.

>>> css("emotion-angry"), plain("emotion-angry")
('var(--emotion-angry)', '#a91d37')
"""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class Colour(NamedTuple):
    """A colour on a light page and on a dark one, as #rrggbb."""

    light: str
    dark: str


_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
EMOTIONS, SEXES, PAGE = (
    {name: Colour(*pair) for name, pair in _TABLES[table].items()} for table in ("emotions", "sexes", "page")
)
LABELS = tuple(Colour(*pair) for pair in _TABLES["labels"])
"""Of classes that are no emotions."""

NAMED: dict[str, Colour] = {
    **PAGE,
    **{f"sex-{name}": colour for name, colour in SEXES.items()},
    **{f"emotion-{name.replace(' ', '-')}": colour for name, colour in EMOTIONS.items()},
    **{f"label-{number}": colour for number, colour in enumerate(LABELS)},
}
"""Every colour by the name of its CSS variable, without the dashes."""


def css(name: str) -> str:
    """The value of a colour of `NAMED` in the CSS of a page, whichever the theme."""
    return f"var(--{name})"


def plain(name: str) -> str:
    """The value of a colour of `NAMED` as an attribute in SVG: #rrggbb on a light page."""
    return NAMED[name].light


def of_classes(classes: Sequence[str]) -> dict[str, str]:
    """Class -> the name of its colour in `NAMED`. A class that is no emotion never has an emotion's colour.

    >>> of_classes(["angry", "low", "high"])
    {'angry': 'emotion-angry', 'low': 'label-0', 'high': 'label-1'}
    """
    unknown = [name for name in classes if name not in EMOTIONS]
    labels = {name: f"label-{place % len(LABELS)}" for place, name in enumerate(unknown)}
    return {name: labels.get(name, f"emotion-{name.replace(' ', '-')}") for name in classes}


def variables() -> str:
    """CSS of a page: every colour of `NAMED`, and where the reader prefers dark pages, the dark ones, in SVG too."""
    light, dark = (
        ";".join(f"--{name}:{getattr(colour, theme)}" for name, colour in NAMED.items()) for theme in ("light", "dark")
    )
    return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}{_exchanged(NAMED.values())}}}"


def standalone(svg: str) -> str:
    """A picture as a file of its own, on the colour of the page, and dark where the reader prefers that."""
    head, tail = svg.split(">", 1)
    paper = f'<rect width="100%" height="100%" fill="{plain("paper")}"/>'
    used = [colour for colour in NAMED.values() if f'="{colour.light}"' in paper + tail]
    return f"{head}><style>@media(prefers-color-scheme:dark){{{_exchanged(used)}}}</style>{paper}{tail}"


def _exchanged(used: Iterable[Colour]) -> str:
    """CSS that puts dark colours in the place of the light ones that are attributes: any rule outweighs those."""
    return "".join(
        f'[{what}="{light}"]{{{what}:{dark}}}' for light, dark in dict.fromkeys(used) for what in ("fill", "stroke")
    )
