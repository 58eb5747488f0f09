"""The description of a corpus, the corpus, and how a folder becomes utterances."""

import functools
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voxaffect import audio
from voxaffect.corpora.utterance import Utterance, any_unknown
from voxaffect.errors import AudioError, CorpusError

NO_LICENCE = "no licence stated"
"""The licence of a corpus without one: for tests. A bundle that was trained on it must not be passed on."""


@dataclass(frozen=True)
class Group:
    """Clips that belong together in a release. ids: which; empty where their names follow from no rule."""

    clips: int
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Archive:
    """A ZIP file as a corpus's owners publish it. bytes: its size; folder: what it is unpacked to."""

    url: str
    md5: str
    bytes: int
    folder: str

    @property
    def name(self) -> str:
        """Of the file."""
        return f"{self.folder}.zip"


_FUNCTIONS = ("parse", "expected", "annotate")


def _unnamed(path: Path) -> None:
    """Of a corpus whose names follow no grammar."""


def _as_named(folder: Path, utterances: list[Utterance]) -> list[Utterance]:
    """Of a corpus without tables: as the names of its files describe the utterances."""
    return utterances


@dataclass(frozen=True, repr=False)
class Description:
    """A corpus as its owners publish it, or one's own.

    Attributes:
        licence: Of the recordings; `NO_LICENCE` where none is stated.
        commercial: Whether the licence allows commercial models to be trained on it.
        hours: Duration of all clips; None where it is not published.
        parse: A file's path -> its utterance, or None where the name is not one of the corpus's.
        expected: Style -> what a full release holds of it.
        annotate: The folder and its utterances -> the same with what the owners' tables add. Raises CorpusError where a
            table is there and cannot be read.
        archives: What a program can download; empty where the owners want a form filled in or have no such file.
        obtain: What to do instead, as a sentence ends: "ask for it at ...".
        notes: Quirks of the official release that a user should know.
        codes: Field of `Utterance` -> code in file names -> value.
        people: Speaker's code -> {"sex": ..., "age": ...}, where file names or publications say so.
    """

    name: str
    title: str
    licence: str
    commercial: bool
    language: str
    url: str
    speakers: int = 0
    hours: float | None = None
    cite: str = ""
    parse: Callable[[Path], Utterance | None] = _unnamed
    expected: Callable[[], dict[str, Group]] = dict
    annotate: Callable[[Path, list[Utterance]], list[Utterance]] = _as_named
    archives: tuple[Archive, ...] = ()
    obtain: str = ""
    notes: tuple[str, ...] = ()
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    people: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)

    @classmethod
    def read(cls, name: str, *functions: Callable[..., Any]) -> "Description":
        """Read the TOML file of a corpus. functions: `parse`, `expected` and perhaps `annotate`."""
        path = Path(__file__).with_name(f"{name.replace('-', '_')}.toml")
        content = tomllib.loads(path.read_text("utf-8")) | dict(zip(_FUNCTIONS, functions, strict=False))
        content["archives"] = tuple(Archive(**archive) for archive in content.get("archives", ()))
        content["notes"] = tuple(content.get("notes", ()))
        return cls(name=name, **content)

    def __repr__(self) -> str:
        return f"Description({self.name!r})"

    @property
    def clips(self) -> int:
        """The number of clips in a full release."""
        return sum(group.clips for group in self.expected().values())

    def utterance(self, path: Path, stem: str, pattern: re.Pattern[str]) -> Utterance | None:
        """The utterance that a file's name describes, or None where the name is not in the release.

        Args:
            path: The file.
            stem: Its name, as the release spells it.
            pattern: Of names; its groups are fields of `Utterance`, whose codes `codes` and `people` decode.
        """
        identity, match = f"{self.name}/{stem}", pattern.fullmatch(stem)
        release = _ids(self.expected)
        if match is None or (release and identity not in release):
            return None
        codes = match.groupdict()
        values: dict[str, Any] = {name: self.codes.get(name, {}).get(code, code) for name, code in codes.items()}
        values |= {"id": identity, "path": path, "speaker": f"{self.name}/{codes['speaker']}"}
        return Utterance(**values, **self.people.get(codes["speaker"], {"sex": None}))


@functools.cache
def _ids(expected: Callable[[], dict[str, Group]]) -> frozenset[str]:
    """All ids of a release; none where their names follow from no rule."""
    return frozenset(identity for group in expected().values() for identity in group.ids)


@dataclass(frozen=True, repr=False)
class Corpus:
    """The clips in a folder, each once, and what was wrong.

    Attributes:
        utterances: Sorted by id.
        duplicates: (taken, ignored) paths of clips that are there more than once.
        unreadable: (path, reason).
        unrecognised: Recordings whose names are not the corpus's; of one's own folder, those without a label.
        missing: Style -> what of the release is not in the folder, styles that are wholly absent included.
        skipped: Files that are no recordings.
        labels: Of recordings of one's own: each label as it is written -> the number of its clips.
        sides: Of recordings of one's own: the ids of each side, where the source gives one.

    Examples:
        >>> from voxaffect import corpora
        >>> corpora.load("ravdess=RAVDESS/")  # doctest: +SKIP
        Corpus('ravdess', 2452 utterances of 24 speakers)
    """

    description: Description
    folder: Path
    utterances: tuple[Utterance, ...]
    duplicates: tuple[tuple[Path, Path], ...]
    unreadable: tuple[tuple[Path, str], ...]
    unrecognised: tuple[Path, ...]
    missing: dict[str, Group] = field(hash=False)
    skipped: tuple[Path, ...] = ()
    labels: dict[str, int] = field(default_factory=dict, hash=False)
    sides: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def __repr__(self) -> str:
        size = f"{len(self.utterances)} utterances of {len(self.speakers)} speakers"
        return f"Corpus({self.description.name!r}, {size})"

    @property
    def speakers(self) -> tuple[str, ...]:
        """The speakers, sorted."""
        return tuple(sorted({utterance.speaker for utterance in self.utterances}))

    @property
    def speakers_known(self) -> bool:
        """Whether the speakers are known; without them no honest split is possible."""
        return not any_unknown(self.speakers)

    def check_complete(self, styles: Iterable[str], needing: str) -> None:
        """Check that all clips of the release are there: a score over fewer is another score.

        Args:
            styles: Those that are needed.
            needing: What needs them, as a sentence begins: "the benchmark needs".

        Raises:
            CorpusError: A clip is missing.
        """
        for style in styles:
            if lost := self.missing.get(style):
                first = f", the first is {lost.ids[0]}" if lost.ids else ""
                raise CorpusError(
                    f"{self.folder}: {lost.clips} clips of {style} are missing or unreadable{first}; {needing} all of "
                    f"them: see `voxaffect corpus {self.description.name}=FOLDER`"
                )


def load_corpus(description: Description, folder: str | os.PathLike[str]) -> Corpus:
    """Find the corpus's clips anywhere below a folder; only headers are read, so it takes seconds.

    Raises:
        CorpusError: The folder is missing or holds no clip of the corpus.
    """
    root = Path(folder)
    if not root.is_dir():
        raise CorpusError(f"{root}: is not a folder; name the folder that the {description.title} archive unpacks to")
    utterances: dict[str, Utterance] = {}
    duplicates, unreadable, unrecognised = [], [], []
    listing = audio.recordings(root)
    for path in sorted(listing.recordings, key=_rank):
        utterance = description.parse(path)
        if utterance is None:
            unrecognised.append(path)
        elif utterance.id in utterances and path.suffix.lower() not in _ENDINGS:
            continue  # a video of the same clip
        elif utterance.id in utterances:
            duplicates.append((utterances[utterance.id].path, path))
        elif (reason := reason_unreadable(path)) is not None:
            unreadable.append((path, reason))
        else:
            utterances[utterance.id] = utterance
    if not utterances:
        raise CorpusError(
            f"{root}: none of its {len(unrecognised) + len(unreadable)} recordings is a readable {description.title} "
            f"clip; name the folder that the archive from {description.url} unpacks to"
        )
    annotated = description.annotate(root, [utterances[identity] for identity in sorted(utterances)])
    missing = {}
    for style, group in description.expected().items():
        clips = group.clips - sum(utterance.style == style for utterance in annotated)
        if clips > 0:
            missing[style] = Group(clips, tuple(identity for identity in group.ids if identity not in utterances))
    return Corpus(
        description,
        root,
        tuple(annotated),
        tuple(duplicates),
        tuple(unreadable),
        tuple(unrecognised),
        missing,
        listing.skipped,
    )


_ENDINGS = (".wav", ".flac", ".ogg", ".opus", ".aif", ".aiff", ".mp3")  # archives hold videos of the same clips too


def _rank(path: Path) -> tuple[bool, bool, int, Path]:
    """Where a recording comes among those of one clip, of which the first is taken.

    Shallow first, so that of a clip and its copy in a nested second release the outer one is taken; and MP3 last, as
    CREMA-D's archive holds each clip as WAV and as MP3.
    """
    ending = path.suffix.lower()
    return ending not in _ENDINGS, ending == ".mp3", len(path.parts), path


def reason_unreadable(path: Path) -> str | None:
    """Why a recording's header cannot be read or counts no samples; None where all is well."""
    try:
        if audio.header(path).samples == 0:
            return "holds no samples"
    except AudioError as error:
        return str(error).removeprefix(f"{path}: ")
    return None
