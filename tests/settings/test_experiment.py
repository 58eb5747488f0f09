import json

import pytest

from voxaffect import labels
from voxaffect.augment import augmented
from voxaffect.errors import SettingsError
from voxaffect.settings import experiment_from_tables, experiment_names, read_experiment


def test_the_packaged_one_and_its_overrides():
    plain = read_experiment("cnn")
    assert plain.name == "cnn"
    changed = read_experiment(
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
    found = read_experiment(path)
    assert (found.name, found.training.epochs, found.augment.gain) == ("mine", 7, None)


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("training.epoch=3", "setting training.epoch is not known; did you mean training.epochs"),
        ("training.epochs=0", "choose at least 1"),
        ("training.epochs=many", "training.epochs='many': give a whole number"),
        ("training.epochs=true", "training.epochs=True: give a whole number"),
        ("training.epochs", "has no value"),
        ("network.channels=64", "give a list"),
        ("trainin.epochs=3", "did you mean training"),
        ("training.ema_decay=0.9", "did you mean training.optimizer.ema_decay"),
        ("colour=3", "choose among augment, copies, features, frontend, input, model, name, network, training"),
        ("training.votes=0.5", "training.votes is now training.targets.listener_weight; write training.targets"),
        ("frontend.hop_length=800", "hop_length=800 exceeds n_fft=512"),
        ("training.precision=fp8", "give '32' or 'bf16'"),
        ("model=resnet", "choose one of .*cnn"),
        ("augment.gain=6", "augment.gain=6 is not a table"),
        ("augment.noise={low=3}", "missing"),
        ("training.scheme=x", "scheme 'x' is not known"),
        ("training.optimizer.learning_rate=5.0", "choose above 0 and below 1"),
        ("training.optimizer.weight_decay=-1.0", "choose 0 or more"),
        ("training.seed=12345678901234567890", "choose 0 to"),
        ("network.stem_stride=[0, 1]", "choose 1 or 2"),
        ("network.embedding=0", "is not a size"),
        ("features=mel", "choose one of log-mel, mfcc"),
        ("copies.kinds=['echo']", "'echo' is not known; choose among gain"),
        ("input.start=-1.0", "choose 0 to 30"),
        ("input={start=0.5, pad=true}", "leave one out"),
        ("input.trim=1.0", "choose 5 to 120"),
        ("input.pad=3", "give true or false"),
        ("training.optimizer.name=adam", "give 'adamw' or 'sgd' or 'rmsprop'"),
        ("training.optimizer.gradient_clip=0.0", "choose above 0"),
        ("name='../x'", "becomes a file's name"),
        ("name.x=3", "name is not a table"),
    ],
)
def test_nonsense_is_refused(override, reason):
    overrides = ["name=x", override] if override.startswith("name.") else [override]
    with pytest.raises(SettingsError, match=reason):
        read_experiment("cnn", overrides)


def test_files_that_are_not_experiments(tmp_path):
    with pytest.raises(SettingsError, match=r"choose one of .*cnn"):
        read_experiment("nope")
    with pytest.raises(SettingsError, match="no such file"):
        read_experiment(tmp_path / "absent.toml")
    (tmp_path / "bad.toml").write_text("model =")
    with pytest.raises(SettingsError, match="is not TOML"):
        read_experiment(tmp_path / "bad.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        read_experiment(tmp_path / "folder.toml")


def test_a_folder_of_the_same_name_is_not_the_experiment(tmp_path, monkeypatch):
    (tmp_path / "cnn").mkdir()
    monkeypatch.chdir(tmp_path)
    assert read_experiment("cnn").name == "cnn"


@pytest.mark.parametrize("name", experiment_names())
def test_what_a_result_file_says_is_the_experiment_again(name):
    """Also from files of earlier versions, which lack what had not been thought of."""
    settings = read_experiment(name)
    tables = json.loads(json.dumps(settings.to_dict()))
    assert experiment_from_tables(tables) == settings
    if name == "cnn":
        for key in ("copies", "features"):
            del tables[key]
        del tables["input"]["start"], tables["training"]["optimizer"]["name"]
        assert experiment_from_tables(tables) == settings


def test_a_fixed_network_takes_a_fixed_part_and_no_augmentation_in_passing():
    with pytest.raises(SettingsError, match=r"set input\.start"):
        read_experiment("article", ["input.start=false"])
    with pytest.raises(SettingsError, match="use copies"):
        read_experiment("article", ["augment.gain={decibels=3}"])


def test_copies_of_a_class_that_the_scheme_lacks():
    with pytest.raises(SettingsError, match="'positive' is not in scheme ravdess-8"):
        augmented([], ("noise",), ("positive",), labels.scheme("ravdess-8"))


def test_an_experiment_says_only_what_differs_from_another(tmp_path):
    (tmp_path / "wide.toml").write_text('extends = "cnn"\n[network]\nembedding = 256\n', "utf-8")
    (tmp_path / "wider.toml").write_text('extends = "wide.toml"\n[training]\nepochs = 3\n', "utf-8")
    wider, cnn = read_experiment(tmp_path / "wider.toml"), read_experiment("cnn")
    assert (wider.name, wider.network.embedding, wider.training.epochs) == ("wider", 256, 3)
    assert (wider.network.channels, wider.training.sampling) == (cnn.network.channels, cnn.training.sampling)
    (tmp_path / "a.toml").write_text('extends = "b.toml"\n', "utf-8")
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n', "utf-8")
    with pytest.raises(SettingsError, match="which extends it"):
        read_experiment(tmp_path / "a.toml")


def test_old_names_mean_what_they_meant(tmp_path):
    (tmp_path / "old.toml").write_text(
        'extends = "cnn"\n[frontend]\nrelative = 20\nlevel = true\n[network]\nstem = false\n'
        '[training]\nothers = true\nvotes = 0.5\nrelative = true\noptimizer = "sgd"\nclips = 64\nstart = ["small-0"]\n',
        "utf-8",
    )
    old = read_experiment(tmp_path / "old.toml")
    assert (old.frontend.dynamic_range, old.frontend.append_level) == (20, True)
    assert (old.training.targets.extra_classes, old.training.targets.listener_weight) == (True, 0.5)
    assert (old.training.baseline_head, old.training.optimizer.name) == (True, "sgd")
    assert (old.training.sampling.clips_per_epoch, old.training.pretrained) == (64, ("small-0",))
