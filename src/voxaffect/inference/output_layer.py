"""A graph's last layer, from the embedding to the logits, read from the ONNX file."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from voxaffect.graph import EMBEDDING, LOGITS, fields, numbers

_GRAPH, _NODE, _INITIALIZER = 7, 1, 5  # fields of a model, and of its graph
_TYPES: dict[int, np.dtype[np.floating]] = {1: np.dtype("<f4"), 10: np.dtype("<f2")}
_RAW = 9


class OutputLayer(NamedTuple):
    """Logits are `embedding @ weight.T + bias`. weight: (classes, dim). bias: (classes,)."""

    weight: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def logits(self, embeddings: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """(..., dim) -> (..., classes)."""
        return embeddings @ self.weight.T + self.bias


def output_layer(model: bytes) -> OutputLayer | None:
    """The layer of a graph that `graph.check` has passed; None: its logits are not made by such a layer."""
    nodes: dict[bytes, tuple[bytes, list[bytes]]] = {}  # output -> operator, inputs
    tensors: dict[bytes, memoryview] = {}
    for place, graph in fields(memoryview(model)):
        if place != _GRAPH or not isinstance(graph, memoryview):
            continue
        for number, value in fields(graph):
            if number not in (_NODE, _INITIALIZER) or not isinstance(value, memoryview):
                continue
            parts = [(key, bytes(part)) for key, part in fields(value) if isinstance(part, memoryview) and key < _RAW]
            if number == _INITIALIZER:
                tensors |= {name: value for key, name in parts if key == 8}
                continue
            operator = next((part for key, part in parts if key == 4), b"")
            inputs = [part for key, part in parts if key == 1]
            nodes |= {part: (operator, inputs) for key, part in parts if key == 2}
    operator, inputs = nodes.get(LOGITS.encode(), (b"", []))
    if operator != b"Gemm" or len(inputs) != 3 or inputs[0] != EMBEDDING.encode():
        return None
    found = []
    for name in inputs[1:]:
        before, of = nodes.get(name, (b"", []))
        tensor = tensors.get(of[0] if before == b"Cast" else name)
        values = None if tensor is None else _values(tensor)
        if values is None:
            return None
        found.append(values)
    weight, bias = found
    return OutputLayer(weight, bias) if weight.ndim == 2 and bias.shape == weight.shape[:1] else None


def _values(tensor: memoryview) -> npt.NDArray[np.float32] | None:
    """The values of a tensor of floats; None: it is of another type."""
    shape: list[int] = []
    kind, raw = 0, b""
    for number, value in fields(tensor):
        if number == 1:
            shape += numbers(value)
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number == _RAW and isinstance(value, memoryview):
            raw = bytes(value)
    if kind not in _TYPES or len(raw) != _TYPES[kind].itemsize * math.prod(shape):
        return None
    return np.frombuffer(raw, _TYPES[kind]).reshape(shape).astype(np.float32)
