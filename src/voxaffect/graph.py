"""What a bundle's graph takes, gives and holds: read from the ONNX file before ONNX Runtime sees it.

Needs the standard library alone. Of the format (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) only what is
asked here is read. A graph that voxaffect exports is a list of nodes without graphs of their own, so every run ends.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from voxaffect.bundle import Bundle
from voxaffect.errors import BundleError

INPUT, LOGITS, EMBEDDING = "waveform", "logits", "embedding"

FRAMES, WEIGHTS = "frames", "weights"
"""Of some graphs: frames (batch, frames, dim), and weights (batch, frames); the embedding is their weighted mean."""

MOST_NODES = 100_000

MOST_VALUES = 2**26
"""Of a tensor that a node makes from a constant shape: 256 MB."""

_FLOAT, _INT64, _EXTERNAL = 1, 7, 1  # element types of tensors, location of their values
_SHAPES = {"ConstantOfShape": 0, "Expand": 1, "Tile": 1}  # node -> which of its inputs is a shape, or counts
_SHORT = 16  # values of a tensor that may be a shape

Shape = tuple[int | None, ...]
"""None: of any size."""


class _RefusedError(Exception):
    """A graph that is not taken, and why."""


@dataclass
class _Graph:
    """What was found.

    Attributes:
        inputs, outputs: Name -> element type and shape; None: of no tensor.
        constants: Name -> the values of a short tensor of whole numbers.
        shapes: Node -> the name of its shape.
    """

    inputs: dict[str, tuple[int, Shape] | None] = field(default_factory=dict)
    outputs: dict[str, tuple[int, Shape] | None] = field(default_factory=dict)
    constants: dict[bytes, tuple[int, ...]] = field(default_factory=dict)
    shapes: list[tuple[str, bytes]] = field(default_factory=list)
    initializers: set[bytes] = field(default_factory=set)
    nodes: int = 0


def check(source: Bundle) -> None:
    """Refuse a graph that is not from waveforms to logits and embeddings, or that a run of it might not end.

    What memory and time a graph takes cannot be bounded by reading it: load only bundles that you trust.

    Raises:
        BundleError: It is no ONNX; its inputs or outputs are others, or of other types or sizes than the card's; its
            nodes hold graphs of their own, as loops do; its tensors lie in other files or are larger than the file.
    """
    try:
        found = _read(memoryview(source.model))
        _check_ends(found, len(source.card.classes))
        for node, name in found.shapes:
            if math.prod(map(abs, found.constants.get(name, ()))) > MOST_VALUES:
                raise _RefusedError(f"its graph makes a tensor of more than {MOST_VALUES:,} values ({node})")
    except _RefusedError as error:
        raise BundleError(f"{source.name}: {error}; copy the whole folder again or train it anew") from None
    except (ValueError, IndexError, struct.error):
        reason = "cannot load its graph, which is no ONNX or is damaged"
        raise BundleError(f"{source.name}: {reason}; copy the whole folder again") from None


def _check_ends(graph: _Graph, classes: int) -> None:
    taken = {name: end for name, end in graph.inputs.items() if name.encode() not in graph.initializers}
    if list(taken) != [INPUT] or not _is_matrix(taken[INPUT]):
        raise _RefusedError(f"its graph takes {_ends(taken)}, not waveform (batch, samples) of float32")
    if not all(_is_matrix(graph.outputs.get(name)) for name in (LOGITS, EMBEDDING)):
        raise _RefusedError(
            f"its graph gives {_ends(graph.outputs)}, not logits and embedding (batch, size) of float32"
        )
    further = {name: graph.outputs[name] for name in (FRAMES, WEIGHTS) if name in graph.outputs}
    if further and not (_is_matrix(further.get(WEIGHTS)) and _is_tensor(further.get(FRAMES), 3)):
        raise _RefusedError(
            f"its graph gives {_ends(further)}, not frames (batch, frames, size) and weights (batch, frames) of float32"
        )
    logits = graph.outputs[LOGITS]
    assert logits is not None
    if logits[1][1] != classes:
        sizes = {name: end[1][-1] for name, end in graph.outputs.items() if end and end[1]}
        raise _RefusedError(f"its card names {classes} classes and its graph gives {sizes}")


def _is_matrix(end: tuple[int, Shape] | None) -> bool:
    return _is_tensor(end, 2)


def _is_tensor(end: tuple[int, Shape] | None, dimensions: int) -> bool:
    return end is not None and end[0] == _FLOAT and len(end[1]) == dimensions


def _ends(ends: dict[str, tuple[int, Shape] | None]) -> str:
    """`waveform (batch, 3) of type 1`, shortened."""
    shown = [
        name if end is None else f"{name} ({', '.join('any' if size is None else str(size) for size in end[1])})"
        for name, end in ends.items()
    ]
    text = ", ".join(shown) or "nothing"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _read(model: memoryview) -> _Graph:
    graph = _Graph()
    for number, value in fields(model):
        if number == 7:
            _read_graph(_bytes(value), graph)
        elif number == 25:
            raise _RefusedError("its graph holds functions, which it must not")
    return graph


def _read_graph(content: memoryview, graph: _Graph) -> None:
    for number, value in fields(content):
        if number == 1:
            _read_node(_bytes(value), graph)
        elif number == 5:
            graph.initializers.add(_read_tensor(_bytes(value), graph))
        elif number == 15:
            raise _RefusedError("its graph holds sparse tensors, which it must not")
        elif number in (11, 12):
            name, end = _read_end(_bytes(value))
            (graph.inputs if number == 11 else graph.outputs)[name] = end


def _read_node(content: memoryview, graph: _Graph) -> None:
    graph.nodes += 1
    if graph.nodes > MOST_NODES:
        raise _RefusedError(f"its graph has more than {MOST_NODES:,} nodes")
    names: list[bytes] = []
    output, kind, attributes = b"", "", list[memoryview]()
    for number, value in fields(content):
        if number == 1:
            names.append(bytes(_bytes(value)))
        elif number == 2:
            output = output or bytes(_bytes(value))
        elif number == 4:
            kind = bytes(_bytes(value)).decode("utf-8", "replace")
        elif number == 5:
            attributes.append(_bytes(value))
    for attribute in attributes:
        for number, value in fields(attribute):
            if number in (6, 11):
                raise _RefusedError(f"its graph holds a {kind} with a graph of its own, which might never end")
            if number in (22, 23):
                raise _RefusedError("its graph holds sparse tensors, which it must not")
            if number in (5, 10):
                _read_tensor(_bytes(value), graph, output)
            elif kind == "Constant" and number in (3, 8):
                graph.constants[output] = (graph.constants.get(output, ()) + numbers(value))[: _SHORT + 1]
    shape = _SHAPES.get(kind)
    if shape is not None and shape < len(names):
        graph.shapes.append((kind, names[shape]))


def _read_tensor(content: memoryview, graph: _Graph, name: bytes = b"") -> bytes:
    """Check a tensor, and keep it if it is short. name: what it is called where it is an attribute."""
    sizes: tuple[int, ...] = ()
    kind, whole = 0, tuple[int, ...]()
    raw = memoryview(b"")
    for number, value in fields(content):
        if number == 1:
            sizes += numbers(value)
            if len(sizes) > _SHORT:
                raise _RefusedError(f"its graph holds a tensor of more than {_SHORT} dimensions")
        elif number == 2 and isinstance(value, int):
            kind = value
        elif number == 7 and len(whole) <= _SHORT and not (isinstance(value, memoryview) and len(value) > 10 * _SHORT):
            whole += numbers(value)
        elif number == 8 and not name:
            name = bytes(_bytes(value))
        elif number == 9:
            raw = _bytes(value)
        elif number == 13 or (number == 14 and value == _EXTERNAL):
            raise _RefusedError("its graph keeps tensors in other files")
    count = math.prod(sizes)
    if not 0 <= count <= 8 * len(content):
        raise _RefusedError(f"its graph holds a tensor of shape {sizes} in {len(content):,} bytes")
    if kind == _INT64 and count <= _SHORT:
        graph.constants[name] = whole or struct.unpack(f"<{len(raw) // 8}q", raw)
    return name


def _read_end(content: memoryview) -> tuple[str, tuple[int, Shape] | None]:
    """An input or output: its name, element type and shape."""
    name, end = "", None
    for number, value in fields(content):
        if number == 1:
            name = bytes(_bytes(value)).decode("utf-8", "replace")
        elif number == 2:
            for kind, tensor in fields(_bytes(value)):
                if kind == 1:
                    end = _read_type(_bytes(tensor))
    return name, end


def _read_type(content: memoryview) -> tuple[int, Shape]:
    element, shape = 0, list[int | None]()
    for number, value in fields(content):
        if number == 1 and isinstance(value, int):
            element = value
        elif number == 2:
            for kind, dimension in fields(_bytes(value)):
                if kind == 1:
                    sizes = [size for part, size in fields(_bytes(dimension)) if part == 1 and isinstance(size, int)]
                    shape.append(sizes[-1] if sizes else None)
    return element, tuple(shape)


def fields(content: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a protobuf message: number, and a whole number or bytes.

    Raises:
        ValueError, IndexError: It is no message.
    """
    place, end = 0, len(content)
    while place < end:
        key, place = _varint(content, place)
        kind = key & 7
        if kind == 0:
            value, place = _varint(content, place)
            yield key >> 3, value
            continue
        if kind == 2:
            size, place = _varint(content, place)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError(f"wire type {kind}")
        if place + size > end:
            raise ValueError("cut off")
        yield key >> 3, content[place : place + size]
        place += size


def _varint(content: memoryview, place: int) -> tuple[int, int]:
    """A whole number of seven bits a byte, and where the next one begins."""
    value = content[place]
    place += 1
    if value < 128:
        return value, place
    value, shift = value & 127, 7
    while shift < 70:
        byte = content[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7
    raise ValueError("a number of too many bytes")


def numbers(value: int | memoryview) -> tuple[int, ...]:
    """One number, or all that are packed into bytes; of 64 bits with a sign."""
    values, place = [value] if isinstance(value, int) else [], 0
    while isinstance(value, memoryview) and place < len(value):
        number, place = _varint(value, place)
        values.append(number)
    return tuple(number - 2**64 if number >= 2**63 else number for number in values)


def _bytes(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number where bytes belong")
    return value
