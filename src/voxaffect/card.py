"""The card of a bundle: what the model is, what it was trained on and how good it is. Needs the standard library alone.

A card is read by `Card.from_dict`, which migrates older schemas and checks every type and range, and written by
`Card.to_dict`. What a card does not say is None, and left out of the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from voxaffect import migration
from voxaffect.errors import BundleError
from voxaffect.records import Record, RecordError, refuse

SCHEMA = 2

_LONGEST = 600.0  # seconds of a window: more would fill the memory


class _Record(Record):
    """A part of a card that reads and writes itself."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """From nested plain values of the current schema; unknown keys are ignored.

        Raises:
            BundleError: A value is missing, of another type or out of range.
        """
        try:
            return super().from_dict(values)
        except RecordError as error:
            raise BundleError(f"the card{error}; copy the whole folder again or train it anew") from None


@dataclass(frozen=True)
class Window(_Record):
    """The waveforms that the model takes.

    Attributes:
        training: Seconds of a training window.
        shortest: Seconds of the shortest waveform that the graph takes.
        longest: Seconds of the longest one; what is longer is split into windows.
        trim: dB below the loudest 25 ms at which both ends are cut off; None: they are kept.
        pad: Whether what is shorter than `training` is padded with silence.
    """

    training: float
    shortest: float
    longest: float
    trim: float | None = None
    pad: bool = False

    def __post_init__(self) -> None:
        refuse(not 0.01 <= self.shortest <= self.longest <= _LONGEST, "shortest and longest are no window in seconds")
        refuse(not 0 < self.training <= _LONGEST, f"training={self.training} is no window in seconds")
        refuse(self.trim is not None and not 0 < self.trim <= 1000, f"trim={self.trim} is no level in dB")


@dataclass(frozen=True)
class Model(_Record):
    """The graph in model.onnx.

    Attributes:
        parameters: Number of trained parameters.
        bytes: Size of the file.
        sha256: Of the file, in hexadecimal.
        file: Its name.
        gap_to_pytorch: Largest difference between ONNX Runtime and PyTorch, before weights are rounded.
        rounding: The same after weights are rounded to half precision.
    """

    parameters: int
    bytes: int
    sha256: str
    file: str = "model.onnx"
    gap_to_pytorch: float | None = None
    rounding: float | None = None

    def __post_init__(self) -> None:
        refuse(min(self.parameters, self.bytes) < 0, "parameters or bytes are below 0")
        refuse(len(self.sha256) != 64, "sha256 is no SHA-256 in hexadecimal")


NOT_EXPORTED = Model(0, 0, 64 * "0")
"""Stands on a card until `training.export` and `bundle.assemble` fill in the graph's own figures."""


@dataclass(frozen=True)
class CorpusRecord(_Record):
    """A corpus that was trained on."""

    name: str
    licence: str
    language: str = ""
    cite: str = ""
    url: str = ""


@dataclass(frozen=True)
class SplitRecord(_Record):
    """The speakers of each side, sorted. speaker_disjoint: whether no speaker is on two sides."""

    name: str
    speaker_disjoint: bool
    train: tuple[str, ...]
    dev: tuple[str, ...] = ()
    test: tuple[str, ...] = ()


@dataclass(frozen=True)
class WeightsRecord(_Record):
    """Pretrained weights. sha256: of their folder's two files."""

    name: str
    sha256: str


@dataclass(frozen=True)
class PretrainedRecord(_Record):
    """The weights that training began with, the corpora and the speakers that these were trained on."""

    weights: tuple[WeightsRecord, ...]
    corpora: tuple[CorpusRecord, ...]
    speakers: tuple[str, ...]


