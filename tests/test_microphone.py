"""Microphones: which one, at which rate, and what is said where there is none.

A machine that runs tests has no sound card. `Cards` behaves as sounddevice 0.5 with PortAudio 19.6 was seen to behave;
the last test asks the real ones where they are installed.
"""

import importlib
import itertools
import json
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

import voxaffect as va
from voxaffect import audio
from voxaffect.apps.cli import main
from voxaffect.audio.microphone import Microphone
from voxaffect.errors import AudioError, MissingExtraError, SettingsError, VoxaffectError


class PortAudioError(Exception):
    """As sounddevice has one."""


class Cards:
    """sounddevice, with these microphones: name, channels, rates that it has; and what is said into them."""

    PortAudioError = PortAudioError

    def __init__(self, *microphones: tuple[str, int, tuple[int, ...]], voice: np.ndarray | None = None) -> None:
        self._devices = [
            {"index": index, "name": name, "max_input_channels": channels, "default_samplerate": float(rates[0])}
            for index, (name, channels, rates) in enumerate(microphones)
        ]
        self._rates = [rates for _, _, rates in microphones]
        self._voice = np.zeros(16_000, np.float32) if voice is None else voice
        self.opened: list[dict] = []

    def query_devices(self, device=None, kind=None):
        if device is None and kind is None:
            return self._devices
        inputs = [one for one in self._devices if one["max_input_channels"]]
        if device is None:
            if not inputs:
                raise PortAudioError("Error querying device -1")
            return inputs[0]
        if isinstance(device, int):
            if not 0 <= device < len(self._devices):
                raise PortAudioError(f"Error querying device {device}")
            if not self._devices[device]["max_input_channels"]:
                raise ValueError(f"Not an input device: {self._devices[device]['name']!r}")
            return self._devices[device]
        found = [one for one in inputs if device.lower() in one["name"].lower()]
        if len(found) != 1:
            raise ValueError(f"{'Multiple' if found else 'No'} input device matching {device!r}")
        return found[0]

    def check_input_settings(self, device, channels, dtype, samplerate):
        if samplerate not in self._rates[device]:
            raise PortAudioError("Invalid sample rate [PaErrorCode -9997]")

    def InputStream(self, samplerate, blocksize, *, device, callback, finished_callback, **settings):  # noqa: N802
        self.check_input_settings(device, settings["channels"], settings["dtype"], samplerate)
        self.opened.append({"samplerate": samplerate, "device": device, **settings})
        sound = audio.resample(self._voice, 16_000, samplerate)

        def play() -> None:
            for first in range(0, len(sound), blocksize):
                block = np.repeat(sound[first : first + blocksize, None], settings["channels"], axis=1)
                callback(block, len(block), None, None)
            finished_callback()  # as when it is unplugged

        thread = threading.Thread(target=play)
        return SimpleNamespace(start=thread.start, close=lambda: None)


@pytest.fixture
def cards(monkeypatch):
    def plug_in(*microphones, voice=None) -> Cards:
        made = Cards(*microphones, voice=voice)
        monkeypatch.setitem(sys.modules, "sounddevice", made)
        return made

    return plug_in


EVERY = (16_000, 44_100, 48_000, 8_000)
BUILT_IN, HEADSET, SPEAKERS = ("Built-in", 2, EVERY), ("USB Headset", 1, (48_000,)), ("Speakers", 0, EVERY)


@pytest.mark.parametrize(
    ("rates", "wanted", "used"),
    [
        (EVERY, 16_000, 16_000),
        (EVERY, 8_000, 8_000),
        ((48_000,), 16_000, 48_000),
        ((44_100,), 16_000, 44_100),
        ((44_100, 48_000), 16_000, 44_100),  # its own
        ((96_000,), 48_000, 96_000),
    ],
)
def test_a_rate_that_it_has(cards, rates, wanted, used):
    made = cards(("Card", 1, rates))
    with Microphone(sample_rate=wanted) as microphone:
        assert microphone.sample_rate == used
        assert [chunk.shape for chunk in itertools.islice(microphone, 2)] == [(used // 10, 1)] * 2
    assert made.opened == [{"samplerate": used, "device": 0, "channels": 1, "dtype": "float32"}]


def test_a_device_by_name_part_of_it_or_number(cards):
    cards(SPEAKERS, BUILT_IN, HEADSET)
    assert Microphone().name == "Built-in"
    for device in ("USB Headset", "headset", "2"):
        assert Microphone(device).name == "USB Headset"


@pytest.mark.parametrize("device", ["nonsense", "0", "7", "b"])
def test_a_wrong_device_lists_those_that_there_are(cards, device):
    """None of that name, none that records, none of that number, more than one."""
    cards(SPEAKERS, BUILT_IN, HEADSET)
    with pytest.raises(SettingsError, match=f"^`device`={device}: .*; choose one of 1 Built-in, 2 USB Headset$"):
        Microphone(device)


def test_what_cannot_be_opened_is_said_in_one_line(cards):
    cards(SPEAKERS)
    with pytest.raises(AudioError, match="there is none; plug one in"):
        Microphone()
    cards(("Card", 1, (11_025,))).query_devices()[0]["default_samplerate"] = 16_000.0
    with pytest.raises(AudioError, match=r"Card cannot be opened \(Invalid sample rate \[PaErrorCode -9997\]\)"):
        Microphone()
    cards(HEADSET)
    with pytest.raises(SettingsError, match="`channels`=2: USB Headset has 1 to 1"):
        Microphone(channels=2)


def test_one_that_is_unplugged(cards):
    cards(BUILT_IN)
    with Microphone() as microphone, pytest.raises(AudioError, match="Built-in has stopped"):
        list(microphone)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_what_is_said_is_recognised_at_whatever_rate(cards, capsys, example, rate):
    """It is resampled; and what was said until it is unplugged is not lost."""
    voice = np.concatenate([np.zeros(8_000, np.float32), audio.load(example, 16_000), np.zeros(16_000, np.float32)])
    cards(("Card", 1, (rate,)), voice=voice)
    assert main(["listen", "--bundle", "common4", "--format", "jsonl", "--device", "card"]) == 1
    out, err = capsys.readouterr()
    found, (expected, *rest) = (
        [json.loads(line) for line in out.splitlines()],
        va.load("common4").timeline((voice, 16_000)),
    )
    assert not rest
    assert [(one["emotion"], one["file"]) for one in found] == [(expected.emotion, None)]
    assert found[0]["start"] == pytest.approx(expected.start, abs=0.1)
    assert found[0]["probabilities"] == pytest.approx(expected.probabilities, abs=0.02)
    assert err == "voxaffect: the microphone: Card has stopped; plug it in again\n"


def test_used_wrongly(cards, capsys):
    cards(BUILT_IN)
    assert main(["listen", "--device", "nonsense"]) == 2
    assert capsys.readouterr() == (
        "",
        "voxaffect: --device=nonsense: is no microphone, or more than one; choose one of 0 Built-in\n",
    )
    assert main(["listen", "-", "--device", "0"]) == 2
    assert main(["listen", "--encoding", "f32"]) == 2


def test_without_the_library_its_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MissingExtraError, match=r"voxaffect\[microphone\]"):
        Microphone()


def test_the_real_library_raises_what_is_caught():
    try:
        importlib.import_module("sounddevice")
    except (ImportError, OSError):
        pytest.skip("sounddevice with PortAudio is not installed")
    with pytest.raises(VoxaffectError, match=r"is no microphone, or more than one|there is none"):
        Microphone("no such microphone")
