"""The card of a bundle: what the model is, what it was trained on and how good it is. Needs the standard library alone.

A card is read by `Card.from_dict`, which migrates older schemas and checks every type and range, and written by
`Card.to_dict`. What a card does not say is None, and left out of the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from voxaffect import migration
from voxaffect.card.scores import Calibration, Scores
from voxaffect.card.training import TrainingRecord
from voxaffect.errors import BundleError
from voxaffect.records import Record, RecordError, refuse

SCHEMA = 2

_LONGEST = 600.0  # seconds of a window: more would fill the memory


@dataclass(frozen=True)
class Window(Record):
    """The waveforms that the model takes.

    Attributes:
        training: Seconds of a training window.
        shortest: Seconds of the shortest waveform that the graph takes.
        longest: Seconds of the longest one; what is longer is split into windows.
        trim: dB below the loudest 25 ms at which both ends are cut off; None: they are not.
        pad: Whether what is shorter than `training` is padded with silence.
        align: Seconds of the grid that `audio.align` lays by what is loud in a recording; None: its frames are counted
            from its beginning.
    """

    training: float
    shortest: float
    longest: float
    trim: float | None = None
    pad: bool = False
    align: float | None = None

    def __post_init__(self) -> None:
        refuse(not 0.01 <= self.shortest <= self.longest <= _LONGEST, "shortest and longest are no window in seconds")
        refuse(not 0 < self.training <= _LONGEST, f"training={self.training} is no window in seconds")
        refuse(self.align is not None and not 0.01 <= self.align <= 10, f"align={self.align} is no period in seconds")
        refuse(self.trim is not None and not 0 < self.trim <= 1000, f"trim={self.trim} is no level in dB")


@dataclass(frozen=True)
class Int8Record(Record):
    """What computing in eight bits changes.

    Attributes:
        clips: How many it was measured on: development recordings, or training recordings where there are none.
        logits: Largest change of a logit.
        answers: Share of the clips that get another class.
    """

    clips: int
    logits: float
    answers: float


@dataclass(frozen=True)
class Model(Record):
    """The graph in model.onnx.

    Attributes:
        parameters: Number of trained parameters, and of those of a frozen encoder.
        bytes: Size of the file.
        sha256: Of the file, in hexadecimal.
        file: Its name.
        gap_to_pytorch: Largest difference between ONNX Runtime and PyTorch, before weights are rounded.
        rounding: The same after weights are rounded to half precision.
        int8: What large matrices in eight bits change beyond that; None: there are none.
    """

    parameters: int
    bytes: int
    sha256: str
    file: str = "model.onnx"
    gap_to_pytorch: float | None = None
    rounding: float | None = None
    int8: Int8Record | None = None

    def __post_init__(self) -> None:
        refuse(min(self.parameters, self.bytes) < 0, "parameters or bytes are below 0")
        refuse(len(self.sha256) != 64, "sha256 is no SHA-256 in hexadecimal")


NOT_EXPORTED = Model(0, 0, 64 * "0")
"""Stands on a card until `training.export` and `bundle.assemble` fill in the graph's own figures."""


@dataclass(frozen=True)
class Shrinkage(Record):
    """How far the means of a line and a voice are trusted, by their numbers of recordings.

    Attributes:
        line_weight: Recordings that the training mean counts for in a line's mean, above 0.
        voice_weight: Recordings that the line's mean counts for in a voice's mean, above 0.
        scatter: Of logits of one training voice's recordings: the variances of all classes, each less the mean over
            classes, added up; above 0. What a voice's recordings have less of it makes them count for less.
    """

    line_weight: float
    voice_weight: float
    scatter: float

    def __post_init__(self) -> None:
        for name in ("line_weight", "voice_weight", "scatter"):
            refuse(not getattr(self, name) > 0, f"{name}={getattr(self, name)} is not above 0")


