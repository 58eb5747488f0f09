import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from conftest import babble
from voxaffect.auditing import Listing, Row, audit, findings
from voxaffect.errors import SettingsError


@pytest.fixture(scope="module")
def voices(tmp_path_factory):
    """Forty voices, of which the first have twins of every kind."""
    folder = tmp_path_factory.mktemp("voices")
    for seed in range(40):
        soundfile.write(folder / f"{seed}.wav", babble(seed, 1.5), 16_000)
    samples = [soundfile.read(folder / f"{seed}.wav")[0] for seed in range(4)]
    soundfile.write(folder / "0-equal.flac", samples[0], 16_000)
    soundfile.write(folder / "1-opus.ogg", samples[1], 16_000, subtype="OPUS", compression_level=0.96)
    soundfile.write(folder / "2-ulaw.wav", samples[2][::2], 8_000, subtype="ULAW")
    soundfile.write(folder / "3-turned.wav", np.roll(samples[3], 8_000), 16_000)
    soundfile.write(folder / "silent.wav", np.zeros(16_000), 16_000)
    soundfile.write(folder / "as-silent.wav", np.zeros(16_000), 16_000)
    soundfile.write(folder / "short.wav", samples[0][:3_000], 16_000)
    (folder / "empty.wav").touch()
    return folder


def listing(folder, **sides):
    """Rows of the folder; each named file on the side that is said, all others in train."""
    names = sorted(path.name for path in folder.iterdir())
    named = {name: side for side, of_side in sides.items() for name in of_side}
    return Listing("voices", tuple(Row(name, folder / name, named.get(name, "train")) for name in names))


TWINS = {("0-equal.flac", "0.wav"), ("1-opus.ogg", "1.wav"), ("2-ulaw.wav", "2.wav"), ("3-turned.wav", "3.wav")}


def named(pairs):
    return {(pair.first.name, pair.second.name) for pair in pairs}


def test_every_twin_and_nobody_else(voices):
    found = audit(listing(voices, test=["0-equal.flac", "1-opus.ogg", "2-ulaw.wav", "9.wav"]), workers=1)
    assert named(found.pairs) == TWINS
    assert named(pair for pair in found.pairs if pair.leaks) == TWINS - {("3-turned.wav", "3.wav")}
    assert named(pair for pair in found.pairs if pair.twin is None) == {("0-equal.flac", "0.wav")}
    assert not any(pair.contradicts for pair in found.pairs)
    assert found.leaks
    assert [row.name for row in found.silent] == ["as-silent.wav", "silent.wav"]
    assert [row.name for row in found.short] == ["short.wav"]
    assert [(row.name, reason) for row, reason in found.unreadable] == [
        ("empty.wav", "is empty (0 bytes); copy or record it again")
    ]


def test_twins_of_one_side_do_not_leak(voices):
    found = audit(listing(voices, test=["9.wav"]), workers=1)
    assert named(found.pairs) == TWINS
    assert not found.leaks


def test_the_number_of_workers_changes_nothing(voices, monkeypatch):
    monkeypatch.setattr(findings, "_ALONE", 0)  # so that even the few pairs go to other processes
    split = listing(voices, test=["1-opus.ogg"])
    ticks: list[str] = []
    alone = audit(split, workers=1, progress=lambda total, done: lambda: ticks.append(done))
    assert audit(split, workers=3) == alone
    assert ticks.count("decoded") == len(split.rows)
    assert ticks.count("pairs compared") >= 3  # of the twins, those that are not equal
    with pytest.raises(SettingsError, match="workers=0"):
        audit(split, workers=0)


def test_of_equal_recordings_each_is_shown_against_another_side(voices):
    file = voices / "5.wav"
    rows = [Row(f"{side}{number}", file, side, "", label) for number, (side, label) in enumerate(
        [("train", "sad"), ("train", "sad"), ("test", "sad"), ("train", "happy")]
    )]  # fmt: skip
    found = audit(Listing("x", tuple(rows)), 1)
    assert [(pair.first.name, pair.second.name, pair.leaks, pair.contradicts) for pair in found.pairs] == [
        ("train0", "train1", False, False),
        ("train0", "test2", True, False),
        ("test2", "train3", True, True),
    ]


def test_speakers_and_sentences_on_two_sides(voices):
    rows = [
        Row("5.wav", voices / "5.wav", "train", "ann", "sad", "hello"),
        Row("6.wav", voices / "6.wav", "train", "bob", "sad", "hello"),
        Row("7.wav", voices / "7.wav", "dev", "bob", "sad", "good day"),
        Row("8.wav", voices / "8.wav", "test", "cyd", "sad", "hello"),
    ]
    found = audit(Listing("x", tuple(rows)), 1)
    assert found.speakers == {"bob": {"train": 1, "dev": 1}}
    assert found.sentences == {"hello": {"train": 2, "test": 1}}
    assert found.leaks
    assert not found.pairs
    apart = audit(Listing("x", (rows[0], rows[3])), 1)
    assert apart.sentences
    assert not apart.leaks  # a sentence on two sides is worth a word, and no leak


