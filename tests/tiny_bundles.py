"""Tiny bundles that are written whole in a test, and the command line run with them."""

import contextlib
import hashlib
import io
import json
import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from conftest import buzz
from test_card import FULL
from voxaffect.apps.cli import main

SOUND = (32767 * buzz(150, 0.3, 0.8, 16_000, np.random.default_rng(0))).astype("<i2")


def end(name, shape=("batch", 2), kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def constant(name, values, kind=np.float32):
    return numpy_helper.from_array(np.array(values, kind), name)


WAVEFORM = end("waveform", ("batch", "samples"))
ENDS = [end("logits"), end("embedding")]
HEAD = [
    helper.make_node("ReduceL2", ["waveform", "axes"], ["level"]),
    helper.make_node("MatMul", ["level", "weight"], ["embedding"]),
]
AXES, WEIGHT = constant("axes", [1], np.int64), constant("weight", [[1.0, -0.5]])


def graph(*nodes, inputs=(WAVEFORM,), outputs=ENDS, tensors=(), head=HEAD, **more):
    """Nodes after the embedding, whose last one gives the logits."""
    nodes = nodes or (helper.make_node("Identity", ["embedding"], ["logits"]),)
    made = helper.make_graph([*head, *nodes], "g", list(inputs), list(outputs), [AXES, WEIGHT, *tensors], **more)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


CARD = FULL | {"classes": ["angry", "sad"], "scheme": "angry,sad"}


def write(folder: Path, model: bytes, content=CARD, text: str | None = None) -> Path:
    """A bundle of this graph and this card, or this text in its place. The card's SHA-256 is right, if it has one."""
    folder.mkdir(parents=True)
    if isinstance(content.get("model"), dict) and content["model"].get("sha256") == CARD["model"]["sha256"]:
        content = content | {"model": content["model"] | {"sha256": hashlib.sha256(model).hexdigest()}}
    (folder / "model.onnx").write_bytes(model)
    (folder / "card.json").write_text(json.dumps(content) if text is None else text, "utf-8")
    return folder


def say(bundle, *words):
    """Run the command line in this process: exit code, stdout and stderr."""
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(SOUND.tobytes())))
    out, err = io.StringIO(), io.StringIO()
    out.reconfigure = err.reconfigure = lambda **_: None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([*words[:1], *([] if words[0] in ("info", "evaluate") else ["--bundle"]), str(bundle), *words[1:]])
    return code, out.getvalue(), err.getvalue()
