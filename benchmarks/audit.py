"""How many twins the audit finds among real recordings, how many it makes up, how long it takes -> results/audit.json.

    make bench-audit

Also which properties give labels away in the corpora that may be trained on.

Twins are made of recordings whose speakers chose none of the audit's numbers (RAVDESS actors 9 to 24, CREMA-D actors
1046 to 1091, all of EMO-DB), and put into one listing with all 10 429 recordings of the three corpora, which lie in
VOXAFFECT_DATA or ../shared/data. Among those some are one recording under two names: a pair whose waveforms correlate
to 0.9 and more, as no two takes do, is a double. Any other pair of different names is a false one.

Carrier sentences are of synthetic voices, and of real recordings of unseen speakers, with words of other readers
(`carriers`). Every pair among them is a false one. Results of "say, natural", "repeat, natural" and "German, regular"
were seen while numbers were chosen on other voices, and 26 words of the first decided between two values of
`findings._EACH`; the other sets chose nothing.

The unseen speakers were measured once before: 17 false pairs among the recordings led to looking at what moves quickly
and slowly (`agreement.Agreement`), with weights chosen on the other speakers again. They were measured three times more
while takes of one sentence were told from twins: 2814 of the 2900 twins, 2827, and 2853, with numbers chosen on the
other speakers and other synthetic voices each time.
"""

import argparse
import json
import math
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import librosa
import numpy as np
import soundfile

from carriers import Carrier, glued, spoken
from speed import processor
from voxaffect import audio, corpora
from voxaffect.auditing import Listing, Properties, Row, audit
from voxaffect.auditing.fingerprint import read_recording
from voxaffect.auditing.shortcuts import find
from voxaffect.corpora import Utterance
from voxaffect.files.atomic import write_text
from voxaffect.processes import Pool

ROOT = Path(__file__).parents[1]
CORPORA = ("ravdess", "crema-d", "emodb")
SEED = 0

SILENT = "1076_MTI_SAD_XX"

DOUBLE = 0.9

SPOKEN = {
    "say, natural": Carrier("Say the word {}.", "en-us+f3", 4),
    "repeat, natural": Carrier("Repeat {} please.", "en-us+m4", 4),
    "German, regular": Carrier("Sie hörten das Wort {}.", "de+f3", 3),
    "say, regular": Carrier("Say the word {}.", "en-gb+f4", 3),
    "repeat, steady": Carrier("Repeat {} please.", "en-gb+m2", 2),
    "say, by program": Carrier("Now say {} aloud.", "en-us+m7", 0, (140, 166), (40, 61)),
    "Italian, by program": Carrier("Ora dico la parola {}.", "it", 0, (145, 165), (45, 56)),
}
"""Carrier sentences: takes stray from each other as those of actors do (natural), or less; by program, they differ in
tempo and pitch and not from moment to moment."""

GLUED = {
    "03-01-01-01-01-01-12": (0.6, "3526"),
    "03-01-04-01-01-02-21": (0.7, "3664"),
    "1060_IEO_ANG_HI": (0.5, "4640"),
    "1080_TSI_NEU_XX": (0.7, "3947"),
}
"""A recording that others begin like -> how much of it, and the reader of librispeech-mini whose words follow."""

KEEPS_ALL = ("gain", "noise", "shift: circular", "shift: start padded", "resampled", "codec", "pitch", "stretch")
"""Transformations that cut nothing off: without its word, a recording may be any of its set."""

Made = tuple[np.ndarray, int, str, str, dict[str, float]]
"""Samples, rate, container, coding and its settings."""


def wav(x: np.ndarray, rate: int) -> Made:
    return x, rate, "WAV", "PCM_16", {}


