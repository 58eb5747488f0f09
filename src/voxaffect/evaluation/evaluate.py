"""A bundle and recordings to its score, with a warning where it was trained on their speakers."""

import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voxaffect import corpora
from voxaffect.bundle import Bundle
from voxaffect.card.training import TrainingRecord
from voxaffect.corpora import Labels, Source, Utterance
from voxaffect.corpora.counts import Counts, count
from voxaffect.corpora.sources import as_list, leave_out, warn_of_dropped
from voxaffect.errors import EvaluationError, VoxaffectWarning, check
from voxaffect.evaluation import probes as evaluation_probes
from voxaffect.evaluation.caveats import with_caveats
from voxaffect.evaluation.predictions import Predictions, predict
from voxaffect.evaluation.probes import Findings, Probe, Progress, TestSet
from voxaffect.evaluation.probes.base import silent
from voxaffect.evaluation.probes.conditions import ConditionScores
from voxaffect.evaluation.report import as_text
from voxaffect.evaluation.split import find_split
from voxaffect.evaluation.summary import Summary, summarise
from voxaffect.inference.baseline import baseline_head
from voxaffect.inference.recognizer import load
from voxaffect.labels import scheme as find_scheme
from voxaffect.provenance import commit, versions
from voxaffect.splits import Side, Split


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """The score of a bundle.

    Attributes:
        about: What was scored by what, for JSON: bundle, split, versions.
        summary: The figures; None without recordings.
        predictions: Of every utterance; None without recordings.
        probes: Name -> its findings.
    """

    about: Mapping[str, Any]
    summary: Summary | None = None
    predictions: Predictions | None = None
    probes: Mapping[str, Findings] = field(default_factory=dict)

    def __repr__(self) -> str:
        if self.summary is None:
            return f"Evaluation({', '.join(self.probes)})"
        return f"Evaluation({self.summary.headline}, {self.summary.utterances} utterances)"

    @property
    def uar(self) -> float:
        """Unweighted average recall, of several corpora the mean, in [0, 1]; not a number without two classes."""
        return self.summary.headline_uar.value if self.summary and self.summary.headline_uar else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """All figures, for JSON, under the names that a benchmark's result has."""
        figures = with_caveats(self.summary) if self.summary else {}
        probes = {name: findings.to_dict() for name, findings in self.probes.items()}
        last = ("commit", "versions")
        first = {name: value for name, value in self.about.items() if name not in last}
        return {**first, **figures, **probes, **{name: self.about[name] for name in last if name in self.about}}

    def write_predictions(self, path: str | os.PathLike[str]) -> None:
        """Write every prediction as CSV, those under conditions among them.

        Raises:
            EvaluationError: There are none, without recordings.
        """
        if self.predictions is None:
            raise EvaluationError("there are no predictions without recordings; give `sources`")
        conditions = self.probes.get("conditions")
        under = conditions.predictions if isinstance(conditions, ConditionScores) else {}
        self.predictions.write(Path(path), under)

    def as_text(self) -> str:
        """All figures as a page for a terminal, in per cent."""
        parts = [as_text(self.summary)] if self.summary else []
        return "\n\n".join([*parts, *(findings.as_text() for findings in self.probes.values())])


