"""Every command without the extras: it works, or ends with one line that names the extra."""

import os
import subprocess
import sys

import pytest

from voxaffect.apps.cli import COMMANDS

MISSING = ["torch", "lightning", "onnx", "onnxscript", "librosa", "matplotlib", "sklearn", "scipy", "pandas", "pyarrow"]
MISSING += ["audformat", "yaml", "pooch", "tqdm", "sounddevice"]

START = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {MISSING!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
from voxaffect.apps.cli import main
sys.exit(main(sys.argv[1:]))
"""

TRAIN, EXPLORE, TABLES = (f"pip install 'voxaffect[{name}]'" for name in ("train", "explore", "tables"))
DOWNLOAD, MICROPHONE = (f"pip install 'voxaffect[{name}]'" for name in ("download", "microphone"))

WORKS = {
    "recognize": ["{example}"],
    "recognize --explain": ["{example}", "--explain", "--bundle", "common4"],
    "timeline": ["{example}"],
    "batch": ["{example}", "--out", "t.csv", "--workers", "1"],
    "baseline": ["{example}", "--out", "b.json"],
    "info": [],
    "list corpora": ["corpora"],
    "list schemes": ["schemes"],
    "list protocols": ["protocols"],
    "list experiments": ["experiments"],
    "list bundles": ["bundles"],
    "list conditions": ["conditions"],
    "corpus": [],
    "corpus NAME": ["ravdess"],
    "corpus NAME=FOLDER": ["ravdess={made_up}"],
    "split": ["{made_up}/Audio_Speech_Actors_01-24", "--speaker", "-([0-9]+).wav", "--folds", "4"],
    "split --protocol": ["ravdess={made_up}", "--test", "ravdess/01", "--out", "s.json"],
    "audit": ["{table}"],
    "evaluate": ["common4", "ravdess={made_up}", "--json"],
    "evaluate --nonspeech": ["common4", "--nonspeech"],
    "reproduce --list": ["--list"],
}
"""Command -> words after its first word, of those that need no extra."""

NEEDS = {
    "train": (["ravdess={made_up}"], TRAIN),
    "benchmark": (["ravdess-luna5"], TRAIN),
    "reproduce": (["men-5"], TRAIN),
    "explore": (["ravdess={made_up}"], EXPLORE),
    "explore RECORDING": (["{example}"], EXPLORE),
    "split PARQUET": (["{parquet}"], TABLES),
    "batch PARQUET": (["{example}", "--out", "t.parquet"], TABLES),
    "corpus --download": (["ravdess", "--download"], DOWNLOAD),
    "listen": ([], MICROPHONE),
}
"""Command -> words, and the extra that it names."""


@pytest.fixture
def light(made_up, example, tmp_path):
    """Runs a command in a process that can import no extra."""
    table = tmp_path / "audit.csv"
    files = sorted(made_up.rglob("*.wav"))
    table.write_text(f"file,split,speaker\n{files[0]},train,a\n{example},test,b\n")
    parquet = tmp_path / "own.parquet"
    parquet.write_bytes(b"PAR1")
    places = {"made_up": made_up, "example": example, "table": table, "parquet": parquet}
    environment = {key: value for key, value in os.environ.items() if key != "VOXAFFECT_DATA"}

    def light(command: str, words: list[str]) -> tuple[int, str, str]:
        line = [command.split()[0], *(word.format(**places) for word in words)]
        done = subprocess.run(
            [sys.executable, "-c", START, *line],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=environment,
        )
        return done.returncode, done.stdout, done.stderr

    return light


def test_every_command_is_run():
    assert {name.split()[0] for name in (*WORKS, *NEEDS)} == set(COMMANDS)


@pytest.mark.parametrize("command", WORKS)
def test_a_command_that_needs_no_extra_works(light, command):
    code, out, err = light(command, WORKS[command])
    assert (code, "Traceback" in err) == (0, False), err
    assert out + err


@pytest.mark.parametrize("command", NEEDS)
def test_a_command_that_needs_an_extra_names_it_in_one_line(light, command):
    words, remedy = NEEDS[command]
    code, out, err = light(command, words)
    assert (code, out) == (1, "")
    line = err.splitlines()[-1]
    assert line.startswith("voxaffect: ")
    assert "is not installed" in line
    assert line.endswith(remedy)
    assert "Traceback" not in err


def test_measures_need_scipy_alone():
    absent = [name for name in MISSING if name != "scipy"]
    code = START.replace(repr(MISSING), repr(absent)).partition("from voxaffect")[0]
    code += "from voxaffect.exploring import measures, typical; print(len(measures.MEASURES))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert int(done.stdout) > 5, done.stderr


def test_help_and_usage_errors_import_nothing_heavy():
    """Of all commands, in one process."""
    code = f"""
import sys
from voxaffect.apps.cli import main
for command in {list(COMMANDS)!r}:
    for option in ("--help", "--no-such-option"):
        try:
            main([command, option])
        except SystemExit as stop:
            print(command, option, stop.code, file=sys.stderr)
print(*sys.modules, file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for command in COMMANDS:
        assert f"usage: voxaffect {command}" in done.stdout
        assert f"{command} --help 0\n" in done.stderr
        assert f"{command} --no-such-option 2\n" in done.stderr
    assert "`" not in done.stdout
    assert not {"torch", "onnxruntime", "soundfile", *MISSING} & set(done.stderr.splitlines()[-1].split())
