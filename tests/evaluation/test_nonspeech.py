import voxaffect as va
from voxaffect.augment.nonspeech import TEST_SOUNDS, TRAINING_SOUNDS
from voxaffect.evaluation.probes import nonspeech


def test_every_kind_is_heard_and_the_higher_the_threshold_the_fewer_answers():
    recognizer = va.load()
    found = nonspeech.hear(recognizer)
    assert list(found) == [*TRAINING_SOUNDS, *TEST_SOUNDS]
    for each in found.values():
        shares = list(each["answered"].values())
        assert shares == sorted(shares, reverse=True)
        assert each["emotion"] in recognizer.classes
        assert not each["learnt"]
    assert nonspeech.hear(recognizer) == nonspeech.mean([found, found]) == found
    silent = {name: each | {"answered": dict.fromkeys(each["answered"], 0.0)} for name, each in found.items()}
    half = nonspeech.mean([found, silent])
    assert half["white"]["answered"]["0.3"] == found["white"]["answered"]["0.3"] / 2
    text = nonspeech.as_text(found).splitlines()
    assert len(text) == 3 + len(found)
    assert len({len(line.split(" %")) for line in text[3:]}) == 1
