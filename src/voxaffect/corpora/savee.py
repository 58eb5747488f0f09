"""SAVEE, Surrey Audio-Visual Expressed Emotion (Haq & Jackson 2010): four men, 120 clips each.

Files are `SS/eNN` in the owners' archive (`AudioData/DC/a01.wav`) and `SS_eNN` where all lie in one folder:

    SS   speaker    DC JE JK KL
    e    emotion    a anger d disgust f fear h happiness n neutral sa sadness su surprise
    NN   sentence   01 to 15, of neutral to 30

>>> SAVEE.parse(Path("AudioData/JK/su03.wav")).id
'savee/JK_su03'
"""

import re
from pathlib import Path

from voxaffect.corpora.base import Description, Group
from voxaffect.corpora.utterance import Utterance

_NAME = re.compile(r"(?P<speaker>[A-Z]{2})_(?P<emotion>[a-z]{1,2})\d\d")


def _parse(path: Path) -> Utterance | None:
    name = path.stem if "_" in path.stem else f"{path.parent.name}_{path.stem}"
    return SAVEE.utterance(path, name, _NAME)


def _released() -> dict[str, Group]:
    """480 clips."""
    ids = tuple(
        f"savee/{speaker}_{emotion}{sentence:02d}"
        for speaker in SAVEE.people
        for emotion in SAVEE.codes["emotion"]
        for sentence in range(1, 31 if emotion == "n" else 16)
    )
    return {"speech": Group(len(ids), ids)}


SAVEE = Description.read("savee", _parse, _released)
