"""`voxaffect explore CORPUS FOLDER` or `voxaffect explore RECORDING`: tables and pictures, on one page."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from voxaffect.apps.cli.terminal import Counter, cores
from voxaffect.errors import AudioError, CorpusError, SettingsError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from voxaffect.corpora import Utterance
    from voxaffect.explore.report import Answer
    from voxaffect.inference.recognizer import Recognizer

LONGEST = 600.0
"""Seconds of the longest recording of which pictures show anything."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("explore", help="tables and pictures of a corpus or a recording", description=__doc__)
    parser.add_argument("source", metavar="CORPUS|RECORDING", help="ravdess, or an audio file")
    parser.add_argument("folder", nargs="?", metavar="FOLDER", help="of a corpus: what the owner's archive unpacks to")
    parser.add_argument("--out", type=Path, default=Path("report"), metavar="FOLDER", help="(default: report)")
    parser.add_argument("--style", choices=("speech", "song"), help="of a corpus: which clips (default: speech)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the report; exit 1 where a clip could not be read."""
    from voxaffect import corpora

    if options.folder is None and options.source not in corpora.CORPORA:
        if options.style:
            raise SettingsError("--style is of a corpus's clips; leave it out with a recording")
        return _recording(options.source, options.out)
    corpora.describe(options.source)
    if options.folder is None:
        raise SettingsError(
            f"explore {options.source} names no folder; write voxaffect explore {options.source} FOLDER"
        )
    return _corpus(options.source, options.folder, options.style or "speech", options.out)


def _recording(source: str, out: Path) -> int:
    from voxaffect import audio
    from voxaffect.explore import report
    from voxaffect.explore.measures import SAMPLE_RATE

    duration = audio.header(source).duration
    if duration > LONGEST:
        raise AudioError(f"{source}: lasts {duration / 60:.1f} min, and pictures of more than 10 show nothing; cut it")
    waveform = audio.load(source, SAMPLE_RATE)
    report.claim(out)
    name = os.fsencode(Path(source).name).decode("utf-8", "replace")  # a file's name need not be valid text
    files = report.of_recording(name, waveform, _answer(source))
    report.write(out, files)
    print(out / report.PAGE)
    return 0


def _answer(source: str) -> "Answer | None":
    """What is heard in a recording, and why; None where it is silent or too short to hear anything in."""
    import numpy as np

    from voxaffect.explore.report import Answer
    from voxaffect.inference.recognizer import load

    recognizer = load()
    try:
        found = recognizer.recognize(source)
    except AudioError:
        return None
    name, probabilities = recognizer.bundle.name, found.probabilities
    try:
        why = recognizer.explain(source)
    except AudioError as error:  # it is too long for that
        return Answer(name, probabilities, np.empty(0), np.empty(0), np.empty((0, 0)), [str(error)])
    return Answer(name, probabilities, why.occlusion.seconds, why.occlusion.hertz, why.occlusion.worth, why.words)


def _corpus(name: str, folder: str, style: str, out: Path) -> int:
    from voxaffect import corpora
    from voxaffect.explore import observations, report, wording
    from voxaffect.explore.survey import survey
    from voxaffect.inference.recognizer import load

    corpus = corpora.load(name, folder)
    utterances = [each for each in corpus.utterances if each.style == style]
    if not utterances:
        raise CorpusError(f"{folder}: holds no clip of {style}; choose another --style")
    report.claim(out)
    found = survey(utterances, cores(), Counter(len(utterances), "measured"))
    broken = [*corpus.unreadable, *found.unreadable]
    for path, reason in broken:
        print(f"voxaffect: {path}: {reason}", file=sys.stderr)
    if not found.clips:
        raise CorpusError(f"{folder}: none of its {len(utterances)} clips of {style} can be decoded; copy them again")
    recognizer = load()
    embeddings = _embeddings(recognizer, found.clips)
    answers = observations.answer(found)
    files = report.of_corpus(corpus.description, style, found, answers, embeddings, _about(recognizer, found.clips))
    report.write(out, files)
    print(wording.as_text(answers))
    print(out / report.PAGE)
    return 1 if broken else 0


def _embeddings(recognizer: "Recognizer", clips: "tuple[Utterance, ...]") -> "npt.NDArray[np.float64]":
    """(clips, dim), NaN where the recogniser refuses a clip, as one that is silent or too short."""
    import numpy as np

    counter, rows = Counter(len(clips), "heard"), []
    for clip in clips:
        try:
            rows.append(recognizer.recognize(clip.path).embedding.astype(np.float64))
        except AudioError:
            rows.append(np.full(1, np.nan))
        counter()
    dim = max(map(len, rows))
    return np.stack([row if len(row) == dim else np.full(dim, np.nan) for row in rows])


def _about(recognizer: "Recognizer", clips: "tuple[Utterance, ...]") -> str:
    training = recognizer.bundle.card.training
    speakers, styles = {clip.speaker for clip in clips}, {clip.style for clip in clips}
    known = len(speakers & set(training.split.train))
    taught = f"the {' and '.join(training.styles)} of {known} of these {len(speakers)} speakers"
    clips_too = ", clips shown here among it" if known and styles & set(training.styles) else ""
    apart = ", so that groups lie farther apart than those of new voices would" if known else ""
    told = f"it was trained on {taught}{clips_too}{apart}"
    return f"Each point is a clip as the bundle {recognizer.bundle.name} hears it; {told}."
