import os
import shutil
from pathlib import Path

import pytest
import torch

from voxaffect import corpora
from voxaffect.errors import SettingsError
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training import checkpoints
from voxaffect.training.fit import fit
from voxaffect.training.run_folder import BEST, LAST

SETTINGS = read_experiment(
    "cnn",
    [
        "network.channels=[8, 16]",
        "network.embedding=24",
        "input.window=1.0",
        "training.precision='32'",
        "training.sampling.clips_per_epoch=64",
        "training.epochs=3",
    ],
)


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.fixture(scope="module")
def utterances(made_up):
    return corpora.load("ravdess", made_up).utterances


@pytest.fixture(scope="module")
def split(utterances):
    return by_speaker("test", utterances, dev=["ravdess/03", "ravdess/04"], test=["ravdess/01", "ravdess/02"])


@pytest.fixture(scope="module")
def done(utterances, split, tmp_path_factory):
    """A run that has ended, and what came of it."""
    folder = tmp_path_factory.mktemp("done")
    return folder, fit(SETTINGS, utterances, split, folder, threads=1)


@pytest.fixture
def resume(done, utterances, split, tmp_path):
    shutil.copytree(done[0], tmp_path / "run")
    return lambda: fit(SETTINGS, utterances, split, tmp_path / "run", resume=True, threads=1)


def one_line(raised) -> str:
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("name", [LAST, BEST])
def test_what_a_checkpoint_holds_is_not_run(resume, tmp_path, name):
    folder, ran = tmp_path / "run", tmp_path / "ran"
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
