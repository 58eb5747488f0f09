import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import torch

from voxaffect import corpora
from voxaffect.errors import SettingsError
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training import checkpoints
from voxaffect.training.fit import fit
from voxaffect.training.prepared import prepare
from voxaffect.training.run_folder import BEST, LAST

SETTINGS = read_experiment(
    "cnn",
    [
        "network.channels=[8, 16]",
        "network.embedding=24",
        "input.window=1.0",
        "training.precision='32'",
        "training.sampling.clips_per_epoch=64",
        "training.epochs=4",
        "training.scheme='angry,sad'",
    ],
)


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


DEV = ["ravdess/03", "ravdess/04"]
OPPOSITE = {"angry": "sad", "sad": "angry"}


@pytest.fixture(scope="module")
def utterances(made_up):
    """Of development speakers the opposite is said, so that the first epoch is the best."""
    return [
        dataclasses.replace(each, emotion=OPPOSITE.get(each.emotion, each.emotion)) if each.speaker in DEV else each
        for each in corpora.load("ravdess", made_up).utterances
    ]


@pytest.fixture(scope="module")
def split(utterances):
    return by_speaker("test", utterances, dev=DEV, test=["ravdess/01", "ravdess/02"])


@pytest.fixture(scope="module")
def done(utterances, split, tmp_path_factory):
    """A run that has ended, and what came of it."""
    folder = tmp_path_factory.mktemp("done")
    return folder, fit(prepare(SETTINGS, utterances, split), folder)


@pytest.fixture
def folder(done, tmp_path):
    """That of the run, to do with as a test likes. Lightning forgets the best epoch of one that was moved."""
    shutil.copytree(done[0], tmp_path / "kept")
    yield done[0]
    shutil.rmtree(done[0])
    shutil.copytree(tmp_path / "kept", done[0])


@pytest.fixture
def resume(folder, utterances, split):
    return lambda: fit(prepare(SETTINGS, utterances, split), folder, resume=True)


def one_line(raised) -> str:
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("name", [LAST, BEST])
def test_what_a_checkpoint_holds_is_not_run(resume, folder, tmp_path, name):
    ran = tmp_path / "ran"
    torch.save({**torch.load(folder / name, weights_only=True), "extra": Touch(ran)}, folder / name)
    with pytest.raises(SettingsError) as raised:
        resume()
    assert not ran.exists()
    assert f"{folder / name}: holds more than weights (posix.system), which is not run; " in one_line(raised)
    assert f"remove {folder / LAST} to begin anew" in one_line(raised)


def test_lightning_reads_them_so_too(done, tmp_path):
    path, ran = tmp_path / LAST, tmp_path / "ran"
    torch.save({**checkpoints.read(done[0] / LAST), "extra": Touch(ran)}, path)
    with pytest.raises(SettingsError, match="holds more than weights"):
        checkpoints.Checkpoints().load_checkpoint(path, weights_only=False)
    assert not ran.exists()


def test_a_checkpoint_is_replaced_wherever_temporary_files_lie(resume, folder, tmp_path, monkeypatch):
    """Whoever has the old one open keeps it whole: nothing is copied onto it."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no other file system")
    shutil.copy(folder / BEST, folder / LAST)
    old = (folder / LAST).read_bytes()
    os.link(folder / LAST, tmp_path / "old")
    with tempfile.TemporaryDirectory(dir=memory) as temporary:
        monkeypatch.setattr(tempfile, "tempdir", temporary)
        resume()
    assert (folder / LAST).read_bytes() != old
    assert (tmp_path / "old").read_bytes() == old


SAVE = """
import os, resource, signal, sys, torch
from pathlib import Path
from voxaffect.training.checkpoints import Checkpoints
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
def save(path):
    Checkpoints().save_checkpoint({"state_dict": {"weight": torch.ones(100_000)}}, Path(path))
if os.fork() == 0:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    save(sys.argv[1])
    os._exit(0)
print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
save(sys.argv[2])
"""


def test_the_old_checkpoint_stays_where_writing_ends_in_the_middle(tmp_path):
    """A limit to the size of files stands in for a full disk, and the signal that comes with it kills otherwise."""
    paths = [tmp_path / each / LAST for each in ("killed", "full")]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", SAVE, *map(str, paths)], check=False, capture_output=True, text=True)
    assert int(done.stdout) == -signal.SIGXFSZ
    assert done.stderr.splitlines()[-1] == f"OSError: [Errno 27] File too large: '{paths[1]}'"
    assert [path.read_bytes() for path in paths] == [b"old", b"old"]
    assert list(paths[1].parent.iterdir()) == [paths[1]]


@pytest.mark.parametrize(
    ("name", "damage", "reason"),
    [
        (LAST, lambda path: os.truncate(path, path.stat().st_size // 2), "is damaged"),
        (LAST, lambda path: os.truncate(path, 0), "is damaged"),
        (LAST, lambda path: path.write_text("no checkpoint"), "is damaged"),
        (LAST, lambda path: torch.save({"weight": torch.ones(2)}, path), "is no checkpoint of a training"),
        (BEST, lambda path: os.truncate(path, path.stat().st_size // 2), "is damaged"),
        (BEST, lambda path: path.unlink(), "is missing"),
    ],
)
def test_a_damaged_checkpoint_gives_a_line_and_the_way_on(resume, folder, name, damage, reason):
    path = folder / name
    damage(path)
    with pytest.raises(SettingsError) as raised:
        resume()
    copy = (
        f"copy {path.with_name(BEST)}, which is whole, over it and resume from its epoch, or " if name == LAST else ""
    )
    assert one_line(raised) == f"{path}: {reason}; {copy}remove {path.with_name(LAST)} to begin anew"


def test_the_best_checkpoint_in_the_place_of_a_damaged_last_one_goes_on_to_the_same_end(resume, folder, done):
    whole = done[1]
    assert whole.best_epoch < whole.epochs
    os.truncate(folder / LAST, 1000)
    shutil.copy(folder / BEST, folder / LAST)
    again = resume()
    assert (again.best_epoch, again.epochs) == (whole.best_epoch, whole.epochs)
    for one, other in zip(whole.history, again.history, strict=True):
        assert one == pytest.approx(other, abs=1e-5)
