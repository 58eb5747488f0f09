"""How well segments tell who felt what when, against calls of which it is known.

By tenths of a second. A tenth in which somebody speaks and nothing is said of it is an error, whatever was felt.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from synthetic_calls import Call
from voxaffect import metrics
from voxaffect.evaluation.summary import figure
from voxaffect.inference.results import Segment

FRAME = 0.1
"""Seconds."""

NEAR = 0.5
"""Seconds around speech in which a false alarm is not counted: a pause of a breath belongs to what is said."""

FOUND = 2.0
"""Seconds within which a change of emotion counts as found."""

NOTHING = -1


class Scored(NamedTuple):
    """What a channel's segments are worth.

    counts: (classes + 1, classes + 1), truth in rows, tenths in which nothing was felt or said last.
    quiet, sounding: tenths without speech, silent and with other sounds, away from speech; and how many of them got
    an emotion. edges: seconds from each beginning and end of speech to the nearest one said. changes: how many changes
    of emotion there were, were said, and were found.
    """

    speaker: str
    counts: npt.NDArray[np.int64]
    quiet: tuple[int, int]
    sounding: tuple[int, int]
    edges: tuple[float, ...]
    changes: tuple[int, int, int]


def score(call: Call, segments: Sequence[Segment], classes: Sequence[str]) -> list[Scored]:
    """Segments of a call, by channel. What is called by no class's name counts as nothing said."""
    place = {name: index for index, name in enumerate(classes)}
    found = []
    for channel, speaker in enumerate(call.speakers):
        spoken = [(each.start, each.end, each.emotion) for each in call.spoken if each.channel == channel]
        said = [
            (each.start, each.end, place.get(each.emotion, NOTHING)) for each in segments if each.channel == channel
        ]
        said.sort()
        truth, told = _frames(spoken, call.duration), _frames(said, call.duration)
        near = _frames([(start - NEAR, end + NEAR, 0) for start, end, _ in spoken], call.duration) != NOTHING
        sounds = [(each.start, each.end, 0) for each in call.sounds if each.channel == channel]
        sounding = _frames(sounds, call.duration) != NOTHING
        size, alarm = len(classes) + 1, told != NOTHING
        counts = metrics.confusion(truth % size, told % size, size)
        found.append(
            Scored(
                speaker,
                counts,
                (int((~near & ~sounding).sum()), int((alarm & ~near & ~sounding).sum())),
                (int((~near & sounding).sum()), int((alarm & ~near & sounding).sum())),
                tuple(_edges(spoken, said)),
                _changes(spoken, [each for each in said if each[2] != NOTHING]),
            )
        )
    return found


def summarise(scored: Sequence[Scored], classes: Sequence[str]) -> dict[str, Any]:
    """Figures of all channels together; intervals resample speakers.

    uar: mean over the tested classes of the share of tenths that are called right; None of one class. eder: the emotion
    diarisation error rate (Wang, Ravanelli & Yacoubi 2023: missed, false and confused emotions, neutral being none) by
    the time that is spoken.
    missed: share of speech of which nothing is said. alarms: seconds a minute in silence and in other sounds.
    """
    total = np.sum([each.counts for each in scored], axis=0)
    spoken = while_spoken(scored)
    uar = figure(metrics.mean_uar([spoken]))
    edges = np.array([edge for each in scored for edge in each.edges])
    there, said, found = np.sum([each.changes for each in scored], axis=0).tolist()
    return {
        "uar": uar.to_dict() if uar else None,
        "recall": {
            name: round(float(total[row, row] / total[row].sum()), 4)
            for row, name in enumerate(classes)
            if total[row].any()
        },
        "missed": round(float(total[:-1, -1].sum() / total[:-1].sum()), 4),
        "eder": round(_eder(total, classes), 4),
        "alarms": {name: _a_minute([getattr(each, name) for each in scored]) for name in ("quiet", "sounding")},
        "edge_seconds": {
            name: round(float(np.quantile(edges, share)), 3) if len(edges) else None
            for name, share in (("median", 0.5), ("90 %", 0.9))
        },
        "changes": {"there": there, "said": said, "found": found},
        "minutes": round(float(total.sum() * FRAME / 60), 1),
        "speakers": len(spoken),
    }


def while_spoken(scored: Sequence[Scored]) -> npt.NDArray[np.int64]:
    """Counts of each speaker, in the order of their names, of what is spoken: (speakers, classes + 1, classes + 1)."""
    speakers = sorted({each.speaker for each in scored})
    found = np.stack([np.sum([each.counts for each in scored if each.speaker == name], axis=0) for name in speakers])
    found[:, -1] = 0
    return found


def _eder(counts: npt.NDArray[np.int64], classes: Sequence[str]) -> float:
    """Neutral and nothing are one: what is said of an emotion that was not there, and the other way round."""
    none = [row for row in range(len(counts)) if row == len(classes) or classes[row] == "neutral"]
    agreed = np.trace(counts) + counts[np.ix_(none, none)].sum() - np.trace(counts[np.ix_(none, none)])
    return float((counts.sum() - agreed) / counts[:-1].sum())


def _a_minute(pairs: Sequence[tuple[int, int]]) -> float | None:
    frames, alarms = np.sum(pairs, axis=0)
    return round(float(60 * alarms / frames), 2) if frames else None


def _frames(parts: Sequence[tuple[float, float, int]], duration: float) -> npt.NDArray[np.int64]:
    """Of every tenth of a second, by its middle, what is there: (frames,), NOTHING where nothing is."""
    found = np.full(int(duration / FRAME), NOTHING)
    for start, end, value in parts:
        first, last = (max(0, int(np.ceil(edge / FRAME - 0.5))) for edge in (start, end))
        found[first:last] = value
    return found


def _edges(spoken: Sequence[tuple[float, float, int]], said: Sequence[tuple[float, float, int]]) -> list[float]:
    """From the beginnings and ends of speech, pauses of a breath left out, to the nearest that are said."""
    found = []
    for place in (0, 1):
        true = [
            each[place]
            for number, each in enumerate(spoken)
            if all(abs(each[place] - other[1 - place]) > NEAR for k, other in enumerate(spoken) if k != number)
        ]
        told = np.array([each[place] for each in said])
        found += [float(np.abs(told - edge).min()) for edge in true if len(told)]
    return found


def _changes(
    spoken: Sequence[tuple[float, float, int]], said: Sequence[tuple[float, float, int]]
) -> tuple[int, int, int]:
    """How many changes of emotion there were, were said, and were found: a said one near it, to the same emotion.

    A change is where one emotion's speech begins after another's.
    """
    true, told = _turns(spoken), _turns(said)
    found = sum(any(abs(at - when) <= FOUND and to == what for when, what in told) for at, to in true)
    return len(true), len(told), found


def _turns(parts: Sequence[tuple[float, float, int]]) -> list[tuple[float, int]]:
    return [(after[0], after[2]) for before, after in pairwise(parts) if before[2] != after[2]]
