"""The colours of emotions, of women and men, and of the page around them, for light and for dark pages.

Within each theme every two emotions but the two surprises differ by 22 or more (CIE 1976) to people who see all
colours, and to protanopes, deuteranopes and tritanopes (simulated after Machado, Oliveira & Fernandes 2009); every
colour stands out from the page by 3 to 1 or more (WCAG 2.2). Still a name or a shape goes with every colour.

>>> css("emotion-angry")
'var(--emotion-angry)'
"""

from collections.abc import Sequence
from typing import NamedTuple


class Colour(NamedTuple):
    """A colour on a light page and on a dark one, as #rrggbb."""

    light: str
    dark: str


EMOTIONS: dict[str, Colour] = {
    "angry": Colour("#7d0000", "#c94742"),
    "bored": Colour("#880bff", "#fe9268"),
    "calm": Colour("#09a097", "#87f2aa"),
    "disgust": Colour("#87894d", "#b89000"),
    "fearful": Colour("#662772", "#974fa1"),
    "happy": Colour("#ad8b01", "#ffd51c"),
    "neutral": Colour("#484848", "#a0a0a0"),
    "pleasantly surprised": Colour("#7d88d8", "#b5cbff"),  # as surprised: no corpus has both
    "sad": Colour("#1726a2", "#4381ff"),
    "surprised": Colour("#7d88d8", "#b5cbff"),
}

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
}
"""Every colour by the name of its CSS variable, without the dashes."""


def css(name: str) -> str:
    """The CSS value of a colour of `NAMED`, whichever the theme."""
    return f"var(--{name})"


def of_classes(classes: Sequence[str]) -> dict[str, str]:
    """Class -> the CSS value of its emotion's colour; what is no emotion's name gets another's, as far as there are.

    >>> of_classes(["angry", "low"])["angry"]
    'var(--emotion-angry)'
    """
    names = {name: f"emotion-{name.replace(' ', '-')}" for name in classes}
    taken = {key for key in names.values() if key in NAMED}
    free = [key for key in NAMED if key.startswith("emotion-") and key not in taken] or list(taken)
    unknown = [name for name, key in names.items() if key not in NAMED]
    found = {name: key for name, key in names.items() if key in NAMED}
    found |= {name: free[place % len(free)] for place, name in enumerate(unknown)}
    return {name: css(found[name]) for name in classes}


def variables(selector: str = ":root") -> str:
    """CSS that defines every colour of `NAMED` for light pages and, where the reader prefers it, for dark ones."""
    light, dark = (
        ";".join(f"--{name}:{getattr(colour, theme)}" for name, colour in NAMED.items()) for theme in ("light", "dark")
    )
    return f"{selector}{{{light}}}@media(prefers-color-scheme:dark){{{selector}{{{dark}}}}}"
