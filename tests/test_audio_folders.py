import io
import os

import numpy as np
import pytest
import soundfile

from voxaffect import audio
from voxaffect.audio.formats import sniff, unmistakable

WRITTEN = [
    ("wav", "WAV", "PCM_16"),
    ("wav", "WAVEX", "PCM_24"),
    ("wav", "RF64", "PCM_16"),
    ("w64", "W64", "PCM_16"),
    ("aiff", "AIFF", "PCM_16"),
    ("au", "AU", "ULAW"),
    ("caf", "CAF", "PCM_16"),
    ("nist", "NIST", "PCM_16"),
    ("flac", "FLAC", "PCM_16"),
    ("ogg", "OGG", "VORBIS"),
    ("ogg", "OGG", "OPUS"),
    ("mpeg", "MP3", "MPEG_LAYER_III"),
]


@pytest.mark.parametrize(("name", "container", "subtype"), WRITTEN)
def test_a_format_is_known_by_its_content(tmp_path, name, container, subtype):
    path = tmp_path / "recording.pdf"
    soundfile.write(path, np.sin(np.arange(16_000) / 9) / 3, 16_000, format=container, subtype=subtype)
    assert sniff(path.read_bytes()[:4096]) == name
    assert audio.recordings(tmp_path).recordings == (path,)


def test_mpeg_frames_are_told_from_bytes_that_look_like_a_header(tmp_path):
    path = tmp_path / "voice.mp3"
    soundfile.write(path, np.sin(np.arange(32_000) / 9) / 3, 16_000, format="MP3")
    frames = path.read_bytes()
    assert sniff(frames[100:4196]) == "mpeg"  # cut out of the middle
    assert sniff(b"ID3\4\0\0\0\0\0\5title" + frames) == "mpeg"
    assert sniff(frames[:4]) is None
    rng = np.random.default_rng(0)
    assert not any(sniff(b"\x01" + rng.bytes(4095)) for _ in range(300))
    for text in (
        b"",
        b"\xff",
        b"\xff\xfb\x90",
        b"\xff" * 4096,
        b"MZ" + bytes(4000),
        b"%PDF-1.7",
        "Grüße".encode() * 99,
    ):
        assert sniff(text) is None


def test_samples_without_a_header_are_never_taken_for_a_recording(example):
    """Those of a voice in any encoding, from any place, constants, clipped noise, and ones that begin like frames."""
    samples, rng = soundfile.read(example, dtype="float64")[0], np.random.default_rng(0)
    written = io.BytesIO()
    for subtype in ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "PCM_U8", "ULAW", "ALAW", "VOX_ADPCM"):
        soundfile.write(written, samples, 8000, format="RAW", subtype=subtype)
    raw, places = written.getvalue(), rng.integers(0, len(written.getvalue()), 300)
    heads = [raw[place : place + 4096] for place in places] + [bytes([value]) * 4096 for value in range(256)]
    heads += [rng.choice([0x7F, 0x80, 0xFF, 0, 0xF1, 0xFB], 4096).astype(np.uint8).tobytes() for _ in range(100)]
    starts = (b"\xff\xfb\x90\0", b"\xff\xf1\x50\x80\x10\0\0", b"\x0b\x77\0\0\x14\x40")
    heads += [start + rng.bytes(4096 - len(start)) for start in starts]
    assert [head[:8] for head in heads if unmistakable(head)] == []


def test_a_folder_lists_what_is_a_recording_and_counts_what_is_none(tmp_path, example):
    content = example.read_bytes()
    there = ["a.FLAC", "B.Wav", "phone.M4A", "sub/browser.webm", "sub/no-ending", "x.dat", ".hidden.flac", "lfs.mp3"]
    others = ["notes.txt", "sub/NOTES.TXT", "b.pdf", "README", "call.vox", "line.raw"]
    (tmp_path / "sub" / "folder.wav").mkdir(parents=True)
    for name in there:
        (tmp_path / name).write_bytes(b"not opened" if name in ("phone.M4A", "lfs.mp3") else content)
    for name in [*others, "._a.FLAC", ".DS_Store"]:
        (tmp_path / name).write_bytes(bytes(5000))
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.wav")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null.wav").symlink_to("/dev/null")
    listing = audio.recordings(tmp_path)
    named = [path.relative_to(tmp_path).as_posix() for path in listing.recordings]
    assert sorted(named) == sorted([*there, "gone.wav"])
    sentence, counts = str(listing).split(": ")
    assert sentence == "10 files are not recordings"
    assert counts.startswith("2 ")
    files = {"2 .txt", "1 .pdf", "1 without an ending", "1 .vox", "1 .raw"}
    assert set(counts.split(", ")) == files | {"2 pipes", "1 device", "1 broken link"}


def test_nothing_is_said_where_nothing_is_skipped(tmp_path, example):
    (tmp_path / "a.wav").write_bytes(example.read_bytes())
    assert str(audio.recordings(tmp_path)) == ""
