"""What hours cost: timelines of long calls, their memory, and live speech chunk by chunk  -> results/long.json.

    make bench-speed

The calls are made of RAVDESS speech where it is at hand (VOXAFFECT_DATA or ../shared/data), else of the synthetic
example: two channels at 8 kHz, in µ-law, over and over.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

import voxaffect as va
from speed import PEAK, processor
from synthetic_calls import SAMPLE_RATE, Call, make_call
from voxaffect import audio, corpora, labels
from voxaffect.apps.cli.terminal import cores
from voxaffect.bundle import DEFAULT
from voxaffect.files.atomic import write_text
from voxaffect.inference.stream import Stream

ROOT = Path(__file__).parents[1]
RATE = 8_000
CALLS = (
    (1, DEFAULT, "a minute"),
    (60, DEFAULT, "an hour"),
    (180, DEFAULT, "three hours"),
    (60, "common4", "an hour, by `common4`"),
)
"""Minutes, the bundle, and what both are called."""

CHUNK = 0.5
"""Seconds of live speech that come at once."""


def call() -> tuple[Call, str]:
    """Two people who speak for some minutes, and who they are."""
    data = Path(os.environ.get("VOXAFFECT_DATA") or ROOT.parent / "shared" / "data")
    scheme, people, name = labels.scheme("common-4"), {}, "synthetic"
    if (data / "ravdess").is_dir():
        name = "RAVDESS speech, actors 01 and 02"
        for each in corpora.load("ravdess", data / "ravdess").utterances:
            index = scheme.index_of(each)
            if each.speaker in ("ravdess/01", "ravdess/02") and each.style == "speech" and index is not None:
                people.setdefault(each.speaker, []).append((audio.load(each.path, SAMPLE_RATE), index))
    else:
        voice = audio.load(ROOT / "examples" / "synthetic-voice.flac", SAMPLE_RATE)
        people = {speaker: [(voice, k % 4) for k in range(20)] for speaker in ("synthetic/1", "synthetic/2")}
    return make_call(people, np.random.default_rng(0)), name


def write(made: Call, minutes: int, path: Path) -> None:
    """The call over and over, for so many minutes."""
    lines = [audio.resample(np.ascontiguousarray(made.samples[:, each]), SAMPLE_RATE, RATE) for each in (0, 1)]
    samples, left = np.stack(lines, axis=1), minutes * 60 * RATE
    with soundfile.SoundFile(path, "w", RATE, 2, "ULAW") as file:
        while left:
            file.write(samples[:left])
            left -= min(left, len(samples))


def timed(path: Path, out: Path, bundle: str) -> dict[str, float]:
    """The whole command in a process of its own: seconds of all cores, and its largest memory."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = "import sys; from voxaffect.apps.cli import main; code = main(sys.argv[1:])" + PEAK
    words = [sys.executable, "-c", code, "timeline", str(path), "--out", str(out), "--bundle", bundle]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    segments = len(out.read_text("utf-8").splitlines())
    memory = round(int(told) / 1024)
    return {"core_seconds": round(used, 2), "peak_mb": memory, "segments": segments}


def live(made: Call) -> dict[str, float]:
    """One line, half a second at a time: what each costs on one core, and when the first answer is there."""
    samples = audio.resample(np.ascontiguousarray(made.samples[:, 0]), SAMPLE_RATE, RATE)
    recognizer, costs = va.load(), []
    step = round(CHUNK * RATE)
    with Stream(recognizer, RATE) as stream:
        for first in range(0, len(samples), step):
            begin = time.process_time()
            stream.push(samples[first : first + step])
            stream.now()
            costs.append(1000 * (time.process_time() - begin))
    delays, mine = [], [each for each in made.spoken if each.channel == 0]
    fresh = [after for before, after in pairwise(mine) if after.start - before.end > 2]  # after a pause
    for spoken in fresh[:20]:
        begin = round((spoken.start - 1.5) * RATE)
        with Stream(recognizer, RATE) as stream:
            for first in range(max(begin, 0), len(samples), RATE // 50):
                stream.push(samples[first : first + RATE // 50])
                if stream.now()[0] is not None:
                    delays.append(stream.seconds + max(begin, 0) / RATE - spoken.start)
                    break
    return {
        "median_ms": round(float(np.median(costs)), 2),
        "p95_ms": round(float(np.percentile(costs, 95)), 2),
        "mean_ms": round(float(np.mean(costs)), 2),
        "first_answer_median_s": round(float(np.median(delays)), 2),
        "first_answer_longest_s": round(max(delays), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "long.json")
    options = parser.parse_args()
    made, name = call()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for minutes, bundle, label in CALLS:
            path = Path(folder) / "call.wav"
            write(made, minutes, path)
            found[label] = {"minutes": minutes, **timed(path, Path(folder) / "call.jsonl", bundle)}
            print(label, found[label], flush=True)
    result = {
        "calls": f"{name}, two channels, 8 kHz, µ-law",
        "cores": cores(),
        "processor": processor(),
        "bundle": va.load().bundle.name,
        "bundle_sha256": va.load().bundle.card.model.sha256,
        "command": "make bench-speed",
        "timeline": found,
        "live": live(made),
    }
    print(result["live"])
    write_text(options.out, json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
