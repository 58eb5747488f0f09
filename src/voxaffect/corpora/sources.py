"""Labelled recordings from several places: known corpora by name, one's own by path."""

import os
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from voxaffect import audio
from voxaffect.corpora.base import Corpus, Description
from voxaffect.corpora.known import CORPORA, describe, load
from voxaffect.corpora.own import hugging_face, load_own, own_name
from voxaffect.corpora.own.renaming import Labels, Renaming, example
from voxaffect.corpora.slips import known_slip, slips
from voxaffect.corpora.utterance import Utterance
from voxaffect.errors import CorpusError, SettingsError, VoxaffectWarning
from voxaffect.labels import EMOTIONS, Scheme
from voxaffect.text import closest, listed

Source = str | os.PathLike[str] | Corpus
"""A known corpus, as `ravdess` or `ravdess=FOLDER`; a path of recordings of one's own; or a corpus that is loaded."""


@dataclass(frozen=True)
class Sources:
    """Corpora that are used together, and those of their utterances that were asked for."""

    corpora: tuple[Corpus, ...]
    utterances: tuple[Utterance, ...]

    def __repr__(self) -> str:
        return f"Sources({self.name!r}, {len(self.utterances)} utterances)"

    @property
    def name(self) -> str:
        """What they are called together: `crema-d+mine`."""
        return "+".join(sorted(corpus.description.name for corpus in self.corpora))

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """The corpora's descriptions."""
        return tuple(corpus.description for corpus in self.corpora)

    @property
    def own(self) -> bool:
        """Whether all are recordings of one's own."""
        return not any(corpus.description.name in CORPORA for corpus in self.corpora)

    @property
    def sides(self) -> dict[str, list[Utterance]]:
        """The utterances of each side, where the sources give one."""
        known = {clip.id: clip for clip in self.utterances}
        pairs = [(side, ids) for corpus in self.corpora for side, ids in corpus.sides.items()]
        return {
            name: [known[identity] for side, ids in pairs if side == name for identity in ids if identity in known]
            for name in dict.fromkeys(side for side, _ in pairs)
        }

    @property
    def speakers_known(self) -> bool:
        """Whether the speakers of all are known."""
        return all(corpus.speakers_known for corpus in self.corpora)


def load_sources(
    sources: Source | Iterable[Source],
    *,
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    labels: Labels | None = None,
    style: str | None = None,
    strict: bool = False,
) -> Sources:
    """Load recordings and their labels; only headers are read.

    What is wrong with some recordings, or makes an honest score impossible, is a `VoxaffectWarning`.

    Args:
        sources: One or several: `ravdess` (below `$VOXAFFECT_DATA`), `ravdess=FOLDER`, a path of one's own recordings
            as `load_own` reads it, or a corpus that is loaded. A folder that is called as a corpus: `./ravdess`.
        columns: Of one's own tables: role -> column, as `load_own` takes it.
        root: Of one's own tables: the folder that their files are named from.
        speaker: Of one's own recordings: a regular expression that finds the speaker in a file's name.
        labels: Of one's own recordings: label -> emotion, as {"wütend": "angry"}, or a CSV or TSV of these two columns.
        style: Only utterances of this style, "speech" or "song".
        strict: Whether a recording that cannot be read is an error instead of being left out.

    Raises:
        SettingsError: Nothing is named, two sources have one name, or a parameter does not fit.
        CorpusError, TableError: A source cannot be read.
    """
    named = as_list(sources)
    if not named:
        raise SettingsError("no recordings are named; give a table, a folder, or a known corpus as ravdess=FOLDER")
    for parameter, value in {"columns": columns, "root": root, "speaker": speaker, "labels": labels}.items():
        if value is not None and all(map(is_known, named)):
            raise SettingsError(f"`{parameter}` is for recordings of your own; leave it out with a known corpus")
    renaming = Renaming(labels)
    loaded = [_load(source, columns, root, speaker, renaming) for source in _grouped(named)]
    names = Counter(corpus.description.name for corpus in loaded)
    double = next((name for name, times in names.items() if times > 1), None)
    if double:
        raise SettingsError(f"two of the sources are called {double}; rename one, since their utterances would mix")
    for corpus in loaded:
        leave_out(corpus.unreadable, len(corpus.utterances) + len(corpus.unreadable), strict)
        _warn_of(corpus)
    _warn_of_labels(renaming, loaded)
    _warn_of_namesakes(loaded)
    utterances = tuple(clip for corpus in loaded for clip in corpus.utterances if style in (None, clip.style))
    if not utterances:
        raise SettingsError(f"none of the recordings is {style}; choose another `style`")
    return Sources(tuple(loaded), utterances)


def as_list(sources: Source | Iterable[Source]) -> list[Source]:
    """One or several sources as a list."""
    return [sources] if isinstance(sources, str | os.PathLike | Corpus) else list(sources)


def source_name(sources: Source | Iterable[Source]) -> str:
    """What sources are called together, known before they are read: `crema-d+mine`.

    Examples:
        >>> source_name(["./mine", "crema-d=CREMA-D/AudioWAV"])
        'crema-d+mine'
    """
    return "+".join(sorted(map(_name, _grouped(as_list(sources)))))


def warn_of_dropped(utterances: Sequence[Utterance], scheme: Scheme, fate: str = "left out") -> None:
    """Warn of utterances whose emotion has no class in a scheme, if some have one. fate: what becomes of them."""
    dropped = sum(scheme.index_of(clip) is None for clip in utterances)
    if 0 < dropped < len(utterances):
        counts = without_class(utterances, scheme)
        _warn(f"{dropped} of {len(utterances)} utterances have no class in {scheme.name} and are {fate}: {counts}")


