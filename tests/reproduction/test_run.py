"""A row from end to end, on generated clips under the whole corpus's names: `reproduce` takes no less."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect import corpora
from voxaffect.apps.cli import main
from voxaffect.corpora.ravdess import RAVDESS
from voxaffect.errors import BundleError
from voxaffect.reproduction.run import plan, reproduce
from voxaffect.reproduction.setups import SETUPS


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """All 2452 clips, a second of noise each, louder where the emotion is angry."""
    folder, rng = tmp_path_factory.mktemp("whole"), np.random.default_rng(0)
    noise = rng.standard_normal(8_800).astype(np.float32)
    for identity in (identity for group in RAVDESS.expected().values() for identity in group.ids):
        stem = identity.partition("/")[2]
        level = 0.2 if stem[6:8] == "05" else 0.01
        soundfile.write(folder / f"{stem}.wav", level * noise, 8_000)
    return folder


SHORT = """
extends = "article"
input = {sample_rate = 8000, start = 0.2, window = 0.75}
frontend = {n_fft = 256, hop_length = 80, n_mels = 32, f_max = 4000}
"""


def test_a_row_in_both_modes_then_resumed(whole, tmp_path, capsys, monkeypatch):
    # The row itself, but for what the network hears: most of the time goes to a front end at 44.1 kHz.
    short = tmp_path / "short.toml"
    short.write_text(SHORT)
    row = SETUPS["men-2-noise-shift-positive"]
    monkeypatch.setitem(SETUPS, row.name, dataclasses.replace(row, experiment=str(short)))
    words = [
        "reproduce",
        row.name,
        "--corpus",
        f"ravdess={whole}",
        "--epochs",
        "1",
        "--workers",
        "2",
    ]
    words += ["--results", str(tmp_path / "results"), "--runs", str(tmp_path / "runs")]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert "ours, leaky" in text
    assert "ours, corrected" in text
    leaky, corrected = (
        json.loads((tmp_path / "results" / f"men-2-noise-shift-positive-{mode}.json").read_text())
        for mode in ("leaky", "corrected")
    )
    # As published, copies are of the clips that the split divides; corrected, of those that train.
    assert leaky["clips"] == {"train": 1152, "dev": 288, "test": 160, "copies": 0}
    assert corrected["clips"] == {"train": 640, "dev": 160, "test": 160, "copies": 512}
    assert set(leaky["dev_speakers"]) & set(leaky["by_speaker"]) == set()
    assert leaky["leak"]
    assert "leak" not in corrected
    assert corrected["dev_speakers"] == ["ravdess/17", "ravdess/19"]
    assert leaky["epochs"] == corrected["epochs"] == len(leaky["history"]) == 1
    assert (leaky["utterances"], leaky["speakers"]) == (160, 2)
    written = (tmp_path / "results" / "men-2-noise-shift-positive-leaky.json").stat().st_mtime_ns
    assert main([*words, "--resume"]) == 0  # nothing is done again
    assert (tmp_path / "results" / "men-2-noise-shift-positive-leaky.json").stat().st_mtime_ns == written
    capsys.readouterr()
    assert main([*words[:5], "2", *words[6:], "--resume"]) == 2
    assert "holds a run with other settings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["men-9"], "row 'men-9' is not known; choose among ancestor-all"),
        (["men-5", "--epochs", "0"], "epochs=0: choose at least 1"),
        (["men-5", "--workers", "0"], "workers=0: choose at least 1"),
        (["men-5", "--device", "gpu"], "device=gpu: PyTorch finds none"),
    ],
)
def test_nonsense_is_refused(words, reason, whole, tmp_path, capsys):
    import torch

    if "gpu" in words and torch.accelerator.is_available():
        pytest.skip("there is a GPU")
    places = ["--results", str(tmp_path / "results"), "--runs", str(tmp_path / "runs")]
    assert main(["reproduce", *words, "--corpus", f"ravdess={whole}", *places]) == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_a_corpus_with_a_clip_missing(made_up, tmp_path, capsys):
    assert main(["reproduce", "men-5", "--corpus", f"ravdess={made_up}", "--runs", str(tmp_path)]) == 1
    assert "clips of speech are missing or unreadable" in capsys.readouterr().err


def test_the_rows_are_listed_without_a_corpus(capsys):
    assert main(["reproduce", "--list"]) == 0
    listed = capsys.readouterr().out
    assert "women-5-" not in listed
    assert "men-5-noise-shift" in listed
    assert "best" in listed


@pytest.fixture(scope="module")
def planned(whole):
    return plan(corpus=corpora.load("ravdess", whole))


def test_all_rows_come_to_their_runs_and_a_shared_correction_to_one(planned):
    names = [each.name for each in planned]
    assert len(names) == len(set(names)) == 2 * len(SETUPS) - 1 + 1
    assert "ancestor-all-corrected" not in names
    for each in planned:
        run = each.run
        assert run.split.speakers_apart == (not each.name.endswith("-leaky"))
        assert run.experiment.copies.kinds == () or each.name.endswith("-corrected")
        if each.name != "best":
            assert run.experiment.training.epochs == 700


def test_our_model_is_tested_on_nobody_it_knows(planned):
    (best,) = (each.run for each in planned if each.name == "best")
    sides = {side: {name[-2:] for name in getattr(best.split, side)} for side in ("train", "dev", "test")}
    assert sides["test"] == {"21", "22", "23", "24"}
    assert sides["dev"] == {"16", "17", "19", "20"}
    assert len(sides["train"]) == 16
    assert {each.style for each in best.utterances} == {"speech", "song"}


class Refusing:
    """Runs nothing; the first of the rows has no bundle, the others are not there."""

    def execute(self, function, runs):
        for run in runs:
            yield run, BundleError(f"{run.folder.name} cannot be exported")


def test_one_row_that_fails_does_not_stop_the_others(whole, tmp_path):
    found = reproduce(
        ["men-5", "women-5"],
        corpus=corpora.load("ravdess", whole),
        modes=["leaky"],
        runs=tmp_path / "runs",
        executor=Refusing(),
    )
    names = ["men-5-leaky", "women-5-leaky"]
    assert list(found.failures) == [f"{name}: {name} cannot be exported" for name in names]
    assert found.rows == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs"]  # no results were asked for


def test_a_results_folder_that_is_a_file_is_told_of_before_training(whole, tmp_path, capsys):
    (tmp_path / "results").touch()
    words = ["--results", str(tmp_path / "results"), "--runs", str(tmp_path / "runs")]
    assert main(["reproduce", "men-5", "--corpus", f"ravdess={whole}", *words]) == 1
    assert "results" in capsys.readouterr().err
    assert not list(tmp_path.glob("runs/*/*.ckpt"))
