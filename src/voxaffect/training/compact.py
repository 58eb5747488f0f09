"""An exported graph made smaller: the same sums from a file of less than half the size.

The network's large weights are stored in half precision and computed with in float32; the Fourier transform's basis is
computed by nodes. ONNX Runtime does both once, when it loads the graph.
"""

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from voxaffect.training.quantize import PREFIX

SPECTRA = ("frontend.spectrogram.", "frontend.cosines", "frontend.input.")
"""Beginnings of names of tensors that make spectra."""

LARGE = 1024
"""Values of a tensor that is worth halving."""


def compact(graph: bytes) -> bytes:
    """The same graph, smaller; its outputs differ by the rounding of weights."""
    model = onnx.load_from_string(graph)
    tensors, made = [], []
    for tensor in model.graph.initializer:
        some, nodes = _basis(tensor) if _makes_spectra(tensor.name) else _half(tensor)
        tensors += some
        made += nodes
    nodes = [*made, *model.graph.node]
    for field, content in ((model.graph.initializer, tensors), (model.graph.node, nodes)):
        del field[:]
        field.extend(content)
    return model.SerializeToString()


def _makes_spectra(name: str) -> bool:
    return name.startswith(SPECTRA) and name.endswith(".basis")


def _half(tensor: TensorProto) -> tuple[list[TensorProto], list[NodeProto]]:
    """A large weight in half precision. Not a spectrum's, whose quiet parts would be lost, nor scales.

    Nor vectors: statistics of an encoder's hidden states may be of any size.
    """
    values = numpy_helper.to_array(tensor)
    matrix = values.size > max(values.shape, default=1)
    if values.dtype != np.float32 or values.size < LARGE or not matrix or tensor.name.startswith((*SPECTRA, PREFIX)):
        return [tensor], []
    with np.errstate(over="ignore"):  # `export` compares the outputs
        half = numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}.half")
    return [half], [helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT)]


def _basis(tensor: TensorProto) -> tuple[list[TensorProto], list[NodeProto]]:
    """Cosines and negative sines of a Hann-windowed Fourier transform, from one period of a cosine and the window.

    Multiples of an angle are computed in integers, as exact as the cosine itself. A basis of another kind, or of a
    length that four does not divide, is left alone.
    """
    rows, _, length = tensor.dims
    if length % 4 or rows != 2 * (length // 2 + 1):
        return [tensor], []
    sample = np.arange(length, dtype=np.int64)
    cosine = np.cos(2 * np.pi * sample / length)
    multiples = np.tile(np.arange(rows // 2, dtype=np.int64), 2)
    quarter = np.repeat(np.array([0, length // 4], np.int64), rows // 2)  # a negative sine is a cosine ahead of it
    parts = {
        "cosine": cosine.astype(np.float32),
        "window": (0.5 - 0.5 * cosine).astype(np.float32),
        "multiples": multiples[:, None, None],
        "quarter": quarter[:, None, None],
        "sample": sample,
        "length": np.array(length, np.int64),
    }
    again = parts["cosine"][(parts["multiples"] * sample + parts["quarter"]) % length] * parts["window"]
    if not np.allclose(again, numpy_helper.to_array(tensor), rtol=0, atol=1e-6):
        return [tensor], []

    def name(part: str) -> str:
        return f"{tensor.name}.{part}"

    def node(operator: str, inputs: Iterable[str], output: str) -> NodeProto:
        return helper.make_node(operator, [name(each) for each in inputs], [output])

    return [numpy_helper.from_array(each, name(part)) for part, each in parts.items()], [
        node("Mul", ("multiples", "sample"), name("turns")),
        node("Add", ("turns", "quarter"), name("ahead")),
        node("Mod", ("ahead", "length"), name("place")),
        node("Gather", ("cosine", "place"), name("waves")),
        node("Mul", ("waves", "window"), tensor.name),
    ]
