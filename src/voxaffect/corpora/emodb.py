"""EMO-DB, the Berlin Database of Emotional Speech (Burkhardt et al. 2005): acted German.

A clip is in the release if at least 80 % of twenty listeners named the emotion and 60 % judged it natural. No rule
gives the names of these clips, so emodb.txt lists them. File names are `SSTTTEv`:

    SS   speaker   03, 08 to 16
    TTT  text      a01 a02 a04 a05 a07 sentences, b01 b02 b03 b09 b10 pairs of sentences
    E    emotion   W anger (Wut) L boredom (Langeweile) E disgust (Ekel) A fear (Angst) F happiness (Freude)
                   T sadness (Trauer) N neutral
    v    version   a, b, c and so on

>>> EMODB.parse(Path("wav/03a01Fa.wav")).emotion
'happy'
"""

import re
from pathlib import Path

from voxaffect.corpora.base import Description, Group
from voxaffect.corpora.utterance import Utterance

_NAME = re.compile(r"(?P<speaker>\d\d)(?P<text>[ab]\d\d)(?P<emotion>[A-Z])(?P<take>[a-z])")


def _parse(path: Path) -> Utterance | None:
    return EMODB.utterance(path, path.stem, _NAME)


def _released() -> dict[str, Group]:
    """535 clips."""
    ids = tuple(f"emodb/{name}" for name in Path(__file__).with_name("emodb.txt").read_text("ascii").split())
    return {"speech": Group(len(ids), ids)}


EMODB = Description.read("emodb", _parse, _released)