def without_class(utterances: Iterable[Utterance], scheme: Scheme) -> str:
    """The emotions that have no class in a scheme, with their counts and the remedy."""
    dropped = Counter(clip.emotion for clip in utterances if scheme.index_of(clip) is None).most_common()
    unknown = [emotion for emotion, _ in dropped if emotion not in EMOTIONS]
    meant = {emotion: near for emotion in unknown if (near := known_slip(emotion) or closest(emotion, EMOTIONS))}
    named = meant or dict.fromkeys(unknown[:1], "EMOTION")
    remedy = f"; name an emotion by {example(named)}" if named else ""
    return listed([f"{count} {emotion}" for emotion, count in dropped]) + remedy


def leave_out(unreadable: Sequence[tuple[Path, str]], total: int, strict: bool) -> None:
    """Warn of recordings that cannot be read, or refuse to go on without them.

    Args:
        unreadable: (path, reason).
        total: Recordings that there are, these included.
        strict: Whether to refuse.

    Raises:
        CorpusError: There is one, and `strict`.
    """
    if unreadable and strict:
        path, reason = unreadable[0]
        count = f"{len(unreadable)} of {total} recordings cannot be read, the first is {path} ({reason})"
        raise CorpusError(f"{count}; mend or remove them, or leave them out by leaving out `strict`")
    for path, reason in unreadable:
        _warn(f"{path}: {reason}; left out")


def is_known(source: Source) -> bool:
    """Whether a source names a known corpus, or looks as if it did.

    Examples:
        >>> [is_known(source) for source in ("ravdess", "ravdess=RAVDESS/", "./ravdess", "mine.csv")]
        [True, True, False, False]
    """
    if isinstance(source, Corpus):
        return source.description.name in CORPORA
    if not isinstance(source, str):
        return False
    name, equals, _ = source.partition("=")
    return name in CORPORA or (bool(equals) and os.sep not in name and not Path(source).exists())


def _grouped(sources: Iterable[Source]) -> list[Source | list[Path]]:
    """The sources, with the shards of one set as one list."""
    sets: dict[Path, list[Path]] = {}
    grouped: list[Source | list[Path]] = []
    for source in sources:
        path = None if isinstance(source, Corpus) or is_known(source) else Path(source)
        if path is None or not hugging_face.is_shard(path):
            grouped.append(source)
        elif (folder := path.resolve().parent) in sets:
            sets[folder].append(path)
        else:
            sets[folder] = [path]
            grouped.append(sets[folder])
    return grouped


def _load(
    source: Source | list[Path],
    columns: Mapping[str, str] | None,
    root: str | os.PathLike[str] | None,
    speaker: str | None,
    labels: Renaming,
) -> Corpus:
    if isinstance(source, Corpus):
        return source
    if isinstance(source, str) and is_known(source):
        return load(source)
    return load_own(source, columns=columns, root=root, speaker=speaker, labels=labels)


def _name(source: Source | list[Path]) -> str:
    if isinstance(source, Corpus):
        return source.description.name
    if isinstance(source, str) and is_known(source):
        return describe(source.partition("=")[0]).name
    return own_name(source if isinstance(source, list) else [Path(source)])


def _warn_of(corpus: Corpus) -> None:
    name = corpus.description.name
    if name not in CORPORA:
        for first, _ in corpus.duplicates:
            _warn(f"{name}: lists {first} twice; the first label is taken")
        if unlabelled := corpus.unrecognised:
            which = f"1 recording has no label: {unlabelled[0]}"
            if len(unlabelled) > 1:
                which = f"{len(unlabelled)} recordings have no label, the first is {unlabelled[0]}"
            _warn(f"{corpus.folder}: {which}; left out")
        if corpus.skipped:
            _warn(f"{corpus.folder}: {audio.Listing((), corpus.skipped)}")
    if not corpus.speakers_known:
        _warn(
            f"SPEAKERS ARE UNKNOWN in {name}: no honest score is possible; name "
            "their column by `columns` speaker=NAME, or find them in the files' names by `speaker`"
        )


def _warn_of_labels(renaming: Renaming, loaded: Sequence[Corpus]) -> None:
    counts = sum((Counter(corpus.labels) for corpus in loaded), Counter[str]())
    if unused := renaming.unused(counts):
        _warn(f"`labels` names {listed(unused)}: no recording has that label; there are {listed(sorted(counts))}")
    for emotion, names in renaming.together(counts).items():
        apart = example({names[-1]: names[-1]})
        _warn(f"the labels {' and '.join(names)} all count as {emotion}; {apart} keeps one apart")
    for sentence in slips(counts, renaming):
        _warn(sentence)


def _warn_of_namesakes(loaded: Sequence[Corpus]) -> None:
    """Of speakers of one name in several of one's own sources, who would be on two sides unseen."""
    corpora_of: dict[str, list[str]] = {}
    for corpus in loaded:
        if corpus.description.name not in CORPORA and corpus.speakers_known:
            for speaker in corpus.speakers:
                place, _, who = speaker.partition("/")
                corpora_of.setdefault(who, []).append(place)
    several = {who: places for who, places in corpora_of.items() if len(places) > 1}
    if several:
        who, places = next(iter(several.items()))
        _warn(
            f"{len(several)} of the speakers, {who} first, are in {' and in '.join(places)} and count as different "
            "people; if they are the same, put the recordings into one table"
        )


def _warn(message: str) -> None:
    warnings.warn(message, VoxaffectWarning, stacklevel=4)
