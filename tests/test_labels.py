import pytest

from voxaffect import labels
from voxaffect.errors import SettingsError


@pytest.mark.parametrize("scheme", labels.SCHEMES.values(), ids=lambda scheme: scheme.name)
def test_schemes_are_whole(scheme):
    assert set(scheme.mapping) <= set(labels.EMOTIONS)
    indices = {scheme.index(emotion, sex) for emotion in scheme.mapping for sex in ("female", "male")}
    assert sorted(indices) == list(range(len(scheme.classes)))


def test_by_sex():
    scheme = labels.scheme("article-10")
    assert scheme.classes[scheme.index("angry", "female")] == "female angry"
    assert scheme.classes[scheme.index("sad", "male")] == "male sad"
    assert scheme.index("sad", None) is None
    assert scheme.index("disgust", "male") is None


def test_an_emotion_without_a_place_is_not_guessed_at():
    assert labels.Scheme("two", ("angry", "rest"), {"angry": "angry", "calm": "rest"}).index("happy") is None


def test_nonsense_is_refused():
    with pytest.raises(SettingsError, match=r"maps to \['c'\], not among its classes"):
        labels.Scheme("x", ("a", "b"), {"calm": "c"})
    with pytest.raises(SettingsError, match="choose one of ravdess-8"):
        labels.scheme("nope")
