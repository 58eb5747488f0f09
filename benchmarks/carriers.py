"""Sets of recordings that share a carrier sentence and differ in one word, as tests of hearing and TESS have them.

    spoken      espeak-ng says "Say the word X" with a few hundred words; tempo, pitch and noise vary from take to take
    glued       the beginning of one real recording, followed by another real word each time: the carriers are equal

No two recordings of a set are twins.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from voxaffect import audio

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
from synthesise import speak  # it lies among the examples

# No two of them sound the same, as "gem" and "jem" would.
WORDS = """
b p d t k f v s z sh ch j m n l r w h st tr bl gr sp pl
ab ad ag am an ap ar art ash at ave aze aid aft air ake ain all and ank ape arm each eam eed eef een eep eer edge eft eg
ell elt em en ent ess est eth ib ick id ift ight ill im in ine ing ip ist ive ibe ile ob ock od oft oil old om one ong
ood ool oom op ope orn ose ot ound ouse ow oy ub uck udge ug ull um ump ung urn urse ush ust ute
"""
"""Onsets, and rhymes for them."""


@dataclass(frozen=True)
class Carrier:
    """A carrier sentence and who speaks it.

    text: the sentence, with {} for the word. wander: how far a take's tempo and pitch stray from another's, from moment
    to moment, in percent. rates, pitches: between which those of whole takes are drawn, in the synthesiser's units.
    """

    text: str
    voice: str
    wander: float
    rates: tuple[int, int] = (150, 160)
    pitches: tuple[int, int] = (48, 53)


def words(count: int, seed: int) -> list[str]:
    """Different monosyllables, real and possible ones; many rhyme or alliterate."""
    onsets, rhymes = (part.split() for part in WORDS.strip().split("\n", 1))
    every = [onset + rhyme for onset in onsets for rhyme in rhymes]
    return [every[number] for number in np.random.default_rng(seed).permutation(len(every))[:count]]


def spoken(folder: Path, carrier: Carrier, count: int, seed: int) -> list[Path]:
    """Write a set of one synthetic voice: a recording a word."""
    rng = np.random.default_rng(seed)
    files = []
    for word in words(count, seed):
        rate, pitch = (int(rng.integers(*limits)) for limits in (carrier.rates, carrier.pitches))
        samples, sample_rate = speak(carrier.text.format(word), carrier.voice, pitch, 50, rate)
        take = wandering(samples / 32768, carrier.wander, sample_rate, rng)
        noise = rng.standard_normal(len(take)) * np.std(take) * 10 ** (-rng.uniform(30, 45) / 20)
        files.append(folder / f"{word}.wav")
        soundfile.write(files[-1], rng.uniform(0.5, 0.9) * (take + noise), sample_rate)
    return files


def wandering(samples: np.ndarray, percent: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Play faster and slower by turns of 0.2 s, by so many percent at most."""
    knots = np.arange(0, len(samples) + 0.4 * sample_rate, 0.2 * sample_rate)
    speed = 1 + np.interp(np.arange(len(samples)), knots, rng.uniform(-percent, percent, len(knots)) / 100)
    position = np.cumsum(speed)
    return np.interp(position[position < len(samples) - 1], np.arange(len(samples)), samples)


def glued(folder: Path, carrier: Path, share: float, speech: list[Path], count: int, seed: int) -> list[Path]:
    """Write a set whose recordings begin with so much of one recording; words of half a second are cut from speech."""
    rng = np.random.default_rng(seed)
    rate = 16_000
    whole = audio.load(carrier, rate)
    loud = np.flatnonzero(np.abs(whole) > 0.05 * np.abs(whole).max())
    beginning = whole[: int(loud[0] + share * (loud[-1] - loud[0]))]
    level = np.std(beginning[loud[0] :])
    files: list[Path] = []
    for file in speech:
        samples = audio.load(file, rate)
        typical, narrow = np.std(samples), np.std(audio.resample(samples, rate, 6_000))
        at = 0
        while at < len(samples) - rate and len(files) < count:
            length = int(rng.uniform(0.35, 0.7) * rate)
            word = samples[at : at + length]
            at += length
            # In the band of a telephone too: a fricative alone is no word.
            if min(np.std(word) / typical, np.std(audio.resample(word, rate, 6_000)) / narrow) > 0.7:
                fade = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / 160)
                take = np.concatenate([beginning, fade * word * level / np.std(word), np.zeros(rate // 5)])
                files.append(folder / f"{carrier.stem}-{len(files):04}.wav")
                soundfile.write(files[-1], rng.uniform(0.5, 0.9) * take / np.abs(take).max(), rate)
    if len(files) < count:
        raise ValueError(f"{speech[0].parent}: only {len(files)} of {count} words are there; name more recordings")
    return files
