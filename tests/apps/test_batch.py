import csv
import json
import multiprocessing
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

import voxaffect as va
from voxaffect import audio
from voxaffect.apps.cli import main
from voxaffect.errors import SettingsError, WorkerError
from voxaffect.inference import batch as module

RATE = 16_000
GOOD = 12


@pytest.fixture(scope="module")
def folder(example, tmp_path_factory):
    """A dozen recordings, some of them below a folder, and three bad ones."""
    root = tmp_path_factory.mktemp("clips")
    voice = audio.load(example, RATE)
    (root / "more").mkdir()
    for k in range(GOOD):
        path = root / ("more" if k % 3 == 0 else "") / f"clip{k:02}.wav"
        soundfile.write(path, np.roll(voice, 997 * k) * (0.2 + 0.06 * k), RATE)
    (root / "empty.wav").touch()
    (root / "text.mp3").write_text("no sound", "utf-8")
    soundfile.write(root / "short.wav", voice[:1000], RATE)
    (root / "notes.txt").write_text("more/clip00.wav\n\nclip01.wav\n", "utf-8")
    return root


@pytest.fixture
def run(capsys):
    def run(*words: object) -> tuple[int, str]:
        code = main(["batch", "--bundle", "common4", *map(str, words)])
        return code, capsys.readouterr().err

    return run


