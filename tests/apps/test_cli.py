import contextlib
import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from conftest import write_ravdess
from voxaffect import bundle, corpora
from voxaffect.apps.cli import COMMANDS, main, parser
from voxaffect.evaluation.predictions import Predictions

ROOT = Path(__file__).parents[2]

TRAIN = ["--set", "network.channels=[8,16]", "--set", "network.embedding=24", "--set", "input.window=1.0"]
TRAIN += [
    "--set",
    "training.epochs=2",
    "--set",
    "training.sampling.clips_per_epoch=128",
    "--set",
    "training.sampling.batch_size=16",
    "--threads",
    "1",
]


@pytest.fixture
def run(capsys):
    def run(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:
            code = stop.code
        found = capsys.readouterr()
        assert "Traceback" not in found.err
        return code, found.out, found.err

    return run


@pytest.fixture(scope="module")
def trained(made_up, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "mine"
    assert main(["train", "--corpus", f"ravdess={made_up}", "--out", str(folder), *TRAIN]) == 0
    return folder


def test_recognize_as_table(run, example):
    code, out, err = run("recognize", example)
    assert code == 0
    head, row, *rest = out.splitlines()
    assert head.split()[:3] == ["file", "emotion", "sure"]
    assert " s " in row
    assert " ms " in row
    assert sum(line.count("%") for line in rest) == 4
    assert not err


def test_recognize_as_json_lines_and_csv_agree(run, example):
    _, lines, _ = run("recognize", "--format", "jsonl", example, example)
    found = [json.loads(line) for line in lines.splitlines()]
    assert len(found) == 2
    _, table, _ = run("recognize", "--format", "csv", example)
    row = next(csv.DictReader(table.splitlines()))
    assert row["emotion"] == found[0]["emotion"]
    assert {name: float(row[f"p_{name}"]) for name in found[0]["probabilities"]} == found[0]["probabilities"]


def test_who_is_not_sure_says_so(run, example):
    sure = json.loads(run("recognize", example, "--format", "jsonl")[1])["confidence"]
    _, out, _ = run("recognize", example, "--threshold", min(1, sure + 0.01))
    head, row, _, *bars = out.splitlines()
    assert row.split()[1] == "uncertain"
    assert row.index("uncertain") == head.index("emotion")
    assert bars[0].split()[0] in row.partition("ms")[2]  # what it would have been is the first of what else
    code, _, err = run("recognize", example, "--threshold", "0.5", "--accuracy", "0.8")
    assert code == 2
    assert "not allowed with" in err


def test_what_is_heard_in_noise_needs_no_recordings(run):
    code, out, err = run("evaluate", "common4", "--nonspeech")
    assert (code, err) == (0, "")
    assert "white" in out
    assert "UAR" not in out
    sounds = json.loads(run("evaluate", "common4", "--nonspeech", "--json")[1])["nonspeech"]
    assert 0 <= sounds["melody"]["coverage"]["0.3"] <= 1


def recognized(out: str) -> str:
    return out.splitlines()[1].split()[1]


def test_an_answer_is_explained(run, example):
    words = ("recognize", example, "--explain", "--bundle", "common4")
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    rows = [line for line in out.splitlines() if line.lstrip()[:1].isdigit() and " Hz" in line]
    assert rows[0].split()[:4] == ["4800", "to", "8000", "Hz"]
    assert any("█" in row for row in rows)
    assert f"{recognized(out)} women (" in next(line for line in out.splitlines() if "Pitch " in line)
    found = json.loads(run(*words, "--format", "jsonl")[1])["explanation"]
    assert len(found["worth"]) == len(found["hertz"]) - 1 == len(rows)
    assert len(found["worth"][0]) == len(found["seconds"]) - 1
    assert any(line.startswith("Pitch ") for line in found["words"])
    code, _, err = run(*words, "--format", "csv")
    assert code == 2
    assert "--explain does not fit into CSV" in err


def test_one_bad_file_does_not_stop_the_rest(run, example, tmp_path):
    (tmp_path / "empty.wav").touch()
    soundfile.write(tmp_path / "short.wav", np.ones(800) * 0.1, 16_000)
    soundfile.write(tmp_path / "silent.wav", np.zeros(32_000), 16_000)
    bad = [tmp_path / name for name in ("absent.wav", "empty.wav", "short.wav", "silent.wav", ".")]
    code, out, err = run("recognize", "--format", "jsonl", bad[0], example, *bad[1:], example)
    assert code == 1
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["file"] for row in rows] == [str(path) for path in (bad[0], example, *bad[1:], example)]
    assert [row["error"] is None for row in rows] == [False, True, False, False, False, False, True]
    complaints = err.splitlines()
    assert len(complaints) == 6
    for line, path in zip(complaints, bad, strict=False):
        assert line.startswith(f"voxaffect: {path}")
    assert complaints[-1] == "voxaffect: 5 of 7 files could not be recognised"


def test_recognize_reads_standard_input(example):
    with example.open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "voxaffect", "recognize", "--format", "jsonl", "-"],
            stdin=file,
            capture_output=True,
            text=True,
            check=True,
        )
    assert json.loads(done.stdout)["file"] == "-"


