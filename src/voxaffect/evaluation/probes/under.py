"""Utterances as they sound under a condition."""

import zlib
from collections.abc import Sequence

import numpy as np

from voxaffect.audio import Waveform
from voxaffect.augment import conditions
from voxaffect.augment.conditions import ConditionContext
from voxaffect.corpora import Utterance
from voxaffect.errors import check

_VOICES = 40
"""Recordings that babble is made of."""


class Under:
    """Loads utterances as they sound under a condition; the same whatever was loaded before.

    Each part of a condition that is joined draws what it draws alone: the noise of `telephone+white-20` is that of
    `white-20`.

    Args:
        name: Of the condition, or of several joined by +.
        utterances: The babble consists of some of them, of other speakers.
    """

    def __init__(self, name: str, utterances: Sequence[Utterance]) -> None:
        self._name, self._babble = name, list[tuple[str, Waveform]]()
        self._voices = utterances[:: max(1, len(utterances) // _VOICES)][:_VOICES]

    def __call__(self, utterance: Utterance, sample_rate: int) -> Waveform:
        """(samples,).

        Raises:
            SettingsError: The condition needs voices of other speakers, and there is one speaker.
        """

        def context(part: str) -> ConditionContext:
            rng = np.random.default_rng([zlib.crc32(each.encode()) for each in (utterance.id, part)])
            return ConditionContext(rng, self._others(utterance, sample_rate) if part.startswith("babble") else ())

        return conditions.under(self._name, utterance.sound.load(sample_rate), sample_rate, context)

    def _others(self, utterance: Utterance, sample_rate: int) -> Sequence[Waveform]:
        if not self._babble:
            self._babble = [(each.speaker, each.sound.load(sample_rate)) for each in self._voices]
        voices = [voice for speaker, voice in self._babble if speaker != utterance.speaker]
        check(bool(voices), f"condition {self._name} needs other people's voices, and there is one speaker")
        return voices
