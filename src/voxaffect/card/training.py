"""What a card says of training: recordings, speakers, settings, and the weights that it began with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from voxaffect.records import Record


@dataclass(frozen=True)
class CorpusRecord(Record):
    """A corpus that was trained on."""

    name: str
    licence: str
    language: str = ""
    cite: str = ""
    url: str = ""


@dataclass(frozen=True)
class SplitRecord(Record):
    """The speakers of each side, sorted. speaker_disjoint: whether no speaker is on two sides."""

    name: str
    speaker_disjoint: bool
    train: tuple[str, ...]
    dev: tuple[str, ...] = ()
    test: tuple[str, ...] = ()


@dataclass(frozen=True)
class WeightsRecord(Record):
    """Pretrained weights. sha256: of their folder's two files."""

    name: str
    sha256: str


@dataclass(frozen=True)
class PretrainedRecord(Record):
    """The weights that training began with, the corpora and the speakers that these were trained on."""

    weights: tuple[WeightsRecord, ...]
    corpora: tuple[CorpusRecord, ...]
    speakers: tuple[str, ...]


@dataclass(frozen=True)
class EncoderRecord(Record):
    """The pretrained encoder that the graph holds. sha256: of its weights and settings. licence: of its weights."""

    name: str
    sha256: str
    licence: str


@dataclass(frozen=True)
class TrainingRecord(Record):
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
        encoder: None: the features are a spectrum's.
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
    encoder: EncoderRecord | None = None

    @property
    def all_corpora(self) -> tuple[CorpusRecord, ...]:
        """The corpora of training, and of the weights that it began with."""
        return self.corpora + (self.pretrained.corpora if self.pretrained else ())

    @property
    def all_speakers(self) -> frozenset[str]:
        """Speakers that training or validation used, and those of the weights that training began with."""
        before = self.pretrained.speakers if self.pretrained else ()
        return frozenset({*self.split.train, *self.split.dev, *before})
