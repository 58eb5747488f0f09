"""Which real sounds get no emotion, and which speech gets none -> results/sounds.json.

    make bench-sounds

The training of the bundle has heard none of the sounds (ESC-10, and those of mouths and throats) and none of the
speakers (EMOVO, EmoTale, as they come and over a telephone, and Mini LibriSpeech). Recordings lie below
VOXAFFECT_DATA or ../shared/data.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import voxaffect as va
from voxaffect import audio
from voxaffect.augment import conditions
from voxaffect.augment.conditions import ConditionContext
from voxaffect.errors import AudioError
from voxaffect.files.atomic import write_text
from voxaffect.inference.recognizer import Recognizer
from voxaffect.provenance import commit
from voxaffect.text import as_document

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "sounds.json"
SOUNDS = ("esc10", "deeply-nonverbal")
SPEECH = ("emovo", "emotale", "librispeech-mini")
LINE = "telephone+mu-law"
BUNDLE = "base"
ENDINGS = (".wav", ".flac", ".opus", ".ogg")


def main() -> None:
    data = Path(os.environ.get("VOXAFFECT_DATA") or ROOT.parent / "shared" / "data")
    recognizer = va.load(BUNDLE)
    sounds = {
        corpus: {
            folder.name: _refused(recognizer, _files(folder), folder.name)
            for folder in sorted((data / corpus).iterdir())
            if folder.is_dir()
        }
        for corpus in SOUNDS
    }
    speech = {corpus: _refused(recognizer, _files(data / corpus), corpus) for corpus in SPEECH}
    over_telephone = {corpus: _refused(recognizer, _files(data / corpus), corpus, LINE) for corpus in SPEECH[:2]}
    content = {
        "command": "make bench-sounds",
        "commit": commit(),
        "bundle": BUNDLE,
        "bundle_sha256": recognizer.bundle.card.model.sha256,
        "sounds": sounds,
        "speech": {"as it comes": speech, LINE: over_telephone},
    }
    write_text(RESULT, as_document(content))


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix in ENDINGS)


def _refused(recognizer: Recognizer, files: list[Path], name: str, condition: str | None = None) -> dict[str, Any]:
    """Of how many files, and how many of them hold no speech by the recogniser."""
    rate, refused = recognizer.sample_rate, 0
    for number, file in enumerate(tqdm(files, name)):
        waveform = audio.load(file, rate)
        if condition:
            rng = np.random.default_rng(number)
            waveform = conditions.under(condition, waveform, rate, lambda part, rng=rng: ConditionContext(rng))
        try:
            recognizer.recognize((waveform, rate))
        except AudioError:
            refused += 1
    return {"recordings": len(files), "refused": refused}


if __name__ == "__main__":
    main()
