"""Progress: redrawn on a terminal, a line now and then elsewhere, and never on a line with results."""

import os
import pty
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from conftest import babble
from voxaffect.apps.cli import terminal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="terminals as POSIX has them")


def test_in_a_log_there_is_a_line_now_and_then(capsys, monkeypatch):
    now = iter(range(0, 1000, 10))
    monkeypatch.setattr(terminal.time, "monotonic", lambda: next(now))
    counter = terminal.Counter(9, "recognised")
    for _ in range(9):
        counter()
    lines = capsys.readouterr().err.splitlines()
    assert 2 <= len(lines) <= 5
    assert all(line.startswith("voxaffect: ") and line.endswith(" left") for line in lines)
    assert "/9 recognised, " in lines[0]


def on_a_terminal(words: list[str], piped: bool) -> str:
    """What the terminal shows of a command whose stderr is it; piped: its stdout comes through another program."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        words, stderr=theirs, stdout=subprocess.PIPE if piped else theirs, stdin=subprocess.DEVNULL
    )
    if piped:
        rest = subprocess.Popen(["cat"], stdin=process.stdout, stdout=theirs)
        process.stdout.close()
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # all have closed it
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait(timeout=60) == 0
    if piped:
        rest.wait(timeout=60)
    return shown.decode()


@pytest.mark.parametrize("piped", [False, True])
def test_results_and_progress_share_no_line(tmp_path, piped):
    for k in range(4):
        soundfile.write(tmp_path / f"{k}.wav", babble(k), 16_000)
    first, silence = babble(4), np.zeros(32_000)
    two = np.stack([np.concatenate([first, silence]), np.concatenate([silence, first])], axis=1)
    soundfile.write(tmp_path / "2-call.wav", two, 16_000)  # of which there is a warning
    files = sorted(map(str, tmp_path.iterdir()))
    shown = on_a_terminal([sys.executable, "-m", "voxaffect", "recognize", *files], piped)
    assert ("/5 recognised" in shown) is not piped
    assert "two speakers are mixed" in shown
    for line in shown.replace("\r\n", "\n").split("\n"):
        last = line.rsplit("\033[K", 1)[-1]  # all before it was erased
        assert "recognised" not in last or not (" % " in last or "mixed" in last)
