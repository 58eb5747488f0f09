"""RAVDESS, the Ryerson Audio-Visual Database of Emotional Speech and Song (Livingstone & Russo 2018).

File names are seven two-digit numbers, `MM-CC-EE-II-SS-RR-AA`:

    MM  modality     01 audio-video, 02 video, 03 audio (the only one with sound files)
    CC  channel      01 speech, 02 song
    EE  emotion      01 neutral 02 calm 03 happy 04 sad 05 angry 06 fearful 07 disgust 08 surprised
    II  intensity    01 normal, 02 strong (neutral has no strong)
    SS  statement    01 "Kids are talking by the door", 02 "Dogs are sitting by the door"
    RR  repetition   01, 02
    AA  actor        01 to 24, odd numbers are men

Song has no disgust, no surprise and no actor 18.

>>> RAVDESS.parse(Path("Actor_12/03-01-06-01-02-01-12.wav")).emotion
'fearful'
"""

import itertools
import re
from pathlib import Path

from voxaffect.corpora.base import Description, Group
from voxaffect.corpora.utterance import Utterance

_NAME = re.compile(
    r"03-(?P<style>\d\d)-(?P<emotion>\d\d)-(?P<intensity>\d\d)-(?P<text>\d\d)-(?P<take>\d\d)-(?P<speaker>\d\d)"
)


def _parse(path: Path) -> Utterance | None:
    return RAVDESS.utterance(path, path.stem, _NAME)


def _released() -> dict[str, Group]:
    """1440 clips of speech, 1012 of song."""
    codes, groups = RAVDESS.codes, {}
    for code, style in codes["style"].items():
        ids = tuple(
            f"ravdess/03-{code}-{emotion}-{intensity}-{statement}-{repetition}-{actor}"
            for actor, emotion, intensity, statement, repetition in itertools.product(
                RAVDESS.people, codes["emotion"], codes["intensity"], codes["text"], ("01", "02")
            )
            if not (emotion == "01" and intensity == "02")
            and not (style == "song" and (actor == "18" or emotion in ("07", "08")))
        )
        groups[style] = Group(len(ids), ids)
    return groups


RAVDESS = Description.read("ravdess", _parse, _released)
