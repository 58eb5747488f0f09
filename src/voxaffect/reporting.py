"""The report of a corpus or of one recording: what is measured, what it answers, and what a bundle recognises in it."""

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from voxaffect import audio, corpora
from voxaffect.corpora import Corpus, Labels, Utterance, own
from voxaffect.errors import AudioError, CorpusError, SettingsError, VoxaffectWarning, require
from voxaffect.inference.recognizer import Recognizer, load

if TYPE_CHECKING:
    from voxaffect.exploring.report import Answer

Progress = Callable[[int, str], Callable[[], None]]

LONGEST = 600.0
"""Seconds of the longest recording of which pictures show anything."""


@dataclass(frozen=True)
class Report:
    """What `explore` wrote.

    Attributes:
        page: The page that shows it all; tables and pictures lie next to it.
        answers: Of a corpus, the answers to the questions, as observations.json has them; of a recording None.
        text: The answers as text for a terminal; empty of a recording.
        unreadable: (path, reason) of clips that could not be read.
    """

    page: Path
    answers: dict[str, Any] | None = None
    text: str = ""
    unreadable: tuple[tuple[Path, str], ...] = ()


def explore(
    source: str | os.PathLike[str] | Corpus,
    *,
    out: str | os.PathLike[str] = "report",
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    labels: Labels | None = None,
    style: str | None = None,
    workers: int = 1,
    progress: Progress = lambda total, what: lambda: None,
) -> Report:
    """Write tables and pictures of a corpus or of a recording.

    Args:
        source: A known corpus, as `ravdess` or `ravdess=FOLDER`, a table or folder of one's own, as
            `corpora.load_sources` takes them, a corpus that is loaded, or an audio file.
        out: The folder of the report.
        columns: Of one's own table: role -> column, as {"label": "mood"}.
        root: Of one's own table: the folder that its files are named from.
        speaker: Of one's own recordings: a regular expression that finds the speaker in a file's name.
        labels: Of one's own recordings: label -> emotion, as {"wütend": "angry"}, or a CSV or TSV of these two columns.
        style: Of a corpus, which clips: "speech" (default) or "song".
        workers: Processes that measure clips.
        progress: Called with the number of clips and what is done to them; gives what is called after every clip.

    Raises:
        SettingsError: A parameter does not fit the source, or `out` is something else than a report.
        CorpusError: The corpus is not there or holds no such clip.
        AudioError: The recording cannot be read or is too long.
        MissingExtraError: A library of the extra `explore` is not installed.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     explore("examples/synthetic-voice.flac", out=f"{folder}/report").page.name
        'index.html'
    """
    path = None if isinstance(source, Corpus) or corpora.is_known(source) else Path(source)
    if path is None or path.is_dir() or path.suffix.lower() in own.ENDINGS:
        loaded = corpora.load_sources(source, columns=columns, root=root, speaker=speaker, labels=labels)
        return _corpus(loaded.corpora[0], style or "speech", Path(out), workers, progress)
    given = {"columns": columns, "root": root, "speaker": speaker, "labels": labels, "style": style}
    if wrong := next((name for name, value in given.items() if value is not None), None):
        raise SettingsError(f"`{wrong}` is of a corpus's clips; leave it out with a recording")
    return _recording(path, Path(out))


def _recording(source: Path, out: Path) -> Report:
    duration = audio.header(source).duration
    if duration is not None and duration > LONGEST:
        raise AudioError(f"{source}: lasts {duration / 60:.1f} min, and pictures of more than 10 show nothing; cut it")
    require("explore")
    from voxaffect.exploring import report
    from voxaffect.exploring.measures import SAMPLE_RATE

    waveform = audio.load(source, SAMPLE_RATE, max_duration=LONGEST)
    report.claim(out)
    name = os.fsencode(source.name).decode("utf-8", "replace")  # a file's name need not be valid text
    report.write(out, report.of_recording(name, waveform, _answer(source)))
    return Report(out / report.PAGE)


def _answer(source: Path) -> "Answer | None":
    """What is recognised in a recording, and why; None where it is silent or too short."""
    from voxaffect.exploring.report import Answer

    recognizer = load()
    try:
        recognition = recognizer.recognize(source)
    except AudioError:
        return None
    name, probabilities = recognizer.bundle.name, recognition.probabilities
    try:
        explanation = recognizer.explain(source)
    except AudioError as error:  # it is too long for that
        return Answer(name, probabilities, np.empty(0), np.empty(0), np.empty((0, 0)), [str(error)])
    why = explanation.occlusion
    return Answer(name, probabilities, why.seconds, why.hertz, why.worth, list(explanation.words))


def _corpus(corpus: Corpus, style: str, out: Path, workers: int, progress: Progress) -> Report:
    utterances = [clip for clip in corpus.utterances if clip.style == style]
    if not utterances:
        raise CorpusError(f"{corpus.folder}: holds no clip of {style}; choose another `style`")
    require("explore")
    from voxaffect.exploring import observations, report, wording
    from voxaffect.exploring.survey import survey

    report.claim(out)
    measured = survey(utterances, workers, progress(len(utterances), "measured"))
    for path, reason in measured.unreadable:
        warnings.warn(f"{path}: {reason}; left out", VoxaffectWarning, stacklevel=3)
    if not measured.clips:
        count = len(utterances)
        raise CorpusError(f"{corpus.folder}: none of its {count} clips of {style} can be decoded; copy them again")
    recognizer = load()
    embeddings = _embeddings(recognizer, measured.clips, progress(len(measured.clips), "embedded"))
    answers, about = observations.answer(measured), _about(recognizer, measured.clips)
    report.write(out, report.of_corpus(corpus.description, style, measured, answers, embeddings, about))
    return Report(out / report.PAGE, answers, wording.answers_text(answers), (*corpus.unreadable, *measured.unreadable))


def _embeddings(
    recognizer: Recognizer, clips: Sequence[Utterance], tick: Callable[[], None]
) -> npt.NDArray[np.float64]:
    """(clips, dim), NaN where the recogniser refuses a clip, as one that is silent, too short or no speech."""
    rate, rows = recognizer.sample_rate, []
    for clip in clips:
        try:
            rows.append(recognizer.recognize((clip.sound.load(rate), rate)).embedding.astype(np.float64))
        except AudioError:
            rows.append(np.full(1, np.nan))
        tick()
    dim = max(map(len, rows))
    return np.stack([row if len(row) == dim else np.full(dim, np.nan) for row in rows])


def _about(recognizer: Recognizer, clips: Sequence[Utterance]) -> str:
    """Which bundle the embeddings are of, and whether it was trained on these speakers."""
    training = recognizer.bundle.card.training
    speakers, styles = {clip.speaker for clip in clips}, {clip.style for clip in clips}
    known = len(speakers & set(training.split.train))
    taught = f"the {' and '.join(training.styles)} of {known} of these {len(speakers)} speakers"
    clips_too = ", clips shown here among it" if known and styles & set(training.styles) else ""
    apart = ", so that groups lie farther apart than those of new voices would" if known else ""
    return (
        f"Each point is a clip, embedded by the bundle {recognizer.bundle.name}; it was trained on "
        f"{taught}{clips_too}{apart}."
    )
