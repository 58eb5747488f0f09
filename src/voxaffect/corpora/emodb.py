"""EMO-DB, the Berlin Database of Emotional Speech (Burkhardt et al. 2005): acted German.

Clips were kept where at least 80 % of twenty listeners named the emotion and 60 % found it natural.

File names are `SSTTTEv`:

    SS   speaker   03, 08 to 16
    TTT  text      a01 a02 a04 a05 a07 sentences, b01 b02 b03 b09 b10 pairs of sentences
    E    emotion   W anger (Wut) L boredom (Langeweile) E disgust (Ekel) A fear (Angst) F happiness (Freude)
                   T sadness (Trauer) N neutral
    v    version   a, b, c and so on
"""

from pathlib import Path

from voxaffect.corpora.base import Archive, Description, Group, Sex, Utterance, released

EMOTIONS = {
    "W": "angry",
    "L": "bored",
    "E": "disgust",
    "A": "fearful",
    "F": "happy",
    "T": "sad",
    "N": "neutral",
}
SPEAKERS: dict[str, tuple[Sex, int]] = {
    "03": ("male", 31),
    "08": ("female", 34),
    "09": ("female", 21),
    "10": ("male", 32),
    "11": ("male", 26),
    "12": ("male", 30),
    "13": ("female", 32),
    "14": ("female", 35),
    "15": ("male", 25),
    "16": ("female", 31),
}
TEXTS = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}


def parse(path: Path) -> Utterance | None:
    """The utterance that a file's name describes, or None where it is not of EMO-DB.

    >>> parse(Path("wav/03a01Fa.wav")).emotion
    'happy'
    """
    identity = f"emodb/{path.stem}"
    if identity not in released(expected):
        return None
    speaker, text, emotion, version = path.stem[:2], path.stem[2:5], path.stem[5], path.stem[6]
    sex, age = SPEAKERS[speaker]
    return Utterance(
        id=identity,
        path=path,
        speaker=f"emodb/{speaker}",
        sex=sex,
        emotion=EMOTIONS[emotion],
        text=TEXTS[text],
        take=version,
        age=age,
    )


def expected() -> dict[str, Group]:
    """The full release: 535 clips, which emodb.txt lists, since what listeners let pass follows from no rule."""
    names = Path(__file__).with_name("emodb.txt").read_text("ascii").split()
    ids = tuple(f"emodb/{name}" for name in names)
    return {"speech": Group(len(ids), ids)}


EMODB = Description(
    name="emodb",
    title="EMO-DB",
    licence="CC BY 4.0",
    commercial=True,
    language="German",
    speakers=10,
    hours=0.4,
    cite="Burkhardt F, Paeschke A, Rolfes M, Sendlmeier W, Weiss B (2005). Interspeech, 1517-1520",
    url="https://zenodo.org/records/7447302",
    parse=parse,
    expected=expected,
    archives=(
        Archive(
            "https://zenodo.org/records/7447302/files/emodb.zip",
            "9d21362dbc5676ef3ab4745d83ced0db",
            39_981_818,
            "emodb",
        ),
    ),
)
