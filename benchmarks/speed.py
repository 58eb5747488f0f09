"""What a 3 s clip costs, whole and by its parts, beside others, on one thread  -> results/speed.json.

    make bench-speed
    python benchmarks/speed.py --bundle runs/base --out base.json    # another bundle

The clip is 3 s of RAVDESS where it is at hand (VOXAFFECT_DATA or ../shared/data), else of the synthetic example. What
counts is the time of a core, and what is timed takes turns, so that a machine that is busy is so for all. openSMILE and
transformers, which nothing else here needs, are timed where they are installed; a Whisper encoder where --whisper names
its folder.
"""

import argparse
import importlib.util
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_variable] = "1"  # before NumPy starts its threads
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before ONNX Runtime is imported

import librosa
import numpy as np
import onnxruntime
import soundfile

import voxaffect as va
from voxaffect import audio
from voxaffect.files.atomic import write_text
from voxaffect.inference.voice_activity import FRAME, State, VoiceActivity

ROOT = Path(__file__).parents[1]
SECONDS = 3.0
RATE = 16_000
FORMATS = {
    "WAV 48 kHz": (48_000, "WAV", "PCM_16"),
    "WAV 8 kHz": (8_000, "WAV", "PCM_16"),
    "Opus 48 kHz": (48_000, "OGG", "OPUS"),
}
BATCHES = (1, 8, 32)
SMALL = "common4"
"""The bundle beside, for what must be small or fast."""

STARTS = {
    "python -c pass": "pass",
    "import voxaffect": "import voxaffect",
    "first recognition": "import voxaffect, sys; voxaffect.load(*sys.argv[2:]).recognize(sys.argv[1])",
    "first timeline": "import voxaffect, sys; list(voxaffect.load(*sys.argv[2:]).timeline(sys.argv[1]))",
    f"first recognition, {SMALL}": f"import voxaffect, sys; voxaffect.load('{SMALL}').recognize(sys.argv[1])",
    "import librosa, first MFCC": "import librosa, sys; y, r = librosa.load(sys.argv[1], sr=None); "
    "librosa.feature.mfcc(y=y, sr=r, n_mfcc=13)",
}
# What Linux calls the high-water mark. What `resource` tells counts in what the parent held when it started the child.
PEAK = "; print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"

Tasks = dict[str, Callable[[], object]]
Spread = dict[str, float]


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


def whole(recognizer: va.Recognizer, paths: dict[str, Path]) -> Tasks:
    return {f"recognize, {label}": lambda path=path: recognizer.recognize(path) for label, path in paths.items()}


