"""An experiment: every setting of a training run, frozen, read from TOML, each overridable by its dotted name."""

import dataclasses
import os
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from voxaffect import audio, labels
from voxaffect.audio import Waveform
from voxaffect.augment import COPIES, Channel, Gain, Masks, MixStyle, Mixup, Noise, OfWaveforms, Shift, Warp, copied
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError
from voxaffect.labels import Scheme
from voxaffect.models import FRONTENDS, MODELS


@dataclass(frozen=True)
class InputSettings:
    """What a model hears.

    sample_rate: Hz. window: seconds of a training clip, cut or padded with silence.
    start: seconds from which on a window is heard and nothing else, in training and ever after; None: training windows
    are the middle of clips, and later all of a clip is heard.
    trim: dB below a clip's loudest frame from which on its beginning and end are taken off, ever after too; None: not.
    pad: whether what is shorter than a window is heard between silences ever after, as it is in training.
    """

    sample_rate: int = 16_000
    window: float = 3.5
    start: float | None = None
    trim: float | None = None
    pad: bool = False

    def part(self, waveform: Waveform) -> Waveform:
        """The part of a clip that is heard: (samples,) -> (any,)."""
        if self.trim is not None:
            waveform = audio.trim(waveform, self.sample_rate, self.trim)
        if self.start is not None:
            first = round(self.start * self.sample_rate)
            waveform = waveform[first : first + round(self.window * self.sample_rate)]
        return waveform

    def __post_init__(self) -> None:
        if not 8_000 <= self.sample_rate <= 48_000:
            raise SettingsError(f"input.sample_rate={self.sample_rate} Hz: choose 8000 to 48000")
        if not 0.5 <= self.window <= 30:
            raise SettingsError(f"input.window={self.window} s: choose 0.5 to 30")
        if self.start is not None and not 0 <= self.start <= 30:
            raise SettingsError(f"input.start={self.start} s: choose 0 to 30")
        if self.start is not None and self.pad:
            raise SettingsError("input.pad fills whole recordings up, and input.start hears a part; leave one out")
        if self.trim is not None and not 5 <= self.trim <= 120:
            raise SettingsError(f"input.trim={self.trim} dB: choose 5 to 120")


@dataclass(frozen=True)
class AugmentSettings:
    """What is done to training clips, and to them alone; a missing table leaves that augmentation out."""

    shift: Shift | None = None
    gain: Gain | None = None
    noise: Noise | None = None
    channel: Channel | None = None
    warp: Warp | None = None
    mixstyle: MixStyle | None = None
    masks: Masks | None = None
    mixup: Mixup | None = None

    @property
    def of_waveforms(self) -> tuple[OfWaveforms, ...]:
        """Those that are done to waveforms, in their order."""
        return tuple(each for each in (self.shift, self.gain, self.noise) if each is not None)


@dataclass(frozen=True)
class CopySettings:
    """Augmented copies, made once and added to the training clips, each kind doubling them.

    kinds: names in `augment.COPIES`. classes: of the scheme, those whose clips are copied; none named: all.
    """

    kinds: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in COPIES:
                raise SettingsError(f"copies.kinds: {kind!r} is not known; choose among {', '.join(COPIES)}")

    def of(self, utterances: Sequence[Utterance], scheme: Scheme) -> list[Utterance]:
        """The copies of these utterances, kind after kind."""
        for name in self.classes:
            if name not in scheme.classes:
                raise SettingsError(
                    f"copies.classes: {name!r} is not in scheme {scheme.name}; choose among {', '.join(scheme.classes)}"
                )
        wanted = {scheme.classes.index(name) for name in self.classes or scheme.classes}
        chosen = [each for each in utterances if scheme.index(each.emotion, each.sex) in wanted]
        return [copy for kind in self.kinds for copy in copied(chosen, kind)]


