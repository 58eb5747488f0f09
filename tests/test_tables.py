import json

import pytest

from voxaffect.errors import SettingsError, TableError
from voxaffect.files import tables

ROWS = [{"file": "a.wav", "emotion": "sad"}, {"file": "b, c.wav", "emotion": ""}]


def write(folder, ending):
    path = folder / f"table{ending}"
    if ending == ".parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        from pyarrow import Table

        parquet.write_table(Table.from_pylist(ROWS), path)
    elif ending in (".csv", ".tsv"):
        mark = "," if ending == ".csv" else "\t"
        cells = [[*ROWS[0]], *(list(row.values()) for row in ROWS)]
        lines = [mark.join(f'"{cell}"' if "," in cell else cell for cell in row) for row in cells]
        path.write_bytes("\ufeff".encode() + "\r\n".join(lines).encode())
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


@pytest.mark.parametrize("ending", tables.ENDINGS)
def test_every_kind_says_the_same(tmp_path, ending):
    table = tables.read(write(tmp_path, ending))
    assert table.columns == ("file", "emotion")
    assert [row for _, row in table.rows] == ROWS
    assert table.rows[0][0] in ("line 1", "line 2", "row 1")


@pytest.mark.parametrize("name", ["t.json", "t.jsonl"])
def test_json_is_read_as_lines_or_as_an_array_whatever_it_is_called(tmp_path, name):
    lines = "".join(json.dumps(row | {"emotion": "a\u2028b"}, ensure_ascii=False) + "\n" for row in ROWS)
    for text in (lines, "[" + ",".join(lines.split("\n")[:-1]) + "]"):
        (tmp_path / name).write_text(text)
        assert [row for _, row in tables.read(tmp_path / name).rows] == [row | {"emotion": "a\u2028b"} for row in ROWS]


def test_two_columns_of_one_name_are_refused_where_they_matter():
    table = tables.Table("t.csv", ("file", "note", "note"), ())
    assert table.roles({}, ("file",), ("file",)) == {"file": "file"}
    with pytest.raises(SettingsError, match="has two columns 'note'; rename one"):
        table.roles({"label": "note"}, ("label",), ())


def test_semicolons_as_spreadsheets_write_them(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("file;emotion\na.wav;sad\n")
    assert tables.read(path).rows == (("line 2", {"file": "a.wav", "emotion": "sad"}),)


def test_what_hugging_face_writes_of_a_recording(tmp_path):
    path = tmp_path / "table.jsonl"
    path.write_text('{"audio": {"path": "a.wav", "bytes": null}, "label": 3, "speaker": null}\n')
    assert tables.read(path).rows[0][1] == {"audio": "a.wav", "label": "3", "speaker": ""}


def test_roles_by_name_in_any_case_or_as_said():
    table = tables.Table("t.csv", ("Path", "Emotion", "who"), ())
    wanted = ("file", "label", "speaker")
    assert table.roles({}, wanted, ("file",)) == {"file": "Path", "label": "Emotion", "speaker": ""}
    assert table.roles({"speaker": "WHO", "label": ""}, wanted, ()) == {"file": "Path", "label": "", "speaker": "who"}
    with pytest.raises(SettingsError, match=r"no column 'x', only Path, Emotion, who; .* `columns` speaker=NAME"):
        table.roles({"speaker": "x"}, wanted, ())
    with pytest.raises(SettingsError, match=r"voice is none of file, label, speaker$"):
        table.roles({"voice": "who"}, wanted, ())
    with pytest.raises(SettingsError, match=r"no column 'emotoin', only .*; did you mean Emotion\?"):
        table.roles({"label": "emotoin"}, wanted, ())
    with pytest.raises(SettingsError, match=r"lable is none of .*; did you mean label\?"):
        table.roles({"lable": "Emotion"}, wanted, ())


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("t.jsonl", b'{"file": "a.wav"}\n[1]', "line 2 is not a JSON object"),
        ("t.json", b'[{"file": "a.wav"}, 1]', "row 2 is not a JSON object"),
        ("t.json", b'[{"file": "a.wav"}', "is not JSON"),
        ("t.json", b"[" * 100_000, "is not JSON"),
        ("t.csv", b"\xff\xfe\x00", "is not UTF-8"),
        ("t.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "run git lfs pull"),
        ("t.parquet", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "run git lfs pull"),
        ("t.parquet", b"PAR1", "cannot be read as Parquet"),
        ("t.csv", None, "cannot be read"),
    ],
)
def test_tables_that_cannot_be_read(tmp_path, name, content, reason):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError, match=reason) as raised:
        tables.read(tmp_path / name)
    assert "\n" not in str(raised.value)


def test_speakers_by_a_pattern():
    assert tables.speakers("([A-Z]+)_", ["x/AB_1.wav", "CD_2.wav"]) == ["AB", "CD"]
    for pattern, reason in (("(a", "no regular expression"), ("a", "has 0 groups"), ("(x)/", "finds no speaker in CD")):
        with pytest.raises(SettingsError, match=reason):
            tables.speakers(pattern, ["x/AB_1.wav", "CD_2.wav"])
