"""An experiment: every setting of a training run, frozen."""

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Any

from voxaffect.augment import COPIES, Channel, Gain, Masks, MixStyle, Mixup, Noise, Shift, Warp, WaveformAugmentation
from voxaffect.errors import check
from voxaffect.settings.frontends import FRONTENDS, EncoderSettings, FrontendSettings, LogMelSettings
from voxaffect.settings.networks import NETWORKS, PoolingSettings
from voxaffect.settings.training import TrainingSettings

ALIGN = 0.32
"""Seconds: the strides of `cnn`, 16 frames of 20 ms, and twice those of `small`."""

SHORTEST = 0.5
"""Seconds of the shortest waveform that a graph takes, after `input.start`."""


@dataclass(frozen=True)
class InputSettings:
    """The part of a clip that the model gets.

    Args:
        sample_rate: Hz, 8000 to 48000.
        window: Seconds of a training clip, cut or padded with silence, 0.5 to 30.
        start: Use only the window that begins at this second, in training and inference. None: training windows are the
            middle of clips, and inference uses the whole clip.
        trim: Remove beginning and end of a clip, as far as they lie this many dB below its loudest frame, in training
            and inference. None: keep them.
        pad: Pad clips shorter than a window with silence in inference too, as in training.
    """

    sample_rate: int = 16_000
    window: float = 3.5
    start: float | None = None
    trim: float | None = None
    pad: bool = False

    def __post_init__(self) -> None:
        start, trim = self.start, self.trim
        check(8_000 <= self.sample_rate <= 48_000, f"input.sample_rate={self.sample_rate} Hz: choose 8000 to 48000")
        check(0.5 <= self.window <= 30, f"input.window={self.window} s: choose 0.5 to 30")
        check(start is None or 0 <= start <= 30, f"input.start={start} s: choose 0 to 30")
        check(start is None or not self.pad, "input.pad is for whole clips, and input.start for a part; leave one out")
        check(trim is None or 5 <= trim <= 120, f"input.trim={trim} dB: choose 5 to 120")

    @property
    def align(self) -> float | None:
        """Seconds of the grid that clips are aligned to; None: a window that begins at a second cannot be."""
        return ALIGN if self.start is None else None

    @property
    def least(self) -> float:
        """Seconds that whole clips are padded to."""
        return self.window if self.pad else SHORTEST if self.start is None else 0.0

    @property
    def window_samples(self) -> int:
        """Samples of a training window."""
        return round(self.window * self.sample_rate)


@dataclass(frozen=True)
class AugmentSettings:
    """Augmentations of training clips, drawn anew in every epoch; None switches one off."""

    shift: Shift | None = None
    gain: Gain | None = None
    noise: Noise | None = None
    channel: Channel | None = None
    warp: Warp | None = None
    mixstyle: MixStyle | None = None
    masks: Masks | None = None
    mixup: Mixup | None = None

    @property
    def of_waveforms(self) -> tuple[WaveformAugmentation, ...]:
        """Those that work on waveforms, in their order."""
        return tuple(filter(None, (self.shift, self.gain, self.noise)))


@dataclass(frozen=True)
class CopySettings:
    """Augmented copies, made once and added to the training clips; each kind doubles them.

    Args:
        kinds: Names in `augment.COPIES`.
        classes: Classes of the scheme whose clips are copied; empty: all.
    """

    kinds: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for kind in self.kinds:
            check(kind in COPIES, f"copies.kinds: {kind!r} is not known; choose among {', '.join(COPIES)}")


@dataclass(frozen=True)
class Experiment:
    """All settings of a run.

    Args:
        name: Letters, digits, dots and dashes; it names files.
        model: Name of a network in `settings.networks.NETWORKS`.
        network: That network's settings.
        features: Name of a front end in `settings.frontends.FRONTENDS`.
        frontend: That front end's settings.
        input: The part of a clip that the model gets.
        augment: Augmentations drawn anew in every epoch.
        copies: Augmented copies made once.
        training: How the model is fitted.

    Raises:
        SettingsError: Settings do not fit each other.

    Examples:
        >>> from voxaffect.settings import read_experiment
        >>> read_experiment("cnn", ["training.epochs=3"]).training.epochs
        3
    """

    name: str
    model: str
    network: Any
    frontend: FrontendSettings
    features: str = "log-mel"
    input: InputSettings = field(default_factory=InputSettings)
    augment: AugmentSettings = field(default_factory=AugmentSettings)
    copies: CopySettings = field(default_factory=CopySettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        kind = NETWORKS[self.model]
        check(
            isinstance(self.frontend, FRONTENDS[self.features]) and isinstance(self.network, kind.settings),
            f"experiment {self.name}: its tables frontend and network are of other kinds",
        )
        check(
            bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.name)),
            f"name={self.name!r} becomes a file's name; choose letters, digits, dots and dashes",
        )
        check(
            not kind.fixed_length or self.input.start is not None,
            f"model {self.model} takes a fixed number of frames; say of which part: set input.start, in seconds",
        )
        check(
            not kind.fixed_length or self.augment == AugmentSettings(),
            f"model {self.model} takes features as they are; use copies, and no augment",
        )
        check(
            not self.appends_level or kind.accepts_clip_features,
            f"model {self.model} takes no clip features; leave frontend.append_level out",
        )
        check(
            self.augment.channel is None or self.features == "log-mel",
            f"augment.channel adds to log-mel energies, and features are {self.features}; leave it out",
        )
        check(
            kind.pools_states == isinstance(self.frontend, EncoderSettings),
            f"model {self.model} does not go with features {self.features}; model pooling and features encoder do",
        )
        if isinstance(self.frontend, EncoderSettings):
            self._check_encoder(self.frontend)

    def _check_encoder(self, encoder: EncoderSettings) -> None:
        changing = [
            each.name
            for each in dataclasses.fields(self.augment)
            if each.name != "mixup" and getattr(self.augment, each.name) is not None
        ]
        check(
            not changing,
            f"augment.{(*changing, '')[0]} would need the encoder anew in every epoch; use copies, which are encoded "
            "once, as telephone and noise-room",
        )
        upper = self.network.upper if isinstance(self.network, PoolingSettings) else 0
        check(
            not upper or (len(encoder.states) == 1 and encoder.pool == 1),
            f"network.upper={upper} layers go on from one hidden state, frame by frame; set frontend.states to one, as "
            "[3], and frontend.pool=1",
        )

    @property
    def appends_level(self) -> bool:
        """Whether the clip's level is a feature row."""
        return isinstance(self.frontend, LogMelSettings) and self.frontend.append_level

    def seeded(self, seed: int) -> "Experiment":
        """The same experiment with another seed."""
        return dataclasses.replace(self, training=dataclasses.replace(self.training, seed=seed))

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values, for a card or a result file."""
        return dataclasses.asdict(self)
