"""Baselines: learnt, kept, and worked against."""

import dataclasses
import json

import numpy as np
import pytest

import voxaffect as va
from voxaffect.baseline_head import BaselineHead, Means, Population, Sums
from voxaffect.calibration import softmax
from voxaffect.card import Shrinkage
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
def plain():
    return va.load("common4")


@pytest.fixture(scope="module", params=["own deviation", "means alone"])
def layer(plain, request):
    rng = np.random.default_rng(0)
    embeddings = np.stack([plain.recognize(voice(1.5, seed)).embedding for seed in range(12)])
    owners = np.array([f"x/{number // 3}" for number in range(12)])
    weight = rng.standard_normal((len(plain.classes), embeddings.shape[1])) / 10
    population = Population.of(embeddings, owners)
    if request.param == "means alone":
        population = Means(population.mean, population.within_std, Shrinkage(3.0, 5.0, 0.5))
    return BaselineHead(population, weight, rng.standard_normal(len(plain.classes)))


@pytest.fixture(scope="module")
def able(plain, layer):
    source = plain.bundle
    return dataclasses.replace(source, card=dataclasses.replace(source.card, baseline_head=layer.to_record()))


@pytest.fixture(scope="module")
def files():
    return [voice(1 + seed / 4, seed + 100) for seed in range(5)]


def test_what_is_recognised_against_a_baseline(able, layer, files):
    plain = Recognizer(able)
    against = Recognizer(able, baseline=plain.baseline(files, voice=True))
    for clip in (voice(2, 7), voice(20, 8)):  # of one window, and of several
        expected = plain.recognize(clip)
        found = against.recognize(clip)
        assert np.array_equal(found.embedding, expected.embedding)
        normal = layer.statistics(voice=layer.sums(np.stack([plain.recognize(each).embedding for each in files])))
        wanted = softmax(layer.logits(expected.embedding, normal))
        assert list(found.probabilities.values()) == pytest.approx(list(wanted), abs=1e-3)
        assert found.probabilities != expected.probabilities


