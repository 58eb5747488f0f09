"""The utterance: a labelled clip of a corpus."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from voxaffect.corpora.sound import Sound

Sex = Literal["male", "female"]

UNKNOWN = "?"
"""The speaker of all recordings of a corpus whose speakers are unknown, after its name: `mine/?`."""


def any_unknown(speakers: Iterable[str]) -> bool:
    """Whether some of these speakers are unknown."""
    return any(speaker.endswith(f"/{UNKNOWN}") for speaker in speakers)


@dataclass(frozen=True)
class Utterance:
    """A labelled clip.

    Attributes:
        id: `corpus/stem`, the same wherever the file lies and whatever its ending.
        path: The file.
        speaker: With its corpus, as `ravdess/01`.
        sex: Of the speaker; None where it is unknown.
        emotion: The intended emotion, one of `labels.EMOTIONS`; of one's own recordings, any label.
        style: How it is voiced, "speech" or "song".
        intensity, text, take: Strength, sentence and repetition; empty where the corpus does not say.
        age: Of the speaker, years.
        votes: Emotion -> how many listeners chose it from the voice alone; empty where there are none.
        ratings: Dimension -> what each listener gave it, as {"arousal": (4.0, 4.5, 5.0)}, from the voice alone, 1 to 5;
            empty where there are none.
        copy: The kind of augmented copy, by its name in `augment.COPIES`; empty for the recording itself.
        start, end: Of a segment, seconds from the file's beginning; None: from there, or to its end.
        channel: Of the file, counted from 0; None: all channels mixed.

    Examples:
        >>> Utterance("ravdess/03-01-05", Path("03-01-05.wav"), "ravdess/01", "male", "angry").corpus
        'ravdess'
    """

    id: str
    path: Path
    speaker: str
    sex: Sex | None
    emotion: str
    style: str = "speech"
    intensity: str = ""
    text: str = ""
    take: str = ""
    age: int | None = None
    votes: Mapping[str, int] = field(default_factory=dict, hash=False)
    ratings: Mapping[str, tuple[float, ...]] = field(default_factory=dict, hash=False)
    copy: str = ""
    start: float | None = None
    end: float | None = None
    channel: int | None = None

    @property
    def corpus(self) -> str:
        """The corpus that it is of."""
        return corpus_of(self.speaker)

    @property
    def sound(self) -> Sound:
        """Where its sound lies, and what loads it."""
        return Sound(self.path, self.start, self.end, self.channel)


def corpus_of(speaker: str) -> str:
    """The corpus of a speaker.

    Examples:
        >>> corpus_of("ravdess/01")
        'ravdess'
    """
    return speaker.partition("/")[0]
