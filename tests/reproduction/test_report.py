import csv
import json

import numpy as np
import pytest

import rendering
from voxaffect import labels
from voxaffect.errors import EvaluationError
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.summary import summarise
from voxaffect.html.colours import plain
from voxaffect.reproduction import report
from voxaffect.reproduction.rows import RowResult, in_classes_of
from voxaffect.reproduction.setups import setup

WIDE = labels.scheme("ravdess-16").classes


def heard(rows: list[tuple[str, dict[str, float]]]) -> Predictions:
    """Predictions of all sixteen classes: (truth, probabilities of some) a clip."""
    probabilities = np.array([[given.get(name, 0.0) for name in WIDE] for _, given in rows])
    column = np.array([str(index) for index in range(len(rows))])
    sexes = np.array([truth.partition(" ")[0] for truth, _ in rows])
    truth = np.array([WIDE.index(truth) for truth, _ in rows])
    speakers = np.array([f"ravdess/{21 + 2 * (index % 2)}" for index in range(len(rows))])
    blank = np.array([""] * len(rows))
    return Predictions(WIDE, column, speakers, sexes, blank, blank, truth, probabilities)


def test_a_wide_model_is_heard_in_the_classes_of_a_set_up():
    everything = heard(
        [
            ("male angry", {"male angry": 0.2, "male calm": 0.1, "male disgust": 0.5, "female angry": 0.2}),
            ("male happy", {"male sad": 0.2, "male happy": 0.15, "male calm": 0.15, "male neutral": 0.5}),
            ("female angry", {"female angry": 1.0}),
            ("male disgust", {"male disgust": 1.0}),
        ]
    )
    five = in_classes_of(everything, setup("men-5"))
    assert five.classes == ("angry", "calm", "fearful", "happy", "sad")
    assert list(five.utterance) == ["0", "1"]  # no woman, and no emotion that the set-up is not about
    assert [five.classes[index] for index in five.truth] == ["angry", "happy"]
    assert np.allclose(five.probabilities[0], [2 / 3, 1 / 3, 0, 0, 0])
    two = in_classes_of(everything, setup("men-2"))
    assert [two.classes[index] for index in two.truth] == ["negative", "positive"]
    assert np.allclose(two.probabilities[1], [0.4, 0.6])  # happy and calm against sad; neutral has no place
    three = in_classes_of(everything, setup("men-3"))
    assert np.allclose(three.probabilities[1], [0.2, 0.65, 0.15])
    ten = in_classes_of(everything, setup("ancestor"))
    assert list(ten.utterance) == ["0", "1", "2"]
    assert ten.classes[ten.truth[2]] == "female angry"


def test_a_clip_of_which_nothing_is_said_still_has_probabilities():
    silent = in_classes_of(heard([("male sad", {"female happy": 1.0})]), setup("men-5"))
    assert np.allclose(silent.probabilities, 0.2)


@pytest.fixture
def results(tmp_path):
    """Result files of two rows, and of our model, as `reproduce` writes them; the figures are drawn by lot."""
    rng = np.random.default_rng(0)
    for row, mode, leak in (("men-5", "leaky", "validation shares speakers"), ("men-5", "corrected", None)):
        classes = labels.scheme("article-5").classes
        speakers = np.array(["ravdess/21", "ravdess/23"] * 40)
        names = np.array([f"ravdess/{index}" for index in range(80)])
        blank = np.array([""] * 80)
        given = Predictions(
            classes,
            names,
            speakers,
            np.array(["male"] * 80),
            blank,
            blank,
            rng.integers(5, size=80),
            rng.dirichlet(np.ones(5), 80),
        )
        losses = {"train_loss": 1.5, "dev_loss": 1.6, "dev_uar": 0.3, "dev_wa": 0.3}
        history = [{"epoch": float(epoch), **losses} for epoch in (1, 2, 3)]
        result = RowResult(
            **vars(summarise(given)),
            row=row,
            title="men, 5 classes",
            mode=mode,
            leak=leak,
            clips={"train": 640, "dev": 160, "test": 80, "copies": 0},
            dev_speakers=("ravdess/17",),
            test_speakers=("ravdess/21", "ravdess/23"),
            epochs=3,
            best_epoch=2,
            dev={"dev_wa": 0.3},
            parameters=100,
            seconds=1,
            commit="unknown",
            versions={},
            settings={},
            history=tuple(history),
        )
        (tmp_path / f"{row}-{mode}.json").write_text(json.dumps(result.to_dict()))
    known = [f"{sex} {emotion}" for sex in ("female", "male") for emotion in ("angry", "calm", "sad", "happy")]
    clips = [(name, {name: 1.0}) for name in known for _ in range(4)]
    heard(clips).write(tmp_path / "best.csv")
    return tmp_path


