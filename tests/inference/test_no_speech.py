"""Bundles with a speech detector: what is no speech gets no emotion, whole, in timelines and in streams alike."""

import json
import shutil

import numpy as np
import pytest
import soundfile

import voxaffect as va
from voxaffect import audio, bundle, labels
from voxaffect.augment import nonspeech
from voxaffect.corpora import Utterance
from voxaffect.errors import AudioError, BundleError
from voxaffect.evaluation.probes import Nonspeech, TestSet
from voxaffect.evaluation.probes import nonspeech as probe
from voxaffect.evaluation.probes.nonspeech import SpeechScore
from voxaffect.files.transcripts import GivenSegment
from voxaffect.inference.smoothing import Smoothing
from voxaffect.inference.stream import Stream
from voxaffect.speech_detector import SpeechDetector, highest

RATE = 16_000


def sound(name, seconds, seed=0):
    return 0.3 * nonspeech.synthesize(name, np.random.default_rng(seed), round(seconds * RATE), RATE)


def streamed(model, samples, sizes=(), **options):
    steps, segments, first = [], [], 0
    with Stream(model, RATE, watch=lambda channel, step: steps.append(step), **options) as stream:
        for size in sizes:
            segments += stream.push(samples[first : first + size])
            first += size
        segments += stream.push(samples[first:]) + stream.close()
    return steps, segments


@pytest.fixture(scope="module")
def voice(example):
    return audio.load(example, RATE)


@pytest.fixture(scope="module")
def moan(voice):
    """Speech for voice activity, and none for the detector of `folder`: a slow voice, half an octave lower."""
    return np.interp(np.arange(0, len(voice) - 1, 0.7), np.arange(len(voice)), voice).astype(np.float32)


@pytest.fixture(scope="module")
def folder(voice, moan, tmp_path_factory):
    """common4 with a detector that knows one voice."""
    place = tmp_path_factory.mktemp("no-speech") / "bundle"
    shutil.copytree(bundle.find("common4"), place)
    model, found = va.load("common4"), []
    outputs = model.outputs
    model.outputs = lambda windows: found.append(outputs(windows)) or found[-1]
    rows, wanted = [], []
    for samples, sign in ((voice, 1), (moan, -1)):
        streamed(model, np.pad(samples, (RATE, RATE)))
        streamed(model, np.pad(np.tile(samples, 2), (RATE, RATE)))
        rows += [embedding for _, embeddings in found for embedding in embeddings]
        wanted += [sign] * (len(rows) - len(wanted))
        found.clear()
    sounds = [sound(name, 2, seed) for name in nonspeech.TRAINING_SOUNDS for seed in range(3)]
    rows = np.stack([*rows, model.forward(voice)[1], *(model.forward(each)[1] for each in sounds)])
    wanted = np.array([*wanted, 1, *[-1] * len(sounds)])
    mean = rows.mean(axis=0)
    weight = np.linalg.solve((rows - mean).T @ (rows - mean) + 1e-2 * np.eye(len(mean)), (rows - mean).T @ wanted)
    detector = SpeechDetector(weight, float(-weight @ mean) + 0.2)
    card = json.loads((place / "card.json").read_text("utf-8"))
    card["speech_detector"] = detector.to_record({}).to_dict()
    (place / "card.json").write_text(json.dumps(card), "utf-8")
    return place


@pytest.fixture(scope="module")
def recognizer(folder):
    return va.load(folder)


def test_a_recording_without_speech_is_refused_in_one_line(recognizer, voice, tmp_path):
    assert recognizer.recognize((voice, RATE)).emotion in recognizer.classes
    path = tmp_path / "hold.wav"
    soundfile.write(path, sound("chord", 4), RATE)
    with pytest.raises(AudioError, match=r"hold\.wav: holds no speech.*; give") as caught:
        recognizer.recognize(path)
    assert "\n" not in str(caught.value)
    assert va.load("common4").recognize(path).emotion in recognizer.classes  # which has no detector
    music, speech = recognizer.recognize_many([path, "examples/synthetic-voice.flac"])
    assert music.to_dicts()[0] | {"error": None} == dict.fromkeys(speech.to_dicts()[0]) | {"file": str(path)}
    assert "no speech" in music.error
    with pytest.raises(AudioError, match="no speech"):
        recognizer.baseline([path])
    with pytest.raises(AudioError, match="no speech"):
        recognizer.explain(path)


def test_so_is_a_line_of_a_transcript(recognizer, voice):
    both = np.concatenate([voice, sound("chord", 3)])
    end = len(voice) / RATE
    speech, music = recognizer.recognize_segments((both, RATE), [GivenSegment(0, end), GivenSegment(end, end + 3)])
    assert speech.error is None
    assert "no speech" in music.error


