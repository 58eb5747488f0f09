"""The files that `voxaffect explore` writes: tables as CSV and JSON, pictures as SVG, and a page that shows them."""

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect.audio import Waveform
from voxaffect.corpora import Description
from voxaffect.errors import SettingsError
from voxaffect.exploring import pictures, wording
from voxaffect.exploring.contrasts import VOICE_MEASURES
from voxaffect.exploring.measures import MEASURES, SAMPLE_RATE, Measures, measure
from voxaffect.exploring.observations import PLURALS, SINGULARS
from voxaffect.exploring.projection import MIN_CLIPS, project
from voxaffect.exploring.survey import Survey, as_csv, summary_csv, table
from voxaffect.files.atomic import write_text
from voxaffect.html import page
from voxaffect.html.colours import standalone

PAGE = "index.html"


def of_corpus(
    description: Description,
    style: str,
    survey: Survey,
    answers: dict[str, Any],
    embeddings: npt.NDArray[np.floating],
    about_model: str,
) -> dict[str, str]:
    """The files of a corpus's report: name below the folder -> text.

    Args:
        description: Of the corpus.
        style: Of the clips.
        survey: Clips and their measures.
        answers: Of `observations.answer`.
        embeddings: (clips, dim), NaN where the model refused a clip.
        about_model: Which model it was, and on which speakers it was trained.
    """
    drawn: dict[str, str] = {}

    def draw(name: str, svg: str) -> str:
        drawn[name] = svg
        return svg

    speakers = len(survey.present("speaker"))
    sections = [
        page.Section("clips", "What is there", _counted(survey)),
        page.Section("questions", "Questions and answers", wording.answers_html(answers, draw)),
        page.Section("measures", "Measures by emotion and sex", _distributions(survey, draw)),
    ]
    if "shortcuts" in answers:
        body = wording.shortcuts_html(answers["shortcuts"])
        sections.append(page.Section("shortcuts", "What gives emotions away", body))
    known = np.isfinite(embeddings).all(axis=1)
    if known.sum() >= MIN_CLIPS:
        svg = draw("landscape", pictures.landscape(survey.select(known), project(embeddings[known])))
        caption = (
            f"{about_model} Near means alike to the model; how far apart two groups lie, and how large they are, means "
            "nothing (t-SNE of the layer before the classes)."
        )
        sections.append(page.Section("map", "Map of the embeddings", page.figure(svg, caption)))
    sections.append(page.Section("typical", "Typical clips", _typical(survey, draw)))
    about = [
        f"{len(survey.clips)} clips of {style}, {speakers} speakers. {description.language}. {description.licence}.",
        description.cite,
    ]
    made = page.page(f"{description.title}, {style}: a look at the corpus", about, sections)
    return {
        PAGE: made,
        "clips.csv": as_csv(survey),
        "measures.csv": summary_csv(survey),
        "counts.csv": _counts_csv(survey),
        "observations.json": json.dumps(answers, indent=1) + "\n",
        **{f"pictures/{name}.svg": standalone(svg) for name, svg in drawn.items()},
    }


@dataclass(frozen=True)
class Answer:
    """What a bundle recognises in a recording, and why.

    probabilities: class -> share. seconds: (times + 1,), hertz: (bands + 1,) edges and worth: (bands, times) of what
    the most probable class owes to each cell; empty where it was not computed. words: sentences about them.
    """

    bundle: str
    probabilities: Mapping[str, float]
    seconds: npt.NDArray[np.floating]
    hertz: npt.NDArray[np.floating]
    worth: npt.NDArray[np.floating]
    words: Sequence[str]


def of_recording(name: str, waveform: Waveform, answer: Answer | None = None) -> dict[str, str]:
    """The files of one recording's report: (samples,) at 16 kHz -> name below the folder -> text."""
    measured, svg = measure(waveform), pictures.clip("recording", name, waveform, columns=430)
    drawn = {"recording": svg}
    shown = page.table(["measure", "value", "what it is"], _listed(measured), texts=3)
    sections = [
        page.Section("measures", "Measures", shown),
        page.Section("pictures", "Pictures", page.figure(svg, "What is above 8 kHz is not shown.")),
    ]
    if answer is not None:
        sections.insert(0, page.Section("emotion", "Emotion", _answered(answer, drawn)))
    row = table(list(MEASURES), [[cell(key, getattr(measured, key)) for key in MEASURES]])
    made = page.page(name, [f"{measured.duration:.1f} s"], sections)
    return {
        PAGE: made,
        "measures.csv": row,
        **{f"pictures/{key}.svg": standalone(picture) for key, picture in drawn.items()},
    }


def _answered(answer: Answer, drawn: dict[str, str]) -> str:
    """drawn: pictures by name, to which the one that is made is added."""
    ranked = sorted(answer.probabilities.items(), key=lambda item: -item[1])
    rows = [[emotion, f"{100 * share:.0f}\u00a0%"] for emotion, share in ranked]
    head = page.paragraph(f"As the bundle {answer.bundle} recognises it.")
    parts = [head, page.table(["emotion", "probability"], rows)]
    if answer.worth.size:
        best = ranked[0][0]
        about = f"What speaks for {best} and against it, by time and frequency"
        drawn["drivers"] = pictures.drivers("drivers", about, answer.seconds, answer.hertz, answer.worth)
        caption = (
            f"What speaks for {best} (orange) and against it (violet): by how much its probability falls or rises "
            "where that much of the recording is taken away."
        )
        parts.append(page.figure(drawn["drivers"], caption))
    compared = "Compared with clips of that emotion that the bundle was trained on, in brackets their middle half:"
    return "".join([*parts, page.paragraph(compared), page.bullets(answer.words)])


