"""The corpora that voxaffect knows, by name.

>>> sorted(CORPORA)
['crema-d', 'emodb', 'emotale', 'emotiontts', 'emovo', 'nemo', 'ravdess', 'savee', 'tess']
"""

import os
from collections.abc import Iterable
from pathlib import Path

from voxaffect.corpora.base import Corpus, Description, load_corpus
from voxaffect.corpora.crema_d import CREMA_D
from voxaffect.corpora.emodb import EMODB
from voxaffect.corpora.emotale import EMOTALE
from voxaffect.corpora.emotiontts import EMOTIONTTS
from voxaffect.corpora.emovo import EMOVO
from voxaffect.corpora.nemo import NEMO
from voxaffect.corpora.ravdess import RAVDESS
from voxaffect.corpora.savee import SAVEE
from voxaffect.corpora.tess import TESS
from voxaffect.corpora.utterance import Utterance
from voxaffect.errors import SettingsError

CORPORA: dict[str, Description] = {
    corpus.name: corpus for corpus in (RAVDESS, CREMA_D, EMODB, NEMO, EMOTIONTTS, EMOVO, EMOTALE, SAVEE, TESS)
}

DATA = "VOXAFFECT_DATA"
"""The environment variable that names the folder of corpora: `ravdess/` and so on."""


def describe(name: str) -> Description:
    """The description of a corpus.

    Raises:
        SettingsError: No corpus has that name.

    Examples:
        >>> describe("emodb").language
        'German'
    """
    if name not in CORPORA:
        raise SettingsError(f"corpus {name!r} is not known; choose one of {', '.join(CORPORA)}")
    return CORPORA[name]


def default_folder(name: str) -> Path | None:
    """The default folder of a corpus: below `$VOXAFFECT_DATA`; None where that is not set."""
    data = os.environ.get(DATA)
    return Path(data) / name if data else None


def load(name: str, folder: str | os.PathLike[str] | None = None) -> Corpus:
    """Load a corpus.

    Args:
        name: One of `CORPORA`, or `NAME=FOLDER`.
        folder: What its owner's archive unpacks to (default: the corpus's name below `$VOXAFFECT_DATA`).

    Raises:
        SettingsError: No corpus has that name, or no folder is named.
        CorpusError: The folder is not there or holds no clip of the corpus.
    """
    name, equals, named = name.partition("=")
    description = describe(name)
    if equals and folder is None:
        folder = named or None
    elif folder is None:
        folder = default_folder(name)
    if folder is None:
        raise SettingsError(f"{name}{equals} names no folder; write {name}=FOLDER, or set {DATA}")
    return load_corpus(description, folder)


def speaker_names(utterances: Iterable[Utterance], corpora: Iterable[str]) -> set[str]:
    """All names of the speakers of utterances: their own, and those by the official file names of these corpora."""
    known = [CORPORA[name] for name in corpora if name in CORPORA]
    given = list(utterances)
    official = [corpus.parse(utterance.path) for utterance in given for corpus in known]
    return {utterance.speaker for utterance in (*given, *official) if utterance is not None}
