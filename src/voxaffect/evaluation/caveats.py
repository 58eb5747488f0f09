"""What stands beside figures: that they are of fewer classes, speakers or clips than one would think."""

from collections.abc import Mapping
from typing import Any

from voxaffect.card.scores import GroupScores, Scores
from voxaffect.corpora import any_unknown
from voxaffect.evaluation.summary import Summary

FEW_SPEAKERS = 5
"""Below it, an interval's ends are hardly more than its worst and its best speaker. Of three, one resample in 27 holds
the worst one alone, which is more than the 2.5 % that lie beyond an end; of five, one in 3125 does."""

FEW_CLIPS = 10
"""Of a class; below it, one clip moves the class's recall by more than ten points."""


def caveats(summary: Summary) -> tuple[str, ...]:
    """Sentences, without a full stop; none where all classes are tested, on enough clips of enough speakers.

    Examples:
        >>> from voxaffect.card.scores import Figure
        >>> of = {"utterances": 40, "wa": Figure(0.7), "ece": 0.1, "by_sex": {}, "by_speaker": {}, "confusion": ()}
        >>> caveats(Summary(classes=("angry", "sad"), classes_tested=("sad",), speakers=9, **of))
        ('1 of 2 classes is tested: sad; there is no UAR and no F1 of one class: whoever always answers sad is right',)
    """
    return (*_of_classes(summary), *_of_clips(summary), *_of_speakers(summary), *_of_groups(summary))


def with_caveats(summary: Summary) -> dict[str, Any]:
    """A summary for JSON, with its caveats."""
    return {**summary.to_dict(), "caveats": list(caveats(summary))}


def scores(summary: Summary, on: str, *, commit: str | None = None) -> Scores:
    """What goes onto a card. on: what was scored. commit: of the source that scored it."""
    return Scores.from_dict({**with_caveats(summary), "on": on, "commit": commit})


def _of_how_many(classes_tested: tuple[str, ...], classes: tuple[str, ...]) -> str:
    """`3 of 4 classes are tested`."""
    return f"{len(classes_tested)} of {len(classes)} classes {'is' if len(classes_tested) == 1 else 'are'} tested"


def _of_classes(summary: Summary) -> list[str]:
    if summary.classes_tested == summary.classes:
        return []
    sentence = f"{_of_how_many(summary.classes_tested, summary.classes)}: {', '.join(summary.classes_tested)}"
    if len(summary.classes_tested) > 1:
        return [f"{sentence}; UAR, F1 and chance are of these"]
    only = summary.classes_tested[0]
    return [f"{sentence}; there is no UAR and no F1 of one class: whoever always answers {only} is right"]


def _of_clips(summary: Summary) -> list[str]:
    few = {name: each.utterances for name, each in summary.by_class.items() if each.utterances < FEW_CLIPS}
    if not few:
        return []
    counts = ", ".join(f"{count} {name}" for name, count in few.items())
    return [
        f"too few clips: {counts}; one clip moves its class's recall by up to {100 / min(few.values()):.0f} points, "
        f"so have {FEW_CLIPS} or more of each class"
    ]


def _of_speakers(summary: Summary) -> list[str]:
    if any_unknown(summary.by_speaker):
        return ["speakers are unknown: how figures differ between speakers is not known either"]
    if summary.speakers == 1:
        return ["1 speaker: there is no interval, and other speakers may differ much"]
    few = {name: each.speakers for name, each in summary.by_class.items() if each.speakers < FEW_SPEAKERS}
    counts = ", ".join(f"{name} of {_speakers(count)}" for name, count in few.items())
    alone = [name for name, count in few.items() if count == 1]
    sentences = []
    if summary.speakers < FEW_SPEAKERS:
        sentences.append(f"{summary.speakers} speakers: the interval says only how far apart they are")
    elif few:
        sentences.append(f"few speakers of a class: {counts}; there, an interval says only how far apart they are")
    if alone and len(summary.classes_tested) > 1:
        verb = "is of one speaker" if len(alone) == 1 else "are of one speaker each"
        sentences.append(f"{', '.join(alone)} {verb}: a mean over the classes has no interval")
    return sentences


def _of_groups(summary: Summary) -> list[str]:
    sentences = []
    groups: Mapping[str, GroupScores] = {**summary.by_sex, **summary.by_corpus}
    few = {name: each.speakers for name, each in groups.items() if each.speakers and 1 < each.speakers < FEW_SPEAKERS}
    if few and summary.speakers >= FEW_SPEAKERS:
        counts = ", ".join(f"{name} of {_speakers(count)}" for name, count in few.items())
        sentences.append(f"{counts}: these intervals say only how far apart they are")
    for name, each in groups.items():
        if each.classes_tested is not None:
            sentences.append(
                f"{name}: {_of_how_many(each.classes_tested, summary.classes)}: {', '.join(each.classes_tested)}"
            )
    sexes = [summary.by_sex[sex] for sex in ("female", "male") if sex in summary.by_sex]
    gap = summary.women_less_men
    if gap and gap.classes_tested:
        sentences.append(f"women and men are compared on the classes that both have: {', '.join(gap.classes_tested)}")
    elif len(sexes) == 2 and gap is None and len(summary.classes_tested) > 1:
        sentences.append("women and men are not compared: they have fewer than two classes in common")
    return sentences


def _speakers(count: int) -> str:
    return f"{count} speaker{'s' * (count != 1)}"
