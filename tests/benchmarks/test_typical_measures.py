from pathlib import Path

from typical_measures import percentiles
from voxaffect.corpora import Utterance
from voxaffect.exploring.measures import Measures
from voxaffect.exploring.survey import Survey
from voxaffect.exploring.typical import COMPARED


def test_percentiles_are_those_of_an_emotion_and_a_sex():
    """Women's angry pitch lies between 200 and 300 Hz, men's between 100 and 200."""
    sexes = [("female", 200), ("male", 100)]
    clips = tuple(Utterance(f"x/{k}", Path("x.wav"), "x/1", sex, "angry") for sex, _ in sexes for k in range(101))
    rest = dict.fromkeys(COMPARED, 1.0)
    measured = tuple(Measures(2.0, **rest | {"pitch": low + k}) for _, low in sexes for k in range(101))
    found = percentiles(Survey(clips, measured))
    assert list(found) == ["angry"]
    assert found["angry"]["female"]["clips"] == 101
    assert found["angry"]["female"]["pitch"] == [205 + 10 * k for k in range(10)]
    assert found["angry"]["male"]["pitch"] == [105 + 10 * k for k in range(10)]
