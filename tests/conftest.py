import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import settings

import voxaffect  # noqa: F401  # before ONNX Runtime, whose telemetry it switches off

# No deadline, since machines are busy at times; the same examples everywhere, so that a failure is one for everybody.
settings.register_profile("voxaffect", deadline=None, derandomize=True)
settings.load_profile("voxaffect")

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "examples"))


def _data() -> Path | None:
    named = os.environ.get("VOXAFFECT_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real corpora."""
    folder = _data()
    if folder is None:
        pytest.skip("real recordings: neither VOXAFFECT_DATA nor ../shared/data is there")
    return folder


@pytest.fixture(scope="session")
def ravdess(data: Path) -> Path:
    folder = data / "ravdess"
    if not folder.is_dir():
        pytest.skip(f"real recordings: {folder} is not there")
    return folder


@pytest.fixture(scope="session")
def example() -> Path:
    return ROOT / "examples" / "synthetic-voice.flac"


@pytest.fixture(autouse=True, scope="session")
def _private_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or fills the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOXAFFECT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


VOICES = {"angry": (170, 0.5), "happy": (240, 0.35), "sad": (120, 0.08), "neutral": (150, 0.15)}
"""Pitch in Hz and level by which the made-up clips of an emotion differ, so that a network can learn them fast."""

_CODES = {"angry": "05", "happy": "03", "sad": "04", "neutral": "01"}


def buzz(pitch: float, level: float, seconds: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A voiced-like sound: ten harmonics with a slow swell, and a little noise -> (samples,) float32."""
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    tone = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 11))
    swell = 0.5 - 0.5 * np.cos(2 * np.pi * time / seconds)
    noise = rng.standard_normal(len(time)) * 0.002
    return (level * swell * tone / 3 + noise).astype(np.float32)


def write_ravdess(folder: Path, actors: range, ending: str = ".wav") -> Path:
    """Generated clips under RAVDESS's names: four emotions, two statements, two repetitions an actor."""
    for actor in actors:
        rng = np.random.default_rng(actor)
        voice = rng.uniform(0.9, 1.1)
        for emotion, (pitch, level) in VOICES.items():
            for statement in ("01", "02"):
                for repetition in ("01", "02"):
                    name = f"03-01-{_CODES[emotion]}-01-{statement}-{repetition}-{actor:02d}{ending}"
                    path = folder / "Audio_Speech_Actors_01-24" / f"Actor_{actor:02d}" / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    seconds = rng.uniform(0.7, 1.2)
                    soundfile.write(path, buzz(pitch * voice, level, seconds, 16_000, rng), 16_000)
    return folder


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated corpus of eight speakers in RAVDESS's layout."""
    return write_ravdess(tmp_path_factory.mktemp("ravdess"), range(1, 9))


def babble(seed: int, seconds: float = 2.0, sample_rate: int = 16_000, wander: int | None = None) -> np.ndarray:
    """A voice that says no words: gliding harmonics through moving formants, in syllables -> (samples,) float32.

    wander: another take of the same by the same voice, some hundredths of a second and of a semitone off by turns.
    """
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * sample_rate)) / sample_rate

    def curve(low: float, high: float, each: float) -> np.ndarray:
        knots = np.arange(0, seconds + 2 * each, each)
        return np.interp(heard, knots, rng.uniform(low, high, len(knots)))

    heard, detune = time, np.zeros_like(time)
    if wander is not None:
        other = np.random.default_rng(wander)
        knots = np.arange(0, seconds + 0.4, 0.2)
        heard = np.clip(time + np.interp(time, knots, other.uniform(-0.04, 0.04, len(knots))), 0, seconds)
        detune = np.interp(time, knots, other.uniform(-0.5, 0.5, len(knots)))
    pitch = rng.uniform(100, 250) * 2 ** (curve(-3, 3, 0.15) / 12) * 2 ** (detune / 12)
    phase = 2 * np.pi * np.cumsum(pitch) / sample_rate
    formants = [curve(250, 900, 0.12), curve(900, 2400, 0.12), curve(2300, 3400, 0.12)]
    loud = np.maximum(curve(-0.5, 1, 0.09), 0)
    tone = np.zeros_like(time)
    for k in range(1, 30):
        level = sum(np.exp(-(((k * pitch - each) / 150) ** 2)) for each in formants)
        tone += np.where(k * pitch < 0.45 * sample_rate, level, 0) * np.sin(k * phase) / k**0.5
    noise = np.random.default_rng([seed, wander or 0]).standard_normal(len(time)) * 0.002
    return (0.3 * loud * tone / (np.abs(tone * loud).max() + 1e-9) + noise).astype(np.float32)
