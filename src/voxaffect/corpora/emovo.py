"""EMOVO, acted Italian (Costantini et al. 2014): three women and three men say 14 sentences in seven emotions.

File names are `EEE-SS-TN`:

    EEE  emotion    dis disgust (disgusto) gio joy (gioia) neu neutral (neutro) pau fear (paura) rab anger (rabbia)
                    sor surprise (sorpresa) tri sadness (tristezza)
    SS   speaker    f1 f2 f3 women, m1 m2 m3 men
    TN   sentence   b1 to b3 short, l1 to l4 long, n1 to n5 without sense, d1 d2 questions

>>> EMOVO.parse(Path("EMOVO/f1/gio-f1-b1.wav")).emotion
'happy'
"""

import dataclasses
import re
from pathlib import Path

from voxaffect.corpora.base import Description, Group
from voxaffect.corpora.utterance import Utterance

_NAME = re.compile(r"(?P<emotion>[a-z]{3})-(?P<speaker>[fm]\d)-(?P<text>[bdln]\d)")
_SENTENCES = ["b1", "b2", "b3", "d1", "d2", "l1", "l2", "l3", "l4", "n1", "n2", "n3", "n4", "n5"]


def _parse(path: Path) -> Utterance | None:
    utterance = EMOVO.utterance(path, path.stem, _NAME)
    return utterance and dataclasses.replace(utterance, text=f"EMOVO {utterance.text}")


def _released() -> dict[str, Group]:
    """588 clips."""
    ids = tuple(
        f"emovo/{emotion}-{speaker}-{sentence}"
        for speaker in EMOVO.people
        for emotion in EMOVO.codes["emotion"]
        for sentence in _SENTENCES
    )
    return {"speech": Group(len(ids), ids)}


EMOVO = Description.read("emovo", _parse, _released)
