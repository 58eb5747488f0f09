"""Corpora of labelled recordings: one module each, the table of them, one's own, and all of these together.

Examples:
    >>> describe("emodb").language
    'German'
"""

from voxaffect.corpora.base import NO_LICENCE, Corpus, Description
from voxaffect.corpora.known import CORPORA, DATA, default_folder, describe, load, speaker_names
from voxaffect.corpora.own import load_own
from voxaffect.corpora.own.renaming import Labels
from voxaffect.corpora.sound import Sound
from voxaffect.corpora.sources import Source, Sources, is_known, load_sources, source_name
from voxaffect.corpora.utterance import Utterance, any_unknown, corpus_of

__all__ = [
    "CORPORA",
    "DATA",
    "NO_LICENCE",
    "Corpus",
    "Description",
    "Labels",
    "Sound",
    "Source",
    "Sources",
    "Utterance",
    "any_unknown",
    "corpus_of",
    "default_folder",
    "describe",
    "is_known",
    "load",
    "load_own",
    "load_sources",
    "source_name",
    "speaker_names",
]
