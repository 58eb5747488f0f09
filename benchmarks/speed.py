"""How long a 3 s clip takes, whole and by its parts, on one thread of a warm process -> results/speed.json.

    make bench-speed

The clip is 3 s of RAVDESS where it is at hand (VOXAFFECT_DATA or ../shared/data), else of the synthetic example. What
is timed takes turns, so that a machine that is busy for a moment is busy for all.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_variable] = "1"  # before NumPy starts its threads

import librosa
import numpy as np
import onnxruntime
import soundfile

import voxaffect as va
from voxaffect import audio
from voxaffect.atomic import write_text

ROOT = Path(__file__).parents[1]
SECONDS = 3.0
FORMATS = {
    "WAV 48 kHz": (48_000, "WAV", "PCM_16"),
    "WAV 8 kHz": (8_000, "WAV", "PCM_16"),
    "Opus 48 kHz": (48_000, "OGG", "OPUS"),
}


def clip() -> tuple[np.ndarray, str]:
    """Three seconds at 48 kHz and what they are."""
    data = Path(os.environ.get("VOXAFFECT_DATA") or ROOT.parent / "shared" / "data")
    found = sorted(data.rglob("03-01-05-02-01-01-01.*"))
    source, name = (
        (found[0], "RAVDESS 03-01-05-02-01-01-01")
        if found
        else (ROOT / "examples" / "synthetic-voice.flac", "synthetic")
    )
    return audio.load(source, 48_000)[: int(SECONDS * 48_000)], name


def mfcc(path: Path) -> np.ndarray:
    """What the articles that users come from compute: librosa, 13 coefficients, at the file's own rate."""
    samples, rate = librosa.load(path, sr=None)
    return librosa.feature.mfcc(y=samples, sr=rate, n_mfcc=13)


def rounds(tasks: dict[str, Callable[[], object]], runs: int) -> dict[str, dict[str, float]]:
    """Time the tasks in turn -> name -> median and 95th percentile in ms."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(runs + 5):
        for name, task in tasks.items():
            begin = time.perf_counter()
            task()
            if number >= 5:  # the first ones warm caches
                times[name].append(1000 * (time.perf_counter() - begin))
    return {
        name: {"median_ms": round(statistics.median(each), 2), "p95_ms": round(float(np.percentile(each, 95)), 2)}
        for name, each in times.items()
    }


def processor() -> str:
    """The processor's name, as Linux tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "speed.json")
    options = parser.parse_args()
    recognizer = va.load()
    samples, name = clip()
    tasks: dict[str, Callable[[], object]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (label, (rate, container, subtype)) in enumerate(FORMATS.items()):
            path = Path(folder) / f"{number}.{container.lower()}"
            soundfile.write(path, audio.resample(samples, 48_000, rate), rate, format=container, subtype=subtype)
            tasks[f"recognize, {label}"] = lambda path=path: recognizer.recognize(path)
            tasks[f"librosa load and MFCC, {label}"] = lambda path=path: mfcc(path)
        waveform = audio.load(Path(folder) / "0.wav")
        tasks["  of it decode and resample, WAV 48 kHz"] = lambda: audio.load(Path(folder) / "0.wav")
        tasks["  of it the graph"] = lambda: recognizer.listen(waveform)
        found = rounds(tasks, options.runs)
    result = {
        "clip": f"{name}, {SECONDS} s, mono",
        "threads": 1,
        "runs": options.runs,
        "processor": processor(),
        "python": platform.python_version(),
        "onnxruntime": onnxruntime.__version__,
        "librosa": librosa.__version__,
        "bundle": recognizer.bundle.name,
        "bundle_sha256": recognizer.bundle.card["model"]["sha256"],
        "command": "make bench-speed",
        "times": found,
    }
    write_text(options.out, json.dumps(result, indent=1) + "\n")
    print(f"{result['clip']}; one thread of {result['processor']}; {options.runs} runs in turn\n")
    print(f"{'':42}{'median':>9}{'p95':>9}   ms")
    for label, each in found.items():
        print(f"{label:42}{each['median_ms']:9.2f}{each['p95_ms']:9.2f}")


if __name__ == "__main__":
    main()
