"""Baselines: learnt, kept, and worked against."""

import dataclasses
import json

import numpy as np
import pytest

import voxaffect as va
from voxaffect.baseline_head import BaselineHead, Population, Statistics
from voxaffect.calibration import softmax
from voxaffect.errors import AudioError, BundleError, SettingsError
from voxaffect.inference.baseline import Baseline
from voxaffect.inference.recognizer import Recognizer

RATE = 16_000


def voice(seconds: float, seed: int) -> tuple[np.ndarray, int]:
    """A buzz with a swell, another one for each seed."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * rng.uniform(90, 250) * k * time) / k for k in range(1, 9))
    return (0.1 * tone * np.sin(np.pi * time / seconds)).astype(np.float32), RATE


@pytest.fixture(scope="module")
def layer():
    rng = np.random.default_rng(0)
    plain = va.load()
    embeddings = np.stack([plain.recognize(voice(1.5, seed)).embedding for seed in range(12)])
    owners = np.array([f"x/{number // 3}" for number in range(12)])
    weight = rng.standard_normal((len(plain.classes), embeddings.shape[1])) / 10
    return BaselineHead(Population.of(embeddings, owners), weight, rng.standard_normal(len(plain.classes)))


@pytest.fixture(scope="module")
def able(layer):
    source = va.load().bundle
    return dataclasses.replace(source, card=dataclasses.replace(source.card, baseline_head=layer.to_record()))


@pytest.fixture(scope="module")
def files():
    return [voice(1 + seed / 4, seed + 100) for seed in range(5)]


def test_what_is_recognised_against_a_baseline(able, layer, files):
    plain = Recognizer(able)
    against = Recognizer(able, baseline=plain.baseline(files))
    for clip in (voice(2, 7), voice(20, 8)):  # of one window, and of several
        expected = plain.recognize(clip)
        found = against.recognize(clip)
        assert np.array_equal(found.embedding, expected.embedding)
        normal = layer.statistics(layer.sums(np.stack([plain.recognize(each).embedding for each in files])))
        wanted = softmax(layer.logits(expected.embedding, normal))
        assert list(found.probabilities.values()) == pytest.approx(list(wanted), abs=1e-3)
        assert found.probabilities != expected.probabilities


def test_a_baselines_file_is_small_and_says_nothing_of_the_recordings(able, files, tmp_path):
    recognizer = Recognizer(able)
    baseline = recognizer.baseline(files)
    baseline.write(tmp_path / "mine.json")
    again = Baseline.read(tmp_path / "mine.json")
    assert (again.recordings, again.model) == (5, able.card.model.sha256)
    assert again.statistics.mean == pytest.approx(baseline.statistics.mean, rel=1e-4)
    assert (tmp_path / "mine.json").stat().st_size < 10_000
    assert set(json.loads((tmp_path / "mine.json").read_text())) == {
        "schema",
        "what",
        "recordings",
        "model",
        "centre",
        "deviation",
    }
    one, other = Recognizer(able, baseline=baseline), Recognizer(able, baseline=again)
    clip = voice(2, 3)
    assert one.recognize(clip).probabilities == pytest.approx(other.recognize(clip).probabilities, abs=1e-3)


def test_a_bundle_that_cannot_and_a_baseline_of_another_bundle(able, files):
    other = dataclasses.replace(Recognizer(able).baseline(files), model="0" * 64)
    with pytest.raises(SettingsError, match="of another bundle than common4; make it anew"):
        Recognizer(able, baseline=other)
    bare = dataclasses.replace(able, card=dataclasses.replace(able.card, baseline_head=None))
    with pytest.raises(BundleError, match="has no baseline head; train it with"):
        Recognizer(bare).baseline(files)
    with pytest.raises(BundleError, match="has no baseline head"):
        Recognizer(bare, baseline=other)


def test_a_baseline_of_another_length(able, files):
    baseline = Recognizer(able).baseline(files)
    short = dataclasses.replace(baseline, statistics=Statistics(*(each[:10] for each in baseline.statistics)))
    with pytest.raises(SettingsError, match=r"the baseline has 10 numbers, not common4's 64; make it anew"):
        Recognizer(able, baseline=short)


def test_bad_recordings_and_none(able):
    with pytest.raises(SettingsError, match=r"'a\.wav' is one recording; give a list of them"):
        Recognizer(able).baseline("a.wav")
    with pytest.raises(SettingsError, match="a baseline needs recordings; give 20 or more"):
        Recognizer(able).baseline([])
    with pytest.raises(AudioError, match="is silent"):
        Recognizer(able).baseline([voice(1, 0), (np.zeros(RATE, np.float32), RATE)])


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"what": "something"}',
        '{"what": "voxaffect baseline", "schema": 2}',
        '{"what": "voxaffect baseline", "schema": 1, "recordings": 5, "model": "x", "centre": [0], "deviation": [0]}',
        '{"what": "voxaffect baseline", "schema": 1, "recordings": 5, "model": "x", "centre": [NaN], "deviation": [1]}',
        '{"what": "voxaffect baseline", "schema": 1, "recordings": 5, "model": "x", "centre": 1, "deviation": [1]}',
        '{"what": "voxaffect baseline", "schema": 1, "recordings": 5, "model": "", "centre": [1], "deviation": [1, 1]}',
        '{"what": "voxaffect baseline", "schema": 1, "recordings": 0, "model": "x", "centre": [1], "deviation": [1]}',
        '{"what": "voxaffect baseline", "schema": 1, "recordings": 1e999, "centre": [1], "deviation": [1]}',
        '{"what": "voxaffect baseline", "schema": 1, "recordings": 5, "model": "", "centre": [1], "deviation": [1e-9]}',
        f'{{"what": "voxaffect baseline", "schema": 1, "recordings": 5, "model": "x", "centre": [{10**400}]}}',
    ],
)
def test_what_is_no_baseline(content, tmp_path):
    (tmp_path / "odd.json").write_text(content)
    with pytest.raises(SettingsError, match=r"is not a baseline .*; voxaffect baseline makes one"):
        va.load(baseline=tmp_path / "odd.json")
    with pytest.raises(SettingsError, match=r"nowhere\.json: cannot be read"):
        va.load(baseline=tmp_path / "nowhere.json")
