"""`voxaffect evaluate`: what it prints where labels and classes do not meet."""

import json

import pytest
import soundfile

from conftest import VOICES, buzz
from voxaffect.apps.cli import main


@pytest.fixture
def table(tmp_path):
    """Writes a table of generated clips: label, speaker, sex of each."""
    import numpy as np

    def write(rows: list[tuple[str, str, str]]):
        lines = ["file,label,speaker,sex"]
        for number, (label, speaker, sex) in enumerate(rows):
            pitch, level = VOICES.get(label, (200, 0.3))
            path = tmp_path / f"{number}.wav"
            soundfile.write(path, buzz(pitch, level, 0.8, 16_000, np.random.default_rng(number)), 16_000)
            lines.append(f"{path.name},{label},{speaker},{sex}")
        (tmp_path / "mine.csv").write_text("\n".join(lines))
        return tmp_path / "mine.csv"

    return write


@pytest.fixture
def evaluate(capsys):
    def run(*words: object):
        code = main(["evaluate", "common4", *map(str, words)])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_labels_of_which_one_alone_is_a_class_give_no_uar(table, evaluate):
    """Labels in a language that is not known: all that matches is one class, whose recall is no UAR."""
    labels = ["gelangweilt", "frustriert", "neutral"]
    mine = table([(label, f"s{speaker}", "f") for speaker in range(3) for label in labels])
    code, out, err = evaluate(mine)
    assert code == 0
    assert "have no class" in err
    assert out.splitlines()[1].startswith("1 of 4 classes is tested: neutral; there is no UAR and no F1 of one class")
    assert "recall of neutral" in out
    assert "chance" not in out
    assert not any(line.split()[:1] == ["UAR"] for line in out.splitlines())
    found = json.loads(evaluate(mine, "--json")[1])
    assert (found["uar"], found["f1"], found["chance"]) == (None, None, None)
    assert (found["classes_tested"], found["utterances"]) == (["neutral"], 3)
    assert found["caveats"][0].startswith("1 of 4 classes is tested")


def test_where_no_label_is_a_class_the_labels_are_named(table, evaluate):
    mine = table([("gelangweilt", "a", ""), ("frustriert", "a", ""), ("frustriert", "b", "")])
    code, out, err = evaluate(mine)
    assert (code, out) == (1, "")
    assert "none of the 3 utterances has an emotion of scheme common-4 (angry, happy, neutral, sad)" in err
    assert "there are 2 frustriert, 1 bored" in err
    assert "--labels" in err


def test_what_is_scored_by_what_is_in_the_json(table, evaluate):
    mine = table(
        [(label, f"s{speaker}", "mf"[speaker % 2]) for speaker in range(6) for label in ("angry", "happy", "sad")]
    )
    code, out, _ = evaluate(mine, "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["bundle"], found["corpora"]) == ("common4", ["mine"])
    assert found["versions"]["voxaffect"]
    assert len(found["model_sha256"]) == 64
    assert found["classes_tested"] == ["angry", "happy", "sad"]
    assert found["chance"] == 0.3333
    assert set(found["by_class"]) == {"angry", "happy", "sad"}
    assert all({"recall", "utterances", "speakers"} == set(each) for each in found["by_class"].values())
    assert 0.25 <= found["confidence"] <= 1
    assert any(each.startswith("too few clips: 6 angry, 6 happy, 6 sad") for each in found["caveats"])
    assert "chance 33.3" in evaluate(mine)[1]


def test_conditions_combine_with_each_other_and_with_baselines(table, evaluate, tmp_path):
    labels = ("angry", "happy", "sad")
    mine = table([(label, f"s{speaker}", "mf"[speaker % 2]) for speaker in range(4) for label in labels])
    words = [mine, "--conditions", "telephone+white-20,mu-law"]
    every = tmp_path / "every.csv"
    code, out, _ = evaluate(*words, "--baseline-curve", "--predictions", every, "--json")
    found = json.loads(out)
    assert code == 0
    assert list(found["conditions"]) == ["clean", "telephone+white-20", "mu-law"]
    assert found["conditions"]["clean"]["by_class"] == found["by_class"]
    assert found["conditions"]["clean"]["uar"]["value"] == found["uar"]["value"]
    assert set(found["baselines"]) == {"corpus", "by_condition"}
    assert set(found["baselines"]["by_condition"]) == {"telephone+white-20", "mu-law"}
    assert found["baselines"]["corpus"]["1"]["speakers"] == 4
    rows = every.read_text().splitlines()
    assert rows[0].startswith("condition,utterance,")
    assert [row.split(",")[0] for row in rows[1::12]] == list(found["conditions"])
    page = evaluate(*words, "--baseline-curve")[1]
    assert "under telephone+white-20" in page
    assert "4 of 4" in page


def test_a_baseline_of_a_line_is_used_under_its_condition(table, evaluate, tmp_path, capsys):
    mine = table([(label, f"s{speaker}", "") for speaker in range(2) for label in ("angry", "happy", "sad")])
    words = [*map(str, sorted(tmp_path.glob("*.wav"))), "--out", str(tmp_path / "b.json"), "--bundle", "common4"]
    assert main(["baseline", *words]) == 0
    capsys.readouterr()
    plain, against = (
        json.loads(evaluate(mine, "--conditions", "telephone", "--json", *more)[1])
        for more in ([], ["--baseline", tmp_path / "b.json"])
    )
    assert against["baseline"].endswith("b.json")
    for name in ("clean", "telephone"):
        assert plain["conditions"][name]["confidence"] != against["conditions"][name]["confidence"]
    assert against["conditions"]["clean"]["confidence"] == against["confidence"]
    code, _, err = evaluate("--nonspeech", "--predictions", tmp_path / "none.csv")
    assert (code, "there are no predictions without recordings" in err) == (1, True)
    assert not (tmp_path / "none.csv").exists()
