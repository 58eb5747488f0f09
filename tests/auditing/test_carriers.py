"""Different words behind one carrier sentence, as tests of hearing have them, are no twins; copies among them are."""

import numpy as np
import pytest
import soundfile
from synthesise import speak

from carriers import Carrier, glued, spoken, words
from voxaffect import audio
from voxaffect.auditing import Listing, Row, audit

TEXT = (
    "The ship left before sunrise, and nobody waved. Seven farmers bought a yellow tractor; later they sold their "
    "horses. Our neighbour paints doors, fences and boats in summer. Please remember to water both plants in the hall. "
    "Music came through an open window, slowly at first. Twelve children followed the river down to its mouth."
)


def pairs(files):
    rows = tuple(Row(file.name, file, ("train", "test")[number % 2]) for number, file in enumerate(sorted(files)))
    return {(pair.first.name, pair.second.name) for pair in audit(Listing("words", rows), 1).pairs}


@pytest.mark.parametrize(
    "carrier",
    [
        Carrier("Say the word {}.", "en-us+f3", 4),
        Carrier("Repeat {} please.", "en-us+m4", 3),
        Carrier("Sie hörten das Wort {}.", "de+m4", 2),  # which, unlike f3, draws no breath by the clock
    ],
)
def test_other_words_are_no_twins(tmp_path, carrier):
    assert pairs(spoken(tmp_path, carrier, 26, seed=1)) == set()


@pytest.mark.parametrize("pitches", [(50, 51), (40, 61)])
def test_a_synthesiser_that_repeats_itself_makes_no_twins_but_copies_are_found(tmp_path, pitches):
    """All takes are one but for the word, or differ in tempo and pitch as twins do."""
    files = spoken(tmp_path, Carrier("Say the word {}", "en-gb", 0, (150, 151), pitches), 60, seed=4)
    x, rate = soundfile.read(files[7])
    soundfile.write(tmp_path / "copy.wav", 0.4 * x, rate)
    assert pairs(tmp_path.iterdir()) == {("copy.wav", files[7].name)}


def test_other_words_behind_one_recording_are_no_twins(tmp_path, example):
    """The carriers are equal sample by sample."""
    samples, sample_rate = speak(TEXT, "en-gb+m3")
    (tmp_path / "speech").mkdir()
    soundfile.write(tmp_path / "speech" / "text.wav", samples, sample_rate)
    assert pairs(glued(tmp_path, example, 0.6, [tmp_path / "speech" / "text.wav"], 24, seed=1)) == set()


def test_copies_among_other_words_are_found(tmp_path):
    files = spoken(tmp_path, Carrier("Say the word {}.", "en-us+f3", 4), 28, seed=2)
    rng = np.random.default_rng(0)
    changes = [
        lambda x, rate: (0.2 * x, rate),
        lambda x, rate: (x + rng.standard_normal(len(x)) * np.std(x) / 10, rate),
        lambda x, rate: (np.concatenate([np.zeros(4_000), x]), rate),
        lambda x, rate: (audio.resample(x.astype(np.float32), rate, 8_000), 8_000),
    ]
    expected = set()
    for file, change in zip(files, changes, strict=False):
        x, rate = soundfile.read(file)
        soundfile.write(tmp_path / f"{file.stem}-copy.wav", *change(x, rate))
        expected.add((f"{file.stem}-copy.wav", file.name))
    assert pairs(tmp_path.iterdir()) == expected


def test_words_differ():
    assert len(set(words(1000, 0))) == 1000
    assert words(20, 0) != words(20, 1)
