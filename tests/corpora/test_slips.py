import pytest

from voxaffect.corpora.own.renaming import Renaming
from voxaffect.corpora.slips import is_slip, slips


def told(labels: dict[str, str] | None = None, **clips: int) -> list[str]:
    return list(slips(clips, Renaming(labels)))


@pytest.mark.parametrize(
    ("name", "other", "slip"),
    [
        ("angyr", "angry", True),
        ("angr", "angry", True),
        ("angrry", "angry", True),
        ("anggy", "angry", True),
        ("wutend", "Wütenx", True),
        ("On Hold", "on hold", True),  # nothing but case
        ("on hold", "on hold", False),
        ("sad", "bad", False),  # short
        ("take1", "take2", False),
        ("take12", "take1", False),
        ("happy", "unhappy", False),
        ("bored", "scared", False),
        ("yrgna", "angry", False),
    ],
)
def test_one_letter_is_a_slip(name, other, slip):
    assert (is_slip(name, other), is_slip(other, name)) == (slip, slip)


def test_a_slip_of_a_larger_label():
    assert told(hold=200, angry=259, angyr=1, sad=90) == [
        "1 clip is angyr, a letter away from angry (259 clips); if that is a slip, correct it by `labels` angyr=angry"
    ]
    assert told(Warteschleife=12, Warteschlefe=2) == [
        "2 clips are Warteschlefe, a letter away from Warteschleife (12 clips); if that is a slip, correct it by "
        "`labels` Warteschlefe=Warteschleife"
    ]


@pytest.mark.parametrize(
    ("label", "meant"),
    [
        ("Freud", "Freude"),
        ("traurg", "traurig"),
        ("wütned", "wütend"),
        ("tristeza_", None),
        ("зость", "злость"),
        ("agnry", "angry"),
    ],
)
def test_a_slip_of_a_known_name_however_few_it_has(label, meant):
    for clips in ({label: 3, "Wut": 3}, {meant or "Wut": 9, label: 3}):
        found = told(**clips)
        assert len(found) == (meant is not None)
        assert all(f"3 clips are {label}, a letter away from {meant}" in each for each in found)
        assert all(each.endswith(f"`labels` {label}={meant}") for each in found)


def test_labels_of_like_size_are_no_slips():
    assert told(hard=40, card=60) == []
    assert len(told(hard=12, card=60)) == 1


def test_labels_that_are_named_or_known_are_meant():
    assert told({"angyr": "angyr"}, angry=259, angyr=1) == []
    assert told(triste=90, trist=2, rabia=1, rabbia=50) == []
