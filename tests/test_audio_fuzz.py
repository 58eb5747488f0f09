"""Thousands of broken files: whatever stands in them, there is a clear error or there is sound."""

import io
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect import audio
from voxaffect.errors import AudioError

FORMATS = [
    ("WAV", "PCM_16"),
    ("WAV", "FLOAT"),
    ("WAV", "ULAW"),
    ("WAV", "GSM610"),
    ("WAV", "MS_ADPCM"),
    ("WAVEX", "PCM_24"),
    ("RF64", "PCM_16"),
    ("W64", "PCM_16"),
    ("AIFF", "PCM_16"),
    ("AU", "PCM_16"),
    ("CAF", "PCM_16"),
    ("FLAC", "PCM_16"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
]
EACH = 300
HEADER = 200
"""Bytes from the beginning that are changed most."""


def broken(whole: bytes, rng: np.random.Generator) -> bytes:
    """A file with some bytes changed, mostly in its header, or cut off, or with something put in."""
    data = bytearray(whole)
    for _ in range(int(rng.integers(1, 9))):
        end = len(data) if rng.random() < 0.15 else min(HEADER, len(data))
        data[int(rng.integers(end))] = int(rng.choice([0, 1, 0x7F, 0x80, 0xFF, int(rng.integers(256))]))
    if rng.random() < 0.3:
        del data[int(rng.integers(len(data))) :]
    if rng.random() < 0.1:
        place = int(rng.integers(len(data) + 1))
        data[place:place] = rng.bytes(int(rng.integers(1, 64)))
    return bytes(data)


def fuzz(container: str, subtype: str) -> None:
    """Raises what a caller would not expect."""
    rng = np.random.default_rng([*container.encode(), *subtype.encode()])
    tone = (0.3 * np.sin(np.arange(3000) / 5)).astype(np.float32)
    file = io.BytesIO()
    soundfile.write(file, tone, 8_000, format=container, subtype=subtype)
    for number in range(EACH):
        data = broken(file.getvalue(), rng)
        try:
            decoded = audio.decode(data, max_duration=60)
            for chunk in decoded:
                assert chunk.shape[1] == decoded.header.channels
            waveform = audio.load(data, 16_000, max_duration=60)
        except AudioError as error:
            message = str(error)
            assert "\n" not in message, f"{number}: {message}"
            assert len(message) < 400, f"{number}: {message}"
            continue
        assert np.isfinite(waveform).all(), number


@pytest.mark.parametrize(("container", "subtype"), FORMATS)
def test_broken_files_give_clear_errors_or_sound(container, subtype):
    """In a process of its own, as a crash would end it and nobody would know where."""
    words = [sys.executable, "-m", "test_audio_fuzz", container, subtype]
    done = subprocess.run(words, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout + done.stderr == ""  # the libraries in C print nothing


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    fuzz(*sys.argv[1:])
