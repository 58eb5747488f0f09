"""Corpora of labelled recordings: one module each, and the table of them.

>>> sorted(CORPORA)
['crema-d', 'emodb', 'ravdess', 'savee', 'tess']
"""

import os
from collections.abc import Iterable

from voxaffect.corpora.base import Corpus, Description, Utterance, corpus_of, load_corpus, unknown
from voxaffect.corpora.crema_d import CREMA_D
from voxaffect.corpora.emodb import EMODB
from voxaffect.corpora.own import load_own
from voxaffect.corpora.ravdess import RAVDESS
from voxaffect.corpora.savee import SAVEE
from voxaffect.corpora.tess import TESS
from voxaffect.errors import SettingsError

__all__ = ["CORPORA", "Corpus", "Description", "Utterance", "called", "corpus_of", "describe", "load", "load_own", "unknown"]

CORPORA: dict[str, Description] = {each.name: each for each in (RAVDESS, CREMA_D, EMODB, SAVEE, TESS)}


def describe(name: str) -> Description:
    """The description of the corpus of that name.

    Raises SettingsError for an unknown one.
    """
    if name not in CORPORA:
        raise SettingsError(f"corpus {name!r} is not known; choose one of {', '.join(CORPORA)}")
    return CORPORA[name]


def called(utterances: Iterable[Utterance], corpora: Iterable[str]) -> set[str]:
    """Who speaks, by all names that they go by: their own, and those in the official file names of these corpora."""
    known = [CORPORA[name] for name in corpora if name in CORPORA]
    heard = list(utterances)
    named = [corpus.parse(each.path) for each in heard for corpus in known]
    return {each.speaker for each in (*heard, *named) if each is not None}


def load(name: str, folder: str | os.PathLike[str]) -> Corpus:
    """Load a corpus by its name from the folder that its owner's archive unpacks to.

    Raises SettingsError for an unknown name; CorpusError for a folder that is not there or holds no clip of the corpus.
    """
    return load_corpus(describe(name), folder)
