"""CREMA-D, the Crowd-sourced Emotional Multimodal Actors Dataset (Cao et al. 2014).

File names are `AAAA_SSS_EEE_LL`:

    AAAA  actor      1001 to 1091
    SSS   sentence   one of twelve
    EEE   emotion    ANG DIS FEA HAP NEU SAD, the one that was meant
    LL    level      LO MD HI of the sentence IEO, XX of all others

Sex and age of the actors lie in VideoDemographics.csv, what listeners heard in processedResults/tabulatedVotes.csv.
"""

import csv
import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from voxaffect.corpora.base import Description, Group, Sex, Utterance, released
from voxaffect.errors import CorpusError

EMOTIONS = {"ANG": "angry", "DIS": "disgust", "FEA": "fearful", "HAP": "happy", "NEU": "neutral", "SAD": "sad"}
LEVELS = {"LO": "low", "MD": "medium", "HI": "high", "XX": "", "X": ""}
SENTENCES = {
    "IEO": "It's eleven o'clock",
    "TIE": "That is exactly what happened",
    "IOM": "I'm on my way to the meeting",
    "IWW": "I wonder what this is about",
    "TAI": "The airplane is almost full",
    "MTI": "Maybe tomorrow it will be cold",
    "IWL": "I would like a new alarm clock",
    "ITH": "I think I have a doctor's appointment",
    "DFA": "Don't forget a jacket",
    "ITS": "I think I've seen this before",
    "TSI": "The surface is slick",
    "WSI": "We'll stop in a couple of minutes",
}
ACTORS = range(1001, 1092)
VOTES = {"A": "angry", "D": "disgust", "F": "fearful", "H": "happy", "N": "neutral", "S": "sad"}
DEMOGRAPHICS, TABULATED = "VideoDemographics.csv", "tabulatedVotes.csv"

_NAME = re.compile(r"(10\d\d)_([A-Z]{3})_([A-Z]{3})_([A-Z]{1,2})")
_ODD = "1040_ITH_SAD_X"  # the file; the tables give it two X
# Never published: one clip of two actors each, and one sentence of three actors each in all emotions.
_ABSENT_CLIPS = frozenset({"1002_TIE_NEU", "1076_ITS_NEU"})
_ABSENT_SENTENCES = frozenset({"1008_WSI", "1009_MTI", "1019_ITH"})
# The tables count listeners of the voice alone from 100000 on, of the face alone from 200000, of both from 300000.
_VOICE_ALONE = "1"


def parse(path: Path) -> Utterance | None:
    """The utterance that a file's name describes, or None where it is not a clip of CREMA-D.

    >>> parse(Path("AudioWAV/1001_IEO_FEA_HI.wav")).intensity
    'high'
    """
    match = _NAME.fullmatch(path.stem)
    identity = f"crema-d/{path.stem}"
    if match is None or identity not in released(expected):
        return None
    actor, sentence, emotion, level = match.groups()
    return Utterance(
        id=identity,
        path=path,
        speaker=f"crema-d/{actor}",
        sex=None,
        emotion=EMOTIONS[emotion],
        intensity=LEVELS[level],
        text=SENTENCES[sentence],
    )


def expected() -> dict[str, Group]:
    """The full release: 7442 clips."""
    ids = tuple(f"crema-d/{name}" for actor in ACTORS for name in _names(str(actor)))
    return {"speech": Group(len(ids), ids)}


def _names(actor: str) -> Iterator[str]:
    for sentence in SENTENCES:
        if f"{actor}_{sentence}" in _ABSENT_SENTENCES:
            continue
        for emotion in EMOTIONS:
            name = f"{actor}_{sentence}_{emotion}"
            levels = ("LO", "MD", "HI") if sentence == "IEO" and emotion != "NEU" else ("XX",)
            if name not in _ABSENT_CLIPS:
                yield from (_ODD if f"{name}_{each}" == f"{_ODD}X" else f"{name}_{each}" for each in levels)


def annotate(folder: Path, utterances: list[Utterance]) -> list[Utterance]:
    """The same with sex and age of the actors and the listeners' votes, where the owners' tables lie in the folder.

    Raises CorpusError where a table cannot be read or lacks a column.
    """
    people: dict[str, tuple[Sex, int]] = {}
    votes: dict[str, Mapping[str, int]] = {}
    with _table(folder, DEMOGRAPHICS, ("ActorID", "Sex", "Age")) as rows:
        for row in rows:
            people[f"crema-d/{row['ActorID']}"] = ("female" if row["Sex"] == "Female" else "male", int(row["Age"]))
    with _table(folder, TABULATED, ("", "fileName", *VOTES)) as rows:
        for row in rows:
            if row[""].startswith(_VOICE_ALONE):
                name = _ODD if row["fileName"] == f"{_ODD}X" else row["fileName"]
                votes[f"crema-d/{name}"] = {emotion: int(row[letter]) for letter, emotion in VOTES.items()}
    found = []
    for utterance in utterances:
        sex, age = people.get(utterance.speaker, (None, None))
        found.append(dataclasses.replace(utterance, sex=sex, age=age, votes=votes.get(utterance.id, {})))
    return found


@contextmanager
def _table(folder: Path, name: str, columns: tuple[str, ...]) -> Iterator[Iterable[dict[str, str]]]:
    """Rows of a table that lies somewhere below the folder, none where it does not."""
    path = min(folder.rglob(name), key=lambda each: (len(each.parts), each), default=None)
    if path is None:
        yield ()
        return
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            lost = [column for column in columns if column not in (reader.fieldnames or ())]
            if lost:
                raise CorpusError(f"{path}: has no column {lost[0]!r}; take the table from {CREMA_D.url} anew")
            yield reader
    except (OSError, TypeError, ValueError, AttributeError, csv.Error) as error:
        raise CorpusError(f"{path}: cannot be read ({error}); take the table from {CREMA_D.url} anew") from None


CREMA_D = Description(
    name="crema-d",
    title="CREMA-D",
    licence="ODbL 1.0 + DbCL 1.0",
    commercial=True,
    language="English (American)",
    speakers=91,
    hours=5.3,
    cite="Cao H, Cooper DG, Keutmann MK, Gur RC, Nenkova A, Verma R (2014). IEEE Transactions on Affective Computing "
    "5(4): 377-390. doi:10.1109/TAFFC.2014.2336244",
    url="https://github.com/CheyneyComputerScience/CREMA-D",
    parse=parse,
    expected=expected,
    annotate=annotate,
    obtain="clone it with Git LFS from https://github.com/CheyneyComputerScience/CREMA-D",
    notes=(
        "three recordings bear two labels each: 1017_IWW_ANG and _FEA, 1013_WSI_DIS and _SAD, 1006_TIE_NEU and _HAP",
        "1076_MTI_SAD_XX is silent",
        "without VideoDemographics.csv the actors' sex is not known",
    ),
)
