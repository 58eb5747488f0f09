import json

import pytest

from voxaffect import labels
from voxaffect.errors import SettingsError
from voxaffect.training import experiment


def test_the_packaged_one_and_its_overrides():
    plain = experiment.read("cnn")
    assert plain.name == "cnn"
    changed = experiment.read(
        "cnn", ["training.epochs=3", "augment.masks.count=0", "network.channels=[8, 16]", "augment.mixup=false"]
    )
    assert changed.training.epochs == 3
    assert changed.network.channels == (8, 16)
    assert changed.augment.masks.count == 0
    assert changed.augment.mixup is None
    assert plain.augment.mixup is not None


def test_a_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('model = "cnn"\n[training]\nepochs = 7\n')
    found = experiment.read(path)
    assert (found.name, found.training.epochs, found.augment.gain) == ("mine", 7, None)


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("training.epoch=3", "setting training.epoch is not known; TrainingSettings has .*epochs"),
        ("training.epochs=0", "choose at least 1"),
        ("training.epochs=many", "training.epochs='many': give a whole number"),
        ("training.epochs=true", "training.epochs=True: give a whole number"),
        ("training.epochs", "has no value"),
        ("network.channels=64", "give a list"),
        (
            "trainin.epochs=3",
            "Experiment has augment, copies, features, frontend, input, model, name, network, training",
        ),
        ("frontend.hop_length=800", "hop_length=800 exceeds n_fft=512"),
        ("training.precision=fp8", "give '32' or 'bf16'"),
        ("model=resnet", "choose one of .*cnn"),
        ("augment.gain=6", "augment.gain=6 is not a table"),
        ("augment.noise={low=3}", "missing"),
        ("training.scheme=x", "scheme 'x' is not known"),
        ("training.learning_rate=5.0", "choose above 0 and below 1"),
        ("training.weight_decay=-1.0", "choose 0 or more"),
        ("training.seed=12345678901234567890", "choose 0 to"),
        ("network.stem_stride=[0, 1]", "choose 1 or 2"),
        ("network.embedding=0", "is not a size"),
        ("features=mel", "choose one of log-mel, mfcc"),
        ("copies.kinds=['echo']", "'echo' is not known; choose among gain"),
        ("input.start=-1.0", "choose 0 to 30"),
        ("input={start=0.5, pad=true}", "leave one out"),
        ("input.trim=1.0", "choose 5 to 120"),
        ("input.pad=3", "give true or false"),
        ("training.optimizer=adam", "give 'adamw' or 'sgd' or 'rmsprop'"),
        ("training.gradient_clip=0.0", "choose above 0"),
        ("name='../x'", "becomes a file's name"),
        ("name.x=3", "name is not a table"),
    ],
)
def test_nonsense_is_refused(override, reason):
    overrides = ["name=x", override] if override.startswith("name.") else [override]
    with pytest.raises(SettingsError, match=reason):
        experiment.read("cnn", overrides)


def test_files_that_are_not_experiments(tmp_path):
    with pytest.raises(SettingsError, match=r"choose one of .*cnn"):
        experiment.read("nope")
    with pytest.raises(SettingsError, match="no such file"):
        experiment.read(tmp_path / "absent.toml")
    (tmp_path / "bad.toml").write_text("model =")
    with pytest.raises(SettingsError, match="is not TOML"):
        experiment.read(tmp_path / "bad.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        experiment.read(tmp_path / "folder.toml")


def test_a_folder_of_the_same_name_is_not_the_experiment(tmp_path, monkeypatch):
    (tmp_path / "cnn").mkdir()
    monkeypatch.chdir(tmp_path)
    assert experiment.read("cnn").name == "cnn"


@pytest.mark.parametrize("name", experiment.names())
def test_what_a_result_file_says_is_the_experiment_again(name):
    """Also from files of earlier versions, which lack what had not been thought of."""
    settings = experiment.read(name)
    tables = json.loads(json.dumps(settings.as_dict()))
    assert experiment.from_tables(tables) == settings
    if name == "cnn":
        for key in ("copies", "features"):
            del tables[key]
        del tables["input"]["start"], tables["training"]["optimizer"]
        assert experiment.from_tables(tables) == settings


def test_a_fixed_network_takes_a_fixed_part_and_no_augmentation_in_passing():
    with pytest.raises(SettingsError, match=r"set input\.start"):
        experiment.read("article", ["input.start=false"])
    with pytest.raises(SettingsError, match="use copies"):
        experiment.read("article", ["augment.gain={decibels=3}"])


def test_copies_of_a_class_that_the_scheme_lacks():
    with pytest.raises(SettingsError, match="'positive' is not in scheme ravdess-8"):
        experiment.CopySettings(("noise",), ("positive",)).of([], labels.scheme("ravdess-8"))
