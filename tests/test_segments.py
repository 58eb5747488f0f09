"""Whatever works on utterances gives for segments of a recording what it gives for the same clips as files."""

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

import voxaffect as va
from voxaffect import auditing, corpora
from voxaffect.apps.cli import main
from voxaffect.errors import VoxaffectWarning
from voxaffect.evaluation.predictions import predict
from voxaffect.evaluation.probes.conditions import Under
from voxaffect.evaluation.probes.embeddings import Embeddings
from voxaffect.exploring.survey import survey
from voxaffect.inference import batch
from voxaffect.labels import scheme
from voxaffect.reporting import _embeddings

RATE = 16_000


@pytest.fixture(scope="module")
def both(made_up, tmp_path_factory) -> dict[str, Path]:
    """Clips of four speakers as a table of files, and as a table of segments of one recording a speaker."""
    folder = tmp_path_factory.mktemp("both")
    clips = corpora.load(f"ravdess={made_up}").utterances
    rows = {"files": [], "segments": []}
    for speaker in sorted({clip.speaker for clip in clips})[:4]:
        place, parts = 0, []
        for clip in (each for each in clips if each.speaker == speaker):
            samples, _ = soundfile.read(clip.path, dtype="float32")
            gap = np.full(777, 0.3, np.float32)  # a click between, which would be noticed
            parts += [gap, samples]
            start, end = (place + len(gap)) / RATE, (place + len(gap) + len(samples)) / RATE
            place += len(gap) + len(samples)
            about = {"label": clip.emotion, "speaker": speaker.partition("/")[2]}
            rows["files"].append({"file": str(clip.path), **about})
            name = f"{about['speaker']}.wav"
            rows["segments"].append({"file": name, "start": start, "end": end, "channel": 1, **about})
        samples = np.concatenate(parts)
        soundfile.write(folder / name, np.stack([np.zeros_like(samples), samples], axis=1), RATE, subtype="PCM_16")
    for name, table in rows.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
    return {name: folder / f"{name}.csv" for name in rows}


@pytest.fixture(scope="module")
def utterances(both):
    """Of files and of segments, in one order."""
    files, segments = (corpora.load_own(both[name]).utterances for name in ("files", "segments"))
    assert len(files) == len(segments) == 64
    by_sound = {each.sound.load(RATE).tobytes(): each for each in segments}
    return files, tuple(by_sound[each.sound.load(RATE).tobytes()] for each in files)


def test_predictions_conditions_and_embeddings(utterances):
    recognizer, common = va.load("common4"), scheme("common-4")
    files, segments = (each[::8] for each in utterances)
    ours, theirs = (predict(recognizer, each, common) for each in (segments, files))
    assert np.array_equal(ours.probabilities, theirs.probabilities)
    ours, theirs = (Embeddings.of(recognizer, each, common, lambda: None) for each in (segments, files))
    assert np.array_equal(ours.embeddings, theirs.embeddings)
    assert np.array_equal(
        _embeddings(recognizer, segments[:2], lambda: None), _embeddings(recognizer, files[:2], lambda: None)
    )
    under = [Under("mu-law", each)(each[0], RATE) for each in (segments, files)]
    assert len(under[0]) == len(under[1])


def test_measures(utterances):
    files, segments = (survey(each[:2]) for each in utterances)
    assert files.measures == segments.measures


def test_training_clips_through_the_cache(utterances, monkeypatch, tmp_path):
    pytest.importorskip("torch")
    from voxaffect.settings import read_experiment
    from voxaffect.training.clips import load_clip

    monkeypatch.setenv("VOXAFFECT_CACHE", str(tmp_path))
    settings = read_experiment("cnn").input
    for _ in range(2):
        for file, segment in zip(*(each[::9] for each in utterances), strict=True):
            assert np.array_equal(load_clip(segment, settings, 0), load_clip(file, settings, 0))
    assert len(list(tmp_path.rglob("*.npy"))) == 2 * len(utterances[0][::9])


def test_training_gives_the_same_network(utterances, tmp_path):
    pytest.importorskip("torch")
    from voxaffect.settings import read_experiment
    from voxaffect.splits import by_speaker
    from voxaffect.training.fit import fit
    from voxaffect.training.prepared import prepare

    quick = ["network.channels=[8]", "network.embedding=8", "input.window=1.0", "augment={}", "training.precision='32'"]
    quick += [
        "training.sampling.clips_per_epoch=false",
        "training.sampling.batch_size=3",
        "training.epochs=1",
        "training.baseline_head=false",
    ]
    losses = []
    for name, each in zip(("files", "segments"), utterances, strict=True):
        clips = tuple(dataclasses.replace(clip, id=str(number)) for number, clip in enumerate(each[::8]))
        speakers = sorted({clip.speaker for clip in clips})
        clips = tuple(dataclasses.replace(clip, speaker=f"x/{speakers.index(clip.speaker)}") for clip in clips)
        prepared = prepare(read_experiment("cnn", quick), clips, by_speaker("all", clips, dev=["x/0"]))
        losses.append(fit(prepared, tmp_path / name).history[-1]["dev_loss"])
    assert losses[0] == losses[1]


def test_a_split_of_segments_and_its_audit(both, tmp_path):
    out = tmp_path / "split.json"
    assert main(["split", str(both["segments"]), "--test", "segments/01,segments/02", "--out", str(out)]) == 0
    rows = auditing.read(out, corpora=[corpora.load_own(both["segments"])]).rows
    assert len({row.sound for row in rows}) == 64
    assert not any(row.sound.whole for row in rows)


def test_an_audit_finds_a_segment_that_is_a_file_elsewhere(utterances):
    file, segment = (each[0] for each in utterances)
    rows = [
        auditing.Row(side, each.path, side, start=each.start, end=each.end, channel=each.channel)
        for side, each in (("train", segment), ("test", file))
    ]
    (pair,) = auditing.audit(auditing.Listing("leaked", tuple(rows))).pairs
    assert (pair.leaks, pair.twin) == (True, None)


def test_a_list_of_segments_for_batch_says_that_whole_recordings_are_recognised(both):
    with pytest.warns(VoxaffectWarning, match=r"segments\.csv: whole recordings are recognised, not from start to end"):
        assert len(batch.files([str(both["segments"])])) == 4


def test_the_evaluate_command_tests_segments(both, capsys):
    assert main(["evaluate", "common4", str(both["segments"]), "--json"]) == 0
    segments = json.loads(capsys.readouterr().out)
    assert main(["evaluate", "common4", str(both["files"]), "--json"]) == 0
    files = json.loads(capsys.readouterr().out)
    assert segments["uar"] == files["uar"]
    assert segments["confusion"] == files["confusion"]
