"""Whether recordings give their labels away: how well one property alone tells the labels of speakers never heard.

For each property a naive Bayes classifier of the property's histogram learns from some speakers and is tested on the
others. Where it does well, a model may learn the property in place of the emotion, and a score on the same corpus does
not show it.

A voice is louder in anger and slower in sadness in any honest corpus. So what a voice does, its level and the length of
its sound, is emotion, and is reported only where it is nearly perfect. What the recording does is reported where it
tells as much as if half the recordings of one label were given away, at least. A length must also tell that much more
than the length of the sound in it does.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect import metrics
from voxaffect.auditing.properties import PROPERTIES, Properties
from voxaffect.metrics import Estimate
from voxaffect.text import listed

MIN_SPEAKERS, MIN_RECORDINGS = 3, 20
"""Of a label, below which nothing can be told of it: with fewer, labels in random order give reports too."""

_FOLDS = 10
_BINS, _PER_BIN = 16, 10  # of a histogram, at most; recordings of each on average, at least
_REPEATED = 0.01, 4  # share and number of recordings from which on one value is a bin of its own
_PRIOR = 2.0  # recordings that are added to each label's histogram, spread as all recordings are
_HALF = 0.5  # of the recordings of one label
_PERFECT = 0.95  # recall and precision of a label

_Labels = npt.NDArray[np.intp]


@dataclass(frozen=True)
class PropertyScore:
    """How well one property alone tells the labels of speakers never heard.

    Args:
        name: In `PROPERTIES`.
        uar: Unweighted average recall, with its interval over speakers.
        label: The label with the best F1.
        recall: Of that label.
        values: The property of the recordings of that label: the middle 80 %, or the most frequent name.
        others: Likewise of all others.
        gives_away: Whether it tells more than it may.
    """

    name: str
    uar: Estimate
    label: str
    recall: float
    values: str
    others: str
    gives_away: bool


@dataclass(frozen=True)
class Shortcuts:
    """What properties tell of labels.

    Args:
        labels: Those that have enough recordings and speakers.
        left_out: Those that have not.
        recordings: How many of the labels there are.
        speakers: Likewise.
        scores: Of each property; empty where nothing can be told.
    """

    labels: tuple[str, ...]
    left_out: tuple[str, ...]
    recordings: int
    speakers: int
    scores: tuple[PropertyScore, ...]

    @property
    def known(self) -> bool:
        """Whether anything can be told."""
        return bool(self.scores)

    @property
    def given_away(self) -> tuple[PropertyScore, ...]:
        """The properties that tell more than they may."""
        return tuple(each for each in self.scores if each.gives_away)

    def to_dict(self) -> dict[str, Any]:
        """For JSON; shares are rounded."""
        return {
            "labels": list(self.labels),
            "left_out": list(self.left_out),
            "recordings": self.recordings,
            "speakers": self.speakers,
            "known": self.known,
            "properties": [
                {
                    "property": each.name,
                    "of": PROPERTIES[each.name].of,
                    "uar": _rounded(each.uar.value),
                    "interval": [_rounded(each.uar.low), _rounded(each.uar.high)],
                    "chance": _rounded(1 / len(self.labels)),
                    "label": each.label,
                    "recall": _rounded(each.recall),
                    "values": each.values,
                    "others": each.others,
                    "gives_away": each.gives_away,
                }
                for each in self.scores
            ],
        }


def find(
    properties: Sequence[Properties], labels: Sequence[str], speakers: Sequence[str], sentences: Sequence[str]
) -> Shortcuts:
    """Find properties of recordings that give labels away.

    Args:
        properties: Of each recording.
        labels: Likewise; one that is empty is left out.
        speakers: Likewise.
        sentences: Likewise; empty where they are not known.

    Returns:
        What each property tells; nothing where fewer than two labels have recordings and speakers enough.

    Examples:
        >>> some = [Properties("", 2.9 if number % 2 else 1 + number / 100) for number in range(80)]
        >>> found = find(some, ["sad", "happy"] * 40, [f"{number % 5}" for number in range(80)], [""] * 80)
        >>> [(each.name, each.label, each.values) for each in found.given_away]
        [('length', 'happy', '2.90 s')]
    """
    counts, speakers_of = Counter[str](), dict[str, set[str]]()
    for label, speaker in zip(labels, speakers, strict=True):
        if label and speaker:
            counts[label] += 1
            speakers_of.setdefault(label, set()).add(speaker)
    enough = sorted(
        label for label, count in counts.items() if count >= MIN_RECORDINGS and len(speakers_of[label]) >= MIN_SPEAKERS
    )
    left_out = tuple(sorted(set(labels) - set(enough) - {""}))
    rows = [row for row, label in enumerate(labels) if label in enough and speakers[row]]
    size = len(rows), len({speakers[row] for row in rows})
    if len(enough) < 2:
        return Shortcuts(tuple(enough), left_out, *size, ())
    who = np.array([speakers[row] for row in rows], np.str_)
    truth = np.array([enough.index(labels[row]) for row in rows])
    measured = [properties[row] for row in rows]
    values = {name: np.array([getattr(each, name) for each in measured]) for name in PROPERTIES if name != "sentence"}
    values["sentence"] = np.array([sentences[row] for row in rows], np.str_)
    predictions = {name: _predict(values[name], truth, who) for name in PROPERTIES}
    scores = []
    for name, prediction in predictions.items():
        figures = metrics.figures(truth, prediction, who, len(enough))
        best = int(np.argmax(_f1_of_labels(metrics.confusion(truth, prediction, len(enough)))))
        of_best = truth == best
        much = PROPERTIES[name].of == "recording" and figures.uar.low >= (1 + _HALF) / len(enough)
        if much and name == "length":
            ours, theirs = (
                metrics.by_speaker(truth, predictions[each], who, len(enough)) for each in ("length", "sound")
            )
            much = metrics.mean_uar_difference([ours], [theirs]).low >= _HALF / len(enough)
        perfect = figures.recalls[best].low >= _PERFECT and of_best[prediction == best].mean() >= _PERFECT
        scores.append(
            PropertyScore(
                name,
                figures.uar,
                enough[best],
                figures.recalls[best].value,
                _typical(name, values[name][of_best]),
                _typical(name, values[name][~of_best]),
                bool(much or perfect),
            )
        )
    return Shortcuts(tuple(enough), left_out, *size, tuple(scores))


def conclusion(found: Mapping[str, Any]) -> str:
    """Whether labels are given away, in words.

    Args:
        found: Of `Shortcuts.to_dict`.

    Returns:
        A sentence.
    """
    count = sum(each["gives_away"] for each in found["properties"])
    if not found["known"]:
        enough = f"two labels with {MIN_RECORDINGS} recordings of {MIN_SPEAKERS} known speakers each"
        return f"Whether recordings give their labels away cannot be told: it takes {enough}."
    rest = f" {listed(found['left_out'])} could not be told: too few recordings or speakers." * bool(found["left_out"])
    if not count:
        return f"No property alone gives the labels of unseen speakers away.{rest}"
    what = "1 property alone tells" if count == 1 else f"{count} properties alone tell"
    return f"{what} labels of unseen speakers; a model may learn that in place of the emotion.{rest}"


def describe(score: Mapping[str, Any]) -> str:
    """What a property tells, in words.

    Args:
        score: One of the `properties` of `Shortcuts.to_dict`.

    Returns:
        One line.

    Examples:
        >>> score = {"property": "noise", "uar": 0.4, "interval": [0.35, 0.45], "chance": 0.25, "label": "sad"}
        >>> describe(score | {"recall": 0.8, "values": "−60 to −50 dB", "others": "−80 to −70 dB"})
        'noise floor: UAR 40 % [35, 45], chance 25 %; sad best, recall 80 %: −60 to −50 dB, others −80 to −70 dB'
    """
    value, low, high, chance, recall = (
        round(100 * share) for share in (score["uar"], *score["interval"], score["chance"], score["recall"])
    )
    head = f"{PROPERTIES[score['property']].title}: UAR {value} % [{low}, {high}], chance {chance} %"
    typical = f": {score['values']}, others {score['others']}" if score["values"] else ""
    return f"{head}; {score['label']} best, recall {recall} %{typical}"


def _predict(values: npt.NDArray[Any], truth: _Labels, speakers: npt.NDArray[np.str_]) -> _Labels:
    """The most probable label of each recording by other speakers' histograms, all labels being equally frequent."""
    owner = np.unique(speakers, return_inverse=True)[1]
    fold, labels = owner % _FOLDS, int(truth.max()) + 1
    prediction = np.zeros_like(truth)
    for number in np.unique(fold):
        train = fold != number
        bins = _binned(values, train)
        size = int(bins.max()) + 1
        counts = np.bincount(bins[train] * labels + truth[train], minlength=size * labels).reshape(size, labels)
        prior = _PRIOR * counts.sum(axis=1, keepdims=True) / counts.sum()
        shares = (counts + prior) / (counts.sum(axis=0) + _PRIOR)
        prediction[~train] = shares.argmax(axis=1)[bins[~train]]
    return prediction