def claim(out: Path) -> None:
    """Make the folder `out`, before the work is done rather than after it.

    Raises SettingsError where the report cannot go there: a file, a folder that may not be written to, or one with
    another page; OSError where it cannot be made.
    """
    if out.exists() and not out.is_dir():
        raise SettingsError(f"`out` {out}: is a file; name a folder")
    there = out / PAGE
    if there.exists() and page.MADE_BY not in there.read_text("utf-8", errors="replace"):
        raise SettingsError(f"`out` {out}: holds an {PAGE} that is no report; name another folder")
    out.mkdir(parents=True, exist_ok=True)
    if not os.access(out, os.W_OK):
        raise SettingsError(f"`out` {out}: may not be written to; name another folder")


def write(out: Path, files: dict[str, str]) -> None:
    """Write the report's files, each whole or not at all, the page last."""
    for name, text in sorted(files.items(), key=lambda item: item[0] == PAGE):
        write_text(out / name, text)


def cell(name: str, value: float) -> str:
    """A measure's value as it is shown, without its unit; empty where it is missing."""
    return f"{value:.{MEASURES[name].decimals}f}" if np.isfinite(value) else ""


def _listed(measured: Measures) -> list[list[str]]:
    rows = []
    for name, kind in MEASURES.items():
        shown = cell(name, getattr(measured, name)).replace("-", "−")
        rows.append([kind.title, f"{shown} {kind.unit}" if shown else "–", kind.about])
    return rows


def _counted(survey: Survey) -> str:
    sexes, intensities = survey.present("sex"), survey.present("intensity")
    columns = [("sex", sex) for sex in sexes] + [("intensity", intensity) for intensity in intensities]
    labels = {name: survey.labels(name) for name in ("sex", "intensity", "emotion", "speaker")}
    rows: list[list[Any]] = [
        [emotion, int((labels["emotion"] == emotion).sum())]
        + [int(((labels["emotion"] == emotion) & (labels[name] == value)).sum()) for name, value in columns]
        for emotion in survey.present("emotion")
    ]
    rows.append(["together", *(sum(row[column] for row in rows) for column in range(1, len(columns) + 2))])
    counts = page.table(["emotion", "clips", *(PLURALS.get(value, value) for _, value in columns)], rows)
    emotions, median = survey.present("emotion"), _medians(survey)
    by_speaker = [
        [name, PLURALS.get(str(labels["sex"][labels["speaker"] == name][0]), "")]
        + [int(((labels["speaker"] == name) & (labels["emotion"] == emotion)).sum()) for emotion in emotions]
        + [cell(key, median[key][name]).replace("-", "−") for key in ("level", "pitch")]
        for name in survey.present("speaker")
    ]
    head = ["speaker", "", *emotions, "level, dB", "pitch, Hz"]
    return counts + page.folded(
        "Speaker by speaker, with the medians of level and pitch", page.table(head, by_speaker, 2)
    )


def _medians(survey: Survey) -> dict[str, dict[str, float]]:
    owner = survey.labels("speaker")
    medians: dict[str, dict[str, float]] = {}
    for name in ("level", "pitch"):
        values = survey.values(name)
        theirs = {speaker: values[(owner == speaker) & np.isfinite(values)] for speaker in survey.present("speaker")}
        medians[name] = {speaker: float(np.median(own)) if len(own) else np.nan for speaker, own in theirs.items()}
    return medians


def _counts_csv(survey: Survey) -> str:
    counts = Counter((clip.speaker, clip.sex or "", clip.emotion, clip.intensity) for clip in survey.clips)
    rows = [[*labels, count] for labels, count in sorted(counts.items())]
    return table(["speaker", "sex", "emotion", "intensity", "clips"], rows)


def _distributions(survey: Survey, draw: Callable[[str, str], str]) -> str:
    how = "A mark is the median, the bar the middle half of the clips, the line percentiles 5 to 95."
    figures, missing = [], []
    for name, kind in MEASURES.items():
        there = int(np.isfinite(survey.values(name)).sum())
        if there:
            svg = draw(f"distribution-{name}", pictures.distribution(survey, name))
            figures.append(page.figure(svg, f"{kind.title}: {kind.about}."))
        if there < len(survey.clips):
            missing.append(f"{kind.title}: missing in {len(survey.clips) - there}")
    return page.paragraph(how) + page.grid(figures) + (page.bullets(missing) if missing else "")


def _typical(survey: Survey, draw: Callable[[str, str], str]) -> str:
    parts = [page.paragraph("Of each emotion and sex, the clip that lies nearest to the medians of all measures.")]
    for emotion in survey.present("emotion"):
        figures = []
        for sex in survey.present("sex") or [""]:
            chosen = typical(survey, emotion, sex)
            if chosen is not None:
                clip = survey.clips[chosen]
                waveform = clip.sound.load(SAMPLE_RATE)
                name = "-".join(["clip", emotion, *([sex] if sex else [])])
                about = f"{clip.id}, {SINGULARS[clip.sex]}" if clip.sex else clip.id
                figures.append(page.figure(draw(name, pictures.clip(name, about, waveform)), about))
        parts.append(page.heading(emotion) + page.grid(figures))
    return "".join(parts)


def typical(survey: Survey, emotion: str, sex: str) -> int | None:
    """The clip nearest to its group's medians, each measure in its own deviations; None where none has all measures."""
    values = np.column_stack([survey.values(name) for name in ("sounding", "level", *VOICE_MEASURES)])
    chosen = (survey.labels("emotion") == emotion) & (survey.labels("sex") == sex) & np.isfinite(values).all(axis=1)
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return None
    theirs = values[rows]
    away = (theirs - np.median(theirs, axis=0)) / np.maximum(theirs.std(axis=0), 1e-9)
    return int(rows[np.square(away).sum(axis=1).argmin()])