@dataclass(frozen=True)
class BaselineHeadRecord(Record):
    """The second output layer, and the embeddings of the training speakers that it is used with.

    Attributes:
        mean: Of embeddings, (dim,).
        within_std: Deviation of one speaker's embeddings, (dim,).
        weight: (classes, dim).
        bias: (classes,).
        between_std: Deviation of speakers' means, (dim,), where embeddings are divided by the own deviation of a line
            or voice.
        shrinkage: In its place where they are normalised by means alone, and `within_std` divides those of everybody.
    """

    mean: tuple[float, ...]
    within_std: tuple[float, ...]
    weight: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]
    between_std: tuple[float, ...] | None = None
    shrinkage: Shrinkage | None = None

    def __post_init__(self) -> None:
        refuse((self.between_std is None) == (self.shrinkage is None), "it has to have between_std or shrinkage")
        between = self.within_std if self.between_std is None else self.between_std
        widths = {len(row) for row in (self.mean, self.within_std, between, *self.weight)}
        refuse(len(widths) != 1 or len(self.bias) != len(self.weight), "its parts are of different sizes")
        refuse(min(self.within_std + between, default=0) <= 0, "a deviation is not above 0")


@dataclass(frozen=True)
class SpeechDetectorRecord(Record):
    """The layer that tells embeddings of speech from those of every other sound.

    Attributes:
        weight: (dim,).
        bias: The product of weight and embedding plus this is 0 or more where somebody speaks.
        missed: Corpus -> share of its recordings, as they come, that the layer takes for no speech if it is fitted
            without them; empty where none could be left out.
    """

    weight: tuple[float, ...]
    bias: float
    missed: Mapping[str, float] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        refuse(not self.weight, "it has no weights")
        refuse(not all(0 <= share <= 1 for share in self.missed.values()), "missed is not of shares")


class _CardFile(Record):
    """The content of a card.json."""

    _unsaid: ClassVar[Mapping[str, Any]] = {}
    """What files of the first schema do not say."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """From the content of card.json of this schema or an older one.

        Raises:
            BundleError: A value is missing, of another type or out of range, or the schema is newer.
        """
        content = {**cls._unsaid, **values} if isinstance(values, Mapping) else {}
        schema = content.get("schema")
        if type(schema) is not int or not 1 <= schema < 1000:
            raise BundleError("this is not a bundle's card; name the folder of a bundle")
        if schema > SCHEMA:
            limit = f"this voxaffect reads up to {SCHEMA}"
            raise BundleError(f"the card is of schema {schema}, and {limit}; pip install -U")
        try:
            return super().from_dict(migration.card(content) if schema < SCHEMA else content)
        except RecordError as error:
            raise BundleError(f"the card{error}; copy the whole folder again or train it anew") from None

    def to_dict(self) -> dict[str, Any]:
        """The content of card.json."""
        return {"schema": SCHEMA, **super().to_dict()}


@dataclass(frozen=True)
class PretrainedCard(_CardFile):
    """The card of pretrained weights: what a bundle's card says of their training."""

    _unsaid: ClassVar[Mapping[str, Any]] = {"schema": 1}

    licence: str
    training: TrainingRecord
    versions: Mapping[str, str] = field(hash=False)
    created: str


@dataclass(frozen=True, repr=False)
class Card(_CardFile):
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
        speech_detector: None: every sound is taken for speech.

    Examples:
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
    speech_detector: SpeechDetectorRecord | None = None

    def __post_init__(self) -> None:
        names = self.classes
        refuse(len(names) < 2 or len(set(names)) < len(names) or "" in names, "classes are not two or more names")
        refuse(not 1_000 <= self.sample_rate <= 768_000, "sample_rate is no rate in Hz")
        refuse(any("\ud800" <= letter <= "\udfff" for letter in "".join(names)), "classes are not valid Unicode")
        head, detector = self.baseline_head, self.speech_detector
        refuse(head is not None and len(head.bias) != len(names), "baseline_head is not of so many classes")
        sizes = {len(layer) for layer in (head and head.mean, detector and detector.weight) if layer}
        refuse(len(sizes) > 1, "baseline_head and speech_detector are of embeddings of different sizes")

    def __repr__(self) -> str:
        return f"Card({self.scheme}: {', '.join(self.classes)}; {self.sample_rate} Hz; made {self.created})"

    def pretrained(self) -> PretrainedCard:
        """The card of the same network's weights, for trainings that begin with them."""
        return PretrainedCard(self.licence, self.training, self.versions, self.created)