def read(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_it_keeps_going_over_bad_files_and_lists_them(run, folder, tmp_path):
    out = tmp_path / "a.csv"
    code, err = run(folder, "--out", out, "--workers", 1)
    assert code == 1
    rows = read(out)
    assert [row["file"] for row in rows] == sorted(row["file"] for row in rows)
    bad = {Path(row["file"]).name: row["error"] for row in rows if row["error"]}
    assert set(bad) == {"empty.wav", "text.mp3", "short.wav"}
    assert all(name in err for name in bad)
    assert f"{GOOD + 3} rows of {GOOD + 3} files, 3 of them bad" in err
    good = [row for row in rows if not row["error"]]
    assert len(good) == GOOD
    for row in good:
        assert float(row[f"p_{row['emotion']}"]) == float(row["confidence"])
    assert sorted(tmp_path.iterdir()) == [out, tmp_path / "a.csv.done"]


@pytest.mark.parametrize("extra", [[], ["--timeline"]])
def test_the_table_does_not_depend_on_the_number_of_workers(run, folder, tmp_path, extra):
    one, three = tmp_path / "1.jsonl", tmp_path / "3.jsonl"
    run(folder, "--out", one, "--workers", 1, *extra)
    run(folder, "--out", three, "--workers", 3, *extra)
    assert one.read_bytes() == three.read_bytes()
    assert one.stat().st_size > 1000


def test_parquet(run, folder, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "a.parquet"
    run(folder / "more", "--out", out, "--workers", 1)
    table = parquet.read_table(out)
    assert table.num_rows == GOOD / 3
    assert table.column_names[:8] == ["file", "start", "end", "channel", "speaker", "text", "emotion", "confidence"]
    assert table.column("error").to_pylist() == [None] * 4


def test_it_goes_on_where_it_stopped_and_hears_no_file_twice(run, folder, tmp_path, monkeypatch):
    whole, out = tmp_path / "whole.csv", tmp_path / "a.csv"
    run(folder, "--out", whole, "--workers", 1)
    heard, recognize = [], module.recognize_file

    def interrupting(name, **job):
        if len(heard) == 6:
            raise KeyboardInterrupt
        heard.append(name)
        return recognize(name, **job)

    with monkeypatch.context() as patch:
        patch.setattr(module, "recognize_file", interrupting)
        code, err = run(folder, "--out", out, "--workers", 1)
    assert code == 130
    assert "--resume goes on" in err
    assert not out.exists()
    partial = tmp_path / "a.csv.partial"
    with partial.open("a", encoding="utf-8") as file:
        file.write('{"file": "torn')  # as a machine leaves it that lost its power
    code, err = run(folder, "--out", out, "--workers", 1)
    assert code == 2
    assert "add --resume" in err

    def once(name, **job):
        assert name not in heard
        return recognize(name, **job)

    with monkeypatch.context() as patch:
        patch.setattr(module, "recognize_file", once)
        run(folder, "--out", out, "--workers", 1, "--resume")
    assert out.read_bytes() == whole.read_bytes()
    assert not partial.exists()


def test_what_was_bad_or_has_changed_is_heard_again(run, folder, example, tmp_path):
    names, job = module.files([str(folder)]), module.Job(va.load("common4"))
    journal = module.Journal(tmp_path / "a.partial", job)
    first = module.run(names, job, journal=journal)
    assert len(journal.read()) == GOOD
    changed = next(iter(journal.read()))
    os.utime(changed, ns=(1, 1))
    again = []
    second = module.run(names, job, journal=journal, progress=lambda result: again.append(result.file))
    assert set(again) == {changed, *(name for name in names if "clip" not in Path(name).name)}
    assert second == first


def test_a_finished_table_is_gone_on_with(run, folder, tmp_path):
    """As a job does every night, of a folder that grows."""
    growing, out, whole = tmp_path / "calls", tmp_path / "a.csv", tmp_path / "whole.csv"
    shutil.copytree(folder / "more", growing)
    words = [growing, "--out", out, "--workers", 1]
    assert run(*words) == (0, f"{out}: 4 rows of 4 files, 0 of them bad\n")
    before = out.read_bytes()
    assert run(*words, "--resume") == (
        0,
        f"{out}: 4 rows of 4 files, 0 of them bad; 0 recognised, the others as before\n",
    )
    assert out.read_bytes() == before
    shutil.copy(folder / "clip01.wav", growing / "clip01.wav")
    assert "; 1 recognised" in run(*words, "--resume")[1]
    run(growing, "--out", whole, "--workers", 1)
    assert out.read_bytes() == whole.read_bytes()
    code, err = run(*words, "--resume", "--threshold", 0.5)
    assert code == 2
    assert f"{out}.done: was made with another bundle or other settings" in err
    assert run(*words, "--resume")[0] == 0  # and is as it was
    assert "recognised" not in run(*words)[1]  # begun anew
    out.unlink()
    assert "; 0 recognised" in run(*words, "--resume")[1]
    assert out.read_bytes() == whole.read_bytes()


def test_a_summary_has_a_row_a_call(run, folder, tmp_path):
    out, summary = tmp_path / "a.jsonl", tmp_path / "s.csv"
    words = [folder, "--out", out, "--workers", 1, "--timeline"]
    assert run(*words, "--summary", summary)[0] == 1
    rows = read(summary)
    assert len(rows) == GOOD + 3
    assert sum(bool(row["error"]) for row in rows) == 2  # which cannot be read; the short one can
    before = summary.read_bytes()
    summary.unlink()
    run(*words, "--summary", summary, "--resume")
    assert summary.read_bytes() == before
    code, err = run(*words, "--summary", out)
    assert (code, "is the table of --out" in err) == (2, True)
    code, err = run(folder, "--out", out, "--summary", summary)
    assert (code, err) == (2, "voxaffect: --summary is of --timeline; add it\n")
    code, err = run(folder, "--out", out, "--own-baseline")
    assert (code, err) == (2, "voxaffect: --own-baseline is of --timeline; add it\n")


def test_a_file_for_which_nobody_has_foreseen_an_error_does_not_stop_the_rest(run, folder, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text(f"{folder}/clip01.wav\n{folder}/with\0null.wav\n{folder}/clip02.wav\n", "utf-8")
    out = tmp_path / "a.csv"
    assert run(names, "--out", out, "--workers", 1)[0] == 1
    assert [bool(row["error"]) for row in read(out)] == [False, True, False]


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_list_that_is_not_utf_8(run, tmp_path, encoding):
    names = tmp_path / "names.txt"
    names.write_text("gehört.wav\n", encoding)
    code, err = run(names, "--out", tmp_path / "a.csv")
    assert code == 2
    assert "is not UTF-8" in err


def test_a_list_as_windows_writes_it(folder, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text(f"{folder}/clip01.wav\r\n{folder}/./clip01.wav\r\n", "utf-8-sig")
    assert module.files([str(names)]) == [f"{folder}/clip01.wav"]


def test_a_table_that_is_a_source_is_not_overwritten(run, folder, tmp_path):
    table = tmp_path / "names.csv"
    table.write_text(f"file\n{folder}/clip01.wav\n", "utf-8")
    code, err = run(table, "--out", table)
    assert code == 2
    assert "is one of the sources" in err
    assert table.read_text("utf-8").startswith("file\n")


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_ctrl_c_does_not_wait_for_long_files(example, tmp_path):
    voice = np.tile(audio.load(example, RATE), 300)
    for k in range(4):
        soundfile.write(tmp_path / f"long{k}.flac", voice, RATE)
    words = [
        sys.executable,
        "-m",
        "voxaffect",
        "batch",
        str(tmp_path),
        "--timeline",
        "--workers",
        "2",
        "--bundle",
        "common4",
    ]
    process = subprocess.Popen([*words, "--out", str(tmp_path / "a.csv")], stderr=subprocess.PIPE, text=True)
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    begin = time.monotonic()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert time.monotonic() - begin < 5
    assert "Traceback" not in err


def test_other_settings_do_not_go_on(run, folder, tmp_path, monkeypatch):
    out = tmp_path / "a.csv"
    with monkeypatch.context() as patch:
        patch.setattr(module, "recognize_file", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt()))
        run(folder, "--out", out, "--workers", 1)
    code, err = run(folder, "--out", out, "--workers", 1, "--resume", "--threshold", 0.5)
    assert code == 2
    assert "other settings" in err


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_killed_in_the_middle_nothing_is_lost(folder, tmp_path, sent):
    names = tmp_path / "many.jsonl"
    files = sorted(str(path) for path in folder.rglob("clip*.wav"))
    links = []
    for k in range(600):
        link = tmp_path / "links" / f"{k:04}.wav"
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(files[k % len(files)])
        links.append(str(link))
    names.write_text("".join(json.dumps({"file": link}) + "\n" for link in links), "utf-8")
    out = tmp_path / "a.jsonl"
    words = [sys.executable, "-m", "voxaffect", "batch", str(names), "--out", str(out), "--bundle", "common4"]
    words += ["--workers", "2"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    partial = tmp_path / "a.jsonl.partial"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (partial.exists() and partial.read_bytes().count(b"\n") > 20):
        time.sleep(0.02)
    process.send_signal(sent)
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    if process.returncode == 0:
        pytest.skip("it was done before it could be stopped")
    assert not out.exists()
    before = partial.read_bytes().count(b"\n") - 1
    assert 20 <= before < 600
    assert subprocess.run([*words, "--resume"], check=False, capture_output=True).returncode == 0
    assert [json.loads(line)["file"] for line in out.read_text("utf-8").splitlines()] == links


@pytest.mark.skipif(os.name != "posix", reason="limits as POSIX has them")
def test_on_a_full_disk_nothing_that_was_done_is_lost(run, folder, tmp_path):
    out = tmp_path / "a.csv"
    code = "import resource, sys; from voxaffect.apps.cli import main; "
    code += "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)); sys.exit(main(sys.argv[1:]))"
    words = ["batch", str(folder), "--out", str(out), "--workers", "1", "--bundle", "common4"]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"voxaffect: {out}.partial: File too large; check the path and the space"
    assert not out.exists()
    assert 2 <= (tmp_path / "a.csv.partial").read_bytes().count(b"\n") <= GOOD
    run(folder, "--out", out, "--workers", 1, "--resume")
    assert len(read(out)) == GOOD + 3


def test_what_may_be_named(folder, monkeypatch):
    assert len(module.files([str(folder)])) == GOOD + 3
    assert module.files([str(folder / "notes.txt")]) == [str(folder / "more/clip00.wav"), str(folder / "clip01.wav")]
    assert len(module.files([str(folder / "**/clip*.wav")])) == GOOD
    monkeypatch.chdir(folder)
    assert module.files(["more/clip0*.wav", "more/clip00.wav"]) == [f"more/clip{k:02}.wav" for k in (0, 3, 6, 9)]
    for nothing in ("nowhere", "*.flac", str(folder / "none.wav")):
        with pytest.raises(SettingsError, match="name files, a folder, a pattern or a list"):
            module.files([nothing])


def test_a_worker_that_dies_is_named(folder, tmp_path):
    names, job = module.files([str(folder)]) * 50, module.Job(va.load("common4"))
    journal = module.Journal(tmp_path / "a.partial", job)

    def kill(_: module.FileResult) -> None:
        multiprocessing.active_children()[0].kill()

    with pytest.raises(WorkerError, match=r"\.wav: its worker process died"):
        module.run(names, job, workers=2, journal=journal, progress=kill)
    assert len(journal.read()) >= 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--out", "{out}/a.xls"], "ending is of no table"),
        (["--out", "{out}/a.csv", "--workers", "0"], "choose at least 1"),
        (["--out", "{out}/a.csv", "--mix"], "--mix is of --timeline"),
        (["--out", "{out}/a.csv", "--bundle", "nothing"], "nothing"),
    ],
)
def test_used_wrongly(run, folder, tmp_path, words, reason):
    code, err = run(folder, *(word.format(out=tmp_path) for word in words))
    assert code != 0
    assert reason in err
    assert not list(tmp_path.iterdir())
