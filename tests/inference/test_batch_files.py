"""Which files a batch is of."""

import shutil
from pathlib import Path

import pytest

from voxaffect.errors import VoxaffectWarning
from voxaffect.inference import batch


def test_what_a_folder_holds_besides_recordings_is_counted(example, tmp_path):
    for name in ("a.FLAC", "sub/b.flac", "sub/call.take"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(example, tmp_path / name)
    for name in ("notes.txt", "sub/more.TXT", "paper.pdf"):
        (tmp_path / name).write_text("x")
    with pytest.warns(VoxaffectWarning) as caught:
        names = batch.files([str(tmp_path)])
    assert names == [str(tmp_path / name) for name in ("a.FLAC", "sub/b.flac", "sub/call.take")]
    assert [str(each.message) for each in caught] == [f"{tmp_path}: 3 files are not recordings: 2 .txt, 1 .pdf"]


def test_a_list_may_embed_its_recordings(example, tmp_path):
    pytest.importorskip("pyarrow")
    from pyarrow import Table, parquet

    rows = [{"audio": {"bytes": example.read_bytes(), "path": "a.flac"}}, {"audio": {"bytes": None, "path": "b.wav"}}]
    parquet.write_table(Table.from_pylist(rows), tmp_path / "calls.parquet")
    first, second = batch.files([str(tmp_path / "calls.parquet")])
    assert Path(first).read_bytes() == example.read_bytes()
    assert (Path(first).name, second) == ("a.flac", str(tmp_path / "b.wav"))