def noisy(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """White noise 20 dB below."""
    return x + rng.standard_normal(len(x)) * np.sqrt(np.mean(x**2) / 100)


def later(x: np.ndarray, rate: int, rng: np.random.Generator, cut: bool, pad: bool) -> np.ndarray:
    """0.1 to 0.5 s of silence before, as much cut off at the end."""
    some = int(rng.uniform(0.1, 0.5) * rate)
    return np.concatenate([np.zeros(some if pad else 0), x[: -some if cut else None]])


def opus(x: np.ndarray, rate: int, its_rate: int, bits: int) -> Made:
    # libsndfile takes bits a second as 6000 + 250000 * (1 - level).
    level = {"compression_level": 1 - (bits - 6000) / 250_000}
    return audio.resample(x, rate, its_rate), its_rate, "OGG", "OPUS", level


def pitched(x: np.ndarray, rate: int, steps: float) -> Made:
    return wav(librosa.effects.pitch_shift(x, sr=rate, n_steps=steps), rate)


def stretched(x: np.ndarray, rate: int, factor: float) -> Made:
    return wav(librosa.effects.time_stretch(x, rate=factor), rate)


Transformation = Callable[[np.ndarray, int, np.random.Generator], Made]

TRANSFORMATIONS: dict[str, Transformation] = {
    "exact: WAV": lambda x, rate, rng: (x, rate, "WAV", "FLOAT", {}),
    "exact: AIFF": lambda x, rate, rng: (x, rate, "AIFF", "FLOAT", {}),
    "gain: x0.2": lambda x, rate, rng: wav(0.2 * x, rate),
    "gain: x1.5 to 3, clipped at full scale": lambda x, rate, rng: wav(np.clip(x * rng.uniform(1.5, 3), -1, 1), rate),
    "noise: 20 dB": lambda x, rate, rng: wav(noisy(x, rng), rate),
    "shift: circular": lambda x, rate, rng: wav(np.roll(x, int(rng.uniform(0.1, 0.9) * len(x))), rate),
    "shift: start cut": lambda x, rate, rng: wav(x[int(rng.uniform(0.1, 0.5) * rate) :], rate),
    "shift: start padded": lambda x, rate, rng: wav(later(x, rate, rng, cut=False, pad=True), rate),
    "shift: padded and cut": lambda x, rate, rng: wav(later(x, rate, rng, cut=True, pad=True), rate),
    "resampled: 8 kHz": lambda x, rate, rng: wav(audio.resample(x, rate, 8_000), 8_000),
    "resampled: 16 kHz": lambda x, rate, rng: wav(audio.resample(x, rate, 16_000), 16_000),
    "resampled: 44.1 kHz": lambda x, rate, rng: wav(audio.resample(x, rate, 44_100), 44_100),
    "codec: mu-law, 8 kHz": lambda x, rate, rng: (audio.resample(x, rate, 8_000), 8_000, "WAV", "ULAW", {}),
    "codec: Opus, 16 kbit/s": lambda x, rate, rng: opus(x, rate, 16_000, 16_000),
    "codec: Opus, 24 kbit/s": lambda x, rate, rng: opus(x, rate, 48_000, 24_000),
    **{
        f"pitch: {steps:+g} semitones": lambda x, rate, rng, steps=steps: pitched(x, rate, steps)
        for steps in (-2, -1, -0.5, 0.5, 1, 2)
    },
    "pitch: any to 2 semitones": lambda x, rate, rng: pitched(x, rate, rng.uniform(-2, 2)),
    **{
        f"stretch: {factor:g}": lambda x, rate, rng, factor=factor: stretched(x, rate, factor)
        for factor in (0.8, 0.9, 0.95, 1.05, 1.1, 1.25)
    },
    "stretch: any from 0.8 to 1.25": lambda x, rate, rng: stretched(x, rate, rng.uniform(0.8, 1.25)),
}


def make(task: tuple[str, Path, Path]) -> Path:
    """Write a twin of a recording into a folder."""
    name, source, folder = task
    x, rate = audio.load(source, None), audio.header(source).sample_rate
    rng = np.random.default_rng([SEED, *source.stem.encode()])
    samples, its_rate, container, coding, settings = TRANSFORMATIONS[name](x, rate, rng)
    file = folder / f"twin of {source.stem}.{container.lower()}"
    soundfile.write(file, samples, its_rate, format=container, subtype=coding, **settings)
    return file


def speaker(file: Path) -> tuple[str, int]:
    """A file's corpus and the number of its speaker."""
    if "ravdess" in file.parts:
        return "ravdess", int(file.stem[-2:])
    return ("crema-d", int(file.stem[:4])) if "crema-d" in file.parts else ("emodb", int(file.stem[:2]))


def unseen(file: Path) -> bool:
    """Whether the file's speaker chose none of the audit's numbers."""
    corpus, number = speaker(file)
    return number > {"ravdess": 8, "crema-d": 1045, "emodb": 0}[corpus]


def recordings(data: Path) -> list[Path]:
    """All recordings of the three corpora."""
    files = sorted(
        each for corpus in CORPORA for each in (data / corpus).rglob("*") if each.suffix in (".opus", ".wav")
    )
    if not files:
        sys.exit(f"{data}: holds none of {', '.join(CORPORA)}; set VOXAFFECT_DATA")
    return files


def timed(rows: list[Row], workers: int | None) -> tuple[float, object]:
    begin = time.perf_counter()
    found = audit(Listing("benchmark", tuple(rows)), workers)
    return time.perf_counter() - begin, found


def listed(files: list[Path]) -> list[Row]:
    """Rows on two sides in turn."""
    return [Row(file.stem, file, ("train", "test")[number % 2]) for number, file in enumerate(files)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=100, help="twins of each transformation")
    parser.add_argument("--workers", type=int, help="processes (default: one a core)")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "audit.json")
    parser.add_argument("--beside", default="nothing", help="what else ran on the machine, for the result file")
    text = "measure one and keep the rest of the result file"
    parser.add_argument("--only", choices=("twins", "carriers", "time", "shortcuts"), help=text)
    options = parser.parse_args()
    data = Path(os.environ.get("VOXAFFECT_DATA") or ROOT.parent / "shared" / "data")
    files = recordings(data)
    result = json.loads(options.out.read_text()) if options.only and options.out.exists() else {}
    result |= {"command": "make bench-audit", "seed": SEED}
    if options.only in (None, "twins"):
        result["twins"] = measure_twins(files, options.each, options.workers)
        write_text(options.out, json.dumps(result, indent=1) + "\n")
    if options.only in (None, "carriers"):
        result["carriers"] = measure_carriers(data, files, options.workers)
        write_text(options.out, json.dumps(result, indent=1) + "\n")
        result["carriers"]["time"] = measure_carriers_time(options.workers)
        write_text(options.out, json.dumps(result, indent=1) + "\n")
    if options.only in (None, "shortcuts"):
        result["shortcuts"] = measure_shortcuts(data, options.workers)
        write_text(options.out, json.dumps(result, indent=1) + "\n")
    if options.only in (None, "time"):
        result["time"] = measure_time(files, options.workers) | {"beside": options.beside}
        write_text(options.out, json.dumps(result, indent=1) + "\n")


