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
"""

import re
from pathlib import Path

from voxaffect.corpora.base import Archive, Description, Group, Utterance, released

STYLES = {"01": "speech", "02": "song"}
EMOTIONS = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgust",
    "08": "surprised",
}
INTENSITIES = {"01": "normal", "02": "strong"}
STATEMENTS = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
ACTORS = range(1, 25)

_NAME = re.compile(r"(03)-(01|02)-(0[1-8])-(01|02)-(01|02)-(01|02)-(0[1-9]|1\d|2[0-4])")


def parse(path: Path) -> Utterance | None:
    """The utterance that a file's name describes, or None where it is not a RAVDESS sound file.

    >>> parse(Path("Actor_12/03-01-06-01-02-01-12.wav")).emotion
    'fearful'
    """
    match = _NAME.fullmatch(path.stem)
    if match is None or f"ravdess/{path.stem}" not in released(expected):
        return None
    _, style, emotion, intensity, statement, repetition, actor = match.groups()
    return Utterance(
        id=f"ravdess/{path.stem}",
        path=path,
        speaker=f"ravdess/{actor}",
        sex="male" if int(actor) % 2 else "female",
        emotion=EMOTIONS[emotion],
        style=STYLES[style],
        intensity=INTENSITIES[intensity],
        text=STATEMENTS[statement],
        take=repetition,
    )


def expected() -> dict[str, Group]:
    """The full release: 1440 of speech, 1012 of song."""
    names: dict[str, list[str]] = {"speech": [], "song": []}
    for code, style in STYLES.items():
        for actor in ACTORS:
            if style == "song" and actor == 18:
                continue
            for emotion in EMOTIONS:
                if style == "song" and emotion in ("07", "08"):
                    continue
                for intensity in ("01",) if emotion == "01" else ("01", "02"):
                    for statement in STATEMENTS:
                        for repetition in ("01", "02"):
                            names[style].append(
                                f"ravdess/03-{code}-{emotion}-{intensity}-{statement}-{repetition}-{actor:02d}"
                            )
    return {style: Group(len(identities), tuple(identities)) for style, identities in names.items()}


RAVDESS = Description(
    name="ravdess",
    title="RAVDESS",
    licence="CC BY-NC-SA 4.0",
    commercial=False,
    language="English (North American)",
    speakers=24,
    hours=2.8,
    cite="Livingstone SR, Russo FA (2018). PLoS ONE 13(5): e0196391. doi:10.1371/journal.pone.0196391",
    url="https://zenodo.org/records/1188976",
    parse=parse,
    expected=expected,
    archives=(
        Archive(
            "https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip",
            "bc696df654c87fed845eb13823edef8a",
            208_468_073,
            "Audio_Speech_Actors_01-24",
        ),
        Archive(
            "https://zenodo.org/records/1188976/files/Audio_Song_Actors_01-24.zip",
            "5411230427d67a21e18aa4d466e6d1b9",
            225_505_317,
            "Audio_Song_Actors_01-24",
        ),
    ),
    notes=("03-01-03-01-02-01-07 and 03-01-03-01-02-02-07 are one recording under two names; both are kept",),
)
