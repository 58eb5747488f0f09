"""What each of the article's augmentations does to a voice -> docs/pictures/augment-*.svg, docs/sounds/*.mp3.

make figures

The voice is the synthetic one in examples/; the parameters are what seed 0 draws.
"""

import dataclasses
import io
from pathlib import Path

import librosa
import numpy as np
import soundfile

from voxaffect import audio
from voxaffect.audio import Waveform
from voxaffect.augment import COPIES, copies
from voxaffect.corpora import Utterance
from voxaffect.exploring.drawing import picture
from voxaffect.files.atomic import replacing, write_text
from voxaffect.html.colours import plain, standalone

ROOT = Path(__file__).parents[2]
VOICE = ROOT / "examples" / "synthetic-voice.flac"
PICTURES, SOUNDS = ROOT / "docs" / "pictures", ROOT / "docs" / "sounds"
RATE = 16_000

ABOUT = {
    "gain": lambda drawn: f"times {drawn[0]:.2f}",
    "pitch": lambda drawn: f"{drawn[0]:.1f} semitones up",
    "shift": lambda drawn: f"{drawn[0]:+.0f} samples, round the end",
    "noise": lambda drawn: f"noise of {100 * drawn[0]:.2f} % of the highest sample",
    "stretch": lambda drawn: f"at {drawn[0]:.2f} of the speed",
    "speed-pitch": lambda drawn: f"shortened to {100 * drawn[0]:.0f} %, and higher",
}


def main() -> None:
    voice = audio.load(VOICE, RATE)
    # Half as loud as it could be, so that a louder copy need not clip in a sound file.
    voice = voice * np.float32(0.3 / np.abs(voice).max())
    write_sound(SOUNDS / "augment-before.mp3", voice)
    spoken = Utterance("examples/synthetic-voice", VOICE, "examples/synthetic", None, "neutral")
    for kind, about in ABOUT.items():
        augmentation = COPIES[kind]
        drawn = copies.draw_parameters(dataclasses.replace(spoken, id=f"{spoken.id}+{kind}", copy=kind), 0)
        after = augmentation.apply(voice, RATE, drawn)
        write_sound(SOUNDS / f"augment-{kind}.mp3", after)
        write_text(PICTURES / f"augment-{kind}.svg", standalone(draw(kind, voice, after, about(drawn))))


def draw(kind: str, before: Waveform, after: Waveform, about: str) -> str:
    """Waveform and mel spectrogram, before and after -> SVG."""
    longest = max(len(before), len(after)) / RATE
    highest = max(np.abs(before).max(), np.abs(after).max())
    with picture(f"augment-{kind}", f"Before and after {kind}: {about}", 560, 230) as drawn:
        axes = drawn.axes(2, 2, sharex=True, sharey="row", height_ratios=(2, 3))
        for column, (name, waveform) in enumerate((("before", before), (f"{kind}: {about}", after))):
            wave, mels = axes[column], axes[2 + column]
            parts = np.array_split(waveform, 250)
            times = (np.arange(250) + 0.5) * len(waveform) / 250 / RATE
            low, high = [part.min() for part in parts], [part.max() for part in parts]
            wave.fill_between(times, low, high, color=plain("ink"), linewidth=0.3)
            wave.set(title=name, ylim=(-1.05 * highest, 1.05 * highest), yticks=[])
            energies = librosa.feature.melspectrogram(y=waveform, sr=RATE, n_fft=512, hop_length=200, n_mels=48)
            # One scale of levels for both, so that what is louder is brighter.
            levels = np.clip(librosa.power_to_db(energies, top_db=None), -70, 30)
            image = mels.imshow(
                np.round(levels / 2) * 2,
                "magma",
                origin="lower",
                aspect="auto",
                interpolation="none",
                vmin=-70,
                vmax=30,
                extent=(0, len(waveform) / RATE, 0, 48),
            )
            mels.set(yticks=[], xlabel="seconds", xlim=(0, longest))
        axes[2].set_ylabel("mel bands")
        drawn.figure.colorbar(image, ax=axes[2:], label="dB")
    return drawn.svg


def write_sound(path: Path, waveform: Waveform) -> None:
    content = io.BytesIO()
    soundfile.write(content, np.clip(waveform, -1, 1), RATE, format="MP3")
    with replacing(path) as partial:
        partial.write_bytes(content.getvalue())


if __name__ == "__main__":
    main()
