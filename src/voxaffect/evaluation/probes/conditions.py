"""What telephones, rooms and noise cost: the same utterances scored clean and under each condition."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from voxaffect import audio, metrics
from voxaffect.audio import Waveform
from voxaffect.augment import CONDITIONS, ConditionContext
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.report import counts_by_corpus, interval

CLEAN = "clean"
"""As recorded."""

_VOICES = 40
"""Recordings that babble is made of."""


def named(names: Iterable[str]) -> list[str]:
    """The conditions of these names, all of them for `all`.

    Raises SettingsError for a name that no condition has.
    """
    found: list[str] = []
    for name in names:
        if name not in (*CONDITIONS, "all"):
            raise SettingsError(f"condition {name!r} is not known; choose among all, {', '.join(CONDITIONS)}")
        found += CONDITIONS if name == "all" else [name]
    return list(dict.fromkeys(found))


class Ears:
    """Hears utterances under a condition; of an utterance always the same, whatever was heard before."""

    def __init__(self, name: str, utterances: Sequence[Utterance]) -> None:
        """utterances: of which some others make the babble."""
        self._name = name
        self._babble: list[tuple[str, Waveform]] = []
        every = max(1, len(utterances) // _VOICES)
        self._others = list(utterances[::every][:_VOICES])

    def __call__(self, utterance: Utterance, sample_rate: int) -> Waveform:
        """What is heard of it: (samples,)."""
        rng = np.random.default_rng([zlib.crc32(each.encode()) for each in (utterance.id, self._name)])
        voices: Sequence[Waveform] = ()
        if self._name.startswith("babble"):
            voices = [each for who, each in self._voices(sample_rate) if who != utterance.speaker]
            if not voices:
                raise SettingsError(f"condition {self._name} needs other people's voices, and there is one speaker")
        waveform = audio.load(utterance.path, sample_rate)
        return CONDITIONS[self._name](waveform, sample_rate, ConditionContext(rng, voices))

    def _voices(self, sample_rate: int) -> list[tuple[str, Waveform]]:
        if not self._babble:
            self._babble = [(each.speaker, audio.load(each.path, sample_rate)) for each in self._others]
        return self._babble


def compare(by_condition: Mapping[str, Predictions]) -> dict[str, Any]:
    """UAR under each condition, and what it is less than clean, on the same utterances, with intervals over speakers.

    by_condition: name -> predictions, that of `CLEAN` among them. By sex too, where it is known; of several corpora,
    the mean of theirs.
    """
    clean = by_condition[CLEAN]
    sexes = [str(sex) for sex in np.unique(clean.sex) if sex]
    found = {}
    for name, predictions in by_condition.items():
        found[name] = _beside(predictions, clean) | {
            "by_sex": {sex: _beside(*(each.select(each.sex == sex) for each in (predictions, clean))) for sex in sexes}
        }
    return found


def as_text(found: Mapping[str, Any]) -> str:
    """The comparison as a table for a terminal, in per cent."""
    sexes = list(next(iter(found.values()))["by_sex"])
    width = max(map(len, found)) + 2
    lines = [f"  {'':{width}}{'UAR':>5}   {'less than clean':<22}" + "".join(f"{sex:>8}" for sex in sexes)]
    for name, each in found.items():
        loss = "" if name == CLEAN else interval(each["loss"])
        by_sex = "".join(f"{100 * each['by_sex'][sex]['uar']['value']:8.1f}" for sex in sexes)
        lines.append(f"  {name:{width}}{100 * each['uar']['value']:5.1f}   {loss:<22}{by_sex}")
    return "\n".join(lines)


def _beside(ours: Predictions, clean: Predictions) -> dict[str, Any]:
    under, before = counts_by_corpus(ours), counts_by_corpus(clean)
    return {"uar": metrics.mean_uar(under).to_dict(), "loss": metrics.mean_uar_difference(before, under).to_dict()}