def same(one: Sums | None, other: Sums | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.count == other.count and np.allclose(one.total, other.total) and np.allclose(one.squares, other.squares)


def test_a_baselines_file_is_small_and_says_nothing_of_the_recordings(able, files, tmp_path):
    recognizer = Recognizer(able)
    line = recognizer.baseline(files)
    baseline = recognizer.baseline(files[:3], line=line)
    baseline.write(tmp_path / "mine.json")
    again = Baseline.read(tmp_path / "mine.json")
    assert (again.recordings, again.line.count, again.model) == (3, 5, able.card.model.sha256)
    for mine, read in ((baseline.line, again.line), (baseline.voice, again.voice)):  # bit by bit: it is added to later
        assert np.array_equal(mine.total, read.total)
        assert np.array_equal(mine.squares, read.squares)
    assert (tmp_path / "mine.json").stat().st_size < 10_000
    content = json.loads((tmp_path / "mine.json").read_text())
    assert set(content) == {"schema", "what", "model", "line", "voice"}
    assert set(content["line"]) == {"recordings", "total", "squares"}
    one, other = Recognizer(able, baseline=baseline), Recognizer(able, baseline=again)
    clip = voice(2, 3)
    assert one.recognize(clip).probabilities == other.recognize(clip).probabilities
    assert one.identity() == other.identity() != Recognizer(able, baseline=line).identity()


def test_what_is_learnt_over_weeks_is_what_is_learnt_at_once(able, files, tmp_path):
    recognizer = Recognizer(able)
    line = recognizer.baseline(files)
    recognizer.baseline(files[:2]).write(tmp_path / "line.json")
    later = recognizer.baseline(files[2:], update=tmp_path / "line.json")
    assert same(later.line, line.line)
    assert later.voice is None
    assert same(recognizer.baseline(files[2:]).merge(recognizer.baseline(files[:2])).line, line.line)
    own = recognizer.baseline(files, line=line)
    later = recognizer.baseline(files[1:], update=recognizer.baseline(files[:1], line=line))
    assert same(later.voice, own.voice)
    assert same(later.line, line.line)
    alone = recognizer.baseline(files, voice=True)
    assert same(alone.voice, own.voice)
    assert alone.line is None


def test_what_cannot_be_joined(able, files):
    recognizer = Recognizer(able)
    line, other = recognizer.baseline(files[:2]), recognizer.baseline(files[2:4])
    own = recognizer.baseline(files[:1], line=line)
    with pytest.raises(SettingsError, match="one baseline is of a voice, the other of a line; merge like with like"):
        line.merge(own)
    with pytest.raises(SettingsError, match="of voices on different lines"):
        own.merge(recognizer.baseline(files[:1], line=other))
    with pytest.raises(SettingsError, match="of different bundles"):
        line.merge(dataclasses.replace(other, model="0" * 64))
    with pytest.raises(SettingsError, match="`line` is the baseline of a voice"):
        recognizer.baseline(files, line=own)
    for more in ({"voice": True}, {"line": line}):
        with pytest.raises(SettingsError, match="`update` is of a voice or a line already"):
            recognizer.baseline(files, update=line, **more)


def test_nothing_is_recognised_for_a_baseline_that_cannot_be_added_to(able, files):
    recognizer = Recognizer(able)
    wrong = dataclasses.replace(recognizer.baseline(files[:1]), model="0" * 64)

    def recordings():
        raise AssertionError("asked for a recording")
        yield

    for given in ("line", "update"):
        with pytest.raises(SettingsError, match="of another bundle than common4; make it anew"):
            recognizer.baseline(recordings(), **{given: wrong})


def test_a_bundle_that_cannot_and_a_baseline_of_another_bundle(able, files):
    other = dataclasses.replace(Recognizer(able).baseline(files), model="0" * 64)
    with pytest.raises(SettingsError, match="of another bundle than common4; make it anew"):
        Recognizer(able, baseline=other)
    bare = dataclasses.replace(able, card=dataclasses.replace(able.card, baseline_head=None))
    with pytest.raises(BundleError, match="has no baseline head; train it with"):
        Recognizer(bare).baseline(files)
    with pytest.raises(BundleError, match="has no baseline head"):
        Recognizer(bare, baseline=other)


@pytest.mark.parametrize(("part", "wanted"), [("total", 64), ("squares", r"(64|4)")])
def test_a_baseline_of_another_length(able, files, part, wanted):
    line = Recognizer(able).baseline(files).line
    short = dataclasses.replace(line, **{part: getattr(line, part)[:3]})
    baseline = Baseline(able.card.model.sha256, short)
    with pytest.raises(SettingsError, match=rf"the baseline has 3 numbers, not common4's {wanted}; make it anew"):
        Recognizer(able, baseline=baseline)


def test_bad_recordings_and_none(able):
    with pytest.raises(SettingsError, match=r"'a\.wav' is one recording; give a list of them"):
        Recognizer(able).baseline("a.wav")
    with pytest.raises(SettingsError, match="a baseline needs recordings; give 20 or more"):
        Recognizer(able).baseline([])
    with pytest.raises(AudioError, match="is silent"):
        Recognizer(able).baseline([voice(1, 0), (np.zeros(RATE, np.float32), RATE)])


def test_recordings_that_sound_alike_move_little(able, layer, files):
    if isinstance(layer.population, Population):
        pytest.skip("the head divides by the own deviation")
    recognizer, clip = Recognizer(able), voice(2, 7)
    line = recognizer.baseline(files)

    def moved(recordings) -> float:
        mean = recognizer.baseline(recordings, line=line).statistics(able).mean
        return float(np.linalg.norm(mean - line.statistics(able).mean))

    assert moved([clip]) < 1e-4
    assert moved([clip] * 9) < 1e-4
    assert moved([clip, *files[:2]]) > 0.01


ONE = {"recordings": 5, "total": [0.5], "squares": [1.0]}


def written(**changes):
    return json.dumps({"what": "voxaffect baseline", "schema": 2, "model": "x", "line": ONE} | changes)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "Expecting value"),
        ("[]", "list indices"),
        ("{}", "what"),
        ('{"what": "something"}', "it is something else"),
        (written(schema=1), "it is of schema 1, not 2; make it anew with this voxaffect"),
        (written(schema=3), "it is of schema 3"),
        (written(model=None), "lacks model"),
        (written(line=None), "it is of no recordings"),
        (written(line=ONE | {"recordings": 0}), "it is of no recordings"),
        (written(line=ONE | {"recordings": 1e999}), "recordings"),
        (written(line=ONE | {"total": [float("nan")]}), "no finite number"),
        (written(line=ONE | {"total": 1}), "not a list"),
        (written(line=ONE | {"total": [1e10]}), "its numbers are not those of a baseline"),
        (written(line=ONE | {"total": [10**400]}), "no finite number"),
        (written(line=ONE | {"squares": []}), "part of it is missing"),
        (written(line=ONE | {"squares": [-1]}), "its numbers are not those of a baseline"),
        (written(voice="x"), "not an object"),
    ],
)
def test_what_is_no_baseline(content, reason, tmp_path):
    (tmp_path / "odd.json").write_text(content)
    with pytest.raises(SettingsError, match=rf"is not a baseline \(.*{reason}.*\); voxaffect baseline makes one"):
        va.load("common4", baseline=tmp_path / "odd.json")
    with pytest.raises(SettingsError, match=r"nowhere\.json: cannot be read"):
        va.load("common4", baseline=tmp_path / "nowhere.json")
