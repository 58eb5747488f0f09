"""What is checked of recordings before they are trained on. Decoding needs the extra `train`."""

import warnings
from collections.abc import Sequence

from voxaffect.corpora import Utterance
from voxaffect.corpora.counts import Counts, count, doubts
from voxaffect.corpora.sources import leave_out, without_class
from voxaffect.errors import CorpusError, VoxaffectWarning, check
from voxaffect.labels import Scheme
from voxaffect.runs.run import Run
from voxaffect.settings import Experiment
from voxaffect.splits import SIDES, Sides


def check_classes(utterances: Sequence[Utterance], scheme: Scheme) -> None:
    """Warn of classes that no training recording has.

    Raises:
        SettingsError: That is all of them.
    """
    there = {scheme.index_of(each) for each in utterances} - {None}
    check(
        bool(there),
        f"none of the {len(utterances)} training recordings has a class in {scheme.name} "
        f"({', '.join(scheme.classes)}); there are {without_class(utterances, scheme)}",
    )
    absent = [name for index, name in enumerate(scheme.classes) if index not in there]
    if absent:
        _warn(
            f"no training recording is {' or '.join(absent)}, which the model cannot learn; name the classes of your "
            "recordings by `overrides` training.scheme=[...]"
        )


def counts_of(sides: Sides, utterances: Sequence[Utterance], scheme: Scheme, *, extra_classes: bool) -> Counts:
    """How many clips and speakers each class and side has."""
    there = {side: sides.select(utterances, side) for side in SIDES}
    outside = {each.emotion for each in there["train"] if extra_classes and scheme.index_of(each) is None}
    return count({side: clips for side, clips in there.items() if clips}, scheme, sorted(outside))


def warn_of_doubts(counts: Counts) -> None:
    """Warn of few clips to train on."""
    for sentence in doubts(counts):
        _warn(sentence)


def decodable(
    sides: Sides, utterances: Sequence[Utterance], scheme: Scheme, experiment: Experiment, *, strict: bool
) -> Sides:
    """The sides without the clips that cannot be decoded; warns of these.

    Raises:
        CorpusError: There is one, and `strict`.
        SplitError: Nothing is left to train on.
    """
    from voxaffect.training.decoding import undecodable

    extra = experiment.training.targets.extra_classes
    needed = [
        each
        for side in SIDES
        for each in sides.select(utterances, side)
        if scheme.index_of(each) is not None or (extra and side == "train")
    ]
    unreadable = undecodable(needed, experiment.input)
    leave_out([(each.path, reason) for each, reason in unreadable], len(needed), strict)
    return sides.without(each.id for each, _ in unreadable) if unreadable else sides


def check_decodable(runs: Sequence[Run]) -> None:
    """Check that every clip of a benchmark's runs can be decoded: a score over fewer is another score.

    Raises:
        CorpusError: One cannot.
    """
    from voxaffect.training.decoding import undecodable

    first = runs[0]
    ids = {identity for run in runs for side in SIDES for identity in run.split.ids(side)}
    extra = first.experiment.training.targets.extra_classes
    needed = [
        each for each in first.utterances if each.id in ids and (extra or first.scheme.index_of(each) is not None)
    ]
    if unreadable := undecodable(needed, first.experiment.input):
        clip, reason = unreadable[0]
        count = f"{len(unreadable)} of {len(needed)} recordings cannot be decoded, the first is {clip.path} ({reason})"
        raise CorpusError(f"{count}; the benchmark needs all of them: copy them again")


def _warn(message: str) -> None:
    warnings.warn(message, VoxaffectWarning, stacklevel=3)
