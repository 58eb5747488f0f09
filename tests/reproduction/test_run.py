"""A row from end to end, on generated clips under the whole corpus's names: `reproduce` takes no less."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect.apps.cli import main
from voxaffect.corpora.ravdess import RAVDESS
from voxaffect.splits import by_speaker


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """All 2452 clips, a second of noise each, louder where the emotion is angry."""
    folder, rng = tmp_path_factory.mktemp("whole"), np.random.default_rng(0)
    noise = rng.standard_normal(8_800).astype(np.float32)
    for identity in (identity for group in RAVDESS.expected().values() for identity in group):
        stem = identity.partition("/")[2]
        level = 0.2 if stem[6:8] == "05" else 0.01
        soundfile.write(folder / f"{stem}.wav", level * noise, 8_000)
    return folder


def test_a_row_in_both_modes_then_resumed(whole, tmp_path, capsys):
    words = [
        "reproduce",
        "men-2-noise-shift-positive",
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
    assert corrected["leak"] is None
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
        (["men-5", "--epochs", "0"], "--epochs 0: choose at least 1"),
        (["men-5", "--workers", "0"], "--workers 0: choose at least 1"),
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


def test_our_model_is_tried_on_nobody_it_knows():
    from voxaffect.reproduction.setups import DEV, TEST

    assert not set(DEV) & set(TEST)
    split = by_speaker(
        "best",
        [RAVDESS.parse(Path(f"{identity.partition('/')[2]}.wav")) for identity in RAVDESS.expected()["speech"]],
        dev=[f"ravdess/{actor}" for actor in DEV],
        test=[f"ravdess/{actor}" for actor in TEST],
    )
    assert len(split.train) == 16
