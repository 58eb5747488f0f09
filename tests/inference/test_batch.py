"""Many files from Python, and timelines that go on after an interruption."""

import dataclasses
import itertools
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

import voxaffect as va
import voxaffect.inference.batch
from voxaffect import audio
from voxaffect.errors import SettingsError

RATE = 16_000


@pytest.fixture(scope="module")
def recognizer():
    return va.load("common4")


@pytest.fixture(scope="module")
def folder(example, tmp_path_factory):
    root = tmp_path_factory.mktemp("clips")
    voice = audio.load(example, RATE)
    for k in range(4):
        soundfile.write(root / f"{k}.wav", np.roll(voice, 997 * k) * (0.2 + 0.1 * k), RATE)
    (root / "4.wav").touch()
    return root


def test_each_file_has_its_result_or_its_error(recognizer, folder):
    done = []
    results = recognizer.recognize_many(folder, progress=done.append)
    assert [result.file for result in results] == [str(folder / f"{k}.wav") for k in range(5)]
    assert [result.error is None for result in results] == [True] * 4 + [False]
    assert done == results
    for result in results[:4]:
        assert result.results == (recognizer.recognize(result.file),)
        assert result.to_dicts() == [recognizer.recognize(result.file).to_dict()]
    (row,) = results[4].to_dicts()
    assert (row["file"], row["emotion"], row["probabilities"]) == (str(folder / "4.wav"), None, None)
    assert "is empty" in row["error"]


def test_workers_change_nothing(recognizer, folder):
    one = recognizer.recognize_many([folder], timeline=True)
    assert recognizer.recognize_many([folder], timeline=True, workers=2) == one
    assert list(recognizer.timeline(folder / "0.wav")) == [
        dataclasses.replace(segment, file=str(folder / "0.wav")) for segment in one[0].results
    ]


def test_an_interrupted_run_goes_on_with_what_is_done(recognizer, folder, tmp_path):
    resume, count = tmp_path / "calls.partial", itertools.count()

    def interrupt(_) -> None:
        if next(count) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recognizer.recognize_many(folder, progress=interrupt, resume=resume)
    done = []
    results = recognizer.recognize_many(folder, progress=done.append, resume=resume)
    assert [result.file for result in done] == [str(folder / f"{k}.wav") for k in (2, 3, 4)]
    whole = recognizer.recognize_many(folder)
    assert results == whole
    assert all(
        np.array_equal(a.results[0].embedding, b.results[0].embedding) for a, b in zip(results[:4], whole, strict=False)
    )


@pytest.mark.parametrize("timeline", [False, True])
def test_of_a_folder_that_grows_only_what_is_new_or_has_changed_is_recognised(recognizer, folder, tmp_path, timeline):
    growing, resume, done = tmp_path / "growing", tmp_path / "calls.done", []
    shutil.copytree(folder, growing)
    (growing / "4.wav").unlink()

    def go() -> tuple[list[str], list[va.inference.batch.FileResult]]:
        done.clear()
        results = recognizer.recognize_many(growing, timeline=timeline, progress=done.append, resume=resume)
        assert results == recognizer.recognize_many(growing, timeline=timeline)
        return [Path(result.file).name for result in done], results

    assert go()[0] == ["0.wav", "1.wav", "2.wav", "3.wav"]
    assert go()[0] == []
    shutil.copy(folder / "0.wav", growing / "9.wav")
    shutil.copy(folder / "0.wav", growing / "2.wav")
    (growing / "1.wav").unlink()
    names, results = go()
    assert names == ["2.wav", "9.wav"]
    assert [Path(result.file).name for result in results] == ["0.wav", "2.wav", "3.wav", "9.wav"]
    (growing / "5.wav").touch()
    assert go()[0] == ["5.wav"]
    assert go()[0] == ["5.wav"]  # what had an error may have been mended


def test_what_is_resumed_must_be_of_the_same_model_and_settings(recognizer, folder, tmp_path):
    resume = tmp_path / "calls.partial"

    def interrupt(_) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recognizer.recognize_many(folder, progress=interrupt, resume=resume)
    for other in (va.load("common4", threshold=0.5), va.load("ravdess-small")):
        with pytest.raises(SettingsError, match="made with another bundle or other settings"):
            other.recognize_many(folder, resume=resume)
    with pytest.raises(SettingsError, match="`workers`=0"):
        recognizer.recognize_many(folder, workers=0)


