import dataclasses
import io
import os
import pickle
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import soundfile

import voxaffect as va
from voxaffect import audio, bundle
from voxaffect.errors import AudioError, BundleError, SettingsError
from voxaffect.inference import network
from voxaffect.inference import recognizer as module
from voxaffect.inference.time_limit import time_limit
from voxaffect.inference.voice_activity import onnx_session

RATE = 16_000


@pytest.fixture(scope="module")
def recognizer():
    return va.load("common4")


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(round(seconds * RATE)) * level).astype(np.float32)


def test_what_a_recognition_holds(recognizer, example):
    found = recognizer.recognize(example)
    assert tuple(found.probabilities) == recognizer.classes
    assert sum(found.probabilities.values()) == pytest.approx(1)
    assert found.probabilities[found.emotion] == found.confidence == max(found.probabilities.values())
    assert found.duration == pytest.approx(soundfile.info(example).duration, abs=1e-3)
    assert found.embedding.ndim == 1
    assert np.isfinite(found.embedding).all()


def test_path_bytes_file_and_array_agree(recognizer, example):
    expected = recognizer.recognize(example).probabilities
    array, rate = soundfile.read(example, dtype="float32")
    for source in (
        str(example),
        example.read_bytes(),
        io.BytesIO(example.read_bytes()),
        (array, rate),
        (array.astype(float), rate),
    ):
        assert recognizer.recognize(source).probabilities == pytest.approx(expected, abs=1e-5)
    stereo = np.stack([array, array], axis=1)
    assert recognizer.recognize((stereo, rate)).probabilities == pytest.approx(expected, abs=1e-5)


def test_threads_change_nothing_but_the_time(example):
    one, two = va.load("common4", threads=1).recognize(example), va.load("common4", threads=2).recognize(example)
    assert one.probabilities == pytest.approx(two.probabilities, abs=1e-5)
    with pytest.raises(SettingsError, match="threads=0"):
        va.load("common4", threads=0)


def test_one_recogniser_serves_several_threads(recognizer):
    clips = [noise(1 + k / 4, seed=k) for k in range(8)]
    expected = [recognizer.forward(clip)[0] for clip in clips]
    found = [None] * 8

    def listen(k: int) -> None:
        found[k] = recognizer.forward(clips[k])[0]

    threads = [threading.Thread(target=listen, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def test_long_recordings_are_heard_in_overlapping_windows(recognizer):
    longest = round(recognizer.bundle.card.window.longest * RATE)
    waveform = noise(20)
    prepared = audio.align(audio.remove_hum(waveform, RATE), round(recognizer.bundle.card.window.align * RATE))
    starts = np.linspace(0, len(prepared) - longest, 6).round().astype(int)  # (20 - 6) s in hops of at most 3 s
    graph = onnx_session(recognizer.bundle.model, 1)
    windows = [graph.run(["logits"], {"waveform": prepared[None, one : one + longest]})[0][0] for one in starts]
    assert recognizer.forward(waveform)[0] == pytest.approx(np.mean(windows, axis=0), abs=1e-4)


def test_every_sample_of_a_long_recording_counts(recognizer):
    waveform = noise(31.7, 0.02)
    plain = recognizer.forward(waveform)[0]
    for second in (0, 6, 15, 25, 31):
        louder = waveform.copy()
        louder[second * RATE : (second + 1) * RATE] *= 30
        assert np.abs(recognizer.forward(louder)[0] - plain).max() > 1e-3


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ((noise(0.3), RATE), r"lasts 0\.30 s, which is too short; give 0\.5 s or more"),
        ((np.zeros(RATE, np.float32), RATE), "is silent"),
        ((noise(1, 1e-5), RATE), "is silent"),
        ((np.full(RATE, 0.5, np.float32), RATE), "is silent"),
        (noise(1), "comes without its sample rate"),
        (3, "is int; give a path, bytes"),
        (None, "is NoneType; give a path, bytes"),
        (io.StringIO("RIFF"), "is StringIO; give a path, bytes, or a file opened in binary mode"),
        (b"", "is empty"),
        ((np.full(RATE, np.nan, np.float32), RATE), "NaN"),
        ((np.zeros(RATE, np.int64), RATE), "int64; give .* floats in .* or of int16"),
        ({"sampling_rate": RATE}, r"the dict: has sampling_rate; give array and sampling_rate, or bytes or path"),
        ({}, "the dict: has nothing"),
        ((noise(1), 10**400), "is not believable"),
        ((np.zeros((2, 2, 2), np.float32), RATE), "has shape"),
        ((np.zeros(0, np.float32), RATE), "has shape"),
        ((np.zeros((2, RATE), np.float32), RATE), r"channels first; give \(samples, channels\), as array\.T"),
        ((RATE, noise(1)), r"is not \(array, sample_rate\)"),
        ((noise(1),), r"is not \(array, sample_rate\)"),
        ((noise(1), None), r"is not \(array, sample_rate\)"),
        ((noise(1), float("nan")), r"is not \(array, sample_rate\)"),
        ((noise(1) * 32768, RATE), "full scale is 1; divide by"),
        ((noise(1), 7), "7 Hz is not believable"),
        ((noise(1), 0), "0 Hz is not believable"),
        ((np.zeros(RATE * 661, np.float32), RATE), r"lasts 11\.0 min.* more than 10\.0 min; cut it"),
    ],
)
def test_what_no_emotion_can_be_heard_in_is_refused(recognizer, source, reason):
    with pytest.raises(AudioError, match=reason) as caught:
        recognizer.recognize(source)
    assert "\n" not in str(caught.value)


