"""EmoTale, Danish and English by Danes (Hjuler et al. 2025): five sentences in five acted emotions.

File names are `LL_SSS_E_N`:

    LL   language   DK Danish, EN English
    SSS  speaker    001, 003 to 019, the same in both languages; 014, 015, 018 and 019 speak Danish alone
    E    emotion    A angry, B bored, H happy, N neutral, S sad
    N    sentence   1 to 5

speaker_info.csv has the sex and age of the speakers, annotations.csv what each of three listeners chose as emotion and
gave as arousal, valence and dominance.

>>> EMOTALE.parse(Path("wav/EN_014_A_1.wav")) is None
True
>>> EMOTALE.parse(Path("wav/DK_014_A_1.wav")).speaker
'emotale/014'
"""

import dataclasses
import re
from pathlib import Path
from typing import Any

from voxaffect.corpora.base import Description, Group
from voxaffect.corpora.owners import owners_table
from voxaffect.corpora.utterance import Sex, Utterance

ANNOTATIONS, SPEAKERS = "annotations.csv", "speaker_info.csv"

_NAME = re.compile(r"(?P<text>[A-Z]{2})_(?P<speaker>\d{3})_(?P<emotion>[A-Z])_(?P<take>\d)")
_SPEAKERS = [f"{number:03d}" for number in (1, *range(3, 20))]
_DANISH_ALONE = frozenset({"014", "015", "018", "019"})
_SEX: dict[str, Sex] = {"F": "female", "M": "male"}
_LISTENERS = ("a1", "a2", "a3")
_DIMENSIONS = {"arousal": "A", "valence": "V", "dominance": "D"}


def _parse(path: Path) -> Utterance | None:
    utterance = EMOTALE.utterance(path, path.stem, _NAME)
    # Each language has sentences of its own.
    return utterance and dataclasses.replace(utterance, text=f"EmoTale {utterance.text} {utterance.take}", take="")


def _released() -> dict[str, Group]:
    """800 clips."""
    ids = tuple(
        f"emotale/{language}_{speaker}_{emotion}_{sentence}"
        for language in ("DK", "EN")
        for speaker in _SPEAKERS
        for emotion in EMOTALE.codes["emotion"]
        for sentence in range(1, 6)
        if language == "DK" or speaker not in _DANISH_ALONE
    )
    return {"speech": Group(len(ids), ids)}


def _annotate(folder: Path, utterances: list[Utterance]) -> list[Utterance]:
    """Add sex and age of the speakers, votes and ratings of the listeners, if the owners' tables are in the folder."""
    people: dict[str, dict[str, Any]] = {}
    annotations: dict[str, dict[str, Any]] = {}
    with owners_table(folder, SPEAKERS, ("speaker", "gender", "age"), EMOTALE.url) as rows:
        for row in rows:
            people[f"emotale/{row['speaker']}"] = {"sex": _SEX[row["gender"]], "age": int(row["age"])}
    emotions = EMOTALE.codes["emotion"]
    columns = ("file", *(f"{listener}_{what}" for listener in _LISTENERS for what in (*_DIMENSIONS.values(), "cat")))
    with owners_table(folder, ANNOTATIONS, columns, EMOTALE.url) as rows:
        for row in rows:
            chosen = [emotions[row[f"{listener}_cat"]] for listener in _LISTENERS]
            annotations[f"emotale/{Path(row['file']).stem}"] = {
                "votes": {emotion: chosen.count(emotion) for emotion in emotions.values()},
                "ratings": {
                    dimension: tuple(float(row[f"{listener}_{letter}"]) for listener in _LISTENERS)
                    for dimension, letter in _DIMENSIONS.items()
                },
            }
    return [
        dataclasses.replace(each, **people.get(each.speaker, {}), **annotations.get(each.id, {})) for each in utterances
    ]


EMOTALE = Description.read("emotale", _parse, _released, _annotate)
