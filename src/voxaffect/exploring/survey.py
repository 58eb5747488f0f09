"""A corpus measured: one row a clip, the same whatever the number of workers."""

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voxaffect import audio
from voxaffect.auditing.properties import Meter, Properties
from voxaffect.corpora import Sound, Utterance
from voxaffect.errors import AudioError
from voxaffect.exploring.measures import MEASURES, SAMPLE_RATE, Measures, measure
from voxaffect.files.cells import harmless
from voxaffect.processes import Pool

_FIXED = ("utterance", "speaker", "sex", "emotion", "style", "intensity", "text", "take")


@dataclass(frozen=True)
class Survey:
    """Clips and their measures, in one order.

    unreadable: (path, reason) of the clips that could not be decoded; they are not among `clips`. properties: of the
    clips, what may tell a label without an ear for emotion; empty where they were not measured.
    """

    clips: tuple[Utterance, ...]
    measures: tuple[Measures, ...]
    unreadable: tuple[tuple[Path, str], ...] = ()
    properties: tuple[Properties, ...] = ()

    def values(self, name: str) -> npt.NDArray[np.float64]:
        """One measure of every clip -> (clips,), NaN where it is missing."""
        return np.array([getattr(measures, name) for measures in self.measures], np.float64)

    def labels(self, name: str) -> npt.NDArray[np.str_]:
        """One label of every clip (`emotion`, `sex`, `speaker`, ...) -> (clips,), empty where it is not known."""
        return np.array([getattr(clip, name) or "" for clip in self.clips], np.str_)

    def present(self, name: str) -> list[str]:
        """The values of a label that occur, sorted."""
        return sorted(set(self.labels(name).tolist()) - {""})

    def select(self, rows: npt.NDArray[np.bool_]) -> "Survey":
        """The clips where the mask (clips,) is true."""
        chosen = np.flatnonzero(rows)
        return Survey(tuple(self.clips[row] for row in chosen), tuple(self.measures[row] for row in chosen))


def survey(utterances: Sequence[Utterance], workers: int = 1, tick: Callable[[], None] = lambda: None) -> Survey:
    """Decode and measure every clip; a clip that cannot be decoded is noted and does not stop the rest.

    workers: processes; the result does not depend on them. tick: called after each clip.
    """
    results = []
    with Pool(0 if workers == 1 else workers) as pool:
        for result in pool.map(_measured, [clip.sound for clip in utterances]):
            results.append(result)
            tick()
    pairs = list(zip(utterances, results, strict=True))
    measured = [(clip, result) for clip, result in pairs if not isinstance(result, str)]
    unreadable = tuple((clip.path, result) for clip, result in pairs if isinstance(result, str))
    return Survey(
        tuple(clip for clip, _ in measured),
        tuple(measures for _, (measures, _) in measured),
        unreadable,
        tuple(properties for _, (_, properties) in measured),
    )


def as_csv(surveyed: Survey) -> str:
    """One row a clip: what its corpus says of it and what was measured, with a cell left empty where nothing was."""
    rows = []
    for clip, row in zip(surveyed.clips, surveyed.measures, strict=True):
        labels = [getattr(clip, name) or "" for name in _FIXED[1:]]
        rows.append([clip.id, *labels, *(_cell(name, value) for name, value in asdict(row).items())])
    return table([*_FIXED, *MEASURES], rows)


def summary_csv(surveyed: Survey) -> str:
    """One row an emotion, sex and measure: how many clips have it, and its percentiles 5, 25, 50, 75 and 95."""
    emotions, sexes = surveyed.labels("emotion"), surveyed.labels("sex")
    rows = []
    for name in MEASURES:
        values = surveyed.values(name)
        for emotion in surveyed.present("emotion"):
            for sex in surveyed.present("sex") or [""]:
                chosen = values[(emotions == emotion) & (sexes == sex) & np.isfinite(values)]
                marks = np.percentile(chosen, [5, 25, 50, 75, 95]) if len(chosen) else [math.nan] * 5
                rows.append([name, MEASURES[name].unit, emotion, sex, len(chosen), *(_cell(name, x) for x in marks)])
    return table(["measure", "unit", "emotion", "sex", "clips", "p5", "p25", "p50", "p75", "p95"], rows)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # which quotes a carriage return in a name, too
    writer.writerow(head)
    writer.writerows(map(harmless, row) for row in rows)
    return text.getvalue()


def _cell(name: str, value: float) -> str:
    return f"{value:.{MEASURES[name].decimals + 1}f}" if math.isfinite(value) else ""


def _measured(sound: Sound) -> tuple[Measures, Properties] | str:
    try:
        about = audio.header(sound.path)
        meter, parts = Meter(sound.path, about), [np.zeros(0, np.float32)]
        for chunk in sound.chunks():
            meter.push(chunk)
            parts.append(chunk)
        waveform = np.concatenate(parts)
        if not waveform.size:
            raise AudioError(f"{sound.path}: holds no samples; record it again")
        return measure(audio.resample(waveform, about.sample_rate, SAMPLE_RATE)), meter.properties()
    except AudioError as error:
        return str(error).removeprefix(f"{sound.path}: ")