def test_started_without_standard_output(example):
    words = f"{sys.executable} -m voxaffect recognize {example} >&-"
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_pipe_is_not_an_error_message(example):
    words = f"{sys.executable} -m voxaffect recognize --format jsonl" + f" {example}" * 50 + " | head -1"
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 1
    assert not done.stderr


def test_a_name_that_is_not_text_can_be_printed(example, tmp_path):
    name = os.fsencode(tmp_path) + b"/caf\xe9.flac"
    shutil.copy(os.fsencode(example), name)
    done = subprocess.run([sys.executable, "-m", "voxaffect", "recognize", name], capture_output=True, check=True)
    assert b"caf" in done.stdout


def test_info(run, trained):
    code, out, _ = run("info")
    assert code == 0
    assert out.startswith(f"bundle     {bundle.DEFAULT}, ")
    assert "for research alone" in out
    assert "strangers4" in out
    assert "the mean of 2 corpora" in out
    _, out, _ = run("info", "common4")
    assert "cross-common4" in out
    assert "the mean of 3 corpora" in out
    code, out, _ = run("info", "--json", trained)
    assert json.loads(out)["schema"] == 2
    code, out, _ = run("info", trained)
    assert "test speakers of split ravdess-5fold/fold1" in out
    assert "chance     25.0 %, the UAR of guessing" in out
    assert "speakers: the interval says only how far apart they are" in out


def test_corpus(run, made_up, tmp_path):
    code, out, _ = run("corpus", f"ravdess={made_up}")
    assert code == 0
    assert "128 clips of 8 speakers" in out
    assert "missing: 1312 of 1440 clips of speech" in out
    assert "missing: all 1012 clips of song" in out
    shutil.copytree(made_up, tmp_path / "a")
    shutil.copytree(made_up, tmp_path / "a" / "copy")
    next((tmp_path / "a").glob("Audio*/*/*.wav")).write_bytes(b"RIFF")
    code, out, _ = run("corpus", f"ravdess={tmp_path / 'a'}")
    assert code == 1
    assert "duplicates: 127 clips are here twice" in out
    assert "unreadable: 1\n" in out


def test_the_articles_table_is_printed(run, ravdess):
    code, out, _ = run("corpus", f"ravdess={ravdess}")
    assert code == 0
    assert "2452 clips of 24 speakers" in out
    assert out.split("speech  ")[1].split("song  ")[0].split()[:3] == ["all", "women", "men"]
    rows = [line.split() for line in out.splitlines()]
    for row in (
        "neutral 96 48 48",
        "angry 192 96 96",
        "together 1440 720 720",
        "neutral 92 44 48",
        "together 1012 484 528",
    ):
        assert row.split() in rows
    assert "missing" not in out