def evaluate(
    bundle: str | os.PathLike[str] | None,
    sources: Source | Iterable[Source] = (),
    *,
    split: Split | str | os.PathLike[str] | None = None,
    side: Side | None = None,
    probes: Iterable[str | Probe[Any]] = (),
    baseline: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    labels: Labels | None = None,
    style: str | None = None,
    strict: bool = False,
    counted: Callable[[Counts], None] = lambda counts: None,
    threads: int = 1,
    progress: Progress = silent,
) -> Evaluation:
    """Score a bundle; warns if it was trained on these speakers.

    Args:
        bundle: A bundle's folder, or the name of one in the package; None: the default one.
        sources: Recordings and their labels, as `corpora.load_sources` takes them; the probe "nonspeech" needs none.
        split: Score a side of this split, of the split in this file, or of "given", the one that the sources give
            (default: all recordings).
        side: The side of the split, "test" (default), "dev" or "train".
        probes: What else to measure: names of `evaluation.probes.PROBES`, or probes.
        baseline: A file of a baseline to work against.
        columns: Of one's own tables: role -> column, as {"label": "mood"}.
        root: Of one's own tables: the folder that their files are named from.
        speaker: Of one's own recordings: a regular expression that finds the speaker in a file's name.
        labels: Of one's own recordings: label -> emotion, as {"wütend": "angry"}, or a CSV or TSV of these two columns.
        style: Only utterances of this style, "speech" or "song".
        strict: Whether a recording that cannot be read is an error instead of being left out.
        counted: Called before scoring with the number of clips and speakers of each class.
        threads: For the neural network.
        progress: Called with the number of recordings and the name of the step; returns a function that is called
            after every recording.

    Raises:
        SettingsError: Parameters contradict one another or a probe is not known.
        BundleError: The bundle cannot be read.
        EvaluationError: No recording has a class of the bundle; its labels are named.
        CorpusError, TableError, SplitError: Recordings or the split are not as they should be.

    Examples:
        >>> evaluate("common4", probes=["nonspeech"])
        Evaluation(nonspeech)
    """
    wanted, named = evaluation_probes.find(probes), as_list(sources)
    needs_head = any(probe.needs_baseline_head for probe in wanted)
    check(not side or split is not None, "`side` is a side of a split; name the split by `split`")
    check(not baseline or not needs_head, "the probe baselines computes its own baselines; leave `baseline` out")
    recognizer = load(bundle, threads=threads, baseline=baseline)
    if needs_head:
        baseline_head(recognizer.bundle)  # before minutes are spent
    scheme = find_scheme(recognizer.bundle.card.scheme)
    utterances: Sequence[Utterance] = ()
    summary = predictions = None
    if named or not wanted or any(probe.needs_recordings for probe in wanted):
        loaded = corpora.load_sources(
            named, columns=columns, root=root, speaker=speaker, labels=labels, style=style, strict=strict
        )
        utterances = loaded.utterances
        if split is not None:
            utterances = find_split(split, loaded).select(utterances, side or "test")
        _warn_of_leaks(utterances, recognizer.bundle.card.training)
        warn_of_dropped(utterances, scheme)
        counted(count({(side or "test") if split is not None else "clips": utterances}, scheme))
        unreadable: list[tuple[Utterance, str]] = []
        tick = progress(len(utterances), "scored")
        predictions = predict(recognizer, utterances, scheme, tick=tick, unreadable=None if strict else unreadable)
        leave_out([(each.path, reason) for each, reason in unreadable], len(utterances), strict)
        lost = {each.id for each, _ in unreadable}
        utterances = [each for each in utterances if each.id not in lost]
        summary = summarise(predictions)
    test = TestSet(tuple(utterances), tuple(utterances), scheme)
    measured = {probe: probe.measure(recognizer, test, progress=progress) for probe in wanted}
    findings = {probe.name: probe.merge([each], predictions) for probe, each in measured.items()}
    about = _about(recognizer.bundle, split, side, baseline)
    return Evaluation(about, summary, predictions, findings)


def _about(
    bundle: Bundle,
    split: Split | str | os.PathLike[str] | None,
    side: Side | None,
    baseline: str | os.PathLike[str] | None,
) -> dict[str, Any]:
    model = bundle.card.model
    about: dict[str, Any] = {
        "bundle": bundle.name,
        "model_sha256": model.sha256,
        "parameters": model.parameters,
        "model_bytes": model.bytes,
    }
    if split is not None:
        about |= {"split": split.name if isinstance(split, Split) else os.fspath(split), "side": side or "test"}
    if baseline is not None:
        about["baseline"] = os.fspath(baseline)
    return about | {"commit": commit(), "versions": versions()}


def _warn_of_leaks(utterances: Sequence[Utterance], training: TrainingRecord) -> None:
    """Warn of speakers whom the bundle was trained on, by their names here or by a corpus's official file names."""
    before = training.pretrained.speakers if training.pretrained else ()
    leaks = []
    if corpora.any_unknown([*training.split.train, *before]):
        leaks.append("the speakers that it was trained on are unknown; these may be among them")
    speakers = corpora.speaker_names(utterances, [each.name for each in training.all_corpora])
    for side, verb in (
        (training.split.train, "was trained on"),
        (training.split.dev, "was chosen by"),
        (before, "began with a network of"),
    ):
        if known := sorted(speakers & set(side)):
            leaks.append(
                f"LEAKY: it {verb} {len(known)} of these speakers, {known[0]} first; the figures say what it "
                "remembers, not how it does on new voices"
            )
    for leak in leaks:
        warnings.warn(leak, VoxaffectWarning, stacklevel=3)
