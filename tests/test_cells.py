"""Names and words of any kind survive a CSV table, and none is a formula to a spreadsheet."""

import csv
import io

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from voxaffect.evaluation.predictions import Predictions
from voxaffect.files import rows, tables
from voxaffect.files.cells import harmless, restored

BEGINNINGS = st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "'", "'=", "''@", '"', ";", ""])
NAMES = st.builds(
    str.__add__, BEGINNINGS, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
)


@given(NAMES)
@example('=HYPERLINK("http://127.0.0.1","x")')
@example("+49 30 123.wav")
@example("'=1")
@example("-5")
@example("-5-3")
def test_a_cell_is_no_formula_and_comes_back(name):
    cell = harmless(name)
    assert restored(cell) == name
    try:
        float(cell)
    except ValueError:
        assert len(cell) == 1 or cell[:1] not in tuple("=+-@\t\r\n")


def test_numbers_stay_numbers():
    values = [-0.5, -3, None, "-0.5", "+7", "-1e-05", "-.5", "-"]
    assert [harmless(value) for value in values] == values


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_a_table_has_a_row_a_name_in_every_reader(names):
    """In Python's reader of CSV, which knows no more than RFC 4180, too."""
    text = io.StringIO(newline="")
    table = rows.CsvTable(text, ["file", "confidence"])
    for name in names:
        table.write({"file": name, "confidence": -0.25})
    found = list(csv.reader(io.StringIO(text.getvalue(), newline="")))
    assert found[1:] == [[harmless(name), "-0.25"] for name in names]


def test_what_is_written_is_read(tmp_path):
    names = ["=1+1.wav", "a\rb.wav", "a\nb.wav", "a\r\nb.wav", "+49.wav", "-x.wav", "@home/a.wav", "'=x", 'a,"b".wav']
    for ending in (".csv", ".jsonl"):
        path = tmp_path / f"t{ending}"
        rows.write(path, {"file": str, "label": str}, [{"file": name, "label": "-"} for name in names])
        assert [row for _, row in tables.read(path).rows] == [{"file": name, "label": "-"} for name in names]


def test_predictions_come_back(tmp_path):
    names = np.array(["=1+1", "+49.wav", "'-x", "a"])
    empty, probabilities = np.array([""] * 4), np.full((4, 2), 0.5)
    classes = ("=angry", "sad")
    written = Predictions(classes, names, names, empty, empty, empty, np.array([0, 1, 0, 1]), probabilities)
    written.write(tmp_path / "p.csv")
    assert not [line for line in (tmp_path / "p.csv").read_text("utf-8").splitlines() if line[0] in "=+-@"]
    found = Predictions.read(tmp_path / "p.csv")
    assert found.classes == classes
    assert found.utterance.tolist() == found.speaker.tolist() == names.tolist()