def test_split_then_train_then_evaluate(run, made_up, tmp_path):
    corpus = f"ravdess={made_up}"
    code, out, _ = run(
        "split",
        "--corpus",
        corpus,
        "--test",
        "ravdess/01,ravdess/02",
        "--dev",
        "ravdess/03",
        "--out",
        tmp_path / "s.json",
    )
    assert (code, out.split(": ", 1)[1]) == (0, "train 80 of 5 speakers, dev 16 of 1 speaker, test 32 of 2 speakers\n")
    code, out, err = run(
        "train", "--corpus", corpus, "--split", tmp_path / "s.json", "--out", tmp_path / "model", *TRAIN
    )
    assert "baseline_head" not in json.loads((tmp_path / "model" / "card.json").read_text())
    assert code == 0
    assert "32 utterances of 2 speakers" in out
    assert "epoch 2/2" in err
    code, again, err = run(
        "evaluate",
        tmp_path / "model",
        "--corpus",
        corpus,
        "--split",
        tmp_path / "s.json",
        "--predictions",
        tmp_path / "p.csv",
    )
    assert code == 0
    assert "voxaffect:" not in err
    # What training printed of the exported graph is what evaluating it prints.
    assert again.strip() in out
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 33
    code, out, err = run("evaluate", tmp_path / "model", "--corpus", corpus, "--json")
    assert code == 0
    assert "LEAKY: it was trained on 5 of these speakers" in err
    assert json.loads(out)["utterances"] == 128


def test_training_begins_with_what_others_have_taught(run, made_up, tmp_path):
    before, model, corpus = tmp_path / "start", tmp_path / "model", f"ravdess={made_up}"
    several = ("--set", "training.members=2", "--set", "training.validate=false")
    code, _, err = run(
        "train", "--corpus", corpus, "--out", tmp_path / "m", "--save-pretrained", before, *TRAIN, *several
    )
    assert (code, "training.members=1" in err, before.exists()) == (2, True, False)
    assert run("train", "--corpus", corpus, "--out", tmp_path / "m", "--save-pretrained", before, *TRAIN)[0] == 0
    others = f"ravdess={write_ravdess(tmp_path / 'others', range(9, 15))}"
    begun = ("--set", f"training.pretrained=['{before}']")
    assert run("train", "--corpus", others, "--out", model, *TRAIN, *begun)[0] == 0
    _, out, _ = run("info", model)
    assert "pretrained with weights of 6 speakers of ravdess (CC BY-NC-SA 4.0)" in out
    _, _, err = run("evaluate", model, "--corpus", corpus)
    assert "LEAKY: it began with a network of 6 of these speakers" in err
    code, _, err = run("train", "--corpus", corpus, "--out", tmp_path / "leak", *TRAIN, *begun)
    assert (code, "was pretrained on" in err) == (1, True)
    assert not (tmp_path / "leak").exists()


