"""What every corpus shares: the utterance, the description of a corpus, and how a folder becomes utterances."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from voxaffect import audio
from voxaffect.errors import AudioError, CorpusError

Sex = Literal["male", "female"]


@dataclass(frozen=True)
class Utterance:
    """A labelled clip.

    id: `corpus/stem`, the same wherever the file lies and whatever its ending.
    speaker: always with its corpus, as `ravdess/01`.
    style: how it is voiced, "speech" or "song".
    intensity, text, take: what the corpus says of strength, sentence and repetition; empty where it says nothing.
    copy: the kind of augmented copy that this is, by its name in `augment.COPIES`; empty for the recording itself.
    """

    id: str
    path: Path
    speaker: str
    sex: Sex | None
    emotion: str
    style: str = "speech"
    intensity: str = ""
    text: str = ""
    take: str = ""
    copy: str = ""


@dataclass(frozen=True)
class Description:
    """A corpus as its owners publish it.

    parse: a file's path -> its utterance, or None where the name is not one of the corpus's.
    expected: the ids of the full release, in groups that are published apart (`"speech" -> ids`).
    notes: quirks of the official release that a user should know of.
    """

    name: str
    title: str
    licence: str
    language: str
    cite: str
    url: str
    parse: Callable[[Path], Utterance | None]
    expected: Callable[[], dict[str, tuple[str, ...]]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Corpus:
    """What was found in a folder: each clip once, in the order of its id, and what was wrong.

    doubled: (kept, ignored) paths of clips found more than once.
    unreadable: (path, reason).
    unrecognised: recordings whose names are not the corpus's.
    missing: group -> ids of the release that are not in the folder; a group that is wholly absent is included.
    """

    description: Description
    folder: Path
    utterances: tuple[Utterance, ...]
    doubled: tuple[tuple[Path, Path], ...]
    unreadable: tuple[tuple[Path, str], ...]
    unrecognised: tuple[Path, ...]
    missing: dict[str, tuple[str, ...]]

    @property
    def speakers(self) -> tuple[str, ...]:
        """The speakers, sorted."""
        return tuple(sorted({utterance.speaker for utterance in self.utterances}))


def load_corpus(description: Description, folder: str | os.PathLike[str]) -> Corpus:
    """Find the corpus's clips anywhere below a folder; only headers are read, so it takes seconds.

    Raises CorpusError where the folder is missing or holds no clip of the corpus.
    """
    root = Path(folder)
    if not root.is_dir():
        raise CorpusError(f"{root}: is not a folder; name the folder that the {description.title} archive unpacks to")
    found: dict[str, Utterance] = {}
    doubled, unreadable, unrecognised = [], [], []
    for path in _recordings(root):
        utterance = description.parse(path)
        if utterance is None:
            unrecognised.append(path)
        elif utterance.id in found:
            doubled.append((found[utterance.id].path, path))
        elif (reason := _unreadable(path)) is not None:
            unreadable.append((path, reason))
        else:
            found[utterance.id] = utterance
    if not found:
        raise CorpusError(
            f"{root}: none of its {len(unrecognised) + len(unreadable)} recordings is a readable {description.title} "
            f"clip; name the folder that the archive from {description.url} unpacks to"
        )
    missing = {
        group: tuple(identity for identity in identities if identity not in found)
        for group, identities in description.expected().items()
    }
    return Corpus(
        description,
        root,
        tuple(found[identity] for identity in sorted(found)),
        tuple(doubled),
        tuple(unreadable),
        tuple(unrecognised),
        {group: identities for group, identities in missing.items() if identities},
    )


def _recordings(root: Path) -> Iterable[Path]:
    # Shallow first, so that of a clip and its copy in a nested second release the outer one is kept.
    paths = (path for path in root.rglob("*") if path.suffix.lower() in audio.AUDIO_ENDINGS)
    return sorted(paths, key=lambda path: (len(path.parts), path))


def _unreadable(path: Path) -> str | None:
    try:
        if audio.header(path).frames == 0:
            return "holds no samples"
    except AudioError as error:
        return str(error).removeprefix(f"{path}: ")
    return None