def measure_twins(files: list[Path], each: int, workers: int | None) -> dict[str, object]:
    """Recall of each transformation and false pairs, all in one listing; no recording has more than one twin."""
    rng = np.random.default_rng(SEED)
    able = [file for file in files if unseen(file) and file.stem != SILENT]
    names = [name for name in TRANSFORMATIONS for _ in range(each)]
    chosen = [able[number] for number in rng.permutation(len(able))[: len(names)]]
    with tempfile.TemporaryDirectory() as folder:
        tasks = [(name, source, Path(folder)) for name, source in zip(names, chosen, strict=True)]
        with Pool(workers or os.cpu_count()) as pool:
            made = list(pool.map(make, tasks))
        rows = [Row(file.stem, file, "train") for file in files] + [Row(file.stem, file, "test") for file in made]
        seconds, found = timed(rows, workers)
    of_twin = {file.stem: (source.stem, name) for name, source, file in zip(names, chosen, made, strict=True)}
    file_of = {file.stem: file for file in files}
    hits, false, doubles = Counter(), [], []
    for pair in found.pairs:
        twins = sorted((pair.first.name, pair.second.name))
        (one, _), (other, name) = (of_twin.get(each, (each, "")) for each in twins)
        if one == other and (pair.twin is None or not name.startswith("exact")):
            hits[name] += 1
        elif one != other:
            correlation = correlate(file_of[one], file_of[other])
            kind = doubles if correlation >= DOUBLE else false
            kind.append([*twins, describe(pair), f"waveforms {correlation:.3f}"])
    return {
        "clips": len(files),
        "twins": len(made),
        "speakers_of_twins": "RAVDESS actors 9 to 24, CREMA-D actors 1046 to 1091, EMO-DB",
        "recall": {
            name: {"n": each, "found": hits[name], "recall": round(hits[name] / each, 4)} for name in TRANSFORMATIONS
        },
        "false_pairs": len(false),
        "false_per_1000": round(1000 * len(false) / len(rows), 2),
        "false": sorted(false),
        "false_of_unseen_speakers": sum(all(unseen(file_of[origin(name)]) for name in each[:2]) for each in false),
        "clips_of_unseen_speakers": sum(map(unseen, files)),
        "doubles": sorted(doubles),
        "silent": [row.name for row in found.silent],
        "seconds": round(seconds, 1),
    }