def test_a_three_hour_file_is_refused_at_once(recognizer, tmp_path):
    path = tmp_path / "call.wav"
    with soundfile.SoundFile(path, "w", 8_000, 1, "PCM_U8") as file:
        for _ in range(180):
            file.write(np.zeros(8_000 * 60))
    with pytest.raises(AudioError, match=r"lasts 3\.0 h"):
        recognizer.recognize(path)


def test_a_graph_that_does_not_load(tmp_path):
    card = va.load("common4").bundle.card
    folder = bundle.write(tmp_path / "broken", bundle.assemble("broken", b"not a graph", card))
    with pytest.raises(BundleError, match="cannot load its graph"):
        va.load(folder)


def test_a_card_with_other_classes_than_the_graph(tmp_path):
    shipped = va.load("common4").bundle
    card = dataclasses.replace(shipped.card, classes=("angry", "calm"), baseline_head=None)
    with pytest.raises(BundleError, match=r"names 2 classes and its graph gives .*'logits': 4"):
        module.Recognizer(bundle.assemble("other", shipped.model, card))


def test_softmax_is_stable():
    assert module.softmax(np.array([1000.0, 0.0], np.float32)) == pytest.approx([1, 0])
    assert module.softmax(np.zeros((3, 4), np.float32)).sum(axis=-1) == pytest.approx(1)


