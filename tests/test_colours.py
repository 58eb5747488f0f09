import re
from itertools import combinations

import numpy as np
import pytest

from voxaffect import labels
from voxaffect.html import colours

# Machado, Oliveira & Fernandes 2009, at full severity, on linear RGB.
VISIONS = {
    "all colours": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour):
    values = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    relative = XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1, 1.08883])
    x, y, z = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one, other):
    light, dark = sorted((float(XYZ[1] @ linear(each)) for each in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_emotion_has_a_colour():
    assert tuple(colours.EMOTIONS) == labels.EMOTIONS


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISIONS)
def test_emotions_are_told_apart_by_all_eyes(theme, vision):
    distinct = {getattr(each, theme) for each in colours.EMOTIONS.values()}
    assert len(distinct) == len(colours.EMOTIONS) - 1  # the two surprises share theirs
    seen = [lab(VISIONS[vision] @ linear(each)) for each in distinct]
    gaps = [np.linalg.norm(one - other) for place, one in enumerate(seen) for other in seen[:place]]
    assert min(gaps) > 22


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_stand_out_from_the_page(theme):
    paper = getattr(colours.PAGE["paper"], theme)
    for each in (*colours.EMOTIONS.values(), *colours.SEXES.values(), *colours.LABELS):
        assert contrast(getattr(each, theme), paper) >= 3
    for name in ("ink", "faint"):
        assert contrast(getattr(colours.PAGE[name], theme), paper) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_four_emotions_of_most_models_differ_in_lightness(theme):
    four = [getattr(colours.EMOTIONS[name], theme) for name in labels.scheme("common-4").classes]
    assert min(contrast(one, other) for one, other in combinations(four, 2)) >= 1.4


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISIONS)
def test_what_is_no_emotion_does_not_look_like_one(theme, vision):
    seen, emotions = (
        [lab(VISIONS[vision] @ linear(getattr(each, theme))) for each in those]
        for those in (colours.LABELS, colours.EMOTIONS.values())
    )
    for place, own in enumerate(seen):
        assert min(np.linalg.norm(own - other) for other in (*seen[:place], *emotions)) > 11


def test_classes_have_the_colours_of_their_emotions_or_of_none():
    emotions = {name: f"emotion-{name.replace(' ', '-')}" for name in colours.EMOTIONS}
    assert colours.of_classes(labels.EMOTIONS) == emotions
    named = colours.of_classes(["грусть", "sad", "радость", "Sad"])
    assert named["sad"] == "emotion-sad"
    assert len(set(named.values())) == 4
    assert all(name.startswith("label-") for label, name in named.items() if label != "sad")


def test_a_light_colour_has_one_dark_one():
    """Or a dark page could not exchange it."""
    assert len({each.light for each in colours.NAMED.values()}) == len(set(colours.NAMED.values()))


def test_the_css_defines_every_colour_for_both_themes():
    text = colours.variables()
    light, dark = text.split("@media(prefers-color-scheme:dark)")
    for part in (light, dark):
        assert set(re.findall(r"--([a-z0-9-]+):#[0-9a-f]{6}", part)) == set(colours.NAMED)
