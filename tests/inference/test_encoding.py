"""Bundles that encode each second of speech once: frames of blocks in place of windows."""

import json

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny_bundles
import voxaffect as va
from tiny_encoders import write as write_encoder
from voxaffect import audio
from voxaffect.baseline_head import BaselineHead, Population
from voxaffect.calibration import softmax
from voxaffect.errors import AudioError, BundleError
from voxaffect.inference.encoding import Blocks, Windows, encoding
from voxaffect.inference.network import BLOCK, Network
from voxaffect.inference.output_layer import output_layer
from voxaffect.inference.stream import Stream

pytest.importorskip("transformers")

RATE = 16_000
CLASSES = ["angry", "happy", "neutral", "sad"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A bundle on a tiny encoder with random weights."""
    import torch

    from voxaffect.models import build
    from voxaffect.settings import experiment_from_tables
    from voxaffect.training.compact import compact
    from voxaffect.training.export import to_onnx

    place = tmp_path_factory.mktemp("encoding")
    write_encoder(place / "encoder", "whisper")
    torch.manual_seed(0)
    model = build(
        experiment_from_tables(
            {
                "name": "tiny",
                "model": "pooling",
                "features": "encoder",
                "network": {"pooling": "attention", "embedding": 300},
                "frontend": {"encoder": str(place / "encoder"), "states": [1, 2], "pool": 2},
                "training": {"scheme": "common-4"},
            }
        )
    )
    for seed in range(3):  # statistics are no longer 0 and 1
        generator = torch.Generator().manual_seed(seed)
        model.classify(model.frontend(0.1 * torch.randn(2, RATE, generator=generator)))
    graph = compact(to_onnx(model.eval(), RATE))
    card = {**tiny_bundles.CARD, "classes": CLASSES, "scheme": "common-4"}
    card["window"] = {"training": 3.5, "shortest": 0.5, "longest": 6.0}
    rows = np.random.default_rng(0).standard_normal((40, 300)).astype(np.float32)
    population = Population.of(rows, np.repeat(np.array(["a", "b", "c", "d"]), 10))
    weight = np.random.default_rng(1).standard_normal((4, 300)) / 10
    head = BaselineHead(population, weight, np.zeros(4)).to_record().to_dict()
    card |= {"calibration": None, "baseline_head": head, "scores": {}}
    return tiny_bundles.write(place / "tiny", graph, {name: each for name, each in card.items() if each is not None})


@pytest.fixture(scope="module")
def recognizer(folder):
    return va.load(folder)


@pytest.fixture(scope="module")
def voice(example):
    return audio.load(example, RATE)


def quiet(seconds, seed=0):
    return (np.random.default_rng(seed).standard_normal(round(seconds * RATE)) * 5e-4).astype(np.float32)


@pytest.fixture(scope="module")
def call(voice):
    """One speaks for ten seconds, for a word and for three seconds; the other for five: (samples, 2)."""
    one = [quiet(1.3), voice, voice, voice, quiet(1), voice[8000:16_000], quiet(1.5), 0.3 * voice, quiet(1)]
    two = [quiet(4, 1), voice[::-1], voice[:30_000], quiet(1, 1)]
    one, two = np.concatenate(one), np.concatenate(two)
    return np.stack([one, np.pad(two, (0, len(one) - len(two)))], axis=1)


def streamed(recognizer, samples, sizes, **options):
    stream, found, first = Stream(recognizer, RATE, channels=samples.shape[1], **options), [], 0
    with stream:
        for size in sizes:
            found += stream.push(samples[first : first + size])
            first += size
        found += stream.push(samples[first:]) + stream.close()
    return sorted(found, key=lambda each: (each.start, each.channel))


@settings(max_examples=6)
@given(st.lists(st.one_of(st.integers(0, 700), st.integers(0, 90_000)), max_size=60))
def test_a_stream_gives_what_the_file_gives_bit_by_bit_for_every_chunking(recognizer, call, sizes):
    whole = streamed(recognizer, call, [])
    assert len({each.channel for each in whole}) == 2
    assert streamed(recognizer, call, sizes) == whole


def test_a_file_too_and_a_run_that_was_interrupted(recognizer, call, tmp_path):
    path, saved = tmp_path / "call.wav", tmp_path / "call.partial"
    soundfile.write(path, call, RATE, subtype="FLOAT")

    def plain(segments):
        return [(each.start, each.end, each.channel, each.probabilities) for each in segments]

    whole = sorted(recognizer.timeline(path), key=lambda each: (each.start, each.channel))
    assert plain(whole) == plain(streamed(recognizer, call, [123] * 300))
    run = iter(recognizer.timeline(path, resume=saved))
    first = [next(run), next(run)]
    run.close()
    assert saved.exists()
    again = list(recognizer.timeline(path, resume=saved))
    assert plain(sorted(again, key=lambda each: (each.start, each.channel))) == plain(whole)
    assert first[0] in again
    assert not saved.exists()


def test_each_second_is_encoded_once(recognizer, call, monkeypatch):
    encoded = []
    frames = Network.frames
    monkeypatch.setattr(Network, "frames", lambda self, samples: encoded.append(len(samples)) or frames(self, samples))
    monkeypatch.setattr(Network, "outputs", lambda *_: pytest.fail("a window was encoded by itself"))
    segments = streamed(recognizer, call, [4000] * 200)
    spoken = sum(each.duration for each in segments)
    regions = 4
    assert sum(encoded) / RATE < spoken + regions * (BLOCK + 0.2)  # the last block of a region is a whole one
    assert max(encoded) <= BLOCK * RATE


def test_a_region_of_one_block_is_encoded_as_a_recording(recognizer, voice):
    model, samples = encoding(recognizer), voice[: 2 * RATE]
    assert isinstance(model, Blocks)
    assert model.encode(0, len(samples), len(samples), lambda first, last: (first, samples[first:last])) == 2 * RATE
    window = model.window(0, 2 * RATE, None)
    logits, embeddings = model.outputs([window])
    expected = recognizer.forward(samples)
    assert logits[0] == pytest.approx(expected[0], abs=1e-3)
    assert embeddings[0] == pytest.approx(expected[1], abs=1e-3)


def test_windows_are_means_of_the_frames_that_lie_in_them(recognizer, voice):
    samples = np.tile(voice, 3)[: 8 * RATE]
    model, hop = encoding(recognizer), 640

    def cut(first, last):
        return first, samples[first:last]

    assert BLOCK == 2
    assert model.encode(0, 5 * RATE, None, cut) == 4 * RATE
    first, second = (recognizer.frames(samples[k * 2 * RATE : (k + 1) * 2 * RATE]) for k in (0, 1))
    assert first[2] == second[2] == hop
    frames, weights = np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
    inside = slice(RATE // hop, 3 * RATE // hop)
    expected = np.average(frames[inside], axis=0, weights=weights[inside])
    assert model.window(RATE, 3 * RATE, cut) == pytest.approx(expected, abs=1e-4)
    model.encode(0, 5 * RATE, 5 * RATE, cut)  # the last block reaches back to second 3 and gives what is new
    last, last_weights, _ = recognizer.frames(samples[3 * RATE : 5 * RATE])
    new = np.average(last[RATE // hop :], axis=0, weights=last_weights[RATE // hop :])
    assert model.window(4 * RATE, 5 * RATE, cut) == pytest.approx(new, abs=1e-4)


def test_a_long_recording_is_encoded_once(recognizer, voice, monkeypatch):
    samples = np.tile(voice, 4)[: 10 * RATE]
    encoded = []
    frames = Network.frames
    monkeypatch.setattr(Network, "frames", lambda self, part: encoded.append(len(part)) or frames(self, part))
    logits, embedding = recognizer.forward_part(samples, (0, len(samples)))
    assert encoded == [2 * RATE] * 5
    assert logits == pytest.approx(recognizer.layer.logits(embedding), abs=1e-5)
    assert recognizer.recognize((samples, RATE)).probabilities["sad"] == pytest.approx(softmax(logits)[3], abs=0.05)


def test_two_seconds_of_speech_are_speech_however_long_a_recording_lasts(folder, voice, tmp_path):
    plain, card = va.load(folder), json.loads((folder / "card.json").read_text())
    sounds = {True: voice, False: quiet(len(voice) / RATE, 5)}
    rows, wanted = [], []
    for speech, samples in sounds.items():
        for part in (samples, samples[: 2 * RATE], samples[-2 * RATE :]):
            frames, _, _ = plain.frames(part)
            rows.append(frames)
            wanted.append(np.full(len(frames), 2.0 * speech - 1))
    features = np.column_stack([np.concatenate(rows), np.ones(sum(map(len, rows)))])
    fit = np.linalg.solve(features.T @ features + 1e-2 * np.eye(301), features.T @ np.concatenate(wanted))
    card["speech_detector"] = {"weight": fit[:-1].tolist(), "bias": float(fit[-1])}
    recognizer = va.load(tiny_bundles.write(tmp_path / "detects", (folder / "model.onnx").read_bytes(), card))
    for seconds in (0, 1, 20):  # in one piece, and in blocks
        samples = np.concatenate([quiet(seconds, 1), voice, quiet(seconds, 2)])
        answer, expected = recognizer.answer(samples), plain.forward(samples)
        assert answer.speech
        assert not recognizer.answer(quiet(max(2 * seconds, 3.2), 3)).speech
        assert np.array_equal(answer.logits, expected[0])
        assert np.array_equal(answer.embedding, expected[1])


def test_the_answer_comes_a_block_later_than_a_window_at_most(recognizer, voice):
    late = []
    with Stream(recognizer, RATE, watch=lambda channel, step: late.append(stream.seconds - step.end)) as stream:
        for first in range(0, 3 * len(voice), 800):
            stream.push(np.tile(voice, 3)[first : first + 800])
    assert late
    assert max(late) < 2.3 + BLOCK


def test_the_last_layer_is_the_graphs(recognizer, voice):
    layer = output_layer(recognizer.bundle.model)
    assert layer.weight.shape == (4, 300)
    logits, embedding = recognizer.forward(voice)
    assert layer.logits(embedding) == pytest.approx(logits, abs=1e-4)
    assert output_layer(tiny_bundles.graph().SerializeToString()) is None
    assert output_layer(b"") is None


@pytest.mark.parametrize("name", ["common4", "ravdess-small"])
def test_other_bundles_encode_windows(name):
    recognizer = va.load(name)
    assert recognizer.layer is None
    assert isinstance(encoding(recognizer), Windows)
    logits = recognizer.logits([quiet(1.0), quiet(2.0), quiet(1.0, 1)])
    for row, window in zip(logits, [quiet(1.0), quiet(2.0), quiet(1.0, 1)], strict=True):
        assert row == pytest.approx(recognizer.forward(window)[0], abs=1e-4)


def test_bundles_that_trim_encode_windows(folder, tmp_path):
    card = json.loads((folder / "card.json").read_text())
    card["window"]["trim"] = 40.0
    made = tiny_bundles.write(tmp_path / "trims", (folder / "model.onnx").read_bytes(), card)
    assert isinstance(encoding(va.load(made)), Windows)


def test_frames_that_cannot_be_are_refused_in_one_line(recognizer, call, monkeypatch):
    given = Network._given
    wrong = {
        "frames of shape": lambda found: [*found[:2], found[2][:, :-1], found[3]],
        "no finite frames": lambda found: [*found[:2], found[2] * np.nan, found[3]],
        "not above 0": lambda found: [*found[:3], -found[3]],
        "not those of its last layer": lambda found: [found[0] + 5, *found[1:]],
    }
    for reason, spoil in wrong.items():
        monkeypatch.setattr(Network, "_given", lambda *args, spoil=spoil: spoil(given(*args)))
        with pytest.raises(BundleError, match=reason):
            streamed(recognizer, call, [])


def test_a_word_that_is_shorter_than_the_bundle_needs(recognizer, voice):
    word = voice[RATE // 5 : RATE // 5 + round(0.35 * RATE)]
    assert all(each.duration < 0.7 for each in streamed(recognizer, word[:, None], []))
    with pytest.raises(AudioError, match="too short"):
        recognizer.recognize((word, RATE))


def test_its_own_baseline_depends_on_no_chunk(folder, call):
    own = va.load(folder, own_baseline=True)
    whole = streamed(own, call, [])
    assert streamed(own, call, [5000, 70_000, 13] * 9) == whole
    assert whole != streamed(va.load(folder), call, [])