def test_a_baseline_is_learnt_and_gone_by(run, made_up, example, tmp_path):
    corpus, model, mine = f"ravdess={made_up}", tmp_path / "model", tmp_path / "mine.json"
    relative = ["--set", "training.baseline_head=true", "--set", "training.optimizer.ema_decay=false"]
    assert run("train", "--corpus", corpus, "--out", model, *TRAIN, *relative)[0] == 0
    files = sorted(made_up.rglob("*-01.wav"))[:6]
    code, out, err = run("baseline", *files, "--bundle", model, "--out", mine)
    few = "20 or more are better"
    assert (code, out, err) == (0, f"{mine}: baseline of 6 recordings; {few}\n", "")
    plain = json.loads(run("recognize", example, "--bundle", model, "--format", "jsonl")[1])
    against = json.loads(run("recognize", example, "--bundle", model, "--baseline", mine, "--format", "jsonl")[1])
    assert plain["probabilities"] != against["probabilities"]
    # From Python it is the same.
    import voxaffect as va

    found = va.load(model, baseline=mine).recognize(example).probabilities
    assert found == pytest.approx(against["probabilities"], abs=1e-4)
    # Learnt in two steps, it is the same.
    steps = tmp_path / "steps.json"
    run("baseline", *files[:2], "--bundle", model, "--out", steps)
    code, out, err = run("baseline", *files[2:], "--bundle", model, "--update", steps)
    assert (code, out, err) == (0, f"{steps}: 4 recordings added, baseline of 6 recordings; {few}\n", "")
    one, other = (json.loads(path.read_text())["line"] for path in (mine, steps))
    assert other["recordings"] == one["recordings"] == 6
    assert other["total"] == pytest.approx(one["total"], rel=1e-12)
    # A voice's is upon the line's, and a line's is no voice's.
    voice = tmp_path / "voice.json"
    code, out, err = run("baseline", *files[:2], "--bundle", model, "--line", mine, "--out", voice)
    assert (code, out, err) == (0, f"{voice}: baseline of 2 recordings; {few}\n", "")
    assert {"line", "voice"} < set(json.loads(voice.read_text()))
    code, _, err = run("baseline", *files[:2], "--bundle", model, "--line", voice, "--out", tmp_path / "no.json")
    assert (code, "--line is the baseline of a voice" in err) == (2, True)
    # A file that cannot be read is named, and the rest is gone by.
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    code, out, err = run("baseline", files[0], broken, "--bundle", model, "--out", mine)
    assert code == 1
    assert out == f"{mine}: baseline of 1 recording; {few}\n"
    assert "broken.wav" in err
    code, out, err = run("baseline", broken, "--bundle", model, "--out", tmp_path / "none.json")
    assert code == 2
    assert "a baseline needs recordings" in err
    assert not (tmp_path / "none.json").exists()
    # What it brings, with what is set aside not scored.
    words = ["evaluate", model, "--corpus", corpus]
    code, out, err = run(*words, "--baseline-curve")
    assert code == 0
    assert "5 of the corpus" in out
    summary = json.loads(run(*words, "--baseline-curve", "--json")[1])
    assert set(summary["baselines"]) == {"corpus"}  # nobody has 30 recordings
    # Both are right about nearly all; how sure they are differs.
    assert summary["ece"] == json.loads(run(*words, "--json")[1])["ece"]
    assert summary["ece"] != json.loads(run(*words, "--baseline", mine, "--json")[1])["ece"]
    code, _, err = run(*words, "--baseline-curve", "--baseline", mine)
    assert code == 2
    assert "leave --baseline out" in err


def test_an_interrupted_training_says_how_to_go_on_and_goes_on(run, made_up, tmp_path):
    words = ["train", "--corpus", f"ravdess={made_up}", "--out", str(tmp_path / "m"), *TRAIN, "--set"]
    words += ["training.epochs=15"]
    started = subprocess.Popen([sys.executable, "-m", "voxaffect", *words], stderr=subprocess.PIPE, text=True)
    for line in started.stderr:
        if "epoch 2/15" in line:
            break
    started.send_signal(signal.SIGINT)
    complaints = started.communicate()[1]
    assert started.returncode == 130
    assert f"voxaffect: interrupted; the epochs so far are in {tmp_path}/m-run; --resume goes on" in complaints
    assert not (tmp_path / "m").exists()
    code, _, err = run(*words, "--resume")
    assert code == 0
    assert "epoch 15/15" in err
    assert "epoch 1/15" not in err
    assert (tmp_path / "m" / "card.json").exists()


