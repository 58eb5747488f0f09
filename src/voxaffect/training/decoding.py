"""Every clip decoded before training begins, so that one that cannot be ends no training after its last epoch."""

import functools
import os
import warnings
from collections.abc import Sequence

from voxaffect.corpora import Utterance
from voxaffect.errors import AudioError, SettingsError
from voxaffect.processes import Pool
from voxaffect.settings import InputSettings
from voxaffect.training.bars import counted
from voxaffect.training.clips import is_cached, load_clip

_MANY = 300  # clips to decode for which starting workers pays


def undecodable(utterances: Sequence[Utterance], settings: InputSettings) -> list[tuple[Utterance, str]]:
    """Decode clips into the cache, from which training reads them, on all cores where they are many.

    Args:
        utterances: Recordings, no augmented copies.
        settings: The part of a clip that the model gets.

    Returns:
        (utterance, reason) of those that cannot be decoded, in their order.
    """
    new = sum(not is_cached(each.sound, settings.sample_rate) for each in utterances)
    workers = (os.cpu_count() or 1) if new >= _MANY else 0
    with Pool(workers) as pool:
        reasons = pool.map(functools.partial(_reason, settings=settings), utterances, name=lambda each: str(each.path))
        found = ((each, next(reasons)) for each in counted(utterances, "decoding"))
        return [(utterance, reason) for utterance, reason in found if reason]


def _reason(utterance: Utterance, settings: InputSettings) -> str:
    """Why a clip cannot be decoded; empty where it can be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a cache that cannot be written: training says so, once
        try:
            load_clip(utterance, settings, 0)
        except (AudioError, SettingsError) as error:
            return str(error).removeprefix(f"{utterance.path}: ")
        except OSError as error:  # it is gone since its header was read
            return f"cannot be read ({error.strerror or error})"
    return ""