def measure_carriers(data: Path, files: list[Path], workers: int | None) -> dict[str, object]:
    """False pairs of sets with one carrier sentence, and twins found among them."""
    by_stem = {file.stem: file for file in files}
    sets = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate((*SPOKEN, *GLUED)):
            place = Path(folder) / str(number)
            place.mkdir()
            if name in SPOKEN:
                made = spoken(place, SPOKEN[name], 300, SEED + number)
            else:
                share, reader = GLUED[name]
                speech = sorted(file for file in (data / "librispeech-mini").rglob(f"{reader}-*") if file.is_file())
                made = glued(place, by_stem[name], share, speech, 60, SEED + number)
            sets[name] = of_a_set(made, number, workers) | {"kind": "spoken" if name in SPOKEN else "glued"}
            print(name, sets[name], file=sys.stderr)
    return {
        "sets": sets,
        "clips": sum(each["clips"] for each in sets.values()),
        "false_pairs": sum(each["false_pairs"] for each in sets.values()),
    }


def measure_shortcuts(data: Path, workers: int | None) -> dict[str, object]:
    """What properties tell of the labels of five corpora."""
    found = {}
    for title, clips in labelled(data).items():
        with Pool(workers or os.cpu_count()) as pool:
            properties = list(pool.map(properties_of, clips))
        about = zip(*((clip.emotion, clip.speaker, clip.text) for clip in clips), strict=True)
        found[title] = find(properties, *map(list, about)).to_dict()
        print(title, [each["property"] for each in found[title]["properties"] if each["gives_away"]], file=sys.stderr)
    return found


def labelled(data: Path) -> dict[str, list[Utterance]]:
    """Spoken clips of each corpus that may be trained on."""
    titles = {"RAVDESS speech": "ravdess", "CREMA-D": "crema-d", "EMO-DB": "emodb", "nEMO": "nemo"}
    titles["emotiontts"] = "emotiontts"
    return {
        title: [clip for clip in corpora.load(name, data / name).utterances if clip.style == "speech"]
        for title, name in titles.items()
    }


def properties_of(clip: Utterance) -> Properties:
    """The properties of a clip."""
    return read_recording(clip.sound).properties


def measure_carriers_time(workers: int | None) -> list[dict[str, float]]:
    """Seconds for 300 and 1000 recordings with one carrier sentence."""
    steps = []
    for count in (300, 1000):
        with tempfile.TemporaryDirectory() as folder:
            rows = listed(spoken(Path(folder), SPOKEN["say, natural"], count, SEED))
            begin = os.times()
            seconds, _ = timed(rows, workers)
        steps.append({"clips": count, "seconds": round(seconds, 1), "cpu_seconds": cpu_since(begin)})
        print(steps[-1], file=sys.stderr)
    return steps


