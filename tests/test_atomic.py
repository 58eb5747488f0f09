import subprocess
import sys

import pytest

from voxaffect.files.atomic import replacing, write_text


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "figures.json"
    write_text(path, "old")

    def fail() -> None:
        with replacing(path) as partial:
            partial.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["figures.json"]


def test_a_kill_leaves_the_old_file(tmp_path):
    path = tmp_path / "figures.json"
    write_text(path, "old")
    script = (
        "import os, sys; from pathlib import Path; from voxaffect.files.atomic import replacing\n"
        "with replacing(Path(sys.argv[1])) as partial:\n"
        "    partial.write_text('half'); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == -9
    assert path.read_text() == "old"


def test_a_full_disk_leaves_the_old_file(tmp_path):
    """The file size limit stands in for a full disk: both fail in the middle of a write."""
    path = tmp_path / "figures.json"
    write_text(path, "old")
    script = (
        "import resource, signal, sys; from pathlib import Path; from voxaffect.files.atomic import write_text\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write_text(Path(sys.argv[1]), 'new' * 10_000)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False, capture_output=True, text=True)
    assert "OSError" in done.stderr
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["figures.json"]


def test_files_are_readable_as_others_are(tmp_path):
    write_text(tmp_path / "ours", "")
    (tmp_path / "theirs").write_text("")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode
