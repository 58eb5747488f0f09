"""A transcript beside its recording: subtitles or a TextGrid whose texts are labels, as `timeline` writes them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from voxaffect.audio.formats import ENDINGS as RECORDINGS
from voxaffect.corpora.own.row import Row
from voxaffect.errors import SettingsError, TranscriptError
from voxaffect.files import transcripts

ENDINGS = (".srt", ".vtt", ".textgrid")

_LONGEST = 40  # characters of a label; longer texts are what is said


def rows(path: Path, columns: Mapping[str, str], root: Path | None) -> Iterator[Row]:
    """Its segments; a text is a label, as `angry` or `angry 83 %`, and a voice or tier a speaker or channel.

    Args:
        path: The transcript.
        columns: `label` names the one tier or voice whose texts are labels, if not all are.
        root: The folder of the recording; None: the transcript's own.

    Raises:
        SettingsError: There is no recording, or no such tier.
        TranscriptError: The transcript cannot be read, or its texts are no labels.
    """
    if strange := set(columns) - {"label", "speaker"}:
        raise SettingsError(f"{path}: `columns` {min(strange)}= is for a table; leave it out")
    recording = recording_of(path, root or path.parent)
    segments, tier = transcripts.read(path), columns.get("label", "")
    if tier:
        names = dict.fromkeys(each.speaker for each in segments)
        segments = tuple(each for each in segments if each.speaker == tier)
        if not segments:
            raise SettingsError(f"{path}: has no tier {tier!r}, only {', '.join(names)}; name one of these")
    for each in segments:
        label = each.label or each.text
        if len(label) > _LONGEST or "\n" in label:
            remedy = "write the emotion as the text, or `columns` label=TIER for the tier that holds it"
            raise TranscriptError(
                f"{path}: {each.where} has the text {label[:_LONGEST]!r}, which is no label; {remedy}"
            )
        if label:
            speaker = "" if tier or "speaker" in columns else each.speaker
            yield Row(
                f"{path.name}, {each.where}",
                recording.name,
                recording,
                label,
                speaker,
                start=each.start,
                end=each.end,
                channel=each.channel,
                answer="" if each.confidence is None else label,
            )


def in_folder(recordings: Iterable[Path], folder: Path) -> list[Path]:
    """The transcripts of recordings that all lie in a folder itself, sorted; none where some lie below it."""
    if any(recording.parent != folder for recording in recordings):
        return []
    there = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in ENDINGS]
    return [path for path in there if _beside(path, folder)]


def recording_of(path: Path, folder: Path) -> Path:
    """The recording in a folder that a transcript is of, by its name: `call.wav` of `call.vtt`.

    Raises:
        SettingsError: There is none, or several.
    """
    found = _beside(path, folder)
    if not found:
        remedy = "name the folder that holds it by `root`"
        raise SettingsError(f"{path}: no recording in {folder} is called like it, as {path.stem}.wav; {remedy}")
    if len(found) > 1:
        raise SettingsError(f"{path}: may be of {found[0].name} or of {found[1].name}; move one of them away")
    return found[0]


def _beside(path: Path, folder: Path) -> list[Path]:
    """Recordings called as a transcript, or as its name up to one of its dots: `call.wav` of `call.emotions.vtt`."""
    there = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in RECORDINGS]
    stem = path.stem
    while stem:
        if found := [file for file in there if file.stem == stem]:
            return found
        stem = stem.rpartition(".")[0]
    return []
