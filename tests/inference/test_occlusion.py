import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import voxaffect as va
from voxaffect import bundle
from voxaffect.bundle import Bundle
from voxaffect.errors import AudioError
from voxaffect.inference.explain import HERTZ, _inverse, _transform, occlude
from voxaffect.inference.recognizer import Recognizer

RATE = 16_000


@pytest.fixture(scope="module")
def recognizer():
    return va.load("common4")


@pytest.fixture(scope="module")
def explained(recognizer, example):
    return occlude(recognizer, example)


def test_cells_of_time_and_bands_have_a_worth(recognizer, explained, example):
    found = recognizer.recognize(example)
    assert explained.emotion == found.emotion
    assert explained.hertz.tolist() == list(HERTZ)
    assert explained.seconds[0] == 0
    assert explained.seconds[-1] == pytest.approx(found.duration, abs=1e-3)
    assert explained.worth.shape == (len(explained.hertz) - 1, len(explained.seconds) - 1)
    assert explained.worth.max() <= found.confidence
    assert explained.worth.max() > 0.01


def test_where_nothing_is_nothing_is_taken_away(recognizer, example):
    """A second of silence in the middle is worth nothing, and the voice around it is."""
    voice = recognizer.waveform(example)[0]
    samples = np.concatenate([voice[: 2 * RATE], np.zeros(RATE, np.float32), voice[2 * RATE :]])
    found = occlude(recognizer, (samples, RATE))
    middles = (found.seconds[1:] + found.seconds[:-1]) / 2
    silent = (middles > 2.2) & (middles < 2.8)
    assert silent.any()
    assert np.abs(found.worth[:, silent]).max() < 1e-3
    assert np.abs(found.worth[:, ~silent]).max() > 1e-2


def test_a_tone_is_explained_by_its_band(recognizer):
    time = np.arange(2 * RATE) / RATE
    found = occlude(recognizer, ((0.3 * np.sin(2 * np.pi * 2500 * time)).astype(np.float32), RATE))
    by_band = np.abs(found.worth).sum(axis=1)
    assert found.hertz[by_band.argmax()] == 2200


def test_a_network_with_shuffled_weights_is_explained_otherwise(explained, example):
    """What an explanation that looks at the recording alone would not notice (Adebayo et al. 2018)."""
    packed = bundle.read(bundle.find("common4"))
    graph, rng = onnx.load_from_string(packed.model), np.random.default_rng(0)
    for weights in graph.graph.initializer:
        values = numpy_helper.to_array(weights)
        if values.ndim == 4 and values.size > 500:  # the network's convolutions, not the front end's
            weights.CopyFrom(
                numpy_helper.from_array(rng.permutation(values.ravel()).reshape(values.shape), weights.name)
            )
    shuffled = occlude(Recognizer(Bundle("shuffled", packed.card, graph.SerializeToString())), example)
    alike = np.corrcoef(shuffled.worth.ravel(), explained.worth.ravel())[0, 1]
    assert abs(alike) < 0.5


def test_what_is_transformed_and_back_is_what_it_was():
    for samples in (700, 16_000, 16_131):
        waveform = np.random.default_rng(samples).standard_normal(samples).astype(np.float32)
        assert _inverse(_transform(waveform), samples) == pytest.approx(waveform, abs=1e-5)


def test_an_hour_is_not_explained_at_once(recognizer):
    with pytest.raises(AudioError, match=r"the array: lasts 61 s; cut out 60 s or less"):
        occlude(recognizer, (0.1 * np.random.default_rng(0).standard_normal(61 * RATE).astype(np.float32), RATE))