def of_a_set(files: list[Path], seed: int, workers: int | None) -> dict[str, object]:
    """False pairs of a set, and twins found of a third of its recordings at most."""
    names = [name for name in TRANSFORMATIONS if name.startswith(KEEPS_ALL)]
    each = max(1, len(files) // (3 * len(names)))
    chosen = np.random.default_rng(seed).permutation(len(files))[: len(names) * each]
    place = files[0].parent / "twins"
    place.mkdir()
    tasks = [(names[number % len(names)], files[each], place) for number, each in enumerate(chosen)]
    with Pool(workers or os.cpu_count()) as pool:
        made = list(pool.map(make, tasks))
    _, found = timed([*listed(files), *(Row(file.stem, file, "test") for file in made)], workers)
    pairs = {tuple(sorted((pair.first.name, pair.second.name), key=len)): pair for pair in found.pairs}
    true = {(source.stem, f"twin of {source.stem}"): name.split(":")[0] for name, source, _ in tasks}
    false = sorted([*names, describe(pair)] for names, pair in pairs.items() if names not in true)
    real = [pair for pair in false if not any(name.startswith("twin of") for name in pair[:2])]
    return {
        "clips": len(files),
        "false_pairs": len(real),
        "false_pairs_with_twins": len(false),
        "false": false,
        "twins": dict(Counter(true.values())),
        "found": dict(Counter(name for names, name in true.items() if names in pairs)),
    }


def origin(name: str) -> str:
    """The recording that a row is, or is a twin of."""
    return name.removeprefix("twin of ")


def correlate(one: Path, other: Path) -> float:
    """Correlation of two waveforms where they overlap, shifted so that it is greatest."""
    x, y = (audio.load(file, 16_000).astype(float) for file in (one, other))
    size = 1 << (len(x) + len(y)).bit_length()
    products = np.fft.irfft(np.fft.rfft(x, size) * np.conj(np.fft.rfft(y, size)), size)
    later = int(products.argmax())
    later = later if later < len(x) else later - size
    x, y = (x[later:], y) if later > 0 else (x, y[-later:])
    length = min(len(x), len(y))
    x, y = x[:length], y[:length]
    return float(x @ y / (np.linalg.norm(x) * np.linalg.norm(y) + 1e-12))


def describe(pair: object) -> str:
    twin = pair.twin
    return "equal" if twin is None else f"likeness {twin.likeness:.2f}, pitch {twin.pitch:+g}, tempo {twin.tempo:g}"


def cpu_since(begin: os.times_result) -> float:
    """Processor time that this process and its children have spent, s."""
    end = os.times()
    return round((end.user - begin.user) + (end.children_user - begin.children_user), 1)


def measure_time(files: list[Path], workers: int | None) -> dict[str, object]:
    """Seconds for 1250 clips, twice as many, and so on, and by what power of their number they grow.

    Speaker joins speaker, as corpora grow: takes, which are what is costly to tell from twins, grow with the clips.
    """
    rank = dict(
        zip(sorted(set(map(speaker, files))), np.random.default_rng(SEED).permutation(len(files)), strict=False)
    )
    order = sorted(files, key=lambda file: rank[speaker(file)])
    steps = []
    for count in (1250, 2500, 5000, 10_000):
        begin = os.times()
        seconds, _ = timed(listed(order[:count]), workers)
        steps.append({"clips": count, "seconds": round(seconds, 1), "cpu_seconds": cpu_since(begin)})
        print(steps[-1], file=sys.stderr)
    logs = [(math.log(each["clips"]), math.log(each["cpu_seconds"])) for each in steps]
    return {
        "steps": steps,
        "growth_exponent_of_cpu_seconds": round(float(np.polyfit(*zip(*logs, strict=True), 1)[0]), 2),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load_average": [round(each, 1) for each in os.getloadavg()],
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


if __name__ == "__main__":
    main()