def _binned(values: npt.NDArray[Any], train: npt.NDArray[np.bool_]) -> _Labels:
    """The bin of each value: of a number that is often repeated one of its own, of others by quantiles; of a name."""
    if values.dtype.kind != "f":
        names = np.unique(values[train])
        place = np.minimum(np.searchsorted(names, values), len(names) - 1)
        return np.where(names[place] == values, place + 1, 0)
    known = values[train & np.isfinite(values)]
    numbers, counts = np.unique(known, return_counts=True)
    repeated = numbers[counts >= max(_REPEATED[0] * len(known), _REPEATED[1])]
    rest = known[~np.isin(known, repeated)]
    marks = np.arange(1, min(_BINS, len(rest) // _PER_BIN)) / max(min(_BINS, len(rest) // _PER_BIN), 1)
    edges = np.unique(np.quantile(rest, marks)) if len(marks) else np.zeros(0)
    bins = np.where(np.isfinite(values), 1 + np.searchsorted(edges, values), 0)
    if len(repeated):
        place = np.minimum(np.searchsorted(repeated, values), len(repeated) - 1)
        bins = np.where(repeated[place] == values, len(edges) + 2 + place, bins)
    return bins


def _f1_of_labels(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return 2 * np.diagonal(counts) / np.maximum(counts.sum(axis=0) + counts.sum(axis=1), 1)


def _typical(name: str, values: npt.NDArray[Any]) -> str:
    kind = PROPERTIES[name]
    if values.dtype.kind != "f":
        common = Counter(values.tolist()).most_common(1)[0][0]
        return f"most often {common}" if common else ""
    known = values[np.isfinite(values)]
    if not len(known):
        return ""
    low, high = (f"{mark + 0.0:.{kind.decimals}f}".replace("-", "−") for mark in np.percentile(known, [10, 90]))
    return f"{low} {kind.unit}" if low == high else f"{low} to {high} {kind.unit}"


def _rounded(share: float) -> float | None:
    return round(share, 4) if np.isfinite(share) else None
