"""What is planted in recordings is found, and nothing where nothing is; labels in random order give no reports."""

import dataclasses
import functools
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import babble
from voxaffect import audio, corpora, metrics
from voxaffect.auditing import PROPERTIES, Properties
from voxaffect.auditing.fingerprint import read_recording
from voxaffect.auditing.properties import Meter
from voxaffect.auditing.shortcuts import describe, find
from voxaffect.corpora import Sound

RATE = 16_000
LABELS = [label for _ in range(20) for label in ("angry", "happy", "sad")]
SPEAKERS = [f"{number // 12}" for number in range(60)]


@dataclasses.dataclass
class Recording:
    """What a recording is made of; noise in dB re full scale."""

    voice: np.ndarray
    leading: float
    trailing: float
    noise: float
    length: float | None = None
    offset: float = 0.0
    rate: int = RATE
    band: int = RATE


@functools.cache
def recordings():
    rng = np.random.default_rng(0)
    return [
        Recording(
            babble(number, rng.uniform(0.8, 1.6)) * 10 ** rng.uniform(-0.4, 0),
            *rng.uniform(0.1, 0.4, 2),
            noise=rng.uniform(-75, -65),
        )
        for number in range(60)
    ]


def measured(folder: Path, made: list[Recording]) -> list[Properties]:
    rng, found = np.random.default_rng(1), []
    for number, each in enumerate(made):
        samples = np.pad(each.voice, [round(silence * RATE) for silence in (each.leading, each.trailing)])
        if each.length:
            samples = np.pad(samples, (0, RATE * 3))[: round(each.length * RATE)]
        samples = samples + 10 ** (each.noise / 20) * rng.standard_normal(len(samples)) + each.offset
        samples = audio.resample(samples.astype(np.float32), RATE, each.band)
        samples = audio.resample(samples, each.band, each.rate)
        file = folder / f"{number}.wav"
        soundfile.write(file, samples, each.rate, subtype="FLOAT")
        found.append(read_recording(Sound(file)).properties)
    return found


def change(label, **values):
    return [
        dataclasses.replace(each, **values) if its_label == label else each
        for each, its_label in zip(recordings(), LABELS, strict=True)
    ]


PLANTED = {
    "length": ("happy", {"length": 2.5}),
    "leading": ("sad", {"leading": 0.8}),
    "trailing": ("sad", {"trailing": 0.8}),
    "noise": ("angry", {"noise": -50}),
    "band": ("happy", {"band": 8_000}),
    "offset": ("angry", {"offset": 0.01}),
    "format": ("sad", {"rate": 48_000}),
}
"""Property -> label, and what of its recordings is changed."""


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    return measured(tmp_path_factory.mktemp("honest"), recordings())


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found(tmp_path, name):
    label, changed = PLANTED[name]
    found = find(measured(tmp_path, change(label, **changed)), LABELS, SPEAKERS, [""] * 60)
    told = {each.name: each for each in found.given_away}
    assert name in told
    assert told[name].label == label
    assert told[name].recall >= 0.9
    assert told[name].uar.low >= 0.5
    # What follows from it may be told as well: silence makes a recording longer, and another rate ends elsewhere.
    assert told.keys() <= {name, "length", "trailing", "band"}


def test_where_nothing_is_planted_nothing_is_found(honest):
    found = find(honest, LABELS, SPEAKERS, [f"{number // 3 % 4}" for number in range(60)])
    assert found.given_away == ()
    assert [each.name for each in found.scores] == list(PROPERTIES)
    assert (found.labels, found.left_out, found.recordings) == (("angry", "happy", "sad"), (), 60)
    assert found.speakers == 5


def test_labels_in_random_order_are_not_told(honest):
    rng = np.random.default_rng(0)
    sentences = [f"{number % 7}" for number in range(60)]
    reports = sum(
        bool(find(honest, rng.permutation(LABELS).tolist(), SPEAKERS, sentences).given_away) for _ in range(25)
    )
    assert reports <= 1


def test_sentences_that_belong_to_a_label(honest):
    texts = [f"{label} {number % 4}" for number, label in enumerate(LABELS)]
    (told,) = find(honest, LABELS, SPEAKERS, texts).given_away
    assert told.name == "sentence"
    assert told.uar == metrics.Estimate(1.0, 1.0, 1.0)
    own = [f"{number}" for number in range(60)]  # that nobody else says tell nothing
    sentence = next(each for each in find(honest, LABELS, SPEAKERS, own).scores if each.name == "sentence")
    assert sentence.uar.value == pytest.approx(1 / 3)


def test_a_loud_voice_is_emotion_and_one_level_a_label_is_not(honest):
    rng = np.random.default_rng(0)

    def at(levels, spread):
        return [
            dataclasses.replace(each, level=round(levels[label] + rng.normal(0, spread), 1))
            for each, label in zip(honest, LABELS, strict=True)
        ]

    loud = find(at({"angry": -15.0, "happy": -20.0, "sad": -30.0}, 4.0), LABELS, SPEAKERS, [""] * 60)
    level = next(each for each in loud.scores if each.name == "level")
    assert level.uar.low > 0.5  # from which on a property of the recording would be reported
    assert loud.given_away == ()
    equal = find(at({"angry": -15.0, "happy": -20.0, "sad": -30.0}, 0.0), LABELS, SPEAKERS, [""] * 60)
    assert [each.name for each in equal.given_away] == ["level"]


