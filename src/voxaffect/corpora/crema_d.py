"""CREMA-D, the Crowd-sourced Emotional Multimodal Actors Dataset (Cao et al. 2014).

File names are `AAAA_SSS_EEE_LL`:

    AAAA  actor      1001 to 1091
    SSS   sentence   one of twelve
    EEE   emotion    ANG DIS FEA HAP NEU SAD, the one that was meant
    LL    level      LO MD HI of the sentence IEO, XX of all others

VideoDemographics.csv has the sex and age of the actors, processedResults/tabulatedVotes.csv the listeners' votes.

>>> CREMA_D.parse(Path("AudioWAV/1001_IEO_FEA_HI.wav")).intensity
'high'
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from voxaffect.corpora.base import Description, Group
from voxaffect.corpora.owners import owners_table
from voxaffect.corpora.utterance import Sex, Utterance

DEMOGRAPHICS, TABULATED = "VideoDemographics.csv", "tabulatedVotes.csv"

_NAME = re.compile(r"(?P<speaker>10\d\d)_(?P<text>[A-Z]{3})_(?P<emotion>[A-Z]{3})_(?P<intensity>[A-Z]{1,2})")
_ACTORS = range(1001, 1092)
_VOTES = {"A": "angry", "D": "disgust", "F": "fearful", "H": "happy", "N": "neutral", "S": "sad"}
_ODD = "1040_ITH_SAD_X"  # the file; the tables give it two X
# Never published: one clip of two actors each, and one sentence of three actors each in all emotions.
_ABSENT_CLIPS = frozenset({"1002_TIE_NEU", "1076_ITS_NEU"})
_ABSENT_SENTENCES = frozenset({"1008_WSI", "1009_MTI", "1019_ITH"})
# The tables count listeners of the voice alone from 100000 on, of the face alone from 200000, of both from 300000.
_VOICE_ALONE = "1"


def _parse(path: Path) -> Utterance | None:
    return CREMA_D.utterance(path, path.stem, _NAME)


def _released() -> dict[str, Group]:
    """7442 clips."""
    ids = tuple(f"crema-d/{name}" for actor in _ACTORS for name in _names(actor))
    return {"speech": Group(len(ids), ids)}


def _names(actor: int) -> Iterator[str]:
    for sentence in CREMA_D.codes["text"]:
        for emotion in CREMA_D.codes["emotion"]:
            name = f"{actor}_{sentence}_{emotion}"
            if f"{actor}_{sentence}" not in _ABSENT_SENTENCES and name not in _ABSENT_CLIPS:
                levels = ("LO", "MD", "HI") if sentence == "IEO" and emotion != "NEU" else ("XX",)
                yield from (_ODD if f"{name}_{level}" == f"{_ODD}X" else f"{name}_{level}" for level in levels)


def _annotate(folder: Path, utterances: list[Utterance]) -> list[Utterance]:
    """Add sex and age of the actors and the listeners' votes, if the owners' tables are in the folder."""
    people: dict[str, tuple[Sex, int]] = {}
    votes: dict[str, Mapping[str, int]] = {}
    with owners_table(folder, DEMOGRAPHICS, ("ActorID", "Sex", "Age"), CREMA_D.url) as rows:
        for row in rows:
            people[f"crema-d/{row['ActorID']}"] = ("female" if row["Sex"] == "Female" else "male", int(row["Age"]))
    with owners_table(folder, TABULATED, ("", "fileName", *_VOTES), CREMA_D.url) as rows:
        for row in rows:
            if row[""].startswith(_VOICE_ALONE):
                name = _ODD if row["fileName"] == f"{_ODD}X" else row["fileName"]
                votes[f"crema-d/{name}"] = {emotion: int(row[letter]) for letter, emotion in _VOTES.items()}
    annotated = []
    for utterance in utterances:
        sex, age = people.get(utterance.speaker, (None, None))
        annotated.append(dataclasses.replace(utterance, sex=sex, age=age, votes=votes.get(utterance.id, {})))
    return annotated


CREMA_D = Description.read("crema-d", _parse, _released, _annotate)
