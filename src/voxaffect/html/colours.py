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

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Colour(NamedTuple):
    """A colour on a light page and on a dark one, as #rrggbb."""

    light: str
    dark: str


EMOTIONS: dict[str, Colour] = {
    "angry": Colour("#a91d37", "#da200d"),
    "bored": Colour("#935100", "#e9a65c"),
    "calm": Colour("#0ca871", "#c9f9d6"),
    "disgust": Colour("#073a07", "#5a8456"),
    "fearful": Colour("#5f023f", "#b449a8"),
    "happy": Colour("#b88b06", "#f6e412"),
    "neutral": Colour("#6d6f76", "#a7aaa2"),
    "pleasantly surprised": Colour("#6f77e5", "#70cdfa"),  # as surprised: no corpus has both
    "sad": Colour("#002ba7", "#4184ff"),
    "surprised": Colour("#6f77e5", "#70cdfa"),
}

LABELS: tuple[Colour, ...] = (
    Colour("#925e57", "#fbc5b2"),
    Colour("#8292be", "#8b9cc8"),
    Colour("#363c5d", "#d8def4"),
    Colour("#0e6a83", "#4b8490"),
    Colour("#4f5433", "#bb9f75"),
    Colour("#a87a9b", "#836c6e"),
    Colour("#689e8a", "#88cdc8"),
    Colour("#412828", "#f9efbc"),
)
"""Muted colours for classes that are no emotions; they differ from emotions and from one another by 11 or more."""

SEXES: dict[str, Colour] = {
    "female": Colour("#b3541e", "#f0883e"),
    "male": Colour("#1f6feb", "#79c0ff"),
}

PAGE: dict[str, Colour] = {
    "paper": Colour("#ffffff", "#14181d"),
    "ink": Colour("#1f2328", "#e6edf3"),
    "faint": Colour("#656d76", "#9198a1"),
    "line": Colour("#d1d9e0", "#3d444d"),
}

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
