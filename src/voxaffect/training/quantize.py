"""A graph's large matrices in eight bits: a quarter of the file, and a transformer in less than half the time.

A weight has a scale for each output channel, an activation one for each row, that is for each frame, computed while the
graph runs. So neither the other frames nor the other items of a batch change a result, as they would with
`DynamicQuantizeLinear`, which has one scale for a whole tensor. All operators are of the ONNX standard.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

PREFIX = "int8."
"""Begins the name of every tensor that is added."""

LARGE = 2**18
"""Values of a weight that is worth it: with a smaller one, quantising activations costs what the product saves."""

TOP = 127
"""Largest activation in eight bits, and largest sum of two weights that are multiplied at once."""

_ZERO_POINT = 128
_LEAST = 1e-12  # of a row's largest value: a row of zeros is divided by something


def quantize(model: ModelProto) -> ModelProto:
    """The same graph, its large constant matrices in eight bits.

    They are the second inputs of MatMul, and the weights of one-dimensional Conv, which becomes a product of the frames
    under its kernel. What several matrices multiply is quantised once. Gemm stays, which has a row a clip and not one
    a frame; so does a Conv of one channel, a Fourier transform, since a spectrum's quiet parts would be lost.

    Args:
        model: Of opset 18 or later.

    Examples:
        >>> ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", 512]) for name in "xy"]
        >>> weight = numpy_helper.from_array(np.eye(512, dtype=np.float32), "weight")
        >>> product = helper.make_node("MatMul", ["x", "weight"], ["y"])
        >>> model = helper.make_model(helper.make_graph([product], "example", ends[:1], ends[1:], [weight]))
        >>> round(quantize(model).ByteSize() / model.ByteSize(), 2)
        0.25
    """
    made = ModelProto()
    made.CopyFrom(model)
    graph, rewriting = made.graph, _Rewriting()
    tensors = {each.name: each for each in graph.initializer}
    for node in graph.node:
        weight = tensors.get(node.input[1]) if node.op_type in ("MatMul", "Conv") else None
        if weight is None or weight.data_type != TensorProto.FLOAT or np.prod(weight.dims) < LARGE:
            rewriting.nodes.append(node)
        elif node.op_type == "MatMul" and len(weight.dims) == 2:
            rewriting.multiply(node.input[0], numpy_helper.to_array(weight), node.output[0])
        elif node.op_type == "Conv" and len(weight.dims) == 3 and weight.dims[1] > 1 and _is_plain(node):
            rewriting.convolve(node, numpy_helper.to_array(weight))
        else:
            rewriting.nodes.append(node)
    used = {name for node in rewriting.nodes for name in node.input} | {each.name for each in graph.output}
    kept = [each for each in graph.initializer if each.name in used]
    for field, content in ((graph.node, rewriting.nodes), (graph.initializer, [*kept, *rewriting.tensors.values()])):
        del field[:]
        field.extend(content)
    return made


def quantize_graph(graph: bytes) -> bytes:
    """The same of a graph as it is stored."""
    return quantize(onnx.load_from_string(graph)).SerializeToString()


def eight_bits(matrix: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """A matrix (rows, columns) in eight bits, and the scale of each column.

    Processors without VNNI add two products in sixteen bits, in which 2 * 255 * 127 has no place. So two weights of one
    sign in neighbouring rows add to at most 128, and every processor gives the same.
    """
    even = np.concatenate([matrix, np.zeros((len(matrix) % 2, matrix.shape[1]), np.float32)])
    pairs = even.reshape(-1, 2, matrix.shape[1])
    largest = np.maximum(pairs.clip(min=0).sum(axis=1), -pairs.clip(max=0).sum(axis=1)).max(axis=0)
    scale = (np.where(largest > 0, largest, 1) / TOP).astype(np.float32)
    return np.rint(matrix / scale).astype(np.int8), scale


def _is_plain(convolution: NodeProto) -> bool:
    """Whether it has one group, no gaps, and its padding as numbers."""
    given = {each.name: helper.get_attribute_value(each) for each in convolution.attribute}
    return (
        given.get("group", 1) == 1
        and set(given.get("dilations", [1])) == {1}
        and given.get("auto_pad", b"NOTSET") == b"NOTSET"
    )


class _Rewriting:
    """What a graph becomes.

    Attributes:
        nodes, tensors: Its nodes so far, and the constants that are added.
        rows: What was quantised -> its eight bits and the scale of its rows.
    """

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.tensors: dict[str, TensorProto] = {}
        self.rows: dict[str, tuple[str, str]] = {}

    def multiply(self, source: str, matrix: npt.NDArray[np.float32], target: str) -> None:
        """Source times matrix."""
        values, scale = eight_bits(matrix)
        rows, row_scale = self._quantized(source)
        weight = self._constant(f"{target}.weight", values)
        whole = self._node("MatMulInteger", [rows, weight, self._zero_point()], f"{target}.whole")
        product = self._node("Cast", [whole], f"{target}.product", to=TensorProto.FLOAT)
        # Not one product of both scales: ONNX Runtime would take the pair for a scale of the whole tensor.
        columns = self._node("Mul", [product, self._constant(f"{target}.scale", scale)], f"{target}.columns")
        self.nodes.append(helper.make_node("Mul", [columns, row_scale], [target]))

    def convolve(self, convolution: NodeProto, kernel: npt.NDArray[np.float32]) -> None:
        """A convolution of (batch, channels, frames) as a product of (batch, frames, channels under the kernel)."""
        given = {each.name: helper.get_attribute_value(each) for each in convolution.attribute}
        (before, after), (stride,) = given.get("pads", (0, 0)), given.get("strides", (1,))
        width, target = kernel.shape[2], convolution.output[0]

        def numbers(name: str, *values: int) -> str:
            return self._constant(f"{target}.{name}", np.array(values, np.int64))

        frames = self._node("Transpose", [convolution.input[0]], f"{target}.frames", perm=[0, 2, 1])
        padded = self._node("Pad", [frames, numbers("pads", 0, before, 0, 0, after, 0)], f"{target}.padded")
        axis, step, parts = numbers("axis", 1), numbers("stride", stride), []
        for place in range(width):
            last = place - (width - 1) or np.iinfo(np.int64).max
            span = [numbers(f"begin{place}", place), numbers(f"end{place}", int(last)), axis, step]
            parts.append(self._node("Slice", [padded, *span], f"{target}.part{place}"))
        windows = self._node("Concat", parts, f"{target}.windows", axis=2)
        # Under the kernel frames lie one after the other, each with all of its channels.
        rows = f"{PREFIX}{target}.rows"
        self.multiply(windows, kernel.transpose(2, 1, 0).reshape(-1, kernel.shape[0]), rows)
        if len(convolution.input) > 2:
            rows = self._node("Add", [rows, convolution.input[2]], f"{target}.biased")
        self.nodes.append(helper.make_node("Transpose", [rows], [target], perm=[0, 2, 1]))

    def _quantized(self, source: str) -> tuple[str, str]:
        """Eight bits of an activation, 1 to 255 about 128, and the scale of each of its rows."""
        if source not in self.rows:
            last, least = self._constant("last", np.array([-1])), self._constant("least", np.float32(_LEAST))
            top, step = self._constant("top", np.float32(TOP)), self._constant("step", np.float32(1 / TOP))
            size = self._node("Abs", [source], f"{source}.size")
            largest = self._node("ReduceMax", [size, last], f"{source}.largest", keepdims=1)
            divisor = self._node("Max", [largest, least], f"{source}.divisor")
            factor = self._node("Div", [top, divisor], f"{source}.factor")
            steps = self._node("Mul", [source, factor], f"{source}.steps")
            one = self._constant("one", np.float32(1))
            rows = self._node("QuantizeLinear", [steps, one, self._zero_point()], f"{source}.rows")
            self.rows[source] = rows, self._node("Mul", [divisor, step], f"{source}.scale")
        return self.rows[source]

    def _zero_point(self) -> str:
        return self._constant("zero_point", np.uint8(_ZERO_POINT))

    def _constant(self, name: str, values: npt.ArrayLike) -> str:
        name = f"{PREFIX}{name.removeprefix(PREFIX)}"
        self.tensors[name] = numpy_helper.from_array(np.array(values, order="C"), name)
        return name

    def _node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        output = f"{PREFIX}{output.removeprefix(PREFIX)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output