def test_folds_and_protocols_become_files(run, made_up, ravdess, tmp_path):
    code, out, _ = run("split", "--corpus", f"ravdess={made_up}", "--folds", 4, "--out", tmp_path / "folds")
    assert code == 0
    assert len(list((tmp_path / "folds").iterdir())) == len(out.splitlines()) == 4
    # Folds of two splits in one folder would test somebody twice.
    code, _, err = run("split", "--corpus", f"ravdess={made_up}", "--folds", 3, "--out", tmp_path / "folds")
    assert code == 2
    assert "fold4.json: is a fold of another split" in err
    code, out, _ = run(
        "split", "--corpus", f"ravdess={ravdess}", "--protocol", "ravdess-luna5", "--out", tmp_path / "luna"
    )
    assert code == 0
    assert "fold1.json: train 1020 of 17 speakers, dev 120 of 2 speakers, test 300 of 5 speakers" in out


TINY = ["name=tiny", "training.epochs=1", "network.channels=[4]", "network.embedding=8", "input.window=0.5"]
TINY += ["training.baseline_head=true"]


@pytest.fixture(scope="module")
def benchmarked(ravdess, tmp_path_factory):
    """One epoch of a tiny network on the real protocol: the command's words, its folder, and what it printed."""
    folder = tmp_path_factory.mktemp("benchmark")
    words = ["benchmark", "ravdess-luna5", "--corpus", f"ravdess={ravdess}", "--results", str(folder / "r")]
    words += ["--runs", str(folder / "runs"), "--baseline-curve", "--nonspeech"]
    words += [word for setting in TINY for word in ("--set", setting)]
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")) as out:
        assert main(words) == 0
    out.flush()
    return words, folder, out.buffer.getvalue().decode()


def test_a_benchmark_predicts_every_clip_once_by_folds_that_never_met_its_speaker(benchmarked):
    _, folder, out = benchmarked
    assert "1440 utterances of 24 speakers, 8 classes" in out
    rows = list(csv.DictReader((folder / "r" / "ravdess-luna5" / "tiny.csv").open()))
    assert len({row["utterance"] for row in rows}) == len(rows) == 1440
    result = json.loads((folder / "r" / "ravdess-luna5" / "tiny.json").read_text())
    for fold in result["folds"]:
        place = folder / "runs" / "ravdess-luna5" / "tiny" / fold["fold"] / "bundle" / "card.json"
        card = json.loads(place.read_text())
        assert fold["temperature"] == card["calibration"]["temperature"]
        met = set(card["training"]["split"]["train"]) | set(card["training"]["split"]["dev"])
        tested = {row["speaker"] for row in rows if row["fold"] == fold["fold"]}
        assert tested == set(fold["test"])
        assert not tested & met


def test_a_benchmarks_result_file_says_what_its_table_gives_and_how_it_came_about(benchmarked):
    _, folder, _ = benchmarked
    rows = list(csv.DictReader((folder / "r" / "ravdess-luna5" / "tiny.csv").open()))
    result = json.loads((folder / "r" / "ravdess-luna5" / "tiny.json").read_text())
    correct = np.mean([row["truth"] == row["prediction"] for row in rows])
    assert result["wa"]["value"] == pytest.approx(correct, abs=1e-4)
    wanted = {"uar", "f1", "ece", "by_sex", "seed", "parameters", "model_bytes", "command", "commit", "versions"}
    assert wanted | {"settings"} <= result.keys()
    assert result["command"].startswith("voxaffect benchmark ravdess-luna5 --experiment cnn --set name=tiny")
    assert "--corpus" not in result["command"]  # where the corpora lie is the machine's own business


def test_a_benchmark_and_an_evaluation_have_the_same_names_for_the_same_things(benchmarked, run, made_up):
    _, folder, _ = benchmarked
    result = json.loads((folder / "r" / "ravdess-luna5" / "tiny.json").read_text())
    words = ("evaluate", "ravdess-small", "--corpus", f"ravdess={made_up}", "--nonspeech", "--json")
    evaluated = json.loads(run(*words)[1])
    of_training = {"protocol", "experiment", "seed", "folds", "seconds", "workers", "command", "settings"}
    assert result.keys() - evaluated.keys() == of_training
    assert evaluated.keys() - result.keys() == {"bundle", "model_sha256", "nonspeech"}
    for name in ("by_class", "by_sex", "by_speaker"):
        ours, theirs = (next(iter(each[name].values())) for each in (result, evaluated))
        assert ours.keys() - {"classes_tested"} == theirs.keys() - {"classes_tested"}
    sounds = json.loads((folder / "r" / "ravdess-luna5" / "tiny-nonspeech.json").read_text())
    assert sounds["nonspeech"].keys() == evaluated["nonspeech"].keys()


