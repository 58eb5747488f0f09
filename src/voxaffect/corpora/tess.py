"""TESS, the Toronto Emotional Speech Set (Pichora-Fuller & Dupuis 2020): two women, "Say the word ...".

File names are `SSS_word_emotion`, in folders `SSS_emotion`:

    SSS      speaker   OAF, who is 64, and YAF, who is 26; one file says OA
    word     one of 200
    emotion  angry disgust fear happy neutral ps (pleasant surprise) sad
"""

import re
from pathlib import Path

from voxaffect.corpora.base import Description, Group, Utterance

EMOTIONS = {
    "angry": "angry",
    "disgust": "disgust",
    "fear": "fearful",
    "happy": "happy",
    "neutral": "neutral",
    "ps": "pleasantly surprised",
    "sad": "sad",
}
SPEAKERS = {"OAF": 64, "YAF": 26}
WORDS = 200

_NAME = re.compile(r"(OAF|YAF|OA)_([a-z]+)_([a-z]+)")


def parse(path: Path) -> Utterance | None:
    """The utterance that a file's name describes, or None where it is not of TESS.

    >>> parse(Path("YAF_pleasant_surprised/YAF_food_ps.wav")).emotion
    'pleasantly surprised'
    """
    match = _NAME.fullmatch(path.stem)
    if match is None or match[3] not in EMOTIONS:
        return None
    speaker, word, emotion = "OAF" if match[1] == "OA" else match[1], match[2], match[3]
    return Utterance(
        id=f"tess/{speaker}_{word}_{emotion}",
        path=path,
        speaker=f"tess/{speaker}",
        sex="female",
        emotion=EMOTIONS[emotion],
        text=f"Say the word {word}",
        age=SPEAKERS[speaker],
    )


def expected() -> dict[str, Group]:
    """The full release: 2800 clips."""
    return {"speech": Group(len(SPEAKERS) * len(EMOTIONS) * WORDS)}


TESS = Description(
    name="tess",
    title="TESS",
    licence="CC BY-NC-ND 4.0",
    commercial=False,
    language="English (Canadian)",
    speakers=2,
    hours=None,
    cite="Pichora-Fuller MK, Dupuis K (2020). Toronto emotional speech set. doi:10.5683/SP2/E8H2MF",
    url="https://doi.org/10.5683/SP2/E8H2MF",
    parse=parse,
    expected=expected,
    obtain="fetch it by hand from https://doi.org/10.5683/SP2/E8H2MF",
    notes=(
        "two speakers, both women: a score on it says little of other people, and one near 100 % that speakers were "
        "on two sides",
        "OA_bite_neutral is of OAF; YAF_germ_angry is AIFF under a .wav name; YAF_neat_fear has 96 kHz",
    ),
)