def test_a_damaged_file_of_what_is_done_is_called_damaged(recognizer, folder, tmp_path):
    resume = tmp_path / "calls.partial"
    recognizer.recognize_many([folder / "0.wav"], resume=resume)
    head, line = resume.read_bytes().splitlines(keepends=True)
    for damaged in (
        b"",
        head[: len(head) // 2],
        b"\xff" + head + line,
        head + line[:50] + b"\n",
        head + b"{}\n",
        b"7\n",
    ):
        resume.write_bytes(damaged)
        with pytest.raises(SettingsError, match=r"calls\.partial: is damaged; delete it to begin anew$"):
            recognizer.recognize_many([folder / "0.wav"], resume=resume)
    resume.write_bytes(head + line + line[: len(line) // 2])  # where the machine died, the last line may be cut
    done = []
    recognizer.recognize_many([folder / "0.wav"], resume=resume, progress=done.append)
    assert done == []


def test_pipes_and_devices_are_errors_and_nobody_waits_for_them(recognizer, folder, tmp_path):
    os.mkfifo(tmp_path / "line.wav")
    (tmp_path / "list.txt").write_text(f"line.wav\n/dev/zero\n{folder / '0.wav'}\n")
    for timeline in (False, True):
        results = recognizer.recognize_many(tmp_path / "list.txt", timeline=timeline)
        assert [(result.error or "").partition(";")[0] for result in results] == [
            f"{tmp_path / 'line.wav'}: is a pipe",
            "/dev/zero: is a device",
            "",
        ]


@pytest.fixture(scope="module")
def call(example, tmp_path_factory):
    """Two channels of a minute."""
    voice = audio.load(example, 8_000)
    rng = np.random.default_rng(0)
    lines = []
    for _ in range(2):
        parts = []
        while sum(map(len, parts)) < 60 * 8_000:
            parts += [rng.normal(0, 5e-4, round(rng.uniform(0.3, 4) * 8_000)), voice * rng.uniform(0.1, 1)]
        lines.append(np.concatenate(parts)[: 60 * 8_000])
    path = tmp_path_factory.mktemp("calls") / "call.wav"
    soundfile.write(path, np.stack(lines, axis=1), 8_000)
    return path


@pytest.mark.parametrize("stop", [0, 1, 7])
def test_a_timeline_goes_on_after_an_interruption(recognizer, call, tmp_path, stop):
    resume = tmp_path / "call.partial"
    whole = list(recognizer.timeline(call))
    first = recognizer.timeline(call, resume=resume)
    seen = list(itertools.islice(first, stop + 1))
    first.close()
    assert len(seen) == stop + 1
    assert resume.exists()
    again = list(recognizer.timeline(call, resume=resume))
    assert not resume.exists()
    key = lambda each: (each.start, each.channel)  # noqa: E731
    for one, two in zip(sorted(again, key=key), sorted(whole, key=key), strict=True):
        assert (one.start, one.end, one.channel, one.emotion) == (two.start, two.end, two.channel, two.emotion)
        assert one.probabilities == pytest.approx(two.probabilities, abs=2e-3)


@pytest.mark.parametrize(
    "state", ["[]", "{}", "x", '{"about": 1}', '{"about": {}, "segments": [5], "snapshots": []}', None]
)
def test_a_damaged_file_to_resume_from_is_refused_in_one_line(recognizer, call, tmp_path, state):
    resume = tmp_path / "call.partial"
    with resume.open("wb") as file:
        np.savez(file, **({} if state is None else {"state": np.array(state)}))
    with pytest.raises(
        SettingsError, match=r"call\.partial: is (damaged|of another recording).*delete it to begin anew$"
    ):
        next(recognizer.timeline(call, resume=resume))


@pytest.mark.parametrize("seed", range(12))
def test_a_file_to_resume_from_is_taken_whole_or_refused(recognizer, example, tmp_path, seed):
    """Cut off, with bytes that are others, with arrays and values that are others."""
    resume, rng = tmp_path / "call.partial", np.random.default_rng(seed)
    first = recognizer.timeline(example, resume=resume)
    next(first)
    first.close()
    whole = resume.read_bytes()
    if seed < 4:
        resume.write_bytes(whole[: rng.integers(len(whole))])
    elif seed < 8:
        damaged = np.frombuffer(whole, np.uint8).copy()
        damaged[rng.integers(len(whole), size=3)] ^= 0x55
        resume.write_bytes(damaged.tobytes())
    else:
        with np.load(resume) as file:
            arrays = dict(file)
        state = json.loads(str(arrays["state"]))
        if seed < 10:
            state["snapshots"][0][("frames", "spoken")[seed % 2]] = None
            arrays["state"] = np.array(json.dumps(state))
        else:
            arrays["probabilities0"] = arrays["probabilities0"][:, : seed % 2]
        np.savez(resume.with_suffix(".npz"), **arrays)
        resume.with_suffix(".npz").replace(resume)
    with pytest.raises(SettingsError, match=r"call\.partial: is damaged; delete it to begin anew$"):
        next(recognizer.timeline(example, resume=resume))