def test_a_length_that_is_the_voices_is_emotion(honest):
    """Sad voices are slow: the recording is longer because the sound in it is."""
    rng = np.random.default_rng(0)
    sounds = [round(rng.normal({"angry": 1.5, "happy": 2.0, "sad": 3.5}[label], 0.4), 2) for label in LABELS]
    slow = [
        dataclasses.replace(each, sound=sound, length=round(sound + rng.uniform(0.2, 0.3), 4))
        for each, sound in zip(honest, sounds, strict=True)
    ]
    found = find(slow, LABELS, SPEAKERS, [""] * 60)
    assert next(each for each in found.scores if each.name == "length").uar.low > 0.5
    assert found.given_away == ()


@pytest.mark.parametrize(
    ("labels", "speakers"),
    [
        (LABELS, ["ann"] * 60),
        (LABELS, [""] * 60),
        (LABELS, ["ann", "bob"] * 30),
        (["sad"] * 60, SPEAKERS),
        ([""] * 60, SPEAKERS),
        (["happy"] * 45 + ["sad"] * 15, SPEAKERS),
    ],
)
def test_of_too_little_nothing_is_told(honest, labels, speakers):
    found = find(honest, labels, speakers, [""] * 60)
    assert not found.known
    assert found.given_away == ()


def test_labels_of_too_few_recordings_are_left_out(honest):
    labels = ["bored" if number % 12 == 0 else label for number, label in enumerate(LABELS)]
    labels = [label if number >= 3 or label == "bored" else "" for number, label in enumerate(labels)]
    found = find([*honest, *honest], [*labels, *labels], [*SPEAKERS, *SPEAKERS], [""] * 120)
    assert found.labels == ("angry", "happy", "sad")
    assert found.left_out == ("bored",)
    assert found.recordings == 120 - 2 * (5 + 2)


def test_a_property_in_words():
    properties = [Properties("", 2.9 if number % 2 else 1 + number / 100) for number in range(80)]
    found = find(properties, ["sad", "happy"] * 40, [f"{number % 5}" for number in range(80)], [""] * 80)
    (told,) = [each for each in found.to_dict()["properties"] if each["gives_away"]]
    assert describe(told) == (
        "length: UAR 100 % [100, 100], chance 50 %; happy best, recall 100 %: 2.90 s, others 1.08 to 1.70 s"
    )


def test_properties_of_a_tone(tmp_path):
    time = np.arange(2 * RATE) / RATE
    samples = 0.5 * np.sin(2 * np.pi * 1000 * time) * ((time >= 0.3) & (time < 1.6))
    samples += 10 ** (-60 / 20) * np.random.default_rng(0).standard_normal(len(time)) + 0.02
    soundfile.write(tmp_path / "tone.wav", samples, RATE, subtype="FLOAT")
    found = read_recording(Sound(tmp_path / "tone.wav")).properties
    assert found == Properties(
        "wav, 16 kHz, 1 channel",
        length=2.0,
        leading=pytest.approx(0.3, abs=0.011),
        trailing=pytest.approx(0.4, abs=0.011),
        noise=pytest.approx(-60, abs=1),
        band=8000,
        offset=0.02,
        sound=pytest.approx(1.3, abs=0.011),
        level=pytest.approx(-9, abs=0.1),
    )
    part = read_recording(Sound(tmp_path / "tone.wav", 0.3, 1.3)).properties
    assert (part.length, part.leading, part.sound) == (1.0, 0.0, 1.0)


def test_silence_has_a_length_and_no_more(tmp_path):
    soundfile.write(tmp_path / "silent.wav", np.zeros(8_000), RATE)
    found = read_recording(Sound(tmp_path / "silent.wav")).properties
    assert (found.format, found.length) == ("wav, 16 kHz, 1 channel", 0.5)
    assert all(math.isnan(value) for value in dataclasses.astuple(found)[2:])


@given(cuts=st.lists(st.integers(0, 24_000), max_size=6))
@settings(max_examples=20, deadline=None)
def test_chunks_change_nothing(example, cuts):
    header, samples = audio.header(example), audio.load(example, None)[:24_000]
    found = []
    for places in ([], sorted(cuts)):
        meter = Meter(example, header)
        for chunk in np.split(samples, places):
            meter.push(chunk)
        found.append(dataclasses.replace(meter.properties(), band=0))  # its spectra are taken chunk by chunk
    assert found[0] == found[1]


def test_real_recordings_that_were_brought_to_one_peak(data):
    """In EMO-DB the noise below a voice tells how loud it was, as all recordings have one peak."""
    if not (data / "emodb").is_dir():
        pytest.skip(f"real recordings: {data} lacks EMO-DB")
    clips = corpora.load("emodb", data / "emodb").utterances
    properties = [read_recording(clip.sound).properties for clip in clips]
    about = zip(*((clip.emotion, clip.speaker, clip.text) for clip in clips), strict=True)
    found = find(properties, *map(list, about))
    assert "noise" in {each.name for each in found.given_away}
    assert "level" not in {each.name for each in found.given_away}