@dataclass(frozen=True)
class TrainingSettings:
    """How a model is fitted.

    optimizer: "adamw" (Loshchilov & Hutter 2019), "sgd" without momentum, or "rmsprop" as in Keras.
    schedule: "one-cycle" (Smith & Topin 2018) rises to `learning_rate` and falls to nothing; "plateau" takes a tenth
    off after 20 epochs without a lower development loss, down to 1e-6; "inverse-time" is Keras's decay of 1e-6.
    balance: what clips are drawn evenly by, as ["corpus", "class", "speaker"], outermost first; empty: each comes once.
    clips: drawn in an epoch; None: as many as there are.
    others: whether emotions that the scheme has no class for are trained on too, each as a class of its own that the
    finished model does not have.
    nonspeech: share of clips that are noises, tones and the like instead, of which no class is likelier than another.
    votes: how much of a clip's target is what listeners heard, where they were asked; the rest is what was meant.
    average: decay of the moving average of all weights, step by step, that is scored and kept; None: the last ones are.
    relative: whether the last layer is fitted anew at the end, so that it can work against a baseline.
    gradient_clip: the largest norm of a gradient, or none.
    patience: epochs without a lower development loss before training stops.
    validate: whether development speakers choose the epoch and say how sure the model may be; else they are trained on
    as well, and the model is the one after the last epoch, as it is.
    members: networks that are trained from seeds of their own and averaged into one model.
    start: what training begins with: names in the package, or folders that `train --weights` wrote. Of several, a run
    or a member takes one by its seed. None named: random weights.
    precision: "32", or "bf16" for networks (never front ends) in bfloat16 where that is faster.
    """

    scheme: str = "ravdess-8"
    optimizer: Literal["adamw", "sgd", "rmsprop"] = "adamw"
    schedule: Literal["one-cycle", "plateau", "inverse-time"] = "one-cycle"
    balance: tuple[Literal["corpus", "class", "speaker"], ...] = ()
    clips: int | None = None
    others: bool = False
    nonspeech: float = 0.0
    votes: float = 0.0
    average: float | None = None
    relative: bool = False
    gradient_clip: float | None = 5.0
    epochs: int = 110
    batch_size: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    label_smoothing: float = 0.1
    patience: int = 30
    validate: bool = True
    members: int = 1
    start: tuple[str, ...] = ()
    precision: Literal["32", "bf16"] = "bf16"
    seed: int = 0

    def __post_init__(self) -> None:
        labels.scheme(self.scheme)
        for name in ("epochs", "batch_size", "patience", "members"):
            if getattr(self, name) < 1:
                raise SettingsError(f"training.{name}={getattr(self, name)}: choose at least 1")
        if self.batch_size < 2:
            raise SettingsError("training.batch_size=1: batch normalisation needs at least 2")
        if not 0 < self.learning_rate < 1:
            raise SettingsError(f"training.learning_rate={self.learning_rate}: choose above 0 and below 1")
        if self.clips is not None and self.clips < self.batch_size:
            raise SettingsError(f"training.clips={self.clips} do not fill a batch of {self.batch_size}; choose more")
        if self.average is not None and not 0 < self.average < 1:
            raise SettingsError(f"training.average={self.average}: choose above 0 and below 1, as 0.999, or false")
        if not 0 <= self.votes <= 1:
            raise SettingsError(f"training.votes={self.votes}: choose 0 to 1")
        if not 0 <= self.nonspeech < 1:
            raise SettingsError(f"training.nonspeech={self.nonspeech}: choose 0 to below 1")
        if not 0 <= self.label_smoothing < 1:
            raise SettingsError(f"training.label_smoothing={self.label_smoothing}: choose 0 to below 1")
        if not 0 <= self.seed < 2**32:
            raise SettingsError(f"training.seed={self.seed}: choose 0 to {2**32 - 1}")
        if self.gradient_clip is not None and self.gradient_clip <= 0:
            raise SettingsError(f"training.gradient_clip={self.gradient_clip}: choose above 0, or false")
        if self.members > 1 and self.validate:
            raise SettingsError(
                f"training.members={self.members} end with their last epochs; set training.validate=false"
            )
        if self.weight_decay < 0:
            raise SettingsError(f"training.weight_decay={self.weight_decay}: choose 0 or more")


@dataclass(frozen=True)
class Experiment:
    """All settings of a run.

    model: the name of a network in MODELS; network: that network's own settings.
    features: the name of a front end in FRONTENDS; frontend: that front end's own settings.
    """

    name: str
    model: str
    network: Any
    frontend: Any
    features: str = "log-mel"
    input: InputSettings = field(default_factory=InputSettings)
    augment: AugmentSettings = field(default_factory=AugmentSettings)
    copies: CopySettings = field(default_factory=CopySettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.name):
            raise SettingsError(f"name={self.name!r} becomes a file's name; choose letters, digits, dots and dashes")
        if MODELS[self.model].fixed and self.input.start is None:
            raise SettingsError(
                f"model {self.model} takes a fixed number of frames; say of which part: set input.start, in seconds"
            )
        if MODELS[self.model].fixed and self.augment != AugmentSettings():
            raise SettingsError(f"model {self.model} takes features as they are; use copies, and no augment")
        if getattr(self.frontend, "level", False) and not MODELS[self.model].beside:
            raise SettingsError(
                f"frontend.level is nothing that model {self.model} can take beside bands; leave it out"
            )
        if self.augment.channel is not None and self.features != "log-mel":
            raise SettingsError(
                f"augment.channel adds to log-mel energies, and features are {self.features}; leave it out"
            )

    def as_dict(self) -> dict[str, Any]:
        """Nested plain values, for a card or a result file."""
        return dataclasses.asdict(self)


