import os
import signal
import subprocess
import sys
import time

WORKERS = """
import os, time
from voxaffect.processes import side_by_side
def work(_):
    print(os.getpid(), flush=True)
    time.sleep(60)
if __name__ == "__main__":
    side_by_side(work, [0, 1], 1)
"""


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An ended process whose new parent has not fetched its exit code still has a number.
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False).stdout[:1] not in (
        b"Z",
        b"",
    )


def test_workers_end_with_their_killed_parent(tmp_path):
    """Else they would go on writing checkpoints into the folder of the run that resumes."""
    script = tmp_path / "workers.py"
    script.write_text(WORKERS)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    worker = int(parent.stdout.readline())
    assert _lives(worker)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 10
    while _lives(worker) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _lives(worker)


UNGUARDED = """
from voxaffect.errors import SettingsError
from voxaffect.processes import side_by_side
try:
    side_by_side(abs, [1, 2], 1)
except SettingsError as error:
    print(error)
"""


def test_a_script_without_its_guard_is_told_so(tmp_path):
    script = tmp_path / "unguarded.py"
    script.write_text(UNGUARDED)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert '`if __name__ == "__main__":`' in done.stdout