def test_a_benchmarks_probes_have_files_of_their_own(benchmarked):
    _, folder, out = benchmarked
    assert "20 of the voice" in out
    assert "melody" in out
    curve = json.loads((folder / "r" / "ravdess-luna5" / "tiny-baselines.json").read_text())
    assert curve["baselines"]["voice"]["20"]["speakers"] == 24
    sounds = json.loads((folder / "r" / "ravdess-luna5" / "tiny-nonspeech.json").read_text())["nonspeech"]
    assert 0 <= sounds["melody"]["coverage"]["0.5"] <= sounds["melody"]["coverage"]["0.3"] <= 1


def test_a_finished_benchmark_is_kept_and_without_results_nothing_is_written(benchmarked, run, tmp_path, monkeypatch):
    words, _, out = benchmarked
    monkeypatch.chdir(tmp_path)
    place = words.index("--results")
    code, again, err = run(*words[:place], *words[place + 2 :], "--resume")
    assert (code, again) == (0, out)
    assert "epoch" not in err
    assert not list(tmp_path.iterdir())
    code, _, err = run(*words, "--resume", "--set", "training.seed=1")
    assert (code, "holds a run with other settings" in err) == (2, True)
    code, _, err = run(*words)
    assert (code, "holds this run already; --resume goes on with it" in err) == (2, True)


def test_without_validation_everybody_but_the_tested_is_trained_on(run, ravdess, tmp_path):
    """And the folds tell each other how sure they may be."""
    settings = [
        "name=all",
        "training.validate=false",
        "training.epochs=1",
        "training.sampling.clips_per_epoch=64",
        "input.window=0.5",
    ]
    settings += ["network.channels=[4]", "network.embedding=8"]
    words = ["--corpus", f"ravdess={ravdess}", "--results", tmp_path / "r", "--runs", tmp_path / "runs"]
    code, _, _ = run("benchmark", "ravdess-luna5", *words, *(each for name in settings for each in ("--set", name)))
    assert code == 0
    result = json.loads((tmp_path / "r" / "ravdess-luna5" / "all.json").read_text())
    folder = tmp_path / "runs" / "ravdess-luna5" / "all"
    for fold in result["folds"]:
        card = json.loads((folder / fold["fold"] / "bundle" / "card.json").read_text())
        assert fold["dev"] == card["training"]["split"]["dev"] == []
        assert len(card["training"]["split"]["train"]) + len(fold["test"]) == 24
        assert 0.05 <= fold["temperature"] <= 20
        assert "calibration" not in card
    plain = Predictions.read(folder / "1" / "predictions.csv")
    said = Predictions.read(tmp_path / "r" / "ravdess-luna5" / "all.csv")
    said = said.select(said.fold == "1")
    assert (plain.prediction == said.prediction).all()
    assert np.abs(plain.probabilities - said.probabilities).max() > 0.001


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["recognize"], 2, "no recording is named"),
        (["frobnicate"], 2, "invalid choice"),
        (["recognize", "--threads", "0", "x.wav"], 2, "threads=0"),
        (["recognize", "--bundle", "/nowhere", "x.wav"], 1, "is not a bundle's folder"),
        (["corpus", "nope=."], 2, "choose one of ravdess"),
        (["corpus", "ravdess=/nowhere"], 1, "is not a folder"),
        (["split", "--corpus", "ravdess", "--folds", "5", "--out", "x"], 2, "names no folder"),
        (["split", "--corpus", "ravdess=x", "--folds", "5", "--dev", "a", "--out", "x"], 2, "--dev goes with --test"),
        (["train", "--corpus", "ravdess=x", "--set", "training.epochs=0", "--out", "x"], 2, "choose at least 1"),
        (
            ["train", "--corpus", "ravdess=x", "--scores-from", "y", "--out", "x"],
            2,
            "--scores-from goes with --all-speakers",
        ),
        (["benchmark", "ravdess-luna5", "--set", "training.epochs=1"], 2, "besides, as --set name=cnn-b"),
        (["benchmark", "ravdess-luna5", "--workers", "0"], 2, "workers=0"),
        (
            ["benchmark", "ravdess-luna5", "--baseline-curve", "--experiment", "article-best"],
            2,
            "trains no baseline head; --set training.baseline_head=true",
        ),
        (["recognize", "--baseline", "/nowhere.json", "x.wav"], 2, "cannot be read"),
        (["baseline", "x.wav"], 2, "one of the arguments --out --update is required"),
        (["baseline", "x.wav", "--update", "/nowhere.json"], 2, "nowhere.json: cannot be read"),
        (["split", "--corpus", "ravdess=x", "--test", "", "--out", "x"], 2, "--test names no speaker"),
        (["evaluate", "x", "--corpus", "ravdess=x", "--side", "dev"], 2, "name the split"),
        (["benchmark", "nope"], 2, "choose one of ravdess-luna5"),
        (["benchmark", "ravdess-luna5", "--corpus", "ravdess=/nowhere"], 1, "is not a folder"),
        (["benchmark", "ravdess-luna5"], 2, "VOXAFFECT_DATA"),
        (["evaluate", "/nowhere", "--corpus", "ravdess=x"], 1, "is not a bundle's folder"),
    ],
)
def test_wrong_use_is_one_line(run, monkeypatch, words, code, reason):
    monkeypatch.delenv("VOXAFFECT_DATA", raising=False)
    found, out, err = run(*words)
    assert found == code
    assert reason in err
    assert not out
    assert len([line for line in err.splitlines() if line.startswith("voxaffect")]) == 1


