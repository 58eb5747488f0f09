"""Bundles from elsewhere: whatever is in one, each command gives an answer or one line, and never a traceback."""

import copy
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from onnx import TensorProto, helper, numpy_helper

from tiny_bundles import CARD, ENDS, HEAD, SOUND, WAVEFORM, constant, end, graph, say, write

ESC = "\x1b]0;x\a\x9b2J\u202e\r\n"
LONG = 10**400


# Graphs


def times(value):
    return graph(helper.make_node("Mul", ["embedding", "by"], ["logits"]), tensors=[constant("by", value)])


def of_shape(shape):
    """Adds what a large tensor of zeros sums up to."""
    return graph(
        helper.make_node("ConstantOfShape", ["shape"], ["zeros"]),
        helper.make_node("ReduceSum", ["zeros"], ["zero"], keepdims=0),
        helper.make_node("Add", ["embedding", "zero"], ["logits"]),
        tensors=[constant("shape", shape, np.int64)],
    )


def enlarged(kind, **attributes):
    """The same by a node that repeats the embedding."""
    return graph(
        helper.make_node("Constant", [], ["many"], **attributes),
        helper.make_node(kind, ["embedding", "many"], ["large"]),
        helper.make_node("ReduceSum", ["large"], ["sum"], keepdims=0),
        helper.make_node("Add", ["embedding", "sum"], ["logits"]),
    )


def looping(condition=True):
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        ],
        [helper.make_tensor_value_info("on", TensorProto.BOOL, [])],
    )
    loop = helper.make_node("Loop", ["", "true"], [], body=body)
    return graph(
        loop,
        helper.make_node("Identity", ["embedding"], ["logits"]),
        tensors=[numpy_helper.from_array(np.array(condition), "true")],
    )


def branching():
    def branch(name):
        node = helper.make_node("Identity", ["embedding"], [name])
        return helper.make_graph([node], name, [], [end(name)])

    node = helper.make_node("If", ["yes"], ["logits"], then_branch=branch("x"), else_branch=branch("y"))
    return graph(node, tensors=[numpy_helper.from_array(np.array(True), "yes")])


def scanning():
    body = helper.make_graph(
        [helper.make_node("Identity", ["a"], ["b"])],
        "body",
        [end("a", (2,))],
        [end("b", (2,))],
    )
    return graph(helper.make_node("Scan", ["embedding"], ["logits"], body=body, num_scan_inputs=1))


def with_functions():
    model = graph(helper.make_node("Twice", ["embedding"], ["logits"], domain="mine"))
    node = helper.make_node("Add", ["x", "x"], ["y"])
    model.functions.append(helper.make_function("mine", "Twice", ["x"], ["y"], [node], [helper.make_opsetid("", 20)]))
    model.opset_import.append(helper.make_opsetid("mine", 1))
    return model


def changed_tensor(**fields):
    model = times([1.0, 1.0])
    for name, value in fields.items():
        if name == "dims":
            model.graph.initializer[-1].dims[:] = value
        else:
            setattr(model.graph.initializer[-1], name, value)
    return model


def external():
    model = changed_tensor(data_location=TensorProto.EXTERNAL)
    model.graph.initializer[-1].ClearField("raw_data")
    entry = model.graph.initializer[-1].external_data.add()
    entry.key, entry.value = "location", "card.json"
    return model


def sparse():
    model = graph()
    model.graph.sparse_initializer.append(
        helper.make_sparse_tensor(constant("s", [1.0]), constant("i", [0], np.int64), [10**9, 10**3])
    )
    return model


def renamed_input():
    return graph(
        inputs=[end("sound", ("batch", "samples"))],
        head=[helper.make_node("ReduceL2", ["sound", "axes"], ["level"]), HEAD[1]],
    )


