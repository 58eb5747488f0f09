"""Every clip decoded before training begins, so that one that cannot be ends no training after its last epoch."""

import functools
import os
import warnings
from collections.abc import Sequence
from contextlib import suppress

from voxaffect.corpora import Utterance
from voxaffect.errors import AudioError, SettingsError, VoxaffectWarning
from voxaffect.files.atomic import write_text
from voxaffect.processes import Pool
from voxaffect.settings import InputSettings
from voxaffect.training.bars import counted
from voxaffect.training.clips import cache_place, load_clip

_MANY = 300  # clips to decode for which starting workers pays


def undecodable(utterances: Sequence[Utterance], settings: InputSettings) -> list[tuple[Utterance, str]]:
    """Decode clips into the cache, from which training reads them, on all cores where they are many.

    Warns of damaged recordings, of which what can be decoded is used.

    Args:
        utterances: Recordings, no augmented copies.
        settings: The part of a clip that the model gets.

    Returns:
        (utterance, reason) of those that cannot be decoded, in their order.
    """
    new = sum(not _is_cached(each, settings) for each in utterances)
    workers = (os.cpu_count() or 1) if new >= _MANY else 0
    examine = functools.partial(_examine, settings=settings)
    found = []
    with Pool(workers) as pool:
        examined = pool.map(examine, utterances, name=lambda each: str(each.path))
        for utterance in counted(utterances, "decoding"):
            reason, damages = next(examined)
            if reason:
                found.append((utterance, reason))
            for damage in damages:
                warnings.warn(damage, VoxaffectWarning, stacklevel=3)
    return found


def _is_cached(utterance: Utterance, settings: InputSettings) -> bool:
    try:
        return cache_place(utterance.sound, settings.sample_rate).exists()
    except OSError:
        return False


def _examine(utterance: Utterance, settings: InputSettings) -> tuple[str, list[str]]:
    """Why a clip cannot be decoded, empty where it can be; and what is wrong with it though it is used."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            load_clip(utterance, settings, 0)
        except (AudioError, SettingsError) as error:
            return str(error).removeprefix(f"{utterance.path}: "), []
        except OSError as error:  # it is gone since its header was read
            return f"cannot be read ({error.strerror or error})", []
    damages = [str(each.message) for each in caught if issubclass(each.category, VoxaffectWarning)]
    with suppress(OSError):  # of a cache that cannot be written, training says so
        note = cache_place(utterance.sound, settings.sample_rate).with_suffix(".txt")
        if damages:
            write_text(note, "\n".join(damages))
        elif note.exists():  # it was decoded before
            damages = note.read_text("utf-8").split("\n")
    return "", damages