@dataclass(frozen=True)
class TrainingRecord(_Record):
    """How the model was trained.

    Attributes:
        corpora: What it was trained on.
        utterances: Training recordings; `copies` are augmented copies of them.
        styles: Of the training recordings, as speech and song.
        split: Which speakers are on which side.
        epochs: Epochs that were trained; `best_epoch` is the one whose weights are in the model.
        seconds: Duration of training.
        experiment: All settings, as they were written; `settings.experiment_from_tables` reads them.
        pretrained: What training began with; None: random weights.
    """

    corpora: tuple[CorpusRecord, ...]
    utterances: int
    styles: tuple[str, ...]
    split: SplitRecord
    epochs: int
    best_epoch: int
    copies: int = 0
    seconds: int = 0
    experiment: Mapping[str, Any] = field(default_factory=dict, hash=False)
    pretrained: PretrainedRecord | None = None

    @property
    def all_corpora(self) -> tuple[CorpusRecord, ...]:
        """The corpora of training, and of the weights that it began with."""
        return self.corpora + (self.pretrained.corpora if self.pretrained else ())

    @property
    def all_speakers(self) -> frozenset[str]:
        """Speakers that training or validation used, and those of the weights that training began with."""
        before = self.pretrained.speakers if self.pretrained else ()
        return frozenset({*self.split.train, *self.split.dev, *before})


@dataclass(frozen=True)
class RiskCoverage(_Record):
    """A point of the risk-coverage curve.

    Attributes:
        threshold: Of confidence.
        coverage: Share of recordings at or above it.
        accuracy: Share of these that are classified correctly; None where fewer than 20 are.
    """

    threshold: float
    coverage: float
    accuracy: float | None = None

    def __post_init__(self) -> None:
        shares = (self.threshold, self.coverage, self.accuracy or 0.0)
        refuse(not all(0 <= share <= 1 for share in shares), "a point of the curve is not within 0 and 1")


@dataclass(frozen=True)
class Calibration(_Record):
    """How confidence and accuracy go together.

    Attributes:
        on: The recordings that it was measured on.
        temperature: What logits were divided by; the graph contains it.
        risk_coverage: By ascending thresholds.
    """

    on: str
    temperature: float
    risk_coverage: tuple[RiskCoverage, ...]

    def __post_init__(self) -> None:
        refuse(not self.temperature > 0, f"temperature={self.temperature} is not above 0")


@dataclass(frozen=True)
class BaselineHeadRecord(_Record):
    """The second output layer, and the embeddings of the training speakers that it is used with.

    Attributes:
        mean: Of embeddings, (dim,).
        within_std: Deviation of one speaker's embeddings, (dim,).
        between_std: Deviation of speakers' means, (dim,).
        weight: (classes, dim).
        bias: (classes,).
    """

    mean: tuple[float, ...]
    within_std: tuple[float, ...]
    between_std: tuple[float, ...]
    weight: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]

    def __post_init__(self) -> None:
        widths = {len(row) for row in (self.mean, self.within_std, self.between_std, *self.weight)}
        refuse(len(widths) != 1 or len(self.bias) != len(self.weight), "its parts are of different sizes")
        refuse(min(self.within_std + self.between_std, default=0) <= 0, "a deviation is not above 0")


@dataclass(frozen=True)
class Figure(_Record):
    """A figure in [0, 1] (a difference: in [-1, 1]) and its 95 % interval over speakers; None: of a single speaker."""

    value: float
    interval: tuple[float | None, ...] = (None, None)

    def __post_init__(self) -> None:
        refuse(len(self.interval) != 2, "an interval has two ends")


@dataclass(frozen=True)
class GroupScores(_Record):
    """Figures of a part of the recordings: of one sex or one corpus."""

    uar: Figure | None = None
    wa: Figure | None = None
    f1: Figure | None = None
    women_less_men: Figure | None = None