BYTES = {
    "empty": b"",
    "text": b"not a graph",
    "half": graph().SerializeToString()[:-40],
    "zeros": bytes(1000),
    "groups": bytes([0x3B] * 50),
    "long varint": b"\x3a" + b"\xff" * 30,
    "beyond its end": b"\x3a\xff\xff\xff\xff\x0f",
    "no graph": helper.make_opsetid("", 20).SerializeToString(),
}
LOADED = {
    "another input": renamed_input(),
    "two inputs": graph(inputs=[WAVEFORM, end("more", ("batch",))]),
    "no input": graph(
        inputs=[], head=[helper.make_node("MatMul", ["l", "weight"], ["embedding"])], tensors=[constant("l", [[1.0]])]
    ),
    "three dimensions": graph(inputs=[end("waveform", ("batch", "samples", 1))]),
    "no shape": graph(inputs=[end("waveform", None)]),
    "of double": graph(inputs=[end("waveform", ("batch", "samples"), TensorProto.DOUBLE)]),
    "of whole numbers": graph(inputs=[end("waveform", ("batch", "samples"), TensorProto.INT16)]),
    "no embedding": graph(outputs=ENDS[:1]),
    "no logits": graph(outputs=ENDS[1:]),
    "no output": graph(outputs=[]),
    "logits of five": graph(outputs=[end("logits", ("batch", 5)), ENDS[1]]),
    "logits of one": graph(outputs=[end("logits", ("batch", 1)), ENDS[1]]),
    "logits of any": graph(outputs=[end("logits", ("batch", "n")), ENDS[1]]),
    "logits a vector": graph(outputs=[end("logits", (2,)), ENDS[1]]),
    "logits of text": graph(outputs=[end("logits", kind=TensorProto.STRING), ENDS[1]]),
    "frames without weights": graph(outputs=[*ENDS, end("frames", ("batch", "frames", 2))]),
    "frames a matrix": graph(outputs=[*ENDS, end("frames"), end("weights")]),
    "a sequence": graph(outputs=[helper.make_tensor_sequence_value_info("logits", 1, None), ENDS[1]]),
    "names with escapes": graph(inputs=[end(ESC, ("batch", "samples"))]),
    "a loop": looping(),
    "a loop of no round": looping(False),
    "a branch": branching(),
    "a scan": scanning(),
    "functions": with_functions(),
    "another file": external(),
    "sparse": sparse(),
    "terabytes": of_shape([10**6, 10**6]),
    "gigabytes": of_shape([2**31]),
    "gigabytes of a negative size": of_shape([-(10**6), 10**4]),
    "expanded": enlarged("Expand", value=constant("v", [10**5, 10**5, 2], np.int64)),
    "expanded by attribute": enlarged("Expand", value_ints=[10**6, 10**4, 2]),
    "repeated": enlarged("Tile", value_ints=[10**5, 10**5]),
    "a tensor larger than the file": changed_tensor(dims=[10**6, 10**6]),
    "a tensor of negative size": changed_tensor(dims=[-1]),
    "a tensor of many dimensions": changed_tensor(dims=[2] * 1000),
}
RUN = {
    "an operator that there is not": graph(helper.make_node("Magic", ["embedding"], ["logits"])),
    "another domain": graph(helper.make_node("Relu", ["embedding"], ["logits"], domain="com.example")),
    "a value that there is not": graph(helper.make_node("Add", ["embedding", "nowhere"], ["logits"])),
    "a circle": graph(
        helper.make_node("Add", ["embedding", "b"], ["a"]),
        helper.make_node("Add", ["a", "embedding"], ["b"]),
        helper.make_node("Identity", ["b"], ["logits"]),
    ),
    "weights of no type": changed_tensor(data_type=99),
    "not numbers": times([np.nan, 1.0]),
    "infinite": times([np.inf, 1.0]),
    "largest": times([3e38, 3e38]),
    "logits of three, declared as two": times(np.ones((3, 1, 1))),
    "logits for one": graph(helper.make_node("ReduceMax", ["embedding", "axes"], ["logits"], keepdims=1)),
    "a reshape that fails": graph(
        helper.make_node("Reshape", ["embedding", "to"], ["logits"]), tensors=[constant("to", [7, 3], np.int64)]
    ),
    "a gather beyond the end": graph(
        helper.make_node("Gather", ["embedding", "place"], ["x"], axis=1),
        helper.make_node("Concat", ["x", "x"], ["logits"], axis=1),
        tensors=[constant("place", [99], np.int64)],
    ),
    "a division by zero": graph(
        helper.make_node("Cast", ["embedding"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Mod", ["whole", "zero"], ["rest"]),
        helper.make_node("Cast", ["rest"], ["logits"], to=TensorProto.FLOAT),
        tensors=[constant("zero", [0], np.int64)],
    ),
    "an embedding of another size": graph(
        helper.make_node("Concat", ["pair", "pair"], ["embedding"], axis=1),
        helper.make_node("Identity", ["pair"], ["logits"]),
        head=[HEAD[0], helper.make_node("MatMul", ["level", "weight"], ["pair"])],
        outputs=[ENDS[0], end("embedding", ("batch", "dim"))],
    ),
    "an embedding of no number": graph(
        helper.make_node("Identity", ["pair"], ["logits"]),
        helper.make_node("Div", ["pair", "zero"], ["embedding"]),
        head=[HEAD[0], helper.make_node("MatMul", ["level", "weight"], ["pair"])],
        tensors=[constant("zero", [0.0])],
    ),
    "a fixed length": graph(inputs=[end("waveform", ("batch", 16_000))]),
    "a fixed batch": graph(inputs=[end("waveform", (7, "samples"))]),
}


# Cards


def places(value, path=()):
    """Every place in nested plain values; of lists, the first."""
    items = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def deep(levels):
    value = "x"
    for _ in range(levels):
        value = {"x": [value]}
    return value


DELETED = object()
VALUES = {
    "deleted": DELETED,
    "null": None,
    "true": True,
    "text": "x",
    "escapes": ESC,
    "-1": -1,
    "1e308": 1e308,
    "nan": math.nan,
    "many digits": LONG,
    "list": [],
    "deep": deep(100),
}


def with_value(content, path, value):
    """A copy with another value in a place, or without one."""
    changed = place = copy.deepcopy(content)
    for key in path[:-1]:
        place = place[key]
    if value is DELETED:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


CARD_TEXTS = {
    "deep lists": "[" * 100_000,
    "deep objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "a number of many digits": json.dumps(CARD)[:-1] + ', "x": ' + "9" * 10_000 + "}",
    "of bytes": "\x00" * 100,
    "empty": "",
    "too large": json.dumps(CARD)[:-1] + ', "x": "' + 20_000_000 * "x" + '"}',
    "the key twice": '{"schema": 2, "schema": 99}',
}


def is_clean(code, out, err):
    """An answer, or one line that names the remedy; besides it, only what batch and evaluate count."""
    if code == 0:
        return bool(out)
    lines = [line for line in err.splitlines() if line.startswith("voxaffect: ")]
    return code in (1, 2) and len(lines) == 1 and len(lines[0]) < 400 and "Traceback" not in err


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "a.wav"
    soundfile.write(path, SOUND, 16_000)
    soundfile.write(path.with_name("b.wav"), SOUND // 2, 16_000)
    path.with_name("my.csv").write_text("file,label,speaker\na.wav,angry,ann\nb.wav,sad,bob\n")
    return path


def commands(clip):
    """Every command that takes a bundle."""
    return {
        "info": ["info"],
        "recognize": ["recognize", str(clip)],
        "accuracy": ["recognize", str(clip), "--accuracy", "0.4"],
        "explain": ["recognize", str(clip), "--explain", "--format", "jsonl"],
        "timeline": ["timeline", str(clip)],
        "batch": ["batch", str(clip), "--out", str(clip.with_name("out.csv"))],
        "baseline": ["baseline", str(clip), "--out", str(clip.with_name("b.json"))],
        "listen": ["listen", "-", "--rate", "16000"],
        "evaluate": ["evaluate", str(clip.with_name("my.csv"))],
    }


def test_the_right_one_gives_answers(clip, tmp_path):
    folder = write(tmp_path / "b", graph().SerializeToString())
    for name, words in commands(clip).items():
        code, _, err = say(folder, *words)
        assert (name, code, err if name in ("info", "recognize") else "") == (name, 0, "")


def of_schema_1(content):
    """The same card in the words of the schema before."""
    old = copy.deepcopy(content) | {"schema": 1}
    curve = old["calibration"].pop("risk_coverage")
    old["calibration"]["certainty"] = [
        {"threshold": point["threshold"], "answered": point["coverage"], "accuracy": point.get("accuracy")}
        for point in curve
    ]
    head = old.pop("baseline_head")
    names = {"mean": "centre", "within_std": "within", "between_std": "between"}
    old["relative"] = {names.get(name, name): value for name, value in head.items()}
    old["training"]["start"] = {"weights": [{"name": "w", "sha256": "0"}], "corpora": [], "speakers": ["c/1"]}
    return old


@pytest.mark.parametrize(
    ("card", "parts"), [(CARD, CARD), (of_schema_1(CARD), ("calibration", "relative", "training"))], ids=["2", "1"]
)
def test_a_card_with_any_value_in_any_place_is_used_or_refused_in_one_line(clip, tmp_path, card, parts):
    """Several hundred cards, each with one value that is another."""
    model, used, unclean = graph().SerializeToString(), 0, []
    changes = [(path, name) for path in places(card) for name in VALUES if path[0] in parts]
    for number, (path, name) in enumerate(changes):
        folder = write(tmp_path / str(number), model, with_value(card, path, VALUES[name]))
        for words in (["info"], ["recognize", str(clip), "--accuracy", "0.4"])[: 1 + (number % 4 == 0)]:
            found = say(folder, *words)
            if not is_clean(*found):
                unclean.append((path, name, words[0], found))
            if found[0]:
                break
            used += 1
    assert unclean == []
    assert len(changes) > 200
    assert used > 20


@pytest.mark.parametrize("text", CARD_TEXTS.values(), ids=CARD_TEXTS)
def test_a_card_that_is_no_json_is_refused_in_one_line(tmp_path, text):
    code, out, err = say(write(tmp_path / "b", graph().SerializeToString(), text=text), "info")
    assert (code, out) == (1, "")
    assert is_clean(code, out, err)


@pytest.fixture(scope="module")
def found(clip, tmp_path_factory):
    """Graph -> command -> exit code, stdout, stderr. In another process, which a graph could bring down."""
    folder = tmp_path_factory.mktemp("graphs")
    graphs = BYTES | {name: model.SerializeToString() for name, model in (LOADED | RUN).items()}
    folders = {name: str(write(folder / str(number), model)) for number, (name, model) in enumerate(graphs.items())}
    plan = folder / "plan.json"
    plan.write_text(json.dumps([folders, str(clip)]))
    words, paths = [sys.executable, __file__, plan], {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(words, env=os.environ | paths, capture_output=True, text=True, timeout=120, check=False)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (done.stderr, len(results), list(folders)[len(results)])
    return dict(results)


@pytest.mark.parametrize("name", [*BYTES, *LOADED])
def test_a_graph_that_is_another_is_refused_when_it_is_read(found, name):
    for command, (code, out, err) in found[name].items():
        assert (command, code, out) == (command, 1, "")
        assert is_clean(code, out, err), (command, err)
        assert "graph" in err, (command, err)


@pytest.mark.parametrize("name", RUN)
def test_a_graph_that_fails_while_it_runs_is_refused(found, name):
    for command, (code, out, err) in found[name].items():
        assert is_clean(code, out, err), (command, out, err)
    assert found[name]["recognize"][0] == 1
    assert "graph" in found[name]["recognize"][2]


def test_there_are_many():
    assert len(BYTES | LOADED | RUN) >= 55


if __name__ == "__main__":
    plan = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    for name, folder in plan[0].items():
        results = {command: say(folder, *words) for command, words in commands(Path(plan[1])).items()}
        print(json.dumps([name, results]), flush=True)
