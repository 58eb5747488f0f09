"""nEMO, acted Polish (Christop 2024): nine speakers say the same 90 sentences in six emotions.

File names are `SSS_emotion_N`:

    SSS      speaker    EB0 IC0 KD0 KS0 MK0 MP0 SM0 TP0 WR0
    emotion  anger fear happiness neutral sadness surprised
    N        sentence   1 to 90

The release lacks clips: all surprised ones of MK0, half of MP0's, and five of others. data.tsv has the sex and age of
the speakers and the sentences.

>>> NEMO.parse(Path("samples/WR0_surprised_64.wav")).speaker
'nemo/WR0'
"""

import dataclasses
import re
from pathlib import Path
from typing import Any

from voxaffect.corpora.base import Description, Group
from voxaffect.corpora.owners import owners_table
from voxaffect.corpora.utterance import Sex, Utterance

TABLE = "data.tsv"

_NAME = re.compile(r"(?P<speaker>[A-Z]{2}0)_(?P<emotion>[a-z]+)_(?P<text>[1-9]\d?)")
_SPEAKERS = ("EB0", "IC0", "KD0", "KS0", "MK0", "MP0", "SM0", "TP0", "WR0")
_SENTENCES = range(1, 91)
_SEX: dict[str, Sex] = {"female": "female", "male": "male"}
_ABSENT = frozenset({"EB0_surprised_40", "SM0_fear_18", "SM0_happiness_31", "TP0_surprised_75", "WR0_neutral_11"})
# The sentences of series that lack many.
_PARTIAL = {
    "MK0_surprised": "",
    "MP0_anger": "2 4 5 6 8 9 10 14 17 18 24 27 32 36 40 41 42 44 46 54 55 56 65 68 69 70 71 73 85",
    "MP0_fear": "1 2 3 4 5 8 12 14 21 23 28 30 33 35 41 47 61",
    "MP0_happiness": "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 37 40 47 52 55 58 61 67 77",
    "MP0_sadness": "1 2 5 6 7 8 9 10 11 12 14 15 16 19 20 22 23 42 43 45 46 48 49 50 51 52 53 56 57 60 62 63 64 66 "
    "68 69 70 71 72 75 77 78 79 83 84 86 87 88 89",
    "MP0_surprised": "8 12 14 16 17 18 21 23 24 25 27 28 29 30 32 33 34 35 37 39 40 41 44 48 52 53 54 64 66 67 68 69 "
    "70 72 73 74 80 84 85 87 90",
}


def _parse(path: Path) -> Utterance | None:
    utterance = NEMO.utterance(path, path.stem, _NAME)
    return utterance and dataclasses.replace(utterance, text=f"nEMO {utterance.text}")


def _released() -> dict[str, Group]:
    """4481 clips."""
    series = [f"{speaker}_{emotion}" for speaker in _SPEAKERS for emotion in NEMO.codes["emotion"]]
    names = [
        f"{each}_{number}" for each in series for number in (_PARTIAL[each].split() if each in _PARTIAL else _SENTENCES)
    ]
    ids = tuple(f"nemo/{name}" for name in names if name not in _ABSENT)
    return {"speech": Group(len(ids), ids)}


def _annotate(folder: Path, utterances: list[Utterance]) -> list[Utterance]:
    """Add sex and age of the speakers and the sentences, if the owners' table is in the folder."""
    about: dict[str, dict[str, Any]] = {}
    columns = ("file_id", "raw_text", "gender", "age")
    with owners_table(folder, TABLE, columns, NEMO.url, delimiter="\t") as rows:
        for row in rows:
            fields = {"sex": _SEX[row["gender"]], "age": int(row["age"]), "text": row["raw_text"].strip()}
            about[f"nemo/{Path(row['file_id']).stem}"] = fields
    return [dataclasses.replace(utterance, **about.get(utterance.id, {})) for utterance in utterances]


NEMO = Description.read("nemo", _parse, _released, _annotate)
