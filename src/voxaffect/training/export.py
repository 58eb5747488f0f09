"""A trained classifier to a bundle, which is made only if ONNX Runtime and PyTorch agree."""

import dataclasses
import logging
import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch

from voxaffect import bundle
from voxaffect.audio import Waveform
from voxaffect.bundle import Bundle
from voxaffect.card import Card, Int8Record
from voxaffect.errors import BundleError
from voxaffect.graph import check as check_graph
from voxaffect.models import Classifier
from voxaffect.settings.experiment import SHORTEST
from voxaffect.training.compact import compact
from voxaffect.training.quantize import quantize_graph

TOLERANCE = 1e-4
"""Largest difference of any logit or embedding value before weights are rounded."""

ROUNDING = 0.01
"""The same afterwards. Logits lie some units apart."""

CHANGED = 0.1
"""Largest share of clips that eight bits may give another answer."""


def to_onnx(model: Classifier, sample_rate: int, shortest: float = SHORTEST) -> bytes:
    """Export a classifier as an ONNX graph: `waveform` -> `logits`, `embedding`, and what else it gives, float32.

    One process exports one recurrent network: PyTorch 2.13 gives a second one a fixed length, which `gap` shows.

    Args:
        model: The classifier.
        sample_rate: Hz of the waveform.
        shortest: Seconds of the shortest waveform.

    Returns:
        The graph, from (batch, samples) to what `Classifier.forward` gives.
    """
    for name in ("torch.onnx", "onnxscript"):
        logging.getLogger(name).setLevel(logging.ERROR)
    model = model.eval().to("cpu")
    example = torch.zeros(2, round(2 * shortest * sample_rate))
    batch, samples = torch.export.Dim("batch", min=1), torch.export.Dim("samples", min=round(shortest * sample_rate))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            model,
            (example,),
            dynamo=True,
            verbose=False,
            input_names=["waveform"],
            output_names=list(model.outputs),
            dynamic_shapes=({0: batch, 1: samples},),
        )
    assert program is not None  # it is only None where a file is named
    graph = program.model_proto
    # The exporter notes the source line of every node, with the paths of the machine it ran on.
    for part in (graph.graph, *graph.graph.node, *graph.graph.input, *graph.graph.output, *graph.graph.value_info):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    return graph.SerializeToString()


def gap(model: Classifier, graph: bytes, sample_rate: int, shortest: float = SHORTEST) -> float:
    """Largest difference between ONNX Runtime and PyTorch over batches of one and several, short and long.

    Args:
        model: The classifier.
        graph: What it was exported to.
        sample_rate: Hz of the waveform.
        shortest: Seconds of the shortest waveform.

    Returns:
        Of any value of any output, in units of the output's largest one if that exceeds 1; NaN where one is no number,
        or the graph does not take a length.
    """
    session = _session(graph)
    rng, worst = np.random.default_rng(0), 0.0
    for batch, seconds in ((1, shortest), (1, 3.3), (3, max(shortest, 2.0)), (2, 6.1)):
        level = 10 ** rng.uniform(-3, 0, (batch, 1))
        waveform = (level * rng.standard_normal((batch, round(seconds * sample_rate)))).astype(np.float32)
        with torch.no_grad():
            expected = [each.numpy() for each in model(torch.from_numpy(waveform))]
        try:
            given = session.run(list(model.outputs), {"waveform": waveform})
        except Exception:  # ONNX Runtime raises bare pybind11 exceptions: the graph does not take this length
            return float("nan")
        for ours, theirs in zip(given, expected, strict=True):
            # An encoder's hidden states reach hundreds, which single precision holds to some hundred-thousandths.
            unit = max(1.0, float(np.abs(theirs).max()))
            worst = float(np.maximum(worst, np.abs(ours - theirs).max() / unit))  # unlike max(), it keeps a NaN
    return worst


def changes(before: bytes, after: bytes, clips: Sequence[Waveform]) -> Int8Record:
    """How far the logits of two graphs differ on real recordings.

    Args:
        before: A graph.
        after: The same in eight bits.
        clips: (any,) each, one or more.
    """
    first, second = (np.stack([_logits(session, clip) for clip in clips]) for session in map(_session, (before, after)))
    other = first.argmax(axis=1) != second.argmax(axis=1)
    return Int8Record(len(clips), float(np.abs(second - first).max()), float(other.mean()))


def export(
    model: Classifier, sample_rate: int, name: str, card: Card, int8_clips: Sequence[Waveform] | None = None
) -> Bundle:
    """Export a classifier to a bundle in memory.

    Args:
        model: The classifier.
        sample_rate: Hz of the waveform.
        name: Of the bundle.
        card: To which the number of parameters and the differences to PyTorch are added.
        int8_clips: Recordings, (any,) each, by which large matrices in eight bits are judged; None: there are none.

    Raises:
        BundleError: ONNX Runtime and PyTorch differ by more than TOLERANCE, or than ROUNDING once weights are rounded,
            or give anything but numbers; or eight bits change more answers than CHANGED.
    """
    shortest = card.window.shortest
    graph = to_onnx(model, sample_rate, shortest)
    difference = gap(model, graph, sample_rate, shortest)
    if not difference <= TOLERANCE:
        raise BundleError(
            f"{name}: ONNX Runtime and PyTorch differ by {difference:.1e}, more than {TOLERANCE:.0e}; "
            "the bundle is not written; try the versions in constraints.txt, and where the difference is nan, a lower "
            "learning rate"
        )
    rounded = compact(graph)
    rounding = gap(model, rounded, sample_rate, shortest)
    if not rounding <= ROUNDING:
        raise BundleError(
            f"{name}: weights in half precision change outputs by {rounding:.1e}, more than {ROUNDING:.0e}; the "
            "bundle is not written; try a lower learning rate or more weight decay"
        )
    int8 = None
    if int8_clips is not None:
        exact, rounded = rounded, compact(quantize_graph(graph))
        int8 = changes(exact, rounded, int8_clips)
        if not (int8.answers <= CHANGED and np.isfinite(int8.logits)):
            raise BundleError(
                f"{name}: eight bits change {int8.answers:.0%} of {int8.clips} answers, and logits by up to "
                f"{int8.logits:.2g}; the bundle is not written; set training.int8=false"
            )
    about = dataclasses.replace(
        card.model,
        parameters=model.frontend.frozen + sum(each.numel() for each in model.parameters()),
        gap_to_pytorch=difference,
        rounding=rounding,
        int8=int8,
    )
    made = bundle.assemble(name, rounded, dataclasses.replace(card, model=about))
    check_graph(made)
    return made


def _session(graph: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])


def _logits(session: onnxruntime.InferenceSession, clip: Waveform) -> npt.NDArray[np.float32]:
    return np.asarray(session.run(["logits"], {"waveform": clip[None]})[0])[0]