@dataclass(frozen=True)
class Scores(_Record):
    """Figures of speakers that training did not use; all None where there were none.

    Attributes:
        on: The recordings that were scored.
        uar, wa, f1: Unweighted average recall, accuracy, macro F1.
        ece: Expected calibration error.
        by_sex, by_corpus: Sex or corpus -> its figures.
        women_less_men: Difference in UAR.
        mean_of_corpora: Mean of the corpora's UAR.
        utterances, speakers: How many were scored.
        commit: Of the source that scored them.
    """

    on: str = ""
    uar: Figure | None = None
    wa: Figure | None = None
    f1: Figure | None = None
    ece: float | None = None
    by_sex: Mapping[str, GroupScores] = field(default_factory=dict, hash=False)
    women_less_men: Figure | None = None
    mean_of_corpora: Figure | None = None
    by_corpus: Mapping[str, GroupScores] = field(default_factory=dict, hash=False)
    utterances: int | None = None
    speakers: int | None = None
    commit: str | None = None


@dataclass(frozen=True)
class PretrainedCard(_Record):
    """The card of pretrained weights: what a bundle's card says of their training."""

    licence: str
    training: TrainingRecord
    versions: Mapping[str, str] = field(hash=False)
    created: str

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """From the content of card.json of this schema or an older one.

        Raises:
            BundleError: A value is missing, of another type or out of range, or the schema is newer.
        """
        return super().from_dict(_current(values, {"schema": 1}))

    def to_dict(self) -> dict[str, Any]:
        """The content of card.json."""
        return {"schema": SCHEMA, **super().to_dict()}


@dataclass(frozen=True, repr=False)
class Card(_Record):
    """What a bundle holds.

    Attributes:
        classes: Class names, in the order of the logits.
        scheme: The name of the scheme that maps emotions into them.
        sample_rate: Hz of the waveform that the graph takes.
        licence: That follows from the recordings it was trained on.
        versions: Package -> version that it was made with.
        created: Date, as 2026-01-31.
        calibration: None: it was never calibrated.
        baseline_head: None: it cannot be used with a baseline.

    Example:
        >>> from voxaffect import bundle
        >>> bundle.read(bundle.find("common4")).card
        Card(common-4: angry, happy, neutral, sad; 16000 Hz; made 2026-11-23)
    """

    classes: tuple[str, ...]
    scheme: str
    sample_rate: int
    window: Window
    licence: str
    model: Model
    training: TrainingRecord
    versions: Mapping[str, str] = field(hash=False)
    created: str
    scores: Scores = field(default_factory=Scores)
    calibration: Calibration | None = None
    baseline_head: BaselineHeadRecord | None = None

    def __post_init__(self) -> None:
        names = self.classes
        refuse(len(names) < 2 or len(set(names)) < len(names) or "" in names, "classes are not two or more names")
        refuse(not 1_000 <= self.sample_rate <= 768_000, "sample_rate is no rate in Hz")
        refuse(any("\ud800" <= each <= "\udfff" for name in names for each in name), "classes are not valid Unicode")
        head = self.baseline_head
        refuse(head is not None and len(head.bias) != len(names), "baseline_head is not of so many classes")

    def __repr__(self) -> str:
        return f"Card({self.scheme}: {', '.join(self.classes)}; {self.sample_rate} Hz; made {self.created})"

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """From the content of card.json of this schema or an older one.

        Raises:
            BundleError: A value is missing, of another type or out of range, or the schema is newer.
        """
        return super().from_dict(_current(values, {}))

    def to_dict(self) -> dict[str, Any]:
        """The content of card.json."""
        return {"schema": SCHEMA, **super().to_dict()}

    def pretrained(self) -> PretrainedCard:
        """What the card of the same network's weights says, for others to begin with."""
        return PretrainedCard(self.licence, self.training, self.versions, self.created)


def _current(values: object, default: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a card in words of the current schema."""
    content = {**default, **values} if isinstance(values, Mapping) else {}
    schema = content.get("schema")
    if type(schema) is not int or schema < 1:
        raise BundleError("this is not a bundle's card; name the folder of a bundle")
    if schema > SCHEMA:
        raise BundleError(f"the card is of schema {schema}, and this voxaffect reads up to {SCHEMA}; pip install -U")
    return migration.card(content) if schema < SCHEMA else content
