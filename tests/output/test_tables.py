"""Results as a data frame."""

import pytest

import voxaffect as va
from voxaffect.errors import MissingExtraError
from voxaffect.inference.schema import columns
from voxaffect.output.tables import to_frame

pandas = pytest.importorskip("pandas")


def test_all_results_make_one_frame(example, tmp_path):
    recognizer = va.load("common4")
    (tmp_path / "empty.wav").touch()
    found = recognizer.recognize(example)
    segments = list(recognizer.timeline(example))
    bad = recognizer.recognize_many([tmp_path / "empty.wav"])
    frame = to_frame([found, *segments, *bad])
    assert list(frame.columns) == list(columns(recognizer.classes))
    assert len(frame) == 2 + len(segments)
    assert frame["channel"].isna().tolist() == [True, *[False] * len(segments), True]
    assert frame.loc[0, f"p_{found.emotion}"] == pytest.approx(found.confidence, abs=1e-4)
    assert frame["error"].notna().tolist() == [False] * (1 + len(segments)) + [True]
    assert list(to_frame([]).columns) == list(columns([]))


def test_without_pandas_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"voxaffect\[tables\]"):
        to_frame([])