def test_without_pytorch_training_names_the_extra(made_up, tmp_path):
    script = (
        "import sys; sys.modules['torch'] = None\nfrom voxaffect.apps.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    for words in (
        ["train", "--corpus", f"ravdess={made_up}", "--out", str(tmp_path / "x")],
        ["benchmark", "ravdess-luna5"],
    ):
        done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stderr == "voxaffect: torch is not installed: training needs it; pip install 'voxaffect[train]'\n"


def test_output_that_cannot_be_written(run, made_up):
    code, _, err = run("split", "--corpus", f"ravdess={made_up}", "--folds", 4, "--out", "/proc/nowhere")
    assert code == 1
    assert "check the path" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device, as Linux has one")
def test_standard_output_that_is_full(example):
    for words in (f"recognize {example}", f"timeline {example}", "list schemes", f"recognize --format csv {example}"):
        line = f"{sys.executable} -m voxaffect {words} > /dev/full"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
        reason = "voxaffect: standard output: No space left on device; check the path and the space\n"
        assert (done.returncode, done.stderr) == (1, reason)


def test_an_incomplete_corpus_is_not_scored_as_the_protocol(run, made_up, tmp_path):
    code, _, err = run("benchmark", "ravdess-luna5", "--corpus", f"ravdess={made_up}", "--runs", tmp_path / "runs")
    assert code == 1
    assert "1312 clips of speech are missing" in err
    assert not (tmp_path / "runs").exists()


def test_figures_of_another_experiment_cannot_stand_for_a_bundle(run, made_up, tmp_path):
    words = ["train", "--corpus", f"ravdess={made_up}", "--style", "speech", "--all-speakers", "--out", tmp_path / "x"]
    result = ROOT / "benchmarks" / "results" / "ravdess-luna5" / "cnn.json"
    code, _, err = run(*words, "--scores-from", result, "--set", "training.epochs=1")
    assert code == 2
    assert "of an experiment with other settings" in err
    (tmp_path / "odd.json").write_text("[]")
    code, _, err = run(*words, "--scores-from", tmp_path / "odd.json")
    assert code == 2
    assert "is not a benchmark result" in err
    assert not (tmp_path / "x-run").exists()


