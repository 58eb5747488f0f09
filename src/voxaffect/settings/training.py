"""Settings of a training: how weights are updated, on which clips, towards which targets."""

from dataclasses import dataclass, field
from typing import Literal

from voxaffect import labels
from voxaffect.errors import check


@dataclass(frozen=True)
class OptimizerSettings:
    """How weights are updated.

    Args:
        name: "adamw" (Loshchilov & Hutter 2019), "sgd" without momentum, or "rmsprop" as in Keras.
        learning_rate: Above 0 and below 1; of "one-cycle" the highest.
        weight_decay: 0 or more.
        schedule: "one-cycle" (Smith & Topin 2018); "plateau" takes a tenth off after 20 epochs without a lower
            development loss, down to 1e-6; "inverse-time" is Keras's decay of 1e-6.
        gradient_clip: Largest norm of a gradient; None: any.
        ema_decay: Decay of the exponential moving average of all weights, which is scored and exported; None: no
            average.
    """

    name: Literal["adamw", "sgd", "rmsprop"] = "adamw"
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    schedule: Literal["one-cycle", "plateau", "inverse-time"] = "one-cycle"
    gradient_clip: float | None = 5.0
    ema_decay: float | None = None

    def __post_init__(self) -> None:
        rate, clip, ema = self.learning_rate, self.gradient_clip, self.ema_decay
        where = "training.optimizer"
        check(0 < rate < 1, f"{where}.learning_rate={rate}: choose above 0 and below 1")
        check(self.weight_decay >= 0, f"{where}.weight_decay={self.weight_decay}: choose 0 or more")
        check(clip is None or clip > 0, f"{where}.gradient_clip={clip}: choose above 0, or false")
        check(ema is None or 0 < ema < 1, f"{where}.ema_decay={ema}: choose above 0 and below 1, as 0.999, or false")


@dataclass(frozen=True)
class SamplingSettings:
    """Which clips make up an epoch.

    Args:
        batch_size: Clips of a batch, at least 2.
        balance: Draw clips evenly by these, outermost first, as ("corpus", "class", "speaker"). Empty: each clip once.
        clips_per_epoch: None: as many as there are.
        nonspeech: Share of clips, in [0, 1), that are noises and tones, whose target is the same for all classes.
    """

    batch_size: int = 32
    balance: tuple[Literal["corpus", "class", "speaker"], ...] = ()
    clips_per_epoch: int | None = None
    nonspeech: float = 0.0

    def __post_init__(self) -> None:
        size, count, where = self.batch_size, self.clips_per_epoch, "training.sampling"
        check(size >= 2, f"{where}.batch_size={size}: batch normalisation needs at least 2")
        check(
            count is None or count >= size,
            f"{where}.clips_per_epoch={count} do not fill a batch of {size}; choose more",
        )
        check(0 <= self.nonspeech < 1, f"{where}.nonspeech={self.nonspeech}: choose 0 to below 1")


@dataclass(frozen=True)
class TargetSettings:
    """What the network is trained to answer.

    Args:
        extra_classes: Also train on emotions outside the scheme, as temporary classes dropped at the end.
        listener_weight: Weight of listeners' votes in the target, 0 to 1; the rest is the intended emotion.
        label_smoothing: In [0, 1).
    """

    extra_classes: bool = False
    listener_weight: float = 0.0
    label_smoothing: float = 0.1

    def __post_init__(self) -> None:
        weight, smoothing = self.listener_weight, self.label_smoothing
        check(0 <= weight <= 1, f"training.targets.listener_weight={weight}: choose 0 to 1")
        check(0 <= smoothing < 1, f"training.targets.label_smoothing={smoothing}: choose 0 to below 1")


@dataclass(frozen=True)
class DiscriminantSettings:
    """The linear discriminant that becomes the output layer, by `training.discriminant`.

    Args:
        shrinkage: Of the scatter within classes: this much of its mean variance is added to each variance, above 0.
        copies: Weight of the scatter between recordings and their copies, 0 or more.
        prior: Recordings that the training speakers count for in the mean of a baseline, above 0.
        sizes: Corpora count as the power `sizes` of how many recordings they have, 0 (all alike) to 1.
    """

    shrinkage: float = 0.6
    copies: float = 0.1
    prior: float = 3.0
    sizes: float = 0.0

    def __post_init__(self) -> None:
        for name in ("shrinkage", "prior"):
            check(getattr(self, name) > 0, f"training.discriminant.{name}={getattr(self, name)}: choose above 0")
        check(self.copies >= 0, f"training.discriminant.copies={self.copies}: choose 0 or more")
        check(0 <= self.sizes <= 1, f"training.discriminant.sizes={self.sizes}: choose 0 to 1")


@dataclass(frozen=True)
class TrainingSettings:
    """How a model is fitted.

    Args:
        scheme: Name of a scheme in `labels.SCHEMES`, or its classes with commas between.
        epochs: At least 1; or 0: the discriminant is all that is trained.
        validate: Keep development speakers, who choose the epoch and calibrate the model. Otherwise they are trained on
            and the last epoch is kept.
        patience: Epochs without a lower development loss before training stops.
        members: Networks trained from different seeds and averaged into one model.
        pretrained: Weights to begin with: names in the package, or folders that `save_pretrained` wrote. Of several, a
            network takes one by its seed. Empty: random weights.
        baseline_head: After training, fit a second output layer for use with a baseline.
        discriminant: After training, compute the output layer in closed form, for use with a baseline and without one.
            None: keep the trained one.
        precision: "32", or "bf16" for networks (never front ends) in bfloat16 where that is faster.
        int8: Compute with large matrices of the exported graph in eight bits, as `training.quantize` does. The card
            says what that changes.
        seed: 0 to 2**32 - 1.
        optimizer: How weights are updated.
        sampling: Which clips make up an epoch.
        targets: What the network is trained to answer.
    """

    scheme: str = "ravdess-8"
    epochs: int = 110
    validate: bool = True
    patience: int = 30
    members: int = 1
    pretrained: tuple[str, ...] = ()
    baseline_head: bool = False
    precision: Literal["32", "bf16"] = "bf16"
    int8: bool = False
    seed: int = 0
    optimizer: OptimizerSettings = field(default_factory=OptimizerSettings)
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    targets: TargetSettings = field(default_factory=TargetSettings)
    discriminant: DiscriminantSettings | None = None

    def __post_init__(self) -> None:
        labels.scheme(self.scheme)
        least = {"epochs": 0 if self.discriminant else 1, "patience": 1, "members": 1}
        for name, smallest in least.items():
            check(getattr(self, name) >= smallest, f"training.{name}={getattr(self, name)}: choose at least {smallest}")
        check(
            not (self.discriminant and self.baseline_head),
            "training.discriminant is a baseline head already; set training.baseline_head=false",
        )
        check(0 <= self.seed < 2**32, f"training.seed={self.seed}: choose 0 to {2**32 - 1}")
        check(
            self.members == 1 or not self.validate,
            f"training.members={self.members} end with their last epochs; set training.validate=false",
        )

    @property
    def knows_baselines(self) -> bool:
        """Whether the model can be used with a baseline."""
        return self.baseline_head or self.discriminant is not None