@pytest.fixture(scope="module")
def call(voice, moan):
    """Speech, and moans in it, before it and by itself."""
    quiet = (np.random.default_rng(0).standard_normal(2 * RATE) * 5e-4).astype(np.float32)
    return np.concatenate([quiet, voice, voice, moan, voice, quiet, moan, quiet, moan, voice, quiet])


@pytest.mark.parametrize("lag", [0, 2])
def test_a_timeline_has_no_segment_where_nobody_speaks(recognizer, call, lag):
    smoothing = Smoothing(lag=lag)
    steps, segments = streamed(recognizer, call, smoothing=smoothing)
    before, found = streamed(va.load("common4"), call, smoothing=smoothing)
    assert [(each.start, each.end) for each in steps] == [(each.start, each.end) for each in before]
    assert all(each.speech for each in before)
    others = [each for each in steps if not each.speech]
    assert 4 < len(others) < len(steps) - 4
    assert sum(each.duration for each in segments) == pytest.approx(
        sum(each.duration for each in found) - sum(each.end - each.start for each in others), abs=1e-6
    )
    for step in steps:
        middle = (step.start + step.end) / 2
        assert step.speech == any(each.start < middle < each.end for each in segments)


def test_a_stream_is_a_file_and_an_interrupted_run_goes_on(recognizer, call, tmp_path):
    whole = streamed(recognizer, call)[1]
    sizes = [5000, 70_000, 13] * 9
    for one, other in zip(streamed(recognizer, call, sizes)[1], whole, strict=True):
        assert (one.start, one.end, one.emotion) == (other.start, other.end, other.emotion)
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-4)
    path, saved = tmp_path / "call.wav", tmp_path / "call.partial"
    soundfile.write(path, call, RATE, subtype="FLOAT")
    run = iter(recognizer.timeline(path, resume=saved))
    next(run)
    run.close()
    assert saved.exists()
    again = list(recognizer.timeline(path, resume=saved))
    assert [(each.start, each.end) for each in again] == [(each.start, each.end) for each in whole]


def test_nothing_is_learnt_of_what_is_no_speech(folder, moan):
    own = va.load(folder, own_baseline=True)
    with Stream(own, RATE) as stream:
        stream.push(np.pad(moan, (RATE, 2 * RATE)))
        assert stream.snapshots()[0].own is None
        assert stream.now() == [None]


def test_the_probe_counts_what_is_refused(recognizer, voice, tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "COUNT", 5)
    clips = []
    for number, (speaker, samples) in enumerate(
        [("corpus/1", voice), ("corpus/2", voice), ("corpus/2", sound("white", 2)), ("other/1", voice)]
    ):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, samples, RATE)
        clips.append(Utterance(f"{speaker}-{number}", path, speaker, None, "happy"))
    test = TestSet(tuple(clips), (), labels.scheme("common-4"))
    found = Nonspeech().measure(recognizer, test, folder=tmp_path)
    assert found.speech == {"corpus": SpeechScore(3, pytest.approx(1 / 3, abs=1e-5)), "other": SpeechScore(1, 0.0)}
    assert Nonspeech().measure(recognizer, test, folder=tmp_path) == found
    assert Nonspeech().merge([found, found], None).speech["corpus"] == SpeechScore(6, found.speech["corpus"].refused)
    assert "Of 3 recordings of speech in corpus, 33.3 % are refused." in found.as_text()
    assert found.by_kind["chord"].learnt
    assert not found.by_kind["drums"].learnt
    for each in found.by_kind.values():
        assert max(each.coverage.values()) <= 1 - each.refused + 1e-9
    assert found.by_kind["white"].refused > 0.5
    assert "% no speech" in found.as_text()
    assert Nonspeech().merge([found, found], None).by_kind == found.by_kind


def test_results_of_another_detector_are_others(folder, recognizer, tmp_path):
    changed = tmp_path / "other"
    shutil.copytree(folder, changed)
    card = json.loads((changed / "card.json").read_text("utf-8"))
    card["speech_detector"]["bias"] += 1
    (changed / "card.json").write_text(json.dumps(card), "utf-8")
    assert va.load(changed).identity() != recognizer.identity()
    card["speech_detector"]["weight"].append(1.0)
    (changed / "card.json").write_text(json.dumps(card), "utf-8")
    with pytest.raises(BundleError, match="different sizes"):
        va.load(changed)


def test_two_seconds_of_speech_are_enough():
    scores, weights = np.array([-5.0, -5, 3, 1, -5, -5]), np.array([1.0, 1, 1, 3, 1, 1])
    assert highest(scores, weights, 2) == pytest.approx(1.5)
    assert highest(scores, np.ones(6), 6) == pytest.approx(scores.mean())
    assert highest(scores, weights, 60) == pytest.approx(np.average(scores, weights=weights))