def test_every_output_says_what_leaks(results):
    """Most of all of the row whose test clips train: its test figure is worth nothing."""
    (results / "men-5-leaky.json").rename(results / "ancestor-all-leaky.json")
    text = report.write(results)
    assert "leaky as published: the test clips train and validate" in text
    assert "published, leaky" in text
    assert "ours, leaky" in text
    for name in ("article.md", "article.csv", "article.html"):
        assert "the test clips train and validate" in (results / name).read_text()
    head = (results / "article.md").read_text().splitlines()[0]
    assert head.count("leaky") == 2
    assert "corrected" in head
    columns = (results / "article.csv").read_text().splitlines()[0].split(",")
    assert all("leaky" in name for name in columns if "published" in name)


def test_two_rows_may_have_one_correction(results):
    (results / "men-5-corrected.json").rename(results / "ancestor-corrected.json")
    rows = {row.setup.name: row for row in report.read(results)}
    assert rows["ancestor-all"].corrected == rows["ancestor"].corrected != None  # noqa: E711


def test_our_model_alone_has_rows(results):
    for path in results.glob("men-5-*"):
        path.unlink()
    assert len(report.read(results)) == 15
    assert "our model" in report.write(results)


def test_the_table_has_what_the_files_have(results):
    report.write(results)
    (row,) = (each for each in csv.DictReader((results / "article.csv").open()) if each["row"] == "men-5")
    leaky = json.loads((results / "men-5-leaky.json").read_text())
    assert float(row["leaky_test"]) == pytest.approx(100 * leaky["wa"]["value"], abs=0.01)
    assert float(row["leaky_test_low"]) == pytest.approx(100 * leaky["wa"]["interval"][0], abs=0.01)
    assert (row["leaky_epochs"], row["leaky_dev"], row["published_leaky_test"]) == ("3", "30.00", "46.25")
    assert row["best_test"] == "100.00"
    (line,) = (each for each in (results / "article.md").read_text().splitlines() if "`men-5`" in each)
    assert f"{100 * leaky['wa']['value']:.1f} [" in line
    assert "3 epochs" in line
    assert "51.25, 46.25" in line


def test_a_row_of_all_epochs_is_marked(results):
    leaky = json.loads((results / "men-5-leaky.json").read_text())
    (results / "men-5-leaky.json").write_text(json.dumps(leaky | {"epochs": 700}))
    assert "all 700 epochs" in report.write(results)
    for name in ("article.md", "article.html"):
        assert (results / name).read_text().count("all 700") == 1


def test_the_page_needs_nothing_from_elsewhere(results):
    report.write(results)
    page = (results / "article.html").read_text()
    assert not any(word in page for word in ("http", "<script", "<link", "@import", "url("))
    curves = rendering.inline(page)
    assert len(curves) == 2  # our model has no curves of the row's own
    for svg in curves:
        assert rendering.check(svg) == {plain(name) for name in ("paper", "ink", "faint", "line")}
    assert "prediction, % of the label's clips" in page
    assert page.count("class=confusion") == 2 + 15


def test_a_lost_row_says_so(results):
    (results / "men-5-leaky.json").rename(results / "men-2-noise-shift-positive-leaky.json")
    (results / "men-5-corrected.json").unlink()
    assert "lost" in report.write(results)
    (line,) = (each for each in (results / "article.md").read_text().splitlines() if "`men-2-noise-shift-pos" in each)
    assert "| lost |" in line


def test_folders_without_results_and_broken_ones(results, tmp_path):
    assert report.read(tmp_path / "nothing") == []
    for content in ("{", "[1]", "[]", "{}", '{"epochs": 3}'):
        (results / "men-5-leaky.json").write_text(content)
        with pytest.raises(EvaluationError, match="is not a result"):
            report.read(results)