def test_importing_costs_nothing_heavy_and_inference_no_pytorch():
    script = (
        "import sys, voxaffect; light = set(sys.modules) & {'numpy', 'onnxruntime', 'soundfile', 'torch'}\n"
        "assert not light, light\n"
        "import voxaffect.inference.recognizer, voxaffect.apps.cli, voxaffect.evaluation.report, voxaffect.corpora\n"
        "heavy = set(sys.modules) & {'torch', 'lightning', 'librosa', 'scipy', 'onnx', 'pandas'}\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("command", ["recognize", "timeline"])
def test_nothing_is_written_into_the_home_and_temporary_folders(example, tmp_path, command):
    """As telemetry would: ONNX Runtime 1.32 keeps a number for the machine there, and events to send."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    places = {"HOME": str(home), "USERPROFILE": str(home), "TMPDIR": str(temporary), "TEMP": str(temporary)}
    kept = {name: value for name, value in os.environ.items() if name[:4] not in ("XDG_", "ORT_", "VOXA")}
    words = [sys.executable, "-m", "voxaffect", command, str(example)]
    done = subprocess.run(words, env={**kept, **places}, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout
    assert sorted(tmp_path.rglob("*")) == [home, temporary]


def test_real_clips_of_speakers_it_was_trained_on(recognizer, ravdess):
    """Not a score (it knows these voices): that the way from file to answer is the one it was trained by."""
    right = 0
    paths = sorted(ravdess.rglob("03-01-05-02-*"))
    for path in paths:
        right += recognizer.recognize(path).emotion == "angry"
    assert right / len(paths) > 0.8
    assert np.isfinite(recognizer.forward(audio.load(paths[0]))[0]).all()


def test_what_is_below_the_threshold_is_uncertain(example):
    plain = va.load("ravdess-small").recognize(example)
    just = va.load("ravdess-small", threshold=plain.confidence - 1e-6).recognize(example)
    above = va.load("ravdess-small", threshold=min(1, plain.confidence + 1e-3)).recognize(example)
    assert just.emotion == plain.emotion
    assert above.emotion == "uncertain"
    assert above.confidence == plain.confidence
    assert above.probabilities == plain.probabilities


def test_the_accuracy_wanted_becomes_the_cards_threshold():
    found = va.load("ravdess-small", accuracy=0.8)
    curve = found.bundle.card.calibration.risk_coverage
    point = next(point for point in curve if point.threshold == found.threshold)
    assert point.accuracy >= 0.8
    assert point.coverage > 0.3


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"threshold": 1.5}, "threshold=1.5: is a probability"),
        ({"threshold": 0.5, "accuracy": 0.8}, "one of them says the other"),
        ({"accuracy": 80}, "accuracy=80: is the share"),
        ({"accuracy": 0.999}, "accuracy=0.999: no threshold of this bundle gives it; the best gives 0.9"),
    ],
)
def test_thresholds_that_make_no_sense(asked, reason):
    with pytest.raises(SettingsError, match=reason):
        va.load("common4", **asked)


def test_who_was_never_calibrated_promises_nothing(tmp_path):
    found = bundle.read(bundle.find("common4"))
    card = dataclasses.replace(found.card, calibration=None)
    bundle.write(tmp_path / "b", bundle.assemble("b", found.model, card))
    with pytest.raises(SettingsError, match="give a threshold"):
        va.load(tmp_path / "b", accuracy=0.8)
    assert va.load(tmp_path / "b", threshold=0.5).threshold == 0.5


def test_arrays_as_other_libraries_give_them(recognizer, example):
    expected = recognizer.recognize(example)
    array, rate = soundfile.read(example, dtype="int16")
    floats = array / 32768
    sources = {
        "Gradio": (rate, array),
        "Gradio, NumPy": (np.int64(rate), array),
        "int16": (array, rate),
        "int32": (array.astype(np.int32) * 65536, rate),
        "torchaudio": (floats[None].astype(np.float32), rate),
        "Hugging Face, decoded": {"array": floats, "sampling_rate": rate, "path": None},
        "Hugging Face, not decoded": {"bytes": example.read_bytes(), "path": "a.flac"},
        "Hugging Face, a path": {"bytes": None, "path": str(example)},
    }
    for name, source in sources.items():
        found = recognizer.recognize(source)
        assert found.probabilities == pytest.approx(expected.probabilities, abs=1e-4), name
        assert next(recognizer.timeline(source)).emotion == next(recognizer.timeline(example)).emotion, name
    unsigned = (array // 256 + 128).astype(np.uint8)
    assert recognizer.recognize((unsigned, rate)).probabilities == pytest.approx(expected.probabilities, abs=0.05)


def test_a_file_object_without_a_name(recognizer, example, tmp_path):
    with example.open("rb", buffering=0) as file:
        unnamed = os.fdopen(os.dup(file.fileno()), "rb")
        with unnamed:
            found = recognizer.recognize(unnamed)
    assert found == dataclasses.replace(recognizer.recognize(example), file=None)


def test_a_result_has_the_file_as_it_was_given(recognizer, example):
    assert recognizer.recognize(example).file == str(example)
    assert recognizer.recognize(f"{example.parent}/./{example.name}").file == f"{example.parent}/./{example.name}"
    assert recognizer.recognize(example.read_bytes()).file is None
    assert next(recognizer.timeline(example)).file == str(example)


def test_a_list_gives_a_list(recognizer, example):
    one = recognizer.recognize(example)
    assert recognizer.recognize([example, str(example)]) == [one, one]
    assert recognizer.recognize([]) == []


def test_values_are_comparable_hashable_and_of_one_line(recognizer, example):
    one, two = recognizer.recognize(example), recognizer.recognize(example)
    segments = list(recognizer.timeline(example))
    assert one == two
    assert len({one, two}) == 1
    assert segments == list(recognizer.timeline(example))
    assert len({*segments, *recognizer.timeline(example)}) == len(segments)
    for value in (one, segments[0], recognizer, recognizer.bundle, recognizer.bundle.card, recognizer.stream(RATE)):
        assert "\n" not in repr(value)
        assert len(repr(value)) < 400
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.emotion = "sad"


def test_a_recogniser_can_be_sent_to_another_process(recognizer, example):
    again = pickle.loads(pickle.dumps(va.load("common4", threshold=0.9)))
    assert again.recognize(example).emotion == "uncertain"
    assert again.recognize(example).probabilities == recognizer.recognize(example).probabilities


def graph_with(change):
    """The packaged bundle with another graph."""
    onnx = pytest.importorskip("onnx")
    packed = va.load("common4").bundle
    graph = onnx.load_from_string(packed.model)
    change(onnx, graph)
    return bundle.assemble("odd", graph.SerializeToString(), packed.card)


def test_a_graph_whose_weights_are_not_numbers_is_refused(example):
    def spoil(onnx, graph):
        for weights in graph.graph.initializer:
            values = onnx.numpy_helper.to_array(weights)
            if values.ndim == 4 and values.dtype in (np.float16, np.float32):
                weights.CopyFrom(onnx.numpy_helper.from_array(np.full_like(values, np.nan), weights.name))

    found = module.Recognizer(graph_with(spoil))
    for use in (
        lambda: found.recognize(example),
        lambda: list(found.timeline(example)),
        lambda: found.explain(example),
    ):
        with pytest.raises(BundleError, match=r"^odd: its graph gives no finite logits; copy"):
            use()


def test_a_graph_that_fails_while_it_runs_is_refused(example):
    def shorten(onnx, graph):
        graph.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 1

    with pytest.raises(BundleError, match=r"^odd: its graph fails \(.*\); copy the whole folder again$"):
        module.Recognizer(graph_with(shorten)).recognize(example)


def test_a_graph_that_takes_too_long_is_ended(monkeypatch):
    """Products of large matrices; without a limit it takes some ten seconds."""
    onnx = pytest.importorskip("onnx")
    helper, packed = onnx.helper, va.load("common4").bundle
    tensor = {name: onnx.helper.make_tensor_value_info(name, 1, ("b", 4)) for name in ("logits", "embedding")}
    nodes = [
        helper.make_node("ReduceSum", ["waveform", "axes"], ["sum"], keepdims=1),
        helper.make_node("Expand", ["sum", "size"], ["x0"]),
        *(helper.make_node("MatMul", [f"x{n}", f"x{n}"], [f"x{n + 1}"]) for n in range(40)),
        helper.make_node("Slice", ["x40", "from", "to"], ["logits"]),
        helper.make_node("Identity", ["logits"], ["embedding"]),
    ]
    constants = {"axes": [1], "size": [2000, 2000], "from": [0, 0], "to": [1, 4]}
    graph = helper.make_graph(
        nodes,
        "slow",
        [helper.make_tensor_value_info("waveform", 1, ("b", "n"))],
        list(tensor.values()),
        [onnx.numpy_helper.from_array(np.array(values), name) for name, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    card = dataclasses.replace(packed.card, baseline_head=None)
    slow = module.Recognizer(bundle.assemble("slow", model.SerializeToString(), card))
    monkeypatch.setattr(network, "time_limit", lambda _: time_limit(0.2))
    begin = time.monotonic()
    with pytest.raises(BundleError, match=r"^slow: its graph fails \(no answer within \d+ s\); copy"):
        slow.forward(np.zeros(16_000, np.float32))
    assert time.monotonic() - begin < 8
