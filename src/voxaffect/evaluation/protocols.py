"""Published set-ups: which recordings, which classes, and which speakers test and validate each fold."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxaffect import labels
from voxaffect.corpora import Corpus, Utterance
from voxaffect.errors import SettingsError, SplitError
from voxaffect.splits import Split, ids_by_speaker


@dataclass(frozen=True, order=True)
class Part:
    """The utterances of one style of a corpus."""

    corpus: str
    style: str = "speech"

    def holds(self, utterance: Utterance) -> bool:
        """Whether the utterance is one of them."""
        return utterance.style == self.style and utterance.corpus == self.corpus


@dataclass(frozen=True)
class Fold:
    """One split of a protocol.

    Attributes:
        trained, tested: What is trained and validated on, and what is tested on.
        dev: Speakers of the development side.
        test: Speakers of the test side; None: all of `tested`.
    """

    name: str
    trained: tuple[Part, ...]
    tested: tuple[Part, ...]
    dev: tuple[str, ...]
    test: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Protocol:
    """A set-up that scores can be compared under."""

    name: str
    title: str
    scheme: str
    folds: tuple[Fold, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """All that is trained or tested on."""
        return tuple(sorted({part for fold in self.folds for part in (*fold.trained, *fold.tested)}))

    @property
    def corpora(self) -> tuple[str, ...]:
        """Names of all corpora of the parts."""
        return tuple(dict.fromkeys(part.corpus for part in self.parts))

    def utterances(self, utterances: Iterable[Utterance]) -> list[Utterance]:
        """The utterances of the protocol's parts, of whatever emotion."""
        return _of_parts(utterances, self.parts)

    def check_complete(self, corpora: Mapping[str, Corpus]) -> None:
        """Check that every part is complete: fewer clips make another score.

        Raises:
            CorpusError: A clip is missing.
        """
        for part in self.parts:
            corpora[part.corpus].check_complete([part.style], f"{self.name} needs")

    def splits(self, utterances: Iterable[Utterance], extra_classes: bool = False) -> list[Split]:
        """One split for each fold.

        Args:
            utterances: Of the whole corpora.
            extra_classes: Whether the training side has emotions outside the scheme as well.

        Raises:
            SplitError: A speaker is missing.
        """
        chosen, scheme = self.utterances(utterances), labels.scheme(self.scheme)
        scored = [utterance for utterance in chosen if scheme.index_of(utterance) is not None]
        return [self._split(fold, chosen if extra_classes else scored, scored) for fold in self.folds]

    def _split(self, fold: Fold, trained_on: list[Utterance], scored: list[Utterance]) -> Split:
        """trained_on: where training clips are taken from; scored: where dev and test clips are."""
        name = f"{self.name}/{fold.name}"
        train = ids_by_speaker(_of_parts(trained_on, fold.trained))
        dev, tested = (ids_by_speaker(_of_parts(scored, parts)) for parts in (fold.trained, fold.tested))
        test = tuple(tested) if fold.test is None else fold.test
        for speaker, ids in [*((speaker, dev) for speaker in fold.dev), *((speaker, tested) for speaker in test)]:
            if speaker not in ids:
                raise SplitError(f"split {name}: speaker {speaker} has no utterance; load the whole corpus")
        held_out = {*fold.dev, *test}
        return Split(
            name,
            {speaker: ids for speaker, ids in train.items() if speaker not in held_out},
            {speaker: dev[speaker] for speaker in sorted(fold.dev)},
            {speaker: tested[speaker] for speaker in sorted(test)},
        )


def _of_parts(utterances: Iterable[Utterance], parts: tuple[Part, ...]) -> list[Utterance]:
    return [utterance for utterance in utterances if any(part.holds(utterance) for part in parts)]


def _fold(name: str, fold: Mapping[str, Any], about: Mapping[str, Any], validating: Mapping[str, str]) -> Fold:
    """A fold of protocols.toml.

    Args:
        name: Of the fold.
        fold: Its table.
        about: Its protocol, which says what the fold does not.
        validating: Corpus -> the speakers who validate where the fold names none.
    """
    trained = tuple(Part(*part.split("/")) for part in fold.get("trained", about.get("trained")))
    tested = fold.get("tested", about.get("tested"))

    def speakers(side: str) -> tuple[str, ...]:
        names = (name for name in fold[side].split() if name not in about.get("without", ()))
        return tuple(name if "/" in name else f"{trained[0].corpus}/{name}" for name in names)

    return Fold(
        name,
        trained,
        tuple(Part(*part.split("/")) for part in tested) if tested else trained,
        speakers("dev")
        if "dev" in fold
        else tuple(f"{part.corpus}/{name}" for part in trained for name in validating[part.corpus].split()),
        speakers("test") if "test" in fold else None,
    )


def _read() -> dict[str, Protocol]:
    tables = tomllib.loads(Path(__file__).with_name("protocols.toml").read_text("utf-8"))
    folds, validating = tables.pop("folds"), tables.pop("validating")
    return {
        name: Protocol(
            name,
            about["title"],
            about["scheme"],
            tuple(_fold(fold, content, about, validating) for fold, content in folds[about["folds"]].items()),
        )
        for name, about in tables.items()
    }


PROTOCOLS: dict[str, Protocol] = _read()


def protocol(name: str) -> Protocol:
    """The protocol of that name.

    Raises:
        SettingsError: There is none.

    Examples:
        >>> protocol("emodb-loso").corpora
        ('emodb',)
    """
    if name not in PROTOCOLS:
        raise SettingsError(f"protocol {name!r} is not known; choose one of {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]
