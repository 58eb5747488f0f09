"""What is checked before training: numbers of clips, and that every clip can be decoded."""

import csv
import shutil

import numpy as np
import pytest
import soundfile

from voxaffect import corpora, evaluate, split, train
from voxaffect.apps.cli import main
from voxaffect.errors import CorpusError, VoxaffectWarning
from voxaffect.runs.recordings import check_decodable
from voxaffect.runs.run import Run
from voxaffect.settings import InputSettings, read_experiment

pytest.importorskip("torch")
from voxaffect.training import decoding

TINY = ("training.epochs=1", "network.channels=[4, 8]", "training.sampling.batch_size=8")


@pytest.fixture
def mine(made_up, tmp_path):
    """Two emotions of the made-up corpus, one of whose flac files is broken in the middle on each side."""
    rows = []
    for each in corpora.load("ravdess", made_up).utterances:
        if each.emotion in ("angry", "sad"):
            path = tmp_path / f"{each.path.stem}.flac"
            soundfile.write(path, *soundfile.read(each.path))
            rows.append((path.name, each.emotion, each.speaker.split("/")[1]))
    with (tmp_path / "mine.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "label", "speaker"), *rows])
    return tmp_path / "mine.csv"


def break_one_of(table, speaker: str):
    """Its header is as it should be, and its samples are no numbers."""
    path = sorted(table.parent.glob(f"*-{speaker}.flac"))[0]
    soundfile.write(path, np.full(16_000, np.nan), 16_000, format="WAV", subtype="FLOAT")
    return path


def damage_one_of(table, speaker: str):
    """It can be decoded but for the middle."""
    path = sorted(table.parent.glob(f"*-{speaker}.flac"))[1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 2000] = bytes(2000)
    path.write_bytes(content)
    return path


def sides(mine):
    (made,) = split(mine)
    return {side: [who.split("/")[1] for who in getattr(made, side)] for side in ("train", "dev", "test")}


def test_a_clip_that_cannot_be_decoded_is_left_out_of_any_side(mine, tmp_path):
    broken = [break_one_of(mine, speakers[0]) for speakers in sides(mine).values()]
    tables = []
    with pytest.warns(VoxaffectWarning) as caught:
        trained = train(mine, out=tmp_path / "model", overrides=TINY, threads=1, counted=tables.append)
    left_out = [str(each.message) for each in caught if "left out" in str(each.message)]
    assert sorted(message.partition(": ")[0] for message in left_out) == sorted(map(str, broken))
    assert len(trained.predictions.truth) == tables[0].clips["test"]["angry"] + tables[0].clips["test"]["sad"] - 1
    assert sum(tables[0].clips["train"].values()) - 1 == trained.bundle.card.training.utterances


def test_strictly_it_is_refused_before_training(mine, tmp_path):
    broken = break_one_of(mine, sides(mine)["test"][0])
    with pytest.raises(CorpusError, match=rf"1 of 64 recordings cannot be read, the first is {broken} \(.*`strict`"):
        train(mine, out=tmp_path / "model", overrides=TINY, threads=1, strict=True)
    assert not (tmp_path / "model-run").exists()


def test_the_same_of_an_evaluation(mine, capsys):
    broken = break_one_of(mine, "03")
    empty = sorted(mine.parent.glob("*-04.flac"))[0]
    empty.write_bytes(b"")
    tables = []
    with pytest.warns(VoxaffectWarning) as caught:
        scored = evaluate("common4", mine, counted=tables.append)
    assert scored.summary.utterances == 62
    assert sum(tables[0].clips["clips"].values()) == 63
    messages = [str(each.message) for each in caught if "left out" in str(each.message)]
    assert [message.partition(": ")[0] for message in messages] == [str(empty), str(broken)]
    assert main(["evaluate", "common4", str(mine), "--strict"]) == 1
    assert f"1 of 64 recordings cannot be read, the first is {empty}" in capsys.readouterr().err
    shutil.copy(sorted(mine.parent.glob("*-04.flac"))[1], empty)
    assert main(["evaluate", "common4", str(mine), "--strict"]) == 1
    assert str(broken) in capsys.readouterr().err


def test_the_counts_are_printed_first(mine, capsys):
    assert main(["evaluate", "common4", str(mine)]) == 0
    lines = capsys.readouterr().err.splitlines()
    table = [line for line in lines if not line.startswith("voxaffect:")]
    assert table == [
        "class     clips  speakers",
        "angry        32         8",
        "happy         0         0",
        "neutral       0         0",
        "sad          32         8",
        "all          64",
        "speakers      8",
    ]


def test_ten_clips_and_a_slip_get_a_word(mine, tmp_path, capsys):
    rows = mine.read_text().splitlines()
    mine.write_text(
        "\n".join([rows[0], *(row.replace("sad", "angyr") for row in rows[1:] if row[-2:] in ("01", "02"))])
    )
    words = ["train", mine, "--all-speakers", "--out", tmp_path / "m", "--threads", "1"]
    settings = [word for each in (*TINY, "training.sampling.clips_per_epoch=16") for word in ("--set", each)]
    assert main([str(word) for word in (*words, *settings)]) == 0
    err = capsys.readouterr().err
    assert "16 clips (8 angry, 8 angyr) are too few to train on" in err
    assert err.index("class") < err.index("epoch 1/1")


@pytest.mark.parametrize("many", [1, 10_000])
def test_workers_find_the_same(mine, monkeypatch, tmp_path, many):
    monkeypatch.setenv("VOXAFFECT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(decoding, "_MANY", many)
    broken = [break_one_of(mine, who) for who in ("02", "05")]
    damaged = damage_one_of(mine, "07")
    clips = corpora.load_sources(mine).utterances
    times = {}
    for _ in range(2):
        with pytest.warns(VoxaffectWarning) as caught:
            assert sorted(each.path for each, _ in decoding.undecodable(clips, InputSettings())) == broken
        (message,) = {str(each.message) for each in caught}
        assert message.startswith(f"{damaged}: is damaged: ")
        waveforms = list((tmp_path / "cache" / "waveforms").glob("*.npy"))
        assert len(waveforms) == 62
        stamps = {path: path.stat().st_mtime_ns for path in waveforms}
        assert stamps == (times or stamps)  # nothing is decoded again
        times = stamps


def test_a_clip_that_ends_too_early_or_is_gone_is_found(mine):
    clips = corpora.load_sources(mine).utterances
    clips[1].path.unlink()
    soundfile.write(clips[0].path, np.full(800, 0.1), 16_000)
    found = decoding.undecodable(clips[:3], InputSettings(start=0.2))
    assert [(each.path, "input.start" in reason or "cannot be read" in reason) for each, reason in found] == [
        (clips[0].path, True),
        (clips[1].path, True),
    ]


def test_a_benchmark_needs_every_clip(mine, tmp_path):
    loaded = corpora.load_sources(mine)
    experiment = read_experiment("cnn", ["training.scheme=common-4"])
    runs = [Run(experiment, (), loaded.utterances, made, tmp_path / made.name) for made in split(mine, folds=4)]
    check_decodable(runs)
    broken = break_one_of(mine, "05")
    with pytest.raises(CorpusError, match=rf"1 of 64 recordings cannot be decoded, the first is {broken} \("):
        check_decodable(runs)