def test_training_does_not_start_where_its_bundle_cannot_go(run, made_up, tmp_path):
    (tmp_path / "thesis.tex").touch()
    code, _, err = run("train", "--corpus", f"ravdess={made_up}", "--out", tmp_path, *TRAIN)
    assert code == 1
    assert "holds something else than a bundle" in err


@pytest.mark.parametrize("command", ["recognize", "timeline", "batch", "listen", "baseline", "info"])
def test_help_names_the_default_bundle(run, command):
    assert f"default: the package's {bundle.DEFAULT}" in " ".join(run(command, "--help")[1].split())


def test_help_is_quick():
    times = []
    for _ in range(3):  # the best of three, since machines are busy at times
        begin = time.monotonic()
        done = subprocess.run([sys.executable, "-m", "voxaffect", "--help"], capture_output=True, text=True, check=True)
        times.append(time.monotonic() - begin)
    assert min(times) < 0.5
    assert all(f"\n  {command:12}" in done.stdout for command in COMMANDS)


def test_the_command_alone_prints_its_help(run):
    assert run() == run("--help") == (0, run()[1], "")


@pytest.mark.parametrize(
    ("words", "new"),
    [
        (["train", "--stands-for", "x.json"], "--stands-for is now --scores-from"),
        (["train", "--weights=x"], "--weights is now --save-pretrained"),
        (["evaluate", "common4", "--format", "json"], "--format is now --json"),
        (["benchmark", "ravdess-luna5", "--data", "x"], "--data is now --corpus NAME=FOLDER"),
        (["corpus", "ravdess", "RAVDESS/"], "NAME FOLDER is now ravdess=RAVDESS/"),
    ],
)
def test_what_is_called_otherwise_now_says_so(run, words, new):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert new in err


def test_lists_are_repeated_or_parted_by_commas_and_take_no_positional_word():
    options = parser("benchmark").parse_args(["benchmark", "--seeds", "0,1", "--seeds", "2", "ravdess-luna5"])
    assert (options.seeds, options.protocol) == ([0, 1, 2], "ravdess-luna5")
    options = parser("train").parse_args(
        ["train", "--corpus", "ravdess,emodb=E", "--corpus", "tess", "--speaker", "-(x)"]
    )
    assert options.corpus == ["ravdess", "emodb=E", "tess"]
    assert options.speaker == "-(x)"


def test_tables_are_printed_in_three_forms_that_agree(run):
    rows = [json.loads(line) for line in run("list", "corpora", "--format", "jsonl")[1].splitlines()]
    table = list(csv.DictReader(run("list", "corpora", "--format", "csv")[1].splitlines()))
    assert [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows] == table
    head, *lines = run("list", "corpora")[1].splitlines()
    assert head.split() == list(rows[0])
    assert [line.split()[0] for line in lines] == list(corpora.CORPORA)


def test_a_names_control_characters_do_not_reach_the_terminal(run, tmp_path):
    code, _, err = run("train", tmp_path / "x\x1b]0;title\x07.csv")
    assert code == 1
    assert "x\\x1b]0;title\\x07.csv: does not exist" in err


def test_a_finished_training_is_not_begun_again_unasked(run, made_up, trained):
    words = ["train", "--corpus", f"ravdess={made_up}", "--out", trained, *TRAIN]
    before = (trained / "model.onnx").read_bytes()
    code, _, err = run(*words)
    assert (code, "--overwrite begins anew" in err) == (2, True)
    assert run(*words, "--resume")[0] == 0
    code, _, err = run(*words, "--overwrite")
    assert (code, "epoch 1/2" in err) == (0, True)
    assert (trained / "model.onnx").read_bytes() == before
