"""Ctrl-C, SIGTERM and SIGHUP, as real signals to real processes: one line, no traceback, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")

COMMAND = "import os, sys; from voxaffect.__main__ import run; os.write(1, b'begun\\n'); sys.exit(run())"
"""As the console script does."""


def stopped(words: list[str], seconds: float, sent: int = signal.SIGINT, code: str = COMMAND) -> tuple[int, str]:
    """Send a signal to a command and its workers so long after its begin, as a terminal does; its exit code, stderr."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    process.stdout.readline()
    time.sleep(seconds)
    os.killpg(process.pid, sent)
    _, complaints = process.communicate(timeout=60)
    return process.returncode, complaints


@pytest.fixture(scope="module")
def clips(example, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for k in range(200):
        (folder / f"{k:03}.flac").symlink_to(example)
    return folder


def test_nothing_is_imported_before_ctrl_c_is_seen_to():
    """What the interpreter itself imports is not ours to choose; all else comes after."""
    code = "import sys; before = set(sys.modules); import voxaffect.__main__; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["voxaffect", "voxaffect.__main__"]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_at_whatever_moment_it_comes(clips, tmp_path, sent):
    """While modules are imported, while workers start, while they work."""
    for moment in range(5):
        out = tmp_path / f"{moment}" / "a.csv"
        out.parent.mkdir()
        words = ["batch", str(clips), "--out", str(out), "--workers", "2"]
        code, complaints = stopped(words, 0.01 + 0.14 * moment, sent)
        assert (code, complaints.count("\n")) == (128 + sent, 1), complaints
        assert complaints.startswith("voxaffect: interrupted")
        assert [path.name for path in out.parent.iterdir()] in ([], ["a.csv.partial"])


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("place", ["time.sleep(60)", "import slow", "Slow()"])
def test_temporary_files_are_removed(tmp_path, sent, place):
    """Wherever it comes: in our own code, in an import, in a finaliser, which both lose exceptions."""
    (tmp_path / "slow.py").write_text("import time; time.sleep(60)")
    code = f"""
import os, pathlib, signal, sys, time
sys.path.insert(0, {str(tmp_path)!r})
from voxaffect.__main__ import run
from voxaffect.apps import cli
from voxaffect.files.atomic import replacing
class Slow:
    def __del__(self): time.sleep(60)
def main():
    with replacing(pathlib.Path({str(tmp_path)!r}, "figures.json")) as partial:
        partial.write_text("half")
        os.write(1, b"begun\\n")
        {place}
cli.main = main
sys.exit(run())
"""
    code, complaints = stopped([], 0.1, sent, code)
    assert (code, complaints) == (128 + sent, "voxaffect: interrupted\n")
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == ["slow.py"]


def test_what_was_done_by_sigterm_is_gone_on_from(clips, tmp_path):
    out = tmp_path / "a.csv"
    words = ["batch", str(clips / "00*"), "--out", str(out), "--workers", "1"]
    process = subprocess.Popen([sys.executable, "-m", "voxaffect", *words], stderr=subprocess.PIPE, text=True)
    partial, deadline = tmp_path / "a.csv.partial", time.monotonic() + 60
    while not (partial.exists() and partial.read_bytes().count(b"\n") > 2) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.terminate()
    _, complaints = process.communicate(timeout=60)
    assert process.returncode == 143
    assert complaints == f"voxaffect: interrupted; what is done is in {partial}; --resume goes on\n"
    done = subprocess.run([sys.executable, "-m", "voxaffect", *words, "--resume"], capture_output=True, check=False)
    assert done.returncode == 0
    assert out.read_bytes().count(b"\n") == 11


def test_what_ignores_signals_goes_on_ignoring_them(clips, tmp_path):
    """As what is started by `nohup`, or by a script in the background."""
    words = ["recognize", str(clips / "000.flac")]
    for sent in (signal.SIGINT, signal.SIGHUP):
        ignoring = f"import signal; signal.signal({int(sent)}, signal.SIG_IGN); {COMMAND}"
        assert stopped(words, 0.1, sent, ignoring) == (0, "")
