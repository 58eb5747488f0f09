"""emotiontts_open_db, the emotional part of a Korean corpus for speech synthesis (KAIST and Selvas AI 2020).

File names are `SSS00ETT`:

    SSS  speaker    ema emb emf emg emh, who say plain texts in all emotions; nea to nee and nek to neo, whose texts
                    express the emotion
    E    emotion    0 neutral, 1 happy, 2 sad, 3 angry
    TT   sentence   01 to 05

The owners' README swaps sad and angry; their scripts tell: 204 is about a funeral, 305 scolds.

>>> EMOTIONTTS.parse(Path("plain-to-emotional/ema/ema00301.wav")).emotion
'angry'
"""

import dataclasses
import re
from pathlib import Path

from voxaffect.corpora.base import Description, Group
from voxaffect.corpora.utterance import Utterance

_NAME = re.compile(r"(?P<speaker>[a-z]{3})00(?P<emotion>\d)(?P<text>\d\d)")
_PLAIN = "em"


def _parse(path: Path) -> Utterance | None:
    utterance = EMOTIONTTS.utterance(path, path.stem, _NAME)
    if utterance is None:
        return None
    # A plain text is the same in all emotions.
    text = f"plain {utterance.text}" if path.stem.startswith(_PLAIN) else f"emotional {path.stem[-3:]}"
    return dataclasses.replace(utterance, text=f"emotiontts {text}")


def _released() -> dict[str, Group]:
    """300 clips."""
    ids = tuple(
        f"emotiontts/{speaker}00{emotion}{text:02d}"
        for speaker in EMOTIONTTS.people
        for emotion in EMOTIONTTS.codes["emotion"]
        for text in range(1, 6)
    )
    return {"speech": Group(len(ids), ids)}


EMOTIONTTS = Description.read("emotiontts", _parse, _released)
