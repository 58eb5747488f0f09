"""All the sound that is there is used, and what a header promised in vain is said: with the light installation."""

import io
import os
import re
import shutil
import struct
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from encoding import encoded, speech, written
from voxaffect import audio
from voxaffect.audio import content as content_module
from voxaffect.errors import AudioError, VoxaffectWarning

RATE = 16_000
VARIABLE = {"flags": "+qscale", "global_quality": "118"}
VOICE = speech([0.2, 1.6, 2.7], RATE)  # 3.7 s


@pytest.fixture(autouse=True)
def light(monkeypatch):
    """Neither PyAV nor ffmpeg: a test that encodes calls `encoded` before it decodes."""
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setattr(shutil, "which", lambda name: None)


def read(source) -> tuple[np.ndarray, str | None]:
    """The samples (samples,), and the warning."""
    decoded = audio.decode(source)
    samples = np.concatenate([np.zeros((0, decoded.header.channels), np.float32), *decoded]).mean(axis=1)
    return samples, decoded.warning


def bursts(samples: np.ndarray, rate: int) -> list[float]:
    """Seconds at which half seconds of sound begin."""
    tenths = np.abs(samples[: len(samples) // (rate // 20) * (rate // 20)].reshape(-1, rate // 20)).max(axis=1) > 0.1
    return [float(at / 20) for at in np.flatnonzero(np.diff(tenths.astype(int), prepend=0) == 1)]


def quiet(source) -> np.ndarray:
    samples, warning = read(source)
    assert warning is None
    return samples


# MP3


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("pipe", [False, True])
def test_an_mp3_of_variable_bit_rate_is_read_to_its_end(rate, pipe):
    samples = speech([0, 9, 17, 24], rate)
    xing = "0" if pipe else "1"
    content = encoded(samples, rate, "mp3", "libmp3lame", pipe=pipe, write_xing=xing, **VARIABLE)
    heard = quiet(content)
    assert len(heard) / rate == pytest.approx(25, abs=0.25)
    assert bursts(heard, rate) == pytest.approx([0, 9, 17, 24], abs=0.11)


def test_a_quiet_beginning_does_not_make_an_mp3_too_long():
    """Its estimated length is many times its own: bytes by the bit rate of silence."""
    samples = np.concatenate([np.zeros(20 * RATE), np.random.default_rng(0).standard_normal(60 * RATE) * 0.2])
    content = encoded(samples, RATE, "mp3", "libmp3lame", pipe=True, write_xing="0", **VARIABLE)
    assert soundfile.info(io.BytesIO(content)).duration > 150
    assert len(audio.load(content, max_duration=100)) / RATE == pytest.approx(80, abs=0.2)
    assert audio.header(content).duration == pytest.approx(80, abs=0.2)


@pytest.mark.parametrize("count", [2, 3, 7])
def test_mp3_files_in_a_row_are_one_recording(count):
    content = encoded(VOICE, RATE, "mp3", "libmp3lame")
    once = quiet(content)
    assert len(once) == len(VOICE)
    assert np.allclose(quiet(content * count), np.tile(once, count), atol=1e-6)


def test_mp3_files_of_different_rates_and_channels_in_a_row():
    both = np.stack([VOICE, VOICE], axis=1)
    parts = [
        encoded(VOICE, RATE, "mp3", "libmp3lame"),
        encoded(both, RATE, "mp3", "libmp3lame"),
        encoded(np.repeat(VOICE, 3), 3 * RATE, "mp3", "libmp3lame"),
    ]
    heard = quiet(b"".join(parts))
    assert len(heard) == pytest.approx(3 * len(VOICE), abs=RATE * 0.05)
    seconds = [at + part * 3.7 for part in range(3) for at in (0.2, 1.6, 2.7)]
    assert bursts(heard, RATE) == pytest.approx(seconds, abs=0.11)


def test_tags_and_junk_between_mp3_frames_are_no_sound():
    content = encoded(VOICE, RATE, "mp3", "libmp3lame")
    once = quiet(content)
    picture = b"ID3\x03\x00\x00\x00\x00\x40\x00" + b"\xff\xfb\x90\x64" * 2048
    ape = b"APETAGEX" + struct.pack("<III", 2000, 40, 0) + bytes(12) + b"\xff" * 40
    junk = picture + content + ape + b"TAG" + bytes(125) + picture + b"\x00" * 500 + content + b"TAG" + bytes(125)
    assert np.allclose(quiet(junk), np.tile(once, 2), atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(start=st.integers(0, 3_600), more=st.integers(1, 4_000))
def test_any_part_of_an_mp3_is_the_part_of_the_whole(start, more):
    first, last = start / 1000, (start + more) / 1000
    part = audio.load(_MP3, None, start=first, end=last)
    assert np.allclose(part, _WHOLE_MP3[round(first * RATE) : round(last * RATE)], atol=1e-5)


_MP3 = encoded(np.tile(VOICE, 4), RATE, "mp3", "libmp3lame", **VARIABLE)
_WHOLE_MP3 = audio.load(_MP3, None)


def test_chunks_of_mp3_are_decoded_as_one():
    """A seek between two chunks would decode the second without what it refers to."""
    whole, _ = soundfile.read(io.BytesIO(_MP3), dtype="float32")
    assert np.allclose(_WHOLE_MP3, whole[: len(_WHOLE_MP3)], atol=1e-5)
    assert len(_WHOLE_MP3) == 4 * len(VOICE)


# Ogg


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
@pytest.mark.parametrize("count", [2, 5])
def test_chained_ogg_is_one_recording(subtype, count):
    content = written(VOICE, RATE, "OGG", subtype)
    once = quiet(content)
    assert np.allclose(quiet(content * count), np.tile(once, count), atol=1e-6)


def test_an_ogg_chain_of_different_kinds():
    parts = [written(VOICE, RATE, "OGG", "VORBIS"), written(VOICE, 8_000, "OGG", "OPUS")]
    parts.append(written(np.stack([VOICE, VOICE], axis=1), 48_000, "OGG", "VORBIS"))
    seconds = len(VOICE) / RATE + len(VOICE) / 8_000 + len(VOICE) / 48_000
    assert len(quiet(b"".join(parts))) / RATE == pytest.approx(seconds, abs=0.05)


# FLAC


@pytest.mark.parametrize("samples", [1, 100, 4096, 12_345, 59_200])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_flac_from_a_pipe_is_read_to_its_end(samples, channels):
    noise = np.random.default_rng(0).standard_normal((samples, channels)) * 0.1
    content = bytearray(encoded(noise, RATE, "flac", "flac", pipe=True))
    content[21] &= 0xF0  # FFmpeg tells the length of a stream of one frame
    content[22:26] = bytes(4)
    assert audio.header(bytes(content)).samples == samples
    assert len(quiet(bytes(content))) == samples


def test_a_flac_from_a_pipe_that_is_cut_off():
    noise = np.random.default_rng(0).standard_normal(10 * RATE) * 0.1
    content = encoded(noise, RATE, "flac", "flac", pipe=True)
    whole = quiet(content)
    for share in (0.3, 0.5, 0.9):
        heard, warning = read(content[: int(len(content) * share)])
        assert warning == "the end is missing"
        assert len(heard) == pytest.approx(share * len(whole), abs=0.3 * RATE)
        assert np.array_equal(heard, whole[: len(heard)])


def test_flac_files_in_a_row_are_one_recording():
    content = written(VOICE, RATE, "FLAC", "PCM_16")
    assert np.array_equal(quiet(content * 3), np.tile(quiet(content), 3))


@pytest.mark.parametrize("damage", [(0.5, 1), (0.3, 500), (0.6, 20_000)])
def test_a_flac_that_is_damaged_in_the_middle_is_used_on_both_sides(damage):
    noise = np.random.default_rng(0).standard_normal(20 * RATE) * 0.1
    whole = written(noise, RATE, "FLAC", "PCM_16")
    content = bytearray(whole)
    place, size = int(damage[0] * len(whole)), damage[1]
    content[place : place + size] = bytes(byte ^ 0x5A for byte in content[place : place + size])
    heard, warning = read(bytes(content))
    expected = quiet(whole)
    assert len(heard) == len(expected)
    wrong = np.abs(heard - expected) > 1e-4
    if wrong.any():  # libFLAC mends some
        assert wrong.mean() < 0.15
        assert "are silence" in warning
        assert not heard[wrong].any()


def test_a_part_of_a_flac_that_is_cut_off():
    whole = written(np.random.default_rng(0).standard_normal(20 * RATE) * 0.1, RATE, "FLAC", "PCM_16")
    content = whole[: len(whole) // 2]
    assert np.array_equal(audio.load(content, start=1, end=3), audio.load(whole, start=1, end=3))
    with pytest.raises(AudioError, match=r"ends before 15\.0 s"):
        audio.load(content, start=15, end=16)


# WAV and its like

PIPED = [
    ("wav", "pcm_s16le"),
    ("wav", "pcm_f32le"),
    ("w64", "pcm_s16le"),
    ("au", "pcm_s16be"),
    ("caf", "pcm_s16be"),
    ("flac", "flac"),
    ("ogg", "libopus"),
]


@pytest.mark.parametrize(("container", "codec"), PIPED)
def test_what_ffmpeg_writes_to_a_pipe_is_read_to_its_end(container, codec):
    rate = 48_000 if codec == "libopus" else RATE
    assert len(quiet(encoded(speech([0.2, 1.6], rate), rate, container, codec, pipe=True))) == 2.6 * rate


def test_an_aiff_from_a_pipe_says_that_it_holds_none():
    samples, warning = read(encoded(VOICE, RATE, "aiff", "pcm_s16be", pipe=True))
    assert len(samples) == len(VOICE)
    assert "never finished" in warning


def test_a_tag_before_a_recording_is_no_sound():
    tag = b"ID3\x03\x00\x00\x00\x00\x40\x00" + bytes(8192)
    for container, subtype in (("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("MP3", "MPEG_LAYER_III")):
        content = written(VOICE, RATE, container, subtype)
        assert np.array_equal(quiet(tag + content), quiet(content))


UNKNOWN = [0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFF000, 0x7FFFFFDB, 0xFFFFFFDB, 0x7FFF0000, 0xFFFFF000]


@pytest.mark.parametrize("length", UNKNOWN)
@pytest.mark.parametrize("outer", [True, False])
def test_a_wav_that_does_not_know_its_length_is_read_to_its_end(length, outer):
    content = _with_length(length, outer)
    assert np.array_equal(quiet(content), quiet(_WAV))


@pytest.mark.parametrize("outer", [0, 36, 1, None])
def test_a_wav_that_was_never_finished_is_read_with_a_word(outer):
    content = bytearray(_with_length(0, False))
    if outer is not None:
        content[4:8] = struct.pack("<I", outer)
    samples, warning = read(bytes(content))
    assert np.array_equal(samples, quiet(_WAV))
    assert warning == "the header was never finished, the file holds 3.7 s"


def test_a_wav_without_samples_has_none():
    empty = written(np.zeros(0), RATE, "WAV", "PCM_16")
    for content in (empty, empty + b"LIST\x04\x00\x00\x00INFO"):
        with pytest.raises(AudioError, match="no samples"):
            audio.load(content)


def test_a_wav_that_holds_more_than_its_header_says():
    samples, warning = read(_with_length(2 * RATE, False))
    assert np.array_equal(samples, quiet(_WAV))
    assert warning == "the header promises 1.0 s, the file holds 3.7 s"


def test_what_stands_behind_the_samples_is_no_sound():
    for behind in (b"LIST\x0c\x00\x00\x00INFOIART\x00\x00\x00\x00", b"TAG" + bytes(125), bytes(3000), b"\r\n"):
        assert np.array_equal(quiet(_WAV + behind), quiet(_WAV))


def test_wav_files_in_a_row_are_one_recording():
    tagged = _WAV + b"LIST\x04\x00\x00\x00INFO"
    assert np.array_equal(quiet(_WAV + tagged + _WAV), np.tile(quiet(_WAV), 3))


@pytest.mark.parametrize("rate", [RATE, 44_100])
def test_an_mp3_inside_a_wav(rate):
    content = encoded(speech([0.2, 9], rate), rate, "wav", "libmp3lame", **VARIABLE)
    heard = quiet(content)
    assert len(heard) / rate == pytest.approx(10, abs=0.15)
    assert bursts(heard, rate) == pytest.approx([0.2, 9], abs=0.11)


UNFINISHED = [
    ("au", "AU", struct.pack(">I", 0), 8),
    ("w64", "W64", struct.pack("<Q", 24), -24 + 16),
    ("w64, nothing", "W64", struct.pack("<Q", 0), -24 + 16),
    ("rf64", "RF64", struct.pack("<Q", 0), 28),
    ("caf", "CAF", struct.pack(">Q", 4), -12),
]


@pytest.mark.parametrize(("container", "zero", "at"), [case[1:] for case in UNFINISHED], ids=[c[0] for c in UNFINISHED])
def test_others_that_were_never_finished(container, zero, at):
    whole = written(VOICE, RATE, container, "PCM_16")
    samples = quiet(whole)
    start = len(whole) - 2 * len(VOICE)
    while not np.array_equal(np.frombuffer(whole[start : start + 2000], "<i2" if "64" in container else ">i2"), _PCM):
        start -= 1
    content = bytearray(whole)
    place = at if at >= 0 else start + at
    content[place : place + len(zero)] = zero
    heard, warning = read(bytes(content))
    assert np.array_equal(heard[: len(VOICE)], samples)
    assert "never finished" in warning


_PCM = np.round(VOICE[:1000] * 32767).astype(np.int16)


CUT = [
    ("WAV", "PCM_16"),
    ("WAV", "PCM_24"),
    ("WAV", "ULAW"),
    ("WAV", "GSM610"),
    ("WAV", "IMA_ADPCM"),
    ("WAVEX", "FLOAT"),
    ("RF64", "PCM_16"),
    ("W64", "PCM_16"),
    ("AIFF", "PCM_16"),
    ("AU", "ULAW"),
    ("CAF", "PCM_16"),
    ("NIST", "PCM_16"),
    ("FLAC", "PCM_16"),
    ("MP3", "MPEG_LAYER_III"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
]


@pytest.mark.parametrize(("container", "subtype"), CUT)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_recording_that_is_cut_off_is_used_as_far_as_it_goes(container, subtype, share):
    voice = np.random.default_rng(0).standard_normal(20 * RATE) * 0.1
    whole = written(voice, RATE, container, subtype)
    content = whole[: int(len(whole) * share)]
    heard, warning = read(content)
    seconds = len(heard) / RATE
    assert seconds == pytest.approx(20 * share, abs=1.2 if container == "OGG" else 0.3)
    if container == "OGG":
        assert warning == "the end is missing"
    else:
        assert warning in [f"the header promises {20 + d:.1f} s, the file holds {seconds:.1f} s" for d in (0, 0.1)]
    reference = quiet(whole)[: len(heard)]
    safe = slice(0, len(heard) - RATE // 4)
    assert np.allclose(heard[safe], reference[safe], atol=1e-4)


def test_loading_warns_of_what_is_missing(tmp_path):
    path = tmp_path / "cut.wav"
    path.write_bytes(_WAV[: len(_WAV) // 3])
    with pytest.warns(VoxaffectWarning, match=r"cut\.wav: the header promises 3\.7 s, the file holds 1\.2 s"):
        audio.load(path)
    with pytest.warns(VoxaffectWarning, match="the header promises"):
        list(audio.chunks(path))


@pytest.mark.filterwarnings("error::voxaffect.VoxaffectWarning")
def test_what_is_whole_gives_no_warning():
    for container, subtype in CUT:
        assert len(audio.load(written(VOICE, RATE, container, subtype))) > 3.6 * RATE


# Parts


@pytest.mark.parametrize(("container", "subtype"), CUT)
def test_a_part_is_the_part_of_the_whole(container, subtype):
    content = written(np.tile(VOICE, 3), RATE, container, subtype)
    whole = audio.load(content, None)
    for start, end in ((0.5, 1.25), (3.0, 9.5), (9.0, None), (0, 100)):
        part = audio.load(content, None, start=start, end=end)
        expected = whole[round(start * RATE) : None if end is None else round(end * RATE)]
        assert len(part) == len(expected)
        close = np.abs(part - expected)
        assert close[RATE // 10 :].max(initial=0) < 0.02  # Vorbis and Opus begin anew
    with pytest.raises(AudioError, match="ends before"):
        audio.load(content, start=50)


def test_the_length_of_a_part_counts_not_that_of_the_recording():
    content = written(np.zeros(100 * RATE), RATE, "WAV", "PCM_16")
    assert len(audio.load(content, start=10, end=20, max_duration=10)) == 10 * RATE
    with pytest.raises(AudioError, match="lasts 20 s"):
        audio.load(content, start=10, end=30, max_duration=10)


# Streams that cannot seek


class Body:
    """As an HTTP response or an S3 object: it can be read once, in pieces of its own size."""

    def __init__(self, content: bytes) -> None:
        self._rest = content
        self.taken = 0

    def read(self, count: int = -1) -> bytes:
        size = min(1000, count) if count > 0 else len(self._rest)
        piece, self._rest = self._rest[:size], self._rest[size:]
        self.taken += len(piece)
        return piece


@pytest.mark.parametrize(("container", "subtype"), [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "OPUS")])
def test_a_stream_that_cannot_seek_is_read(container, subtype):
    content = written(VOICE, RATE, container, subtype)
    assert np.array_equal(audio.load(Body(content)), audio.load(content))


def test_a_stream_that_says_that_it_cannot_seek():
    class Response(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation("seek")

        tell = seek

    assert np.array_equal(audio.load(Response(_WAV)), audio.load(_WAV))


def test_a_stream_that_breaks_off():
    class Broken(Body):
        def read(self, count: int = -1) -> bytes:
            if self.taken > 5000:
                raise ConnectionError("reset by peer")
            return super().read(count)

    with pytest.raises(AudioError, match="reset by peer"):
        audio.load(Broken(_WAV))


def test_a_file_whose_reading_fails_is_named(capfd):
    class Failing(io.BytesIO):
        def read(self, count: int | None = -1) -> bytes:
            if self.tell() > 5000:
                raise OSError("disk error")
            return super().read(count)

    for container, subtype in (("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")):
        with pytest.raises(AudioError, match=r"^<Failing>: cannot be read \(disk error\); check it$"):
            audio.load(Failing(written(np.tile(VOICE, 9), RATE, container, subtype)))
    assert capfd.readouterr() == ("", "")


def test_a_file_that_is_closed():
    file = io.BytesIO(_WAV)
    file.close()
    with pytest.raises(AudioError, match="cannot be read"):
        audio.load(file)


def test_a_device_that_never_ends_is_refused_at_once():
    with pytest.raises(AudioError, match="not audio"):
        audio.load("/dev/zero")


def test_a_stream_that_never_ends_is_refused_after_a_bound(monkeypatch):
    monkeypatch.setattr(content_module, "MAX_STREAMED", 1 << 21)

    class Endless(Body):
        def read(self, count: int = -1) -> bytes:
            self.taken += count
            return bytes(count) if self.taken > count else _WAV[:44] + bytes(count - 44)

    endless = Endless(b"")
    with pytest.raises(AudioError, match="goes on after"):
        audio.load(endless)
    assert endless.taken < 1 << 23


def test_a_pointer_of_git_lfs_is_called_one(tmp_path):
    path = tmp_path / "1001.wav"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")
    with pytest.raises(AudioError, match=r"1001\.wav: is a Git LFS pointer.*git lfs pull"):
        audio.header(path)


@pytest.mark.parametrize("container", ["SDS", "XI", "HTK", "MAT4", "MAT5", "PVF", "AVR", "MPC2K", "SVX", "PAF", "VOC"])
def test_formats_that_are_not_promised_are_opened_by_nobody(container, capfd):
    """libsndfile reads them, and prints on standard output while it does."""
    subtype = "DPCM_16" if container == "XI" else "PCM_16"
    content = written(VOICE[:4000], 44_100 if container == "XI" else RATE, container, subtype)
    with pytest.raises(AudioError, match="nothing that is known begins like it"):
        audio.load(content)
    assert capfd.readouterr() == ("", "")


def test_threads_that_decode_mp3_print_nothing_and_leave_standard_error_to_others(capfd):
    broken = bytearray(_MP3 * 8)
    for place in range(3000, len(broken), 997):
        broken[place] ^= 0x55
    with ThreadPoolExecutor(4) as pool, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lengths = list(pool.map(lambda _: len(audio.load(bytes(broken), None)), range(8)))
        os.write(2, b"another thread's line\n")
    assert len(set(lengths)) == 1
    assert capfd.readouterr() == ("", "another thread's line\n")


# Headerless


_WAV = written(VOICE, RATE, "WAV", "PCM_16")


@pytest.mark.parametrize("encoding", ["s16", "s24", "s32", "f32", "u8", "mulaw", "alaw", "gsm", "vox"])
def test_a_headerless_recording_is_what_it_is_said_to_be(tmp_path, encoding):
    subtypes = {"s16": "PCM_16", "s24": "PCM_24", "s32": "PCM_32", "f32": "FLOAT", "u8": "PCM_U8"}
    subtypes |= {"mulaw": "ULAW", "alaw": "ALAW", "gsm": "GSM610", "vox": "VOX_ADPCM"}
    path = tmp_path / "call.raw"
    soundfile.write(path, VOICE, 8_000, format="RAW", subtype=subtypes[encoding], endian="LITTLE")
    raw = audio.Raw(8_000, encoding)
    samples = audio.load(path, None, raw=raw)
    assert len(samples) == pytest.approx(len(VOICE), abs=160)
    assert bursts(samples, 8_000) == pytest.approx([0.4, 3.2, 5.4], abs=0.1)
    assert np.array_equal(audio.load(Body(path.read_bytes()), None, raw=raw), samples)
    if encoding not in ("gsm", "vox"):
        assert np.array_equal(raw.samples(path.read_bytes())[:, 0], samples)
    with pytest.raises(AudioError, match="no header needs its rate and encoding"):
        audio.load(path)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("value", [b"\1\0\x80\x7f", b"\0\0\x80\xff", b"\0\0\xc0\x7f", b"\xff\xff\x7f\x7f"])
def test_samples_of_another_encoding_are_an_error_and_no_word_of_numpy(channels, value):
    """A signalling NaN, infinity, a NaN, and what overflows in a sum."""
    data = (bytes(4) + value * 3) * 800
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AudioError, match=r"holds (NaN or infinite samples|samples of 3\.4e)"):
            audio.load(data, None, raw=audio.Raw(8_000, "f32", channels))


def test_headerless_stereo():
    data = np.stack([np.full(800, 1000), np.full(800, -3000)], axis=1).astype("<i2").tobytes()
    decoded = audio.decode(data, raw=audio.Raw(8_000, channels=2))
    assert decoded.header == audio.Header(800, 8_000, 2)
    assert np.allclose(np.concatenate(list(decoded)), [1000 / 32768, -3000 / 32768])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xef\xbb\xbf  <HTML><body>", "it is an HTML page); download"),
        ("Grüße, 12 ".encode() * 1000 + b"\xc3", "it is text); give a recording, or a list"),
        (b"PAR1" + bytes(100), "it is a Parquet file); give a recording, or a list or table"),
        (b"%PDF-1.7\n\x80", "it is a PDF document); give a recording"),
        (b"PK\3\4" + bytes(100), "it is a ZIP archive); give"),
        (_WAV[:36] + bytes(10), "); copy it again"),
        (_WAV[:16] + b"\xff" * 40, "); copy it again"),
    ],
)
def test_what_is_no_recording_is_called_what_it_is(content, reason):
    with pytest.raises(AudioError) as refused:
        audio.load(content)
    assert reason in str(refused.value)
    assert not re.search("raw|Invalid data|End of file|chunk|rror :", str(refused.value))


@pytest.mark.parametrize("wrong", [{"encoding": "mp3"}, {"sample_rate": 3}, {"channels": 0}, {"channels": 99}])
def test_a_headerless_recording_that_cannot_be(wrong):
    with pytest.raises(ValueError, match=r"choose"):
        audio.Raw(**{"sample_rate": 8_000} | wrong)


def _with_length(length: int, outer: bool) -> bytes:
    content = bytearray(_WAV)
    content[40:44] = struct.pack("<I", length)
    if outer:
        content[4:8] = struct.pack("<I", length)
    return bytes(content)