def names() -> list[str]:
    """The experiments that come with the package."""
    return sorted(path.name.removesuffix(".toml") for path in _folder().iterdir() if path.name.endswith(".toml"))


def read(source: str | os.PathLike[str], overrides: Iterable[str] = ()) -> Experiment:
    """Read an experiment: the name of one that comes with the package, or the path of a TOML file.

    overrides: `training.epochs=3` and the like, each value in TOML's spelling.

    Raises SettingsError where a file, a name, a key or a value is not right, saying which are.
    """
    name, text = _text(source)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source}: is not TOML ({error})") from None
    for override in overrides:
        _override(tables, override)
    tables.setdefault("name", name)
    return from_tables(tables)


def from_tables(tables: Mapping[str, Any]) -> Experiment:
    """An experiment from nested plain values, as TOML, a card or a result file has them; defaults for what is missing.

    Raises SettingsError where a key or a value is not right.
    """
    tables = dict(tables)
    model, features = tables.get("model"), tables.get("features", "log-mel")
    if model not in MODELS:
        raise SettingsError(f"model={model!r} is not known; choose one of {', '.join(MODELS)}")
    if features not in FRONTENDS:
        raise SettingsError(f"features={features!r} are not known; choose one of {', '.join(FRONTENDS)}")
    network = _build(MODELS[model].settings, tables.pop("network", {}), "network.")
    frontend = _build(FRONTENDS[features].settings, tables.pop("frontend", {}), "frontend.")
    return typing.cast(Experiment, _build(Experiment, tables, "", network=network, frontend=frontend))


def _folder() -> Any:
    return resources.files("voxaffect") / "experiments"


def _text(source: str | os.PathLike[str]) -> tuple[str, str]:
    path = Path(source)
    try:
        if path.suffix == ".toml" or path.is_file():
            return path.stem, path.read_text("utf-8")
        return path.name, (_folder() / f"{source}.toml").read_text("utf-8")
    except FileNotFoundError:
        raise SettingsError(
            f"experiment {source}: no such file or name; choose one of {', '.join(names())} or a TOML file"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"experiment {source}: cannot be read ({error})") from None


def _override(tables: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals:
        raise SettingsError(f"setting {override!r} has no value; write it as training.epochs=3")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text  # a bare word is meant as a string
    *parents, last = key.strip().split(".")
    for parent in parents:
        tables = tables.setdefault(parent, {})
        if not isinstance(tables, dict):
            raise SettingsError(f"setting {override!r}: {parent} is not a table of settings")
    tables[last] = value


def _build(kind: type, table: Any, where: str, **ready: Any) -> Any:
    """A settings class from a table, by the class's annotations."""
    if not isinstance(table, Mapping):
        raise SettingsError(f"{where.rstrip('.')}={table!r} is not a table of settings")
    hints = typing.get_type_hints(kind)
    known = {each.name for each in dataclasses.fields(kind)} - set(ready)
    for key in table:
        if key not in known:
            there = ", ".join(sorted(known | set(ready)))
            raise SettingsError(f"setting {where}{key} is not known; {kind.__name__} has {there}")
    values = {key: _convert(hints[key], value, f"{where}{key}") for key, value in table.items()}
    try:
        return kind(**values, **ready)
    except TypeError as error:
        raise SettingsError(f"settings of {where.rstrip('.') or 'the experiment'}: {error}") from None


def _convert(hint: Any, value: Any, name: str) -> Any:
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None or value is False:  # `augment.mixup=false` on the command line switches it off
            return None
        hint = next(option for option in options if option is not type(None))
        return _convert(hint, value, name)
    if dataclasses.is_dataclass(hint):
        return _build(typing.cast(type, hint), value, f"{name}.")
    if origin is Literal and value in options:
        return value
    if origin is tuple and isinstance(value, list):
        return tuple(_convert(options[0], each, name) for each in value)
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if hint in (int, str, bool) and type(value) is hint:
        return value
    words = {int: "a whole number", bool: "true or false", float: "a number", str: "text", tuple: "a list, as [16, 32]"}
    wanted = " or ".join(map(repr, options)) if origin is Literal else words.get(origin or hint, str(hint))
    raise SettingsError(f"setting {name}={value!r}: give {wanted}")
