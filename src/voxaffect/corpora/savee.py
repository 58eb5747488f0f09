"""SAVEE, Surrey Audio-Visual Expressed Emotion (Haq & Jackson 2010): four men, 120 clips each.

Files are `SS/eNN` in the owners' archive (`AudioData/DC/a01.wav`) and `SS_eNN` where all lie in one folder:

    SS   speaker    DC JE JK KL
    e    emotion    a anger d disgust f fear h happiness n neutral sa sadness su surprise
    NN   sentence   01 to 15, of neutral to 30
"""

import re
from pathlib import Path

from voxaffect.corpora.base import Description, Group, Utterance, released

EMOTIONS = {
    "a": "angry",
    "d": "disgust",
    "f": "fearful",
    "h": "happy",
    "n": "neutral",
    "sa": "sad",
    "su": "surprised",
}
SPEAKERS = ("DC", "JE", "JK", "KL")

_NAME = re.compile(r"(?:(DC|JE|JK|KL)_)?(sa|su|[adfhn])(\d\d)")


def parse(path: Path) -> Utterance | None:
    """The utterance that a file's name and folder describe, or None where it is not of SAVEE.

    >>> parse(Path("AudioData/JK/su03.wav")).id
    'savee/JK_su03'
    """
    match = _NAME.fullmatch(path.stem)
    if match is None:
        return None
    speaker, emotion, sentence = match.groups()
    identity = f"savee/{speaker or path.parent.name}_{emotion}{sentence}"
    if identity not in released(expected):
        return None
    return Utterance(
        id=identity,
        path=path,
        speaker=f"savee/{speaker or path.parent.name}",
        sex="male",
        emotion=EMOTIONS[emotion],
    )


def expected() -> dict[str, Group]:
    """The full release: 480 clips."""
    ids = tuple(
        f"savee/{speaker}_{emotion}{sentence:02d}"
        for speaker in SPEAKERS
        for emotion in EMOTIONS
        for sentence in range(1, 31 if emotion == "n" else 16)
    )
    return {"speech": Group(len(ids), ids)}


SAVEE = Description(
    name="savee",
    title="SAVEE",
    licence="for research alone",
    commercial=False,
    language="English (British)",
    speakers=4,
    hours=None,
    cite="Haq S, Jackson PJB (2010). In: Wang W (ed.), Machine Audition: Principles, Algorithms and Systems. IGI "
    "Global, 398-423",
    url="http://kahlan.eps.surrey.ac.uk/savee/",
    parse=parse,
    expected=expected,
    obtain="fill in the form at http://kahlan.eps.surrey.ac.uk/savee/Register.html",
    notes=("all four speakers are men",),
)
