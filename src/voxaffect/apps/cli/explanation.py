"""What drove an answer, for a terminal and as plain values."""

from dataclasses import dataclass
from typing import Any

from voxaffect import audio
from voxaffect.audio import Source
from voxaffect.inference.explain import Occlusion, occlude
from voxaffect.inference.recognizer import Recognizer

_SHADES = " ░▒▓█"


@dataclass(frozen=True)
class Explanation:
    """Which times and bands drove an answer, and what the recording is like beside others of that emotion, in words."""

    occlusion: Occlusion
    words: list[str]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        why = self.occlusion
        return {
            "emotion": why.emotion,
            "seconds": why.seconds.round(3).tolist(),
            "hertz": why.hertz.tolist(),
            "worth": why.worth.round(4).tolist(),
            "words": self.words,
        }

    def as_text(self) -> str:
        """Bands in rows, high ones first, and time in columns: the darker, the more the answer owes to it."""
        why = self.occlusion
        wide = 2 if why.worth.shape[1] <= 20 else 1
        most = max(float(why.worth.max()), 1e-9)
        lines = [f"  What speaks for {why.emotion}, and against it (-):", ""]
        for band in reversed(range(len(why.worth))):
            edges = f"{why.hertz[band]:.0f} to {why.hertz[band + 1]:.0f} Hz"
            cells = "".join(wide * _shade(float(worth) / most) for worth in why.worth[band])
            lines.append(f"  {edges:>16}  {cells}".rstrip())
        end = f"{why.seconds[-1]:.1f} s"
        lines.append(f"  {'':16}  {'0':<{max(wide * why.worth.shape[1] - len(end), 2)}}{end}")
        return "\n".join([*lines, "", *(f"  {line}" for line in self.words)])


def explain(recognizer: Recognizer, source: Source) -> Explanation:
    """Explain what is recognised in a recording; the words need SciPy, and say so where it is not."""
    found = occlude(recognizer, source)
    try:
        from voxaffect.exploring.measures import SAMPLE_RATE, measure
        from voxaffect.exploring.typical import compare
    except ImportError:
        return Explanation(found, ["pip install 'voxaffect[explore]' compares its pitch, level and rate as well."])
    corpora = [each["name"] for each in recognizer.bundle.card["training"]["corpora"]]
    words = compare(measure(audio.load(source, SAMPLE_RATE)), found.emotion, corpora)
    nothing = f"Nobody has measured what is typical of {found.emotion} in {' and '.join(corpora)}."
    return Explanation(found, words or [nothing])


def _shade(worth: float) -> str:
    """worth: 1 for the cell that the answer owes most to."""
    return "-" if worth < -0.25 else _SHADES[min(max(round(worth * 4), 0), 4)]
