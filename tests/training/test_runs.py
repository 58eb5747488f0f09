import json

import pytest

from voxaffect.errors import SettingsError
from voxaffect.settings import read_experiment
from voxaffect.splits import Split
from voxaffect.training.run_folder import LAST, NOTE, claim

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
    del noted["experiment"]["training"]["nonspeech"]
    (tmp_path / NOTE).write_text(json.dumps(noted))
    claim(tmp_path, settings, SPLIT, resume=True)
    with pytest.raises(SettingsError, match="other settings or another split"):
        claim(tmp_path, read_experiment("cnn", ["training.sampling.nonspeech=0.1"]), SPLIT, resume=True)


def test_a_run_is_not_overwritten_by_accident(tmp_path):
    claim(tmp_path, read_experiment("cnn"), SPLIT, resume=False)
    (tmp_path / LAST).touch()
    with pytest.raises(SettingsError, match="holds this run already; --resume goes on"):
        claim(tmp_path, read_experiment("cnn"), SPLIT, resume=False)


def test_a_run_that_failed_before_its_first_epoch_does_not_stand_in_the_way(tmp_path):
    claim(tmp_path, read_experiment("cnn"), SPLIT, resume=False)
    claim(tmp_path, read_experiment("cnn", ["training.sampling.batch_size=4"]), SPLIT, resume=False)


def test_checkpoints_of_nobody_knows_what_are_not_gone_on_from(tmp_path):
    (tmp_path / LAST).touch()
    with pytest.raises(SettingsError, match="other settings or another split"):
        claim(tmp_path, read_experiment("cnn"), SPLIT, resume=True)
