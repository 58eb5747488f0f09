"""Calls made of clips: two people on two channels who take turns, and of whom it is known who feels what when.

The clips of a speaker come each once, in stretches of one emotion. Between them lie pauses as people make them; while
one speaks the other is silent, and now and then there is what one hears on hold. Room noise lies under everything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from voxaffect import audio
from voxaffect.audio import Waveform
from voxaffect.augment import conditions, nonspeech
from voxaffect.augment.conditions import ConditionContext
from voxaffect.evaluation.predictions import CLEAN

SAMPLE_RATE = 16_000

QUIET, ABOVE = 35.0, 10.0
"""dB below a clip's loudest 25 ms, and above the quietest tenth of them, where silence before and after speech ends.

A room's noise may lie less than 35 dB below speech, and is no speech for that.
"""

PAUSE, TURN, HOLD = (0.15, 0.7), (0.4, 2.0), (3.0, 6.0)
"""Seconds between clips of one turn, between turns, and of sounds that are no speech."""

CLIPS = (1, 4)
"""Clips of a turn, the last one not included."""

STRETCH = (3, 9)
"""Clips in a row in one emotion, the last one not included."""

ROOM = -50.0
"""dB re full scale of the noise under everything."""

_HOLDS = 0.08  # probability of a hold after a turn


@dataclass(frozen=True)
class Spoken:
    """What is said of a clip. start, end: seconds, without its silences. emotion: index of a class."""

    channel: int
    start: float
    end: float
    emotion: int
    speaker: str


@dataclass(frozen=True)
class Sound:
    """What is heard on a channel and is no speech. start, end: seconds. name: in `augment.nonspeech`."""

    channel: int
    start: float
    end: float
    name: str


@dataclass(frozen=True)
class Call:
    """samples: (samples, 2) float32 at 16 kHz. spoken, sounds: in their order. speakers: of the channels."""

    samples: npt.NDArray[np.float32]
    spoken: tuple[Spoken, ...]
    sounds: tuple[Sound, ...]
    speakers: tuple[str, str]

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / SAMPLE_RATE


def make_call(people: Mapping[str, Sequence[tuple[Waveform, int]]], rng: np.random.Generator) -> Call:
    """A call of two people in which every clip comes once.

    people: two speakers -> their clips, waveforms at 16 kHz and indices of classes.
    """
    names = tuple(people)
    assert len(names) == 2
    left = [_ordered(people[name], rng) for name in names]
    parts: list[tuple[int, float, Waveform]] = []
    spoken: list[Spoken] = []
    sounds: list[Sound] = []
    now, channel = rng.uniform(*TURN), int(rng.integers(2))
    while any(left):
        channel = channel if left[channel] else 1 - channel
        for _ in range(int(rng.integers(*CLIPS))):
            if not left[channel]:
                break
            clip, emotion = left[channel].pop(0)
            now += rng.uniform(*PAUSE)
            spoken.append(Spoken(channel, now, now + len(clip) / SAMPLE_RATE, emotion, names[channel]))
            parts.append((channel, now, clip))
            now += len(clip) / SAMPLE_RATE
        now += rng.uniform(*TURN)
        if rng.random() < _HOLDS:
            seconds, name = rng.uniform(*HOLD), str(rng.choice(list(nonspeech.TEST_SOUNDS)))
            sound = nonspeech.synthesize(name, rng, round(seconds * SAMPLE_RATE), SAMPLE_RATE) * np.float32(0.2)
            sounds.append(Sound(channel, now, now + len(sound) / SAMPLE_RATE, name))
            parts.append((channel, now, sound))
            now += seconds + rng.uniform(*TURN)
        channel = 1 - channel
    samples = rng.standard_normal((round(now * SAMPLE_RATE), 2), dtype=np.float32) * np.float32(10 ** (ROOM / 20))
    for place, start, clip in parts:
        first = round(start * SAMPLE_RATE)
        samples[first : first + len(clip), place] += clip[: len(samples) - first]
    return Call(samples, tuple(spoken), tuple(sounds), (names[0], names[1]))


def apply_condition(call: Call, name: str, rng: np.random.Generator) -> Call:
    """The call under a condition, or several that are joined, on each of its channels; clean is as it is."""
    if name == CLEAN:
        return call
    channels = (call.samples[:, channel] for channel in range(2))
    lines = [conditions.under(name, each, SAMPLE_RATE, lambda part: ConditionContext(rng)) for each in channels]
    return replace(call, samples=np.stack(lines, axis=1).astype(np.float32))


def spoken(clip: Waveform) -> Waveform:
    """A clip without the silence before and after: (samples,) at 16 kHz -> (any,)."""
    frame = SAMPLE_RATE // 40
    power = np.square(clip[: len(clip) // frame * frame], dtype=np.float64).reshape(-1, frame).mean(axis=1)
    levels = 10 * np.log10(power + 1e-12)
    least = levels.max(initial=-120.0) - QUIET
    if len(levels):
        least = max(least, min(float(np.quantile(levels, 0.1)) + ABOVE, levels.max() - ABOVE))
    return audio.trim(clip, SAMPLE_RATE, float(levels.max(initial=-120.0) - least))


def _ordered(clips: Sequence[tuple[Waveform, int]], rng: np.random.Generator) -> list[tuple[Waveform, int]]:
    """All clips, trimmed, in stretches of one emotion that differ from the one before where there is another."""
    left: dict[int, list[Waveform]] = {}
    for place in rng.permutation(len(clips)):
        waveform, emotion = clips[place]
        left.setdefault(emotion, []).append(spoken(waveform))
    found: list[tuple[Waveform, int]] = []
    while left:
        last = found[-1][1] if found else None
        emotion = int(rng.choice([each for each in sorted(left) if each != last or len(left) == 1]))
        length = int(rng.integers(*STRETCH))
        found += [(clip, emotion) for clip in left[emotion][:length]]
        left[emotion] = left[emotion][length:]
        if not left[emotion]:
            del left[emotion]
    return found
