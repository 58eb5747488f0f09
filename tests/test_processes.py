"""The pool: results, workers that die, parents that die, Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from voxaffect.errors import AudioError, WorkerError
from voxaffect.processes import Pool

SCRIPT = """
import os, sys, time
from voxaffect.processes import Pool
def work(_):
    os.write(1, f"{os.getpid()}\\n".encode())  # in one piece, as both workers write to one pipe
    time.sleep(60)
if __name__ == "__main__":
    with Pool(2) as pool:
        list(pool.map(work, range(4)))
"""

posix = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


def describe(task: int) -> tuple[int, int, str | None]:
    time.sleep(0.05 if task == 0 else 0.0)  # the first is done last
    return task * task, os.getpid(), os.environ.get("OMP_NUM_THREADS")


def refuse(task: int) -> int:
    if task == 3:
        raise AudioError("clip 3: is empty; leave it out")
    time.sleep(0.01)
    return task


def die(task: int) -> None:
    if task == 3:
        os._exit(1)
    time.sleep(0.05)


class Tally:
    """A function that counts its calls, in the process that it was sent to."""

    def __init__(self, calls: int = 0) -> None:
        self.calls = calls

    def __call__(self, _: int) -> int:
        self.calls += 1
        return self.calls


class Unreadable:
    """A function that cannot be read in another process."""

    def __reduce__(self) -> tuple[object, ...]:
        return refuse, (3,)

    def __call__(self, _: int) -> None: ...


@pytest.mark.parametrize("workers", [0, 2])
def test_each_task_once_and_in_order_where_asked(workers, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with Pool(workers) as pool:
        ordered = [square for square, _, _ in pool.map(describe, range(9))]
        pairs = list(pool.map_unordered(describe, range(9)))
        assert list(pool.map(describe, [])) == []
    assert ordered == [task * task for task in range(9)]
    assert sorted((task, outcome[0]) for task, outcome in pairs) == [(task, task * task) for task in range(9)]
    processes = {outcome[1] for _, outcome in pairs}
    assert processes == {os.getpid()} if workers == 0 else os.getpid() not in processes
    assert {outcome[2] for _, outcome in pairs} == {None if workers == 0 else "1"}
    assert "OMP_NUM_THREADS" not in os.environ


@pytest.mark.parametrize(("fresh", "processes"), [(False, 1), (True, 4)])
def test_a_fresh_process_for_each_task_or_one_for_all(fresh, processes):
    with Pool(1, fresh=fresh) as pool:
        assert len({process for _, process, _ in pool.map(describe, range(4))}) == processes


def test_a_worker_gets_a_function_once_and_another_one_when_it_changes():
    with Pool(1) as pool:
        assert list(pool.map(Tally(), range(3))) == [1, 2, 3]
        assert list(pool.map(Tally(10), range(2))) == [11, 12]


def test_errors_come_as_they_were_raised():
    with pytest.raises(AudioError, match="clip 3: is empty") as raised, Pool(2) as pool:
        list(pool.map(refuse, range(1000)))
    assert any("in refuse" in note for note in raised.value.__notes__)  # where it came from
    with pytest.raises(TypeError, match="pickle"), Pool(1) as pool:
        list(pool.map(open, [os.devnull]))  # a result that cannot be sent
    with pytest.raises(AudioError), Pool(1) as pool:
        list(pool.map(Unreadable(), [1]))


def test_a_worker_that_dies_names_its_task():
    with pytest.raises(WorkerError, match=r"^clip 3: its worker process died"), Pool(2) as pool:
        list(pool.map_unordered(die, range(1000), name=lambda task: f"clip {task}"))


def started(tmp_path: Path, **options: object) -> tuple[subprocess.Popen[str], list[int]]:
    """A script whose workers sleep, and their process numbers."""
    script = tmp_path / "workers.py"
    script.write_text(SCRIPT)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, **options)
    return parent, [int(parent.stdout.readline()) for _ in range(2)]


def ended(workers: list[int], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while any(map(_lives, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(map(_lives, workers))


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


@posix
def test_workers_end_with_their_killed_parent(tmp_path):
    """Else they would go on writing checkpoints into the folder of the run that resumes."""
    parent, workers = started(tmp_path)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert ended(workers)


@posix
def test_ctrl_c_ends_all_and_workers_print_nothing(tmp_path):
    parent, workers = started(tmp_path, stderr=subprocess.PIPE, start_new_session=True)
    os.killpg(parent.pid, signal.SIGINT)  # as a terminal does: the parent and its workers
    _, complaints = parent.communicate(timeout=60)
    assert ended(workers)
    assert complaints.count("Traceback") == 1  # the parent's own, as the script does not catch it
    assert complaints.rstrip().endswith("KeyboardInterrupt")


@posix
def test_ctrl_c_while_workers_start(tmp_path):
    """At whatever moment it comes."""
    for delay in (0.15, 0.2, 0.3):
        script = tmp_path / "workers.py"
        script.write_text(SCRIPT.replace("import os", "print('begun', flush=True)\nimport os", 1))
        parent = subprocess.Popen(
            [sys.executable, str(script)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        parent.stdout.readline()
        time.sleep(delay)
        os.killpg(parent.pid, signal.SIGINT)
        _, complaints = parent.communicate(timeout=60)
        assert complaints.count("Traceback") == 1


WRITING = """
import os, sys, time
from pathlib import Path
from voxaffect.files.atomic import replacing
from voxaffect.processes import Pool
def work(name):
    with replacing(Path(name)) as partial:
        partial.write_text("half")
        os.write(1, f"{os.getpid()}\\n".encode())
        time.sleep(60)
if __name__ == "__main__":
    with Pool(2) as pool:
        list(pool.map(work, ["a.ckpt", "b.ckpt"]))
"""


@posix
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_workers_that_are_ended_leave_no_temporary_files(tmp_path, sent):
    """By their parent, and with it."""
    (tmp_path / "workers.py").write_text(WRITING)
    parent = subprocess.Popen(
        [sys.executable, "workers.py"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    workers = [int(parent.stdout.readline()) for _ in range(2)]
    assert len(list(tmp_path.iterdir())) == 3
    begin = time.monotonic()
    parent.send_signal(sent)
    _, complaints = parent.communicate(timeout=60)
    assert ended(workers)
    assert time.monotonic() - begin < 5
    assert [path.name for path in tmp_path.iterdir()] == ["workers.py"]
    assert complaints.count("Traceback") == (sent == signal.SIGINT)


UNGUARDED = """
from voxaffect.errors import WorkerError
from voxaffect.processes import Pool
try:
    with Pool(1) as pool:
        list(pool.map(abs, [1, 2]))
except WorkerError as error:
    print(error)
"""


def test_a_script_without_its_guard_is_told_so(tmp_path):
    script = tmp_path / "unguarded.py"
    script.write_text(UNGUARDED)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert '`if __name__ == "__main__":`' in done.stdout
