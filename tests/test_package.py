"""The names that `import voxaffect as va` gives, whatever was imported before."""

import subprocess
import sys

import pytest

import voxaffect as va
from voxaffect.errors import require

NAMES = [name for name in va.__all__ if not name.startswith("_")]
LIGHT = [name for name in NAMES if name != "benchmark"]  # which imports PyTorch, and that takes long
MODULES = {"audio", "corpora", "labels", "metrics"}
HEAVY = {"torch", "lightning", "onnxruntime", "numpy", "soundfile", "soxr"}


def fresh(code: str) -> str:
    """What a new process prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_heavy():
    loaded = fresh("import sys, voxaffect; dir(voxaffect); print(*sys.modules)").split()
    assert not HEAVY & set(loaded)
    assert [name for name in loaded if name.startswith("voxaffect.")] == []


def test_every_name_is_listed_and_is_what_it_is_called():
    assert {"load", "Recognizer", "train", "evaluate", "benchmark", "split", "audit", "explore", *MODULES} <= set(NAMES)
    assert dir(va) == sorted(va.__all__)
    kinds = {name: type(getattr(va, name)).__name__ for name in NAMES}
    assert {name for name, kind in kinds.items() if kind == "module"} == MODULES
    assert {name for name, kind in kinds.items() if kind == "function"} == {n for n in NAMES if n.islower()} - MODULES
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = va.nonsense


def test_every_name_works_first_and_after_all_modules_are_imported():
    """In one process a name, and in another the modules first, which hide names of the package where they are alike."""
    modules = "\n".join(
        f"import {__import__(va._HOME[name], fromlist=['_']).__name__}" for name in LIGHT if name in va._HOME
    )
    names = f"print(*(f'{{type(getattr(voxaffect, name)).__name__}}' for name in {LIGHT!r}))"
    assert fresh(f"import voxaffect\n{modules}\n{names}") == fresh(f"import voxaffect\n{names}")


def test_each_name_works_in_a_fresh_process():
    code = f"""
import os
for name in {LIGHT!r}:
    if os.fork() == 0:
        import voxaffect
        print(getattr(voxaffect, name).__name__.rpartition(".")[2], flush=True)
        os._exit(0)
    os.wait()
"""
    assert fresh(code).splitlines() == LIGHT


def test_without_pytorch_training_names_the_extra():
    code = """import sys, voxaffect as va
sys.modules["torch"] = None
for call in (lambda: va.train("mine.csv"), lambda: va.benchmark("ravdess-luna5", experiment="cnn")):
    try:
        call()
    except va.VoxaffectError as error:
        print(error)"""
    assert set(fresh(code).splitlines()) == {
        "torch is not installed: training needs it; pip install 'voxaffect[train]'"
    }


def test_an_extra_that_is_there_is_not_imported():
    code = "import sys; from voxaffect.errors import require; require('train'); print('torch' in sys.modules)"
    require("explore")
    assert fresh(code) == "False"


def test_results_have_a_line_as_their_repr(made_up):
    corpus = va.corpora.load("ravdess", made_up)
    assert repr(corpus) == "Corpus('ravdess', 128 utterances of 8 speakers)"
    split = va.split(corpus)[0]
    assert repr(split).startswith("Split('ravdess-5fold/fold1': train 64 of 4 speakers, dev 32 of 2 speakers, test 32")
    assert {corpus: 1, split: 2}[split] == 2
