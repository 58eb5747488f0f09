import json

import voxaffect as va
from voxaffect import labels
from voxaffect.augment.nonspeech import TEST_SOUNDS, TRAINING_SOUNDS
from voxaffect.evaluation.probes import Nonspeech, TestSet
from voxaffect.evaluation.probes.nonspeech import SoundScores


def test_every_kind_is_scored_and_the_higher_the_threshold_the_fewer_answers(tmp_path):
    recognizer, probe, test = va.load("common4"), Nonspeech(), TestSet((), (), labels.scheme("common-4"))
    scores = probe.measure(recognizer, test, folder=tmp_path)
    found = scores.to_dict()
    assert list(found) == [*TRAINING_SOUNDS, *TEST_SOUNDS]
    for each in found.values():
        shares = list(each["coverage"].values())
        assert shares == sorted(shares, reverse=True)
        assert each["emotion"] in recognizer.classes
        assert not each["learnt"]
    assert probe.merge([scores, scores], None) == scores
    silent = {name: each | {"coverage": dict.fromkeys(each["coverage"], 0.0)} for name, each in found.items()}
    half = probe.merge([scores, SoundScores.from_dict(silent)], None).to_dict()
    assert half["white"]["coverage"]["0.3"] == found["white"]["coverage"]["0.3"] / 2
    text = scores.as_text().splitlines()
    assert len(text) == 3 + len(found)
    assert len({len(line.split(" %")) for line in text[3:]}) == 1


def test_what_is_in_the_folder_is_read_and_not_measured_again(tmp_path):
    probe, test = Nonspeech(), TestSet((), (), labels.scheme("common-4"))
    (name,) = probe.files
    one = {"white": {"learnt": True, "confidence": 0.5, "emotion": "sad", "coverage": {"0.5": 0.25}}}
    (tmp_path / name).write_text(json.dumps(one))
    assert probe.measure(va.load("common4"), test, folder=tmp_path).to_dict() == one
