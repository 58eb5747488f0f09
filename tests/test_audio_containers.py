"""What phones, browsers and videos record, by PyAV, by the program ffmpeg, and without either."""

import io
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest

from encoding import encoded, speech
from voxaffect import audio
from voxaffect.audio.formats import sniff, unmistakable
from voxaffect.errors import AudioError, VoxaffectWarning

RATE = 48_000
VOICE = speech([0.2, 1.6, 2.7], RATE)  # 3.7 s
STEREO = np.stack([VOICE, 0.5 * VOICE], axis=1)

CONTAINERS = {
    "m4a": ("mov", "mov", "aac", {}),
    "m4a-in-parts": ("mov", "mov", "aac", {"movflags": "frag_keyframe+empty_moov"}),
    "3gp": ("mov", "3gp", "aac", {}),
    "webm": ("matroska", "webm", "libopus", {}),
    "mkv": ("matroska", "matroska", "aac", {}),
    "aac": ("aac", "adts", "aac", {}),
    "ac3": ("ac3", "ac3", "ac3", {"b": "128000"}),
    "wma": ("asf", "asf", "wmav2", {"b": "64000"}),
    "avi": ("avi", "avi", "mp3", {}),
    "flv": ("flv", "flv", "aac", {}),
    "ts": ("mpegts", "mpegts", "aac", {}),
    "wv": ("wv", "wv", "wavpack", {}),
    "ac3 in wav": ("wav", "wav", "ac3", {"b": "128000"}),
}
RATES = {name: 44_100 if name == "flv" else RATE for name in CONTAINERS}
CONTENT = {
    name: encoded(STEREO, RATES[name], container, codec, **options)
    for name, (_, container, codec, options) in CONTAINERS.items()
}
AMR = b"#!AMR\n" + (b"\x04" + bytes(range(40, 52))) * 150  # 20 ms each, at 4.75 kbit/s