def parts(recognizer: va.Recognizer, path: Path, folder: Path) -> Tasks:
    """What recognising WAV of 48 kHz consists of, and finding the speech in it."""
    raw, waveform = audio.load(path, None), audio.load(path, RATE)
    front = front_end(recognizer, folder)
    activity, frames = VoiceActivity(), waveform[: len(waveform) // FRAME * FRAME]
    return {
        "decode": lambda: audio.load(path, None),
        "resample 48 to 16 kHz": lambda: audio.resample(raw, 48_000, RATE),
        **({} if front is None else {"front end": lambda: front.run(None, {"waveform": waveform[None]})}),
        "front end and network": lambda: recognizer.forward(waveform),
        "Silero VAD, for timelines": lambda: activity.probabilities(frames, State()),
    }


def batches(recognizer: va.Recognizer, path: Path) -> Tasks:
    waveform = audio.load(path, RATE)
    return {
        f"front end and network, {size} at once": lambda size=size: recognizer.logits([waveform] * size)
        for size in BATCHES
    }


def peers(paths: dict[str, Path], whisper: Path | None) -> Tasks:
    """What else people compute of a clip."""
    tasks: Tasks = {f"librosa load and MFCC, {label}": lambda path=path: mfcc(path) for label, path in paths.items()}
    path = paths["WAV 48 kHz"]
    if importlib.util.find_spec("opensmile"):
        import opensmile

        smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
        tasks["openSMILE eGeMAPS, WAV 48 kHz"] = lambda: smile.process_file(path)
    if whisper is not None:
        import torch
        from transformers import WhisperFeatureExtractor, WhisperModel

        torch.set_num_threads(1)
        encoder = WhisperModel.from_pretrained(whisper, dtype=torch.float32).encoder.eval()
        # 3 s as they are, not filled up to 30 s
        encoder.embed_positions = torch.nn.Embedding.from_pretrained(encoder.embed_positions.weight[:150])
        encoder.config.max_source_positions = 150
        extractor = WhisperFeatureExtractor(feature_size=encoder.config.num_mel_bins)

        def encoded() -> object:
            heard = extractor(audio.load(path, RATE), sampling_rate=RATE, padding=False, return_tensors="pt")
            with torch.inference_mode():
                return encoder(heard.input_features[..., :300]).last_hidden_state

        tasks["whisper-base encoder (PyTorch), WAV 48 kHz"] = encoded
    return tasks


def mfcc(path: Path) -> np.ndarray:
    """What the articles that users come from compute: librosa, 13 coefficients, at the file's own rate."""
    samples, rate = librosa.load(path, sr=None)
    return librosa.feature.mfcc(y=samples, sr=rate, n_mfcc=13)


def front_end(recognizer: va.Recognizer, folder: Path) -> onnxruntime.InferenceSession | None:
    """The graph up to what its network gets, by the names that normalising parameters have; None: there are none."""
    import onnx

    graph = onnx.load_from_string(recognizer.bundle.model).graph
    normalising = (
        node
        for node in graph.node
        if node.op_type != "Cast" and any(name.startswith("normalise.") for name in node.input)
    )
    last = next(normalising, None)
    if last is None:
        return None
    source, target = folder / "whole.onnx", folder / "front.onnx"
    source.write_bytes(recognizer.bundle.model)
    onnx.utils.extract_model(source, target, ["waveform"], [last.output[0]])
    return session(target)


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def rounds(tasks: dict[tuple[str, str], Callable[[], object]], runs: int) -> dict[tuple[str, str], Spread]:
    """Time the tasks in turn -> group and name -> median and 95th percentile in ms."""
    times: dict[tuple[str, str], list[float]] = {name: [] for name in tasks}
    for number in range(runs + 5):
        for name, task in tasks.items():
            begin = time.process_time()
            task()
            if number >= 5:  # the first ones warm caches
                times[name].append(1000 * (time.process_time() - begin))
    return {name: spread(each) for name, each in times.items()}


def spread(times: list[float]) -> Spread:
    return {
        "median_ms": round(statistics.median(times), 2),
        "p95_ms": round(float(np.percentile(times, 95)), 2),
    }


def starts(path: Path, bundle: str | None, runs: int) -> dict[str, Spread]:
    """New processes, in turn -> name -> median and 95th percentile in ms, and the largest memory in MB."""
    times: dict[str, list[float]] = {name: [] for name in STARTS}
    memory: dict[str, float] = {}
    given = [path, bundle] if bundle else [path]
    for number in range(runs + 1):
        for name, code in STARTS.items():
            begin = _children()
            subprocess.run([sys.executable, "-c", code, *given], check=True)
            if number:  # the first one fills the file system's cache
                times[name].append(1000 * (_children() - begin))
            else:
                told = subprocess.run([sys.executable, "-c", code + PEAK, *given], check=True, capture_output=True)
                memory[name] = round(int(told.stdout) / 1024)
    return {name: {**spread(each), "peak_mb": memory[name]} for name, each in times.items()}


def _children() -> float:
    """Seconds of a core that processes have taken which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def processor() -> str:
    """The processor's name, as Linux tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", help="a name or folder; without it, the default")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--whisper", type=Path, help="a folder that transformers loads")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "speed.json")
    options = parser.parse_args()
    recognizer = va.load(options.bundle)
    samples, name = clip()
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for number, (label, (rate, container, subtype)) in enumerate(FORMATS.items()):
            paths[label] = Path(folder) / f"{number}.{container.lower()}"
            soundfile.write(
                paths[label], audio.resample(samples, 48_000, rate), rate, format=container, subtype=subtype
            )
        wav = paths["WAV 48 kHz"]
        groups = {
            "whole": whole(recognizer, paths),
            "small": whole(va.load(SMALL), paths),
            "parts": parts(recognizer, wav, Path(folder)),
            "batches": batches(recognizer, wav),
            "peers": peers(paths, options.whisper),
        }
        timed = rounds(
            {(group, task): run for group, tasks in groups.items() for task, run in tasks.items()}, options.runs
        )
        found: dict[str, Any] = {group: {task: timed[group, task] for task in tasks} for group, tasks in groups.items()}
        found["starts"] = starts(wav, options.bundle, max(3, options.runs // 10))
    result = {
        "clip": f"{name}, {SECONDS} s, mono",
        "threads": 1,
        "runs": options.runs,
        "processor": processor(),
        "python": platform.python_version(),
        "onnxruntime": onnxruntime.__version__,
        "librosa": librosa.__version__,
        "bundle": recognizer.bundle.name,
        "bundle_sha256": recognizer.bundle.card.model.sha256,
        "command": f"python benchmarks/speed.py --bundle {recognizer.name}" if options.bundle else "make bench-speed",
        "times": found,
    }
    write_text(options.out, json.dumps(result, indent=1) + "\n")
    print(f"{result['clip']}; one thread of {result['processor']}; {options.runs} runs in turn\n")
    print(f"{'':46}{'median':>9}{'p95':>9}   ms")
    for tasks in found.values():
        for label, each in tasks.items():
            print(f"{label:46}{each['median_ms']:9.2f}{each['p95_ms']:9.2f}")


if __name__ == "__main__":
    main()
