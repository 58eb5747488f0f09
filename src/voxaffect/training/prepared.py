"""What a run derives from its experiment and its split, once for all that follows."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from voxaffect import labels
from voxaffect.audio import Waveform
from voxaffect.augment import augmented
from voxaffect.corpora import Utterance, any_unknown
from voxaffect.errors import check
from voxaffect.labels import Scheme
from voxaffect.models import EncoderFrontend, Frontend, build_frontend
from voxaffect.settings import Experiment
from voxaffect.splits import Sides
from voxaffect.training.clips import Clips
from voxaffect.training.hidden import encode, of_waveform
from voxaffect.training.pretrained import PretrainedWeights, check_unseen, load_pretrained


@dataclass(frozen=True, eq=False)
class Prepared:
    """A run's experiment and what follows from it.

    Args:
        experiment: All settings.
        split: Its sides as they are used: with augmented copies, and without dev where the experiment does not
            validate.
        scheme: The classes.
        extra_classes: Emotions of the training side outside the scheme, as further classes after it, sorted.
        train: The training side.
        dev: The development side, which may be empty.
        test: The test side, which may be empty.
        pretrained: The weights that training may begin with.
        frontend: From waveform to features, the same for all members.
    """

    experiment: Experiment
    split: Sides
    scheme: Scheme
    extra_classes: tuple[str, ...]
    train: Clips
    dev: Clips
    test: tuple[Utterance, ...]
    pretrained: tuple[PretrainedWeights, ...]
    frontend: Frontend

    @property
    def n_outputs(self) -> int:
        """Classes of the network in training, extra classes included."""
        return len(self.scheme.classes) + len(self.extra_classes)

    @cached_property
    def dev_features(self) -> Sequence[Tensor]:
        """Features of whole development clips, (n_features, frames) each."""
        return self.features(self.dev)

    def features(self, clips: Clips) -> Sequence[Tensor]:
        """Features of whole clips, as a recogniser computes them: (n_features, frames) each."""
        if isinstance(self.frontend, EncoderFrontend):
            return encode(clips.sounds(self.experiment.training.seed), self.frontend)
        return compute_features(clips.waveforms(self.experiment.training.seed), self.frontend)

    def features_of(self, waveforms: Sequence[Waveform]) -> Sequence[Tensor]:
        """The same of waveforms (any,)."""
        if isinstance(self.frontend, EncoderFrontend):
            return encode([of_waveform(each) for each in waveforms], self.frontend)
        return compute_features(waveforms, self.frontend)

    def sample(self, count: int) -> list[Waveform]:
        """Up to `count` recordings, whole: development clips, or training clips where there are none."""
        waveforms = (self.dev if len(self.dev) else self.train).recordings.waveforms(self.experiment.training.seed)
        chosen = np.linspace(0, len(waveforms) - 1, min(count, len(waveforms))).astype(int)
        return [waveforms[index] for index in chosen]

    def member(self, place: int) -> "Prepared":
        """The same for one of `training.members`, which differ by their seeds alone.

        No two experiments that differ by their seeds have a member's seed in common.
        """
        training = self.experiment.training
        return dataclasses.replace(self, experiment=self.experiment.seeded(training.members * training.seed + place))


def prepare(experiment: Experiment, utterances: Sequence[Utterance], split: Sides) -> Prepared:
    """Derive and check what a run needs.

    Args:
        experiment: All settings.
        utterances: At least those of the split.
        split: Who trains, validates and tests.

    Raises:
        SettingsError: Settings do not fit each other or the training side.
        BundleError: Pretrained weights are missing or damaged.
        MissingExtraError: The experiment has an encoder, and `voxaffect[encoders]` is not installed.
        SplitError: Utterances are missing, or pretrained weights were trained on speakers of dev or test.
    """
    training, scheme = experiment.training, labels.scheme(experiment.training.scheme)
    if not training.validate:
        split = split.without_dev()
    check(
        not training.knows_baselines or not any_unknown(split.train),
        f"{split.name}: speakers are unknown, and the baseline head of {experiment.name} needs them; name the "
        "speakers, or set training.baseline_head=false and training.discriminant=false",
    )
    if experiment.copies.kinds:
        # After the split, and of training clips alone: a copy of a clip that is tested would be a leak.
        side = split.select(utterances, "train")
        copies = augmented(side, experiment.copies.kinds, experiment.copies.classes, scheme)
        utterances, split = [*utterances, *copies], split.with_copies(copies)
    train, dev, test = (tuple(split.select(utterances, side)) for side in ("train", "dev", "test"))
    train_clips, dev_clips = (Clips(side, _labels(side, scheme), experiment.input) for side in (train, dev))
    extra: tuple[str, ...] = ()
    if training.targets.extra_classes:
        outside = [index for index, label in enumerate(train_clips.labels) if label < 0]
        extra = tuple(sorted({train[index].emotion for index in outside}))
        for index in outside:
            train_clips.labels[index] = len(scheme.classes) + extra.index(train[index].emotion)
    prepared = Prepared(
        experiment,
        split,
        scheme,
        extra,
        train_clips,
        dev_clips,
        test,
        load_pretrained(experiment),
        build_frontend(experiment),
    )
    check_unseen((*dev, *test), split.name, prepared.pretrained)
    _check_size(prepared)
    return prepared


def compute_features(waveforms: Sequence[Waveform], frontend: Frontend) -> list[Tensor]:
    """Features of waveforms, one by one: (n_features, frames) each."""
    with torch.no_grad():
        return [frontend(torch.from_numpy(each)[None])[0] for each in waveforms]


def _labels(utterances: Sequence[Utterance], scheme: Scheme) -> npt.NDArray[np.int64]:
    """(utterances,) class indices; -1: no class."""
    indices = [scheme.index_of(each) for each in utterances]
    return np.array([-1 if index is None else index for index in indices], np.int64)


def _check_size(prepared: Prepared) -> None:
    training, clips = prepared.experiment.training, len(prepared.train.labelled)
    check(
        training.optimizer.schedule != "plateau" or bool((prepared.dev.labels >= 0).any()),
        "training.optimizer.schedule=plateau goes by the development loss; name development speakers",
    )
    size, fewer = training.sampling.batch_size, max(2, clips // 4)
    check(
        training.sampling.clips_per_epoch is not None or clips >= size,
        f"{clips} training clips do not fill a batch of {size}; set training.sampling.batch_size={fewer}",
    )
