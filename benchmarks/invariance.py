"""How many answers an offset, hum, a cut or silence changes, on real recordings  -> results/invariance.json.

    make bench-invariance
    PYTHONPATH=OLD/src python benchmarks/invariance.py --as before

What is changed are 120 clips of RAVDESS. How waveforms are prepared was chosen on other corpora, but for three details:
how much silence stays was chosen on another sample of RAVDESS, that silence is cut at the start for its time, and how
the end is rounded was settled after looking at these 120 clips three times. Accuracy is that of clips of RAVDESS,
CREMA-D and EMO-DB as they were recorded, some by speakers that a bundle was trained on. The script measures any
version, through `Recognizer.forward`.
"""

import argparse
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import voxaffect as va
from voxaffect import audio, corpora
from voxaffect.files.atomic import write_text

ROOT = Path(__file__).parents[1]
FOLDERS = {"ravdess": "ravdess", "crema-d": "crema-d", "emodb": "emodb"}
BUNDLES = ("base", "common4", "common4-commercial", "ravdess-small")
RATE = 16_000
CHANGED, WHOLE, SEED = 120, 400, 0

Waveform = npt.NDArray[np.float32]


def hum(hertz: float, harmonics: tuple[float, ...] = (1.0,)) -> Callable[[Waveform], Waveform]:
    """Add a hum, 30 dB below full scale in amplitude, its harmonics by their amplitudes."""

    def add(waveform: Waveform) -> Waveform:
        phase = 2 * np.pi * hertz * np.arange(len(waveform)) / RATE
        parts = [strength * np.sin(number * phase + number) for number, strength in enumerate(harmonics, 1)]
        return waveform + (10 ** (-30 / 20) * sum(parts)).astype(np.float32)

    return add


def before(milliseconds: int) -> Callable[[Waveform], Waveform]:
    return lambda waveform: np.pad(waveform, (RATE * milliseconds // 1000, 0))


def after(milliseconds: int) -> Callable[[Waveform], Waveform]:
    return lambda waveform: np.pad(waveform, (0, RATE * milliseconds // 1000))


def without(milliseconds: int) -> Callable[[Waveform], Waveform]:
    return lambda waveform: waveform[RATE * milliseconds // 1000 :]


BUZZ = (1.0, 0.5, 0.4, 0.25, 0.2, 0.1)
CHANGES: dict[str, Callable[[Waveform], Waveform]] = {
    "offset of +0.03": lambda waveform: waveform + np.float32(0.03),
    "hum of 50 Hz at −30 dB": hum(50),
    "hum of 60 Hz at −30 dB": hum(60),
    "hum of 49.8 Hz at −30 dB": hum(49.8),
    "hum of 50 Hz with five harmonics": hum(50, BUZZ),
    "hum of 60 Hz with five harmonics": hum(60, BUZZ),
    **{f"first {time} ms cut": without(time) for time in (5, 10, 20, 25, 37)},
    **{f"{time} ms of silence before": before(time) for time in (5, 10, 20, 25, 37, 50, 1000)},
    **{f"{time} ms of silence after": after(time) for time in (50, 1000)},
}


def load(data: Path, corpus: str, count: int) -> tuple[list[corpora.Utterance], list[Waveform]]:
    """So many clips of a corpus, drawn at random, decoded."""
    utterances = sorted(corpora.load(corpus, data / FOLDERS[corpus]).utterances, key=lambda each: each.id)
    drawn = random.Random(SEED).sample([each for each in utterances if each.style != "song"], count)
    return drawn, [audio.load(each.path, RATE) for each in drawn]


def answers(recognizer: va.Recognizer, waveforms: list[Waveform]) -> npt.NDArray[np.intp]:
    return np.array([int(recognizer.forward(waveform)[0].argmax()) for waveform in waveforms])


def measure(clips: dict[str, tuple[list[corpora.Utterance], list[Waveform]]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in BUNDLES:
        recognizer = va.load(name)
        changed = clips["ravdess"][1][:CHANGED]
        plain = answers(recognizer, changed)
        counts = {
            change: int((answers(recognizer, [alter(each) for each in changed]) != plain).sum())
            for change, alter in CHANGES.items()
        }
        clean = {}
        for corpus, (utterances, waveforms) in clips.items():
            predicted = answers(recognizer, waveforms)
            known = [place for place, each in enumerate(utterances) if each.emotion in recognizer.classes]
            truth = np.array([recognizer.classes.index(utterances[place].emotion) for place in known])
            recalls = [(predicted[known][truth == index] == index).mean() for index in sorted(set(truth.tolist()))]
            clean[corpus] = {
                "clips": len(known),
                "uar": round(float(np.mean(recalls)), 4),
                "answers": "".join(map(str, predicted.tolist())),
            }
        found[name] = {"changed": counts, "clean": clean}
        print(name, counts, {corpus: each["uar"] for corpus, each in clean.items()})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--as", dest="key", choices=("before", "after"), default="after")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "invariance.json")
    options = parser.parse_args()
    data = Path(os.environ.get("VOXAFFECT_DATA") or ROOT.parent / "shared" / "data")
    clips = {corpus: load(data, corpus, WHOLE) for corpus in FOLDERS}
    result = json.loads(options.out.read_text("utf-8")) if options.out.exists() else {}
    result |= {"command": "make bench-invariance", "changed_clips": CHANGED, "clips": WHOLE, "seed": SEED}
    result[options.key] = measure(clips)
    write_text(options.out, json.dumps(result, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
