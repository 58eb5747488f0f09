"""TESS, the Toronto Emotional Speech Set (Pichora-Fuller & Dupuis 2020): two women, "Say the word ...".

File names are `SSS_word_emotion`, in folders `SSS_emotion`:

    SSS      speaker   OAF, who is 64, and YAF, who is 26; one file says OA
    word     one of 200
    emotion  angry disgust fear happy neutral ps (pleasant surprise) sad

>>> TESS.parse(Path("YAF_pleasant_surprised/YAF_food_ps.wav")).emotion
'pleasantly surprised'
"""

import dataclasses
import re
from pathlib import Path

from voxaffect.corpora.base import Description, Group
from voxaffect.corpora.utterance import Utterance

_WORDS = 200
_NAME = re.compile(r"(?P<speaker>OAF|YAF)_(?P<text>[a-z]+)_(?P<emotion>angry|disgust|fear|happy|neutral|ps|sad)")


def _parse(path: Path) -> Utterance | None:
    utterance = TESS.utterance(path, re.sub("^OA_", "OAF_", path.stem), _NAME)
    return utterance and dataclasses.replace(utterance, text=f"Say the word {utterance.text}")


def _released() -> dict[str, Group]:
    """2800 clips."""
    return {"speech": Group(len(TESS.people) * len(TESS.codes["emotion"]) * _WORDS)}


TESS = Description.read("tess", _parse, _released)
