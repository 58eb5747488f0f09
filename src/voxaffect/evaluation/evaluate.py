"""A bundle and recordings to its score, with a warning where it was trained on their speakers."""

import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voxaffect import corpora, labels
from voxaffect.corpora import Source, Utterance
from voxaffect.corpora.sources import as_list, warn_of_dropped
from voxaffect.errors import SettingsError, VoxaffectWarning
from voxaffect.evaluation.predictions import Predictions, predict
from voxaffect.evaluation.probes import baselines
from voxaffect.evaluation.probes import conditions as channels
from voxaffect.evaluation.probes import nonspeech as sounds
from voxaffect.evaluation.report import as_text, summarise
from voxaffect.inference.baseline import relative
from voxaffect.inference.recognizer import load
from voxaffect.splits import Side, Split

Tick = Callable[[], None]


@dataclass(frozen=True, repr=False)
class Evaluation:
    """The score of a bundle.

    Attributes:
        summary: The figures, as `report.summarise` gives them, empty where only non-speech was asked for; with
            "conditions", "baselines" and "nonspeech" where they were asked for.
        predictions: Of every utterance; None where only non-speech was asked for.
    """

    summary: Mapping[str, Any]
    predictions: Predictions | None

    def __repr__(self) -> str:
        return f"Evaluation(uar={self.uar})" if self.predictions is not None else "Evaluation(nonspeech)"

    @property
    def uar(self) -> float:
        """Unweighted average recall, in [0, 1]."""
        return float(self.summary["uar"]["value"])

    def to_dict(self) -> dict[str, Any]:
        """All figures, for JSON."""
        return dict(self.summary)

    def as_text(self) -> str:
        """All figures as a page for a terminal, in per cent."""
        parts = [as_text(dict(self.summary))] if self.predictions is not None else []
        probes = {"conditions": channels.as_text, "baselines": baselines.as_text, "nonspeech": sounds.as_text}
        parts += [text(self.summary[name]) for name, text in probes.items() if name in self.summary]
        return "\n\n".join(parts)


def evaluate(
    bundle: str | os.PathLike[str] | None,
    sources: Source | Iterable[Source] = (),
    *,
    split: Split | str | os.PathLike[str] | None = None,
    side: Side | None = None,
    conditions: Iterable[str] = (),
    baseline: str | os.PathLike[str] | None = None,
    baseline_curve: bool = False,
    nonspeech: bool = False,
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    style: str | None = None,
    threads: int = 1,
    progress: Callable[[int, str], Tick] = lambda total, what: lambda: None,
) -> Evaluation:
    """Score a bundle; warns if it was trained on these speakers.

    Args:
        bundle: A bundle's folder, or the name of one in the package; None: the default one.
        sources: Recordings and their labels, as `corpora.load_sources` takes them; none are needed for `nonspeech`.
        split: Score a side of this split, or of the split in this file (default: all recordings).
        side: The side of the split, "test" (default), "dev" or "train".
        conditions: Names of `augment.CONDITIONS`, or all, to score it under as well.
        baseline: A file of a baseline to work against.
        baseline_curve: Whether to score baselines of 1, 5, 20 and 100 recordings, set aside by chance.
        nonspeech: Whether to test it on noises, tones and music-like sounds.
        columns: Of one's own tables: role -> column, as {"label": "mood"}.
        root: Of one's own tables: the folder that their files are named from.
        speaker: Of one's own recordings: a regular expression that finds the speaker in a file's name.
        style: Only utterances of this style, "speech" or "song".
        threads: For the neural network.
        progress: Called with the number of recordings and what is done to them; gives what is called after each.

    Raises:
        SettingsError: Parameters contradict one another or a condition is not known.
        BundleError: The bundle cannot be read.
        EvaluationError: No recording has a class of the bundle.
        CorpusError, TableError, SplitError: Recordings or the split are not as they should be.
    """
    chosen, named = channels.named(conditions), as_list(sources)
    if side and split is None:
        raise SettingsError("`side` is a side of a split; name the split by `split`")
    if baseline and baseline_curve:
        raise SettingsError("`baseline_curve` learns baselines of its own; leave `baseline` out")
    recognizer = load(bundle, threads=threads, baseline=baseline)
    layer = relative(recognizer.bundle) if baseline_curve else None  # before minutes are spent
    if nonspeech and not named:
        return Evaluation({"nonspeech": sounds.hear(recognizer)}, None)
    utterances: Sequence[Utterance] = corpora.load_sources(
        named, columns=columns, root=root, speaker=speaker, style=style
    ).utterances
    if split is not None:
        utterances = (split if isinstance(split, Split) else Split.read(split)).select(utterances, side or "test")
    scheme, count = labels.scheme(recognizer.bundle.card["scheme"]), len(utterances)
    _warn_of_leaks(utterances, recognizer.bundle.card["training"])
    predictions = predict(recognizer, utterances, scheme, tick=progress(count, "scored"))
    warn_of_dropped(utterances, scheme)
    summary = summarise(predictions)
    if chosen:
        by_condition = {channels.CLEAN: predictions}
        for name in chosen:
            tick, hear = progress(count, f"scored under {name}"), channels.Ears(name, utterances)
            by_condition[name] = predict(recognizer, utterances, scheme, tick=tick, hear=hear)
        summary["conditions"] = channels.compare(by_condition)
    if layer is not None:
        embedded = baselines.hear(recognizer, utterances, scheme, progress(count, "embedded"))
        summary["baselines"] = baselines.curve([(layer, embedded)])
    if nonspeech:
        summary["nonspeech"] = sounds.hear(recognizer)
    return Evaluation(summary, predictions)


def _warn_of_leaks(utterances: Sequence[Utterance], training: Mapping[str, Any]) -> None:
    """Warn of speakers whom the bundle was trained on, by their names here or by a corpus's official file names."""
    split, begun = training["split"], training.get("start", {"corpora": [], "speakers": []})
    if corpora.any_unknown([*split["train"], *begun["speakers"]]):
        _warn("the speakers that it was trained on are unknown; these may be among them")
    speakers = corpora.speaker_names(utterances, [each["name"] for each in (*training["corpora"], *begun["corpora"])])
    sides = (
        (split["train"], "was trained on"),
        (split["dev"], "was chosen by"),
        (begun["speakers"], "began with a network of"),
    )
    for side, verb in sides:
        known = sorted(speakers & set(side))
        if known:
            _warn(
                f"LEAKY: it {verb} {len(known)} of these speakers, {known[0]} first; the figures say what it "
                "remembers, not how it does on new voices"
            )


def _warn(message: str) -> None:
    warnings.warn(message, VoxaffectWarning, stacklevel=4)