def with_pictures(container: str, codec: str | None) -> bytes:
    """A video of some pictures, with the voice as its sound."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        video = output.add_stream("mpeg4", rate=10)
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        sound = output.add_stream(codec, rate=RATE, layout="mono") if codec else None
        for _ in range(37):
            output.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")))
        output.mux(video.encode(None))
        if sound:
            for first in range(0, len(VOICE), 1024):
                frame = av.AudioFrame.from_ndarray(VOICE[None, first : first + 1024], "fltp", "mono")
                frame.sample_rate, frame.pts = RATE, first
                output.mux(sound.encode(frame))
            output.mux(sound.encode(None))
    return file.getvalue()


VIDEO, SILENT_VIDEO = with_pictures("mov", "aac"), with_pictures("mov", None)


@pytest.fixture(params=["pyav", "program"])
def route(request, monkeypatch, tmp_path):
    if request.param == "program":
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        monkeypatch.setitem(sys.modules, "av", None)
    return request.param


@pytest.fixture
def light(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setattr(shutil, "which", lambda name: None)


def bursts(samples: np.ndarray, rate: int) -> list[float]:
    step = rate // 20
    loud = np.abs(samples[: len(samples) // step * step].reshape(-1, step)).max(axis=1) > 0.1
    return [float(at / 20) for at in np.flatnonzero(np.diff(loud.astype(int), prepend=0) == 1)]


@pytest.mark.parametrize("name", CONTAINERS)
def test_the_sound_of_a_container_is_read(name, route, tmp_path):
    content, rate = CONTENT[name], RATES[name]
    assert sniff(content[:4096]) == unmistakable(content[:4096]) == CONTAINERS[name][0]
    with pytest.raises(AudioError, match=r"and has its own rate; leave out `raw`$"):
        audio.load(content, raw=audio.Raw(8_000))
    path = tmp_path / "a file: with 'odd' name.txt"
    path.write_bytes(content)
    decoded = audio.decode(path)
    assert decoded.header.channels == 2
    assert decoded.header.sample_rate == rate
    samples = np.concatenate(list(decoded))
    seconds = len(VOICE) / rate
    assert len(samples) / rate == pytest.approx(seconds, abs=0.1)
    scale = RATE / rate
    assert bursts(samples[:, 0], rate) == pytest.approx([0.2 * scale, 1.6 * scale, 2.7 * scale], abs=0.11)
    assert np.abs(samples[:, 1]).max() == pytest.approx(0.2, abs=0.06)
    assert decoded.warning is None
    for source in (content, io.BytesIO(content)):
        assert np.allclose(audio.load(source, None), samples.mean(axis=1), atol=1e-4)


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_part_of_a_container(name, route):
    whole = audio.load(CONTENT[name], None)
    rate = audio.header(CONTENT[name]).sample_rate
    for start, end in ((0.5, 1.25), (1.5, None)):
        part = audio.load(CONTENT[name], None, start=start, end=end)
        expected = whole[round(start * rate) : None if end is None else round(end * rate)]
        assert len(part) == pytest.approx(len(expected), abs=rate // 20)
        size = min(len(part), len(expected))
        assert bursts(part[:size], rate) == pytest.approx(bursts(expected[:size], rate), abs=0.051)


def test_an_amr_of_a_telephone_is_read(route):
    decoded = audio.decode(AMR)
    assert decoded.header.sample_rate == 8_000
    assert len(np.concatenate(list(decoded))) == pytest.approx(24_000, abs=160)


def test_a_video_is_read_for_its_sound(route):
    assert bursts(audio.load(VIDEO, None), RATE) == pytest.approx([0.2, 1.6, 2.7], abs=0.11)


def test_a_recording_without_a_length_is_read(route):
    content = encoded(VOICE, RATE, "webm", "libopus", pipe=True)  # as a browser's MediaRecorder writes it
    assert bursts(audio.load(content, None), RATE) == pytest.approx([0.2, 1.6, 2.7], abs=0.11)
    assert len(audio.load(content, None, max_duration=4)) / RATE == pytest.approx(3.7, abs=0.1)
    with pytest.raises(AudioError, match="lasts"):
        audio.load(content, max_duration=1)


@pytest.mark.filterwarnings("ignore::voxaffect.VoxaffectWarning")
@pytest.mark.parametrize("name", ["webm", "mkv", "aac", "ac3", "wma", "m4a-in-parts"])
def test_a_container_that_is_cut_off_is_used_as_far_as_it_goes(name, route):
    content = CONTENT[name][: len(CONTENT[name]) * 6 // 10]
    assert 1.2 < len(audio.load(content, None)) / RATE < 2.9


def test_a_phone_recording_whose_index_is_missing(route):
    with pytest.raises(AudioError, match="its index, which stands at the end, is missing"):
        audio.load(CONTENT["m4a"][: len(CONTENT["m4a"]) // 2])


def test_a_video_without_sound(route):
    with pytest.raises(AudioError, match="it holds no sound"):
        audio.load(SILENT_VIDEO)


@pytest.mark.parametrize(
    ("name", "title"), [("m4a", "an MP4"), ("webm", "a WebM"), ("aac", "an AAC"), ("wma", "a WMA")]
)
def test_without_ffmpeg_the_error_names_the_command(light, name, title, tmp_path):
    path = tmp_path / "phone.m4a"
    path.write_bytes(CONTENT[name])
    with pytest.raises(AudioError, match=rf"phone\.m4a: is {title}.*pip install 'voxaffect\[formats\]'"):
        audio.load(path)


@pytest.mark.parametrize("name", CONTAINERS)
def test_damage_is_told_in_plain_words(name):
    rng = np.random.default_rng(0)
    for _ in range(8):
        content = bytearray(CONTENT[name][: int(len(CONTENT[name]) * rng.uniform(0.1, 1))])
        place = int(rng.integers(0, len(content) - 40))
        content[place : place + 40] = rng.bytes(40)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                audio.load(bytes(content))
            except AudioError as error:
                warnings.warn(str(error), VoxaffectWarning, stacklevel=1)
        for each in said:
            assert not re.search("Invalid|End of file|rror :|permitted|malformed|chunk|processing", str(each.message))


def test_broken_containers_give_errors_or_sound_and_print_nothing():
    """In a process of its own: a crash would end it."""
    words = [sys.executable, "-W", "ignore", "-m", "test_audio_containers"]
    done = subprocess.run(words, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout + done.stderr == ""


def fuzz(name: str) -> None:
    from test_audio_fuzz import broken

    rng = np.random.default_rng(list(name.encode()))
    for number in range(12):
        try:
            waveform = audio.load(broken(CONTENT[name], rng), max_duration=60)
        except AudioError:
            continue
        assert np.isfinite(waveform).all(), number


if __name__ == "__main__":
    for each in CONTENT:
        fuzz(each)
