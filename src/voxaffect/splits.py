"""Training, development and test sides that cannot share a speaker."""

import dataclasses
import json
import os
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, Self, TypeVar

from voxaffect.errors import SettingsError, SplitError
from voxaffect.files.atomic import write_text

Side = Literal["train", "dev", "test"]
SIDES: tuple[Side, ...] = ("train", "dev", "test")
SCHEMA = 1


class HasSpeaker(Protocol):
    """Anything with an id and a speaker, as an utterance."""

    @property
    def id(self) -> str:
        """The utterance's name, unique in its corpus."""

    @property
    def speaker(self) -> str:
        """The speaker with the corpus, as `ravdess/01`."""


S = TypeVar("S", bound=HasSpeaker)


@dataclass(frozen=True, repr=False)
class Sides:
    """What `Split` and `LeakySplit` share: three sides, each speaker -> the ids of that speaker's utterances."""

    name: str
    train: Mapping[str, tuple[str, ...]] = field(hash=False)
    dev: Mapping[str, tuple[str, ...]] = field(hash=False)
    test: Mapping[str, tuple[str, ...]] = field(hash=False)

    def __post_init__(self) -> None:
        raise TypeError("Sides are not checked; build a Split, or a LeakySplit")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}: {self.sizes})"

    @property
    def sizes(self) -> str:
        """`train 80 of 5 speakers, dev 16 of 1 speaker, test 32 of 2 speakers`."""
        counts = {side: len(getattr(self, side)) for side in SIDES}
        return ", ".join(
            f"{side} {len(self.ids(side))} of {count} speaker{'s' * (count != 1)}" for side, count in counts.items()
        )

    @property
    def speakers_apart(self) -> bool:
        """Whether no speaker is on two sides."""
        return not (set(self.train) & set(self.dev) or (set(self.train) | set(self.dev)) & set(self.test))

    def ids(self, side: Side) -> tuple[str, ...]:
        """Ids of a side's utterances, by speaker."""
        return tuple(identity for identities in getattr(self, side).values() for identity in identities)

    def select(self, utterances: Iterable[S], side: Side) -> list[S]:
        """The utterances of a side, in the split's order.

        Raises:
            SplitError: One is not among those given: a score over fewer clips is another score.
        """
        known = {utterance.id: utterance for utterance in utterances}
        wanted = self.ids(side)
        lost = [identity for identity in wanted if identity not in known]
        if lost:
            raise SplitError(
                f"split {self.name}: {len(lost)} of {len(wanted)} {side} utterances are not there, the first is "
                f"{lost[0]}; load the whole corpus, in the styles (speech, song) that the split was made of"
            )
        return [known[identity] for identity in wanted]

    def without_dev(self) -> Self:
        """The same with the development side added to the training side."""
        return dataclasses.replace(self, train={**self.train, **self.dev}, dev={})

    def without(self, ids: Iterable[str]) -> Self:
        """The same without these utterances."""
        left_out = set(ids)

        def rest(side: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
            kept = {speaker: tuple(each for each in ids if each not in left_out) for speaker, ids in side.items()}
            return {speaker: ids for speaker, ids in kept.items() if ids}

        return dataclasses.replace(self, train=rest(self.train), dev=rest(self.dev), test=rest(self.test))

    def with_copies(self, copies: Iterable[HasSpeaker]) -> Self:
        """The same with copies added to the training side."""
        train = {speaker: list(ids) for speaker, ids in self.train.items()}
        for copy in copies:
            train[copy.speaker].append(copy.id)
        return dataclasses.replace(self, train={speaker: tuple(ids) for speaker, ids in train.items()})


LEAKY = "leaky"
"""What the name of a split that leaks on purpose ends with."""


@dataclass(frozen=True, repr=False)
class LeakySplit(Sides):
    """Sides that share speakers on purpose, to show what a leak is worth. Its name says so, wherever it is shown."""

    def __post_init__(self) -> None:
        if not self.name.endswith(f"-{LEAKY}"):
            raise SplitError(f"split {self.name}: leaks and does not say so; name it {self.name}-{LEAKY}")


@dataclass(frozen=True, repr=False)
class Split(Sides):
    """Three sides of a corpus, each speaker -> the ids of that speaker's utterances.

    A split with a speaker on two sides cannot be built: a model tested on voices that it was trained on is tested on
    memory.

    Raises:
        SplitError: A speaker or an utterance is on two sides, or there is nothing to train on or to test on.

    Examples:
        >>> ann = {"mine/ann": ("mine/a.wav",)}
        >>> Split("mine", train=ann, dev={}, test=ann)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        voxaffect.errors.SplitError: split mine: speaker mine/ann is in train and in test; ...
    """

    def __post_init__(self) -> None:
        owner: dict[str, tuple[str, Side]] = {}
        speaker_side: dict[str, Side] = {}
        for side in SIDES:
            for speaker, identities in getattr(self, side).items():
                if speaker in speaker_side:
                    raise SplitError(
                        f"split {self.name}: speaker {speaker} is in {speaker_side[speaker]} and in {side}; "
                        "split by speaker, as `voxaffect split` does"
                    )
                speaker_side[speaker] = side
                if not identities:
                    raise SplitError(f"split {self.name}: speaker {speaker} has no utterance in {side}; leave it out")
                for identity in identities:
                    if identity in owner:
                        raise SplitError(
                            f"split {self.name}: utterance {identity} is listed twice (speaker {owner[identity][0]} in "
                            f"{owner[identity][1]}, speaker {speaker} in {side}); list it once"
                        )
                    owner[identity] = (speaker, side)
        if not self.train and not self.test:
            raise SplitError(f"split {self.name}: nothing to train on and nothing to test on; check the speakers")

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write as JSON; an older file stays whole until the new one is complete."""
        sides = {side: {speaker: list(ids) for speaker, ids in getattr(self, side).items()} for side in SIDES}
        write_text(Path(path), json.dumps({"schema": SCHEMA, "name": self.name} | sides, indent=1) + "\n")

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> "Split":
        """Read what `write` wrote.

        Raises:
            SplitError: The file is missing, is not such JSON, or is a split that cannot be built.
        """
        try:
            content = json.loads(Path(path).read_text("utf-8"))
        except OSError as error:
            raise SplitError(f"{path}: cannot be read ({error.strerror}); check the path") from None
        except ValueError as error:
            raise SplitError(f"{path}: is not JSON ({error}); write it with `voxaffect split`") from None
        if not isinstance(content, dict) or content.get("schema") != SCHEMA:
            raise SplitError(f"{path}: is not a split of schema {SCHEMA}; write it with `voxaffect split`")
        try:
            sides = {
                side: {str(speaker): tuple(map(str, ids)) for speaker, ids in content[side].items()} for side in SIDES
            }
            return cls(str(content["name"]), **sides)
        except (KeyError, AttributeError, TypeError) as error:
            raise SplitError(f"{path}: lacks a part of a split ({error}); write it with `voxaffect split`") from None


def by_speaker(
    name: str, utterances: Iterable[HasSpeaker], *, dev: Iterable[str] = (), test: Iterable[str] = ()
) -> Split:
    """Split by naming the speakers of dev and test; all others train.

    Raises:
        SplitError: A named speaker has no utterance or is named for both.
    """
    dev, test, ids = sorted(dev), sorted(test), ids_by_speaker(utterances)
    for speaker in [*dev, *test]:
        if speaker not in ids:
            raise SplitError(f"split {name}: speaker {speaker} has no utterance; speakers are {', '.join(ids)}")
    sides = (sorted(set(ids) - set(dev) - set(test)), dev, test)
    return Split(name, *({speaker: ids[speaker] for speaker in side} for side in sides))


def ids_by_speaker(utterances: Iterable[HasSpeaker]) -> dict[str, tuple[str, ...]]:
    """Speaker -> ids of that speaker's utterances, in their order; speakers are sorted."""
    ids: dict[str, list[str]] = {}
    for utterance in utterances:
        ids.setdefault(utterance.speaker, []).append(utterance.id)
    return {speaker: tuple(ids[speaker]) for speaker in sorted(ids)}


def k_folds(name: str, utterances: Sequence[HasSpeaker], k: int, *, seed: int = 0) -> list[Split]:
    """K splits in which every speaker is tested once; each fold's dev speakers are the next fold's test speakers.

    Speakers are dealt in a seeded random order, those of each sex in turn where it is known, so that folds are alike.

    Raises:
        SettingsError: There are fewer than three folds, or fewer speakers than folds.
    """
    sexes = {utterance.speaker: getattr(utterance, "sex", None) or "" for utterance in utterances}
    if not 3 <= k <= len(sexes):
        raise SettingsError(
            f"{k} folds of {len(sexes)} speaker{'s' * (len(sexes) != 1)}: choose at least 3, for train, dev and test "
            "apart, and no more than there are speakers"
        )
    order = sorted(sexes)
    random.Random(seed).shuffle(order)
    order.sort(key=lambda speaker: sexes[speaker])
    groups = [order[fold::k] for fold in range(k)]
    return [
        by_speaker(f"{name}/fold{fold + 1}", utterances, dev=groups[(fold + 1) % k], test=groups[fold])
        for fold in range(k)
    ]
