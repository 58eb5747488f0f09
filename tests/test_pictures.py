from pathlib import Path

import pytest

import rendering
from voxaffect.html.colours import plain

PICTURES = sorted((Path(__file__).parents[1] / "docs" / "pictures").glob("*.svg"))


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_pictures_of_the_docs_are_right_outside_browsers(path):
    assert rendering.check(path.read_text("utf-8")) >= {plain("paper"), plain("ink")}


def test_the_calls_have_the_colours_of_the_emotions():
    (path,) = (path for path in PICTURES if path.stem == "calls")
    used = rendering.check(path.read_text("utf-8"))
    assert used >= {plain(f"emotion-{name}") for name in ("angry", "happy", "neutral", "sad")}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r'fill="#002ba7"', 'fill="var(--emotion-sad)"'),  # black where there are no variables
        (r'fill="#002ba7"', 'style="fill:#002ba7"'),  # which no rule outweighs: a dark page has the light colour
        (r'<rect width="100%" height="100%" fill="#ffffff"/>', ""),
    ],
)
def test_what_is_wrong_is_noticed(right, wrong):
    (path,) = (path for path in PICTURES if path.stem == "calls")
    svg = path.read_text("utf-8")
    assert right in svg
    with pytest.raises(AssertionError):
        assert plain("emotion-sad") in rendering.check(svg.replace(right, wrong))