def test_unknown_speakers_are_no_speaker_on_two_sides(voices):
    rows = tuple(Row(name, voices / name, side) for name, side in (("5.wav", "train"), ("6.wav", "test")))
    assert not audit(Listing("x", rows), 1).leaks


def test_segments_are_audited_as_segments(tmp_path):
    """Of two recordings: what overlaps is on two sides, what does not is not, and neither is the other channel."""
    first, second = babble(50, 6.0), babble(51, 6.0)
    file, copy = tmp_path / "call.wav", tmp_path / "copy.wav"
    soundfile.write(file, np.stack([first, second], axis=1), 16_000)
    soundfile.write(copy, np.stack([np.roll(second, 16_000), second[::-1]], axis=1), 16_000)

    def row(name, file, side, start, end, channel):
        return Row(name, file, side, "", "", "", start, end, channel)

    rows = (
        row("a", file, "train", 0.0, 2.5, 0),
        row("overlaps a", file, "test", 1.0, 3.5, 0),
        row("after both", file, "test", 3.5, 6.0, 0),
        row("b", file, "train", 2.0, 4.5, 1),
        row("b again", file, "test", 2.0, 4.5, 1),
        row("b elsewhere", copy, "test", 3.0, 5.5, 0),
        row("too late", file, "test", 7.0, 8.0, 0),
    )
    found = audit(Listing("segments", rows), 1)
    assert named(found.pairs) == {("a", "overlaps a"), ("b", "b again"), ("b", "b elsewhere")}
    assert [row.name for row, _ in found.unreadable] == ["too late"]
    assert not found.passes


def _children(pid: int) -> int:
    listed = subprocess.run(["ps", "-eo", "ppid="], capture_output=True, text=True, check=True).stdout
    return listed.split().count(str(pid))


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to a group of processes")
def test_ctrl_c_ends_all_processes_in_order(voices, tmp_path):
    many = 6000  # enough to be interrupted in, on a fast machine too
    for number in range(many):
        os.link(voices / f"{number % 40}.wav", tmp_path / f"{number}.wav")
    rows = [f"{tmp_path}/{number}.wav,{'train' if number % 2 else 'test'}" for number in range(many)]
    (tmp_path / "s.csv").write_text("\n".join(["file,split", *rows]))
    words = [sys.executable, "-m", "voxaffect", "audit", str(tmp_path / "s.csv"), "--workers", "2"]
    started = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=0)
    deadline = time.monotonic() + 30
    while _children(started.pid) < 2 and time.monotonic() < deadline:  # until its workers have started
        time.sleep(0.1)
    time.sleep(0.5)  # while it starts them, it leaves Ctrl-C unheard
    os.killpg(started.pid, signal.SIGINT)
    out, complaints = started.communicate(timeout=30)
    assert started.returncode == 130
    assert complaints == "voxaffect: interrupted\n"
    assert not out


CREMA_D = {
    ("1006_TIE_HAP_XX", "1006_TIE_NEU_XX"),
    ("1013_WSI_DIS_XX", "1013_WSI_SAD_XX"),
    ("1017_IWW_ANG_XX", "1017_IWW_FEA_XX"),
}


def test_known_doubles_of_real_corpora(data):
    """The doubled recording of RAVDESS, the contradictory pairs of CREMA-D, and its silent one."""
    files = sorted(
        path
        for pattern in ("ravdess/**/Actor_07/03-01-0[13]-*", "crema-d/**/10[01][0-9]_*")
        for path in data.glob(pattern)
        if path.stem[:4] in ("03-0", "1006", "1013", "1017")
    ) + list(data.glob("crema-d/**/1076_MTI_SAD_XX*"))
    if len({path.parts[-3] for path in files}) < 2:
        pytest.skip(f"real recordings: {data} lacks RAVDESS or CREMA-D")
    rows = [Row(path.stem, path, "test" if "1017" in path.stem else "train", "", path.stem[9:12]) for path in files]
    found = audit(Listing("real", tuple(rows)), 2)
    equal = [pair for pair in found.pairs if pair.twin is None]
    assert named(equal) == CREMA_D | {("03-01-03-01-02-01-07", "03-01-03-01-02-02-07")}
    assert named(pair for pair in equal if pair.contradicts) >= CREMA_D
    assert [row.name for row in found.silent] == ["1076_MTI_SAD_XX"]


def test_takes_of_real_actors_are_not_twins(ravdess):
    """Two actors repeat each sentence in each emotion: of 120 spoken clips no two are taken for one."""
    files = sorted(Path(ravdess).glob("**/Actor_1[12]/03-01-*"))
    assert len(files) == 120
    rows = [Row(path.stem, path, "train" if number % 2 else "test") for number, path in enumerate(files)]
    assert not audit(Listing("takes", tuple(rows)), 2).pairs
