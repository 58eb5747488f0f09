import json
import signal
import subprocess
import sys
import time

import pytest

from voxaffect import corpora
from voxaffect.apps.cli import main
from voxaffect.errors import SettingsError
from voxaffect.runs import recipe
from voxaffect.runs.run import Run
from voxaffect.settings import read_experiment
from voxaffect.splits import Split, by_speaker
from voxaffect.training.fit import fit
from voxaffect.training.prepared import prepare
from voxaffect.training.run_folder import BEST, LAST, NOTE, claim, claimed, identity

SPLIT = Split("s", {"x/1": ("a",), "x/2": ("b",)}, {"x/3": ("c",)}, {"x/4": ("d",)})


def test_a_run_goes_on_with_its_own_settings_and_split_alone(tmp_path):
    settings = read_experiment("cnn")
    claim(tmp_path, settings, SPLIT, resume=False)
    (tmp_path / LAST).touch()
    claim(tmp_path, settings, SPLIT, resume=True)
    with pytest.raises(SettingsError, match="other settings or another split"):
        claim(tmp_path, read_experiment("cnn", ["training.seed=1"]), SPLIT, resume=True)
    # Speakers 2 and 4 have changed sides: what was trained on would be tested.
    swapped = Split("s", {"x/1": ("a",), "x/4": ("d",)}, {"x/3": ("c",)}, {"x/2": ("b",)})
    with pytest.raises(SettingsError, match="other settings or another split"):
        claim(tmp_path, settings, swapped, resume=True)


def test_a_setting_that_is_younger_than_a_run_had_its_default_in_it(tmp_path):
    settings = read_experiment("cnn")
    claim(tmp_path, settings, SPLIT, resume=False)
    (tmp_path / LAST).touch()
    noted = json.loads((tmp_path / NOTE).read_text())
    del noted["experiment"]["training"]["sampling"]["nonspeech"]
    (tmp_path / NOTE).write_text(json.dumps(noted))
    claim(tmp_path, settings, SPLIT, resume=True)
    with pytest.raises(SettingsError, match="other settings or another split"):
        claim(tmp_path, read_experiment("cnn", ["training.sampling.nonspeech=0.1"]), SPLIT, resume=True)


def test_a_run_is_not_overwritten_by_accident(tmp_path):
    claim(tmp_path, read_experiment("cnn"), SPLIT, resume=False)
    (tmp_path / LAST).touch()
    with pytest.raises(SettingsError, match="holds this run already; `resume` goes on"):
        claim(tmp_path, read_experiment("cnn"), SPLIT, resume=False)


def test_a_run_that_failed_before_its_first_epoch_does_not_stand_in_the_way(tmp_path):
    claim(tmp_path, read_experiment("cnn"), SPLIT, resume=False)
    claim(tmp_path, read_experiment("cnn", ["training.sampling.batch_size=4"]), SPLIT, resume=False)


def test_checkpoints_of_nobody_knows_what_are_not_gone_on_from(tmp_path):
    (tmp_path / LAST).touch()
    with pytest.raises(SettingsError, match="other settings or another split"):
        claim(tmp_path, read_experiment("cnn"), SPLIT, resume=True)


QUICK = [
    "network.channels=[8, 16]",
    "network.embedding=24",
    "input.window=1.0",
    "training.precision='32'",
    "training.sampling.clips_per_epoch=64",
    "training.epochs=2",
]


def test_two_processes_do_not_train_in_one_folder(made_up, tmp_path, capsys):
    def words(name, *settings):
        to = ["--corpus", f"ravdess={made_up}", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / name)]
        return ["train", *to, "--threads", "1", *(part for each in (*QUICK, *settings) for part in ("--set", each))]

    endless = words("first", "training.epochs=5000", "training.patience=5000")
    first = subprocess.Popen(
        [sys.executable, "-m", "voxaffect", *endless], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        note = tmp_path / "runs" / NOTE
        until = time.monotonic() + 120
        while not note.exists() and time.monotonic() < until:
            time.sleep(0.05)
        noted = note.read_text()
        # Before its first epoch, when the folder holds no checkpoint yet, or after it.
        assert main([*words("second", "training.seed=1"), "--overwrite"]) == 2
        assert capsys.readouterr().err.splitlines()[-1] == (
            f"voxaffect: {tmp_path / 'runs'}: another process trains in it; wait until it has ended, or name another "
            "folder by --runs"
        )
        assert note.read_text() == noted
        assert not (tmp_path / "second").exists()
        assert first.poll() is None
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    # However a process ends, its folder is free.
    for path in (tmp_path / "runs").glob("*.ckpt"):
        path.unlink()
    claim(tmp_path / "runs", read_experiment("cnn"), SPLIT, resume=False)


def test_recipe_holds_the_folder_where_it_trains(made_up, tmp_path):
    """As a benchmark's fold and a row of the article do, in processes of their own."""
    utterances = corpora.load("ravdess", made_up).utterances
    split, settings = by_speaker("test", utterances, test=["ravdess/01"]), read_experiment("cnn", QUICK)
    with (
        claimed(tmp_path, identity(settings, split, ()), resume=False),
        pytest.raises(SettingsError, match="another process trains"),
    ):
        recipe.train(Run(settings, (), utterances, split, tmp_path))


@pytest.mark.parametrize("name", [LAST, BEST])
def test_a_checkpoint_of_another_run_is_refused(made_up, tmp_path, name):
    """As two trainings would leave it that write to one folder at once, where the file system has no locks."""
    utterances = corpora.load("ravdess", made_up).utterances
    split = by_speaker("test", utterances, dev=["ravdess/02"], test=["ravdess/01"])
    other = by_speaker("test", utterances, dev=["ravdess/02"], test=["ravdess/03"])
    settings = read_experiment("cnn", QUICK)
    fit(prepare(settings, utterances, split), tmp_path / "run")
    fit(prepare(settings, utterances, other), tmp_path / "other")
    (tmp_path / "other" / name).replace(tmp_path / "run" / name)
    with pytest.raises(SettingsError, match=rf"{name}: is of another run; name a folder for this one alone"):
        fit(prepare(settings, utterances, split), tmp_path / "run", resume=True)
