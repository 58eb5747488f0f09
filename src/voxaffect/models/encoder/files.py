"""The files of an encoder: found by its name on huggingface.co, or in a folder of the same content."""

import hashlib
import json
import logging
import os
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from voxaffect.errors import SettingsError, check, missing_extra

CONFIG, PREPROCESSOR, CARD = "config.json", "preprocessor_config.json", "README.md"
WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")
"""The files of weights, the first that is there counts. An index names several."""

KINDS = {
    "whisper": "Whisper",
    "wav2vec2": "wav2vec 2.0",
    "hubert": "HuBERT",
    "wavlm": "WavLM",
    "data2vec-audio": "data2vec-audio",
}
"""The kinds that can be read, by the `model_type` in config.json."""

SAMPLE_RATE = 16_000
"""Hz that all of them were trained on."""

NOT_STATED = "not stated"


@dataclass(frozen=True, eq=False)
class EncoderFiles:
    """An encoder's folder.

    Args:
        name: That an experiment calls it.
        folder: Where its files are.
        config: The content of config.json.

    Attributes:
        sha256: Of its config and weights.
        licence: As its model card says, else Whisper's own, else "not stated".
        layers: How many it has.
    """

    name: str
    folder: Path
    config: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        return str(self.config["model_type"])

    @property
    def short_name(self) -> str:
        """Without the folder that it lies in, which is private."""
        return self.folder.resolve().name if Path(self.name).is_dir() else self.name

    @property
    def layers(self) -> int:
        """How many it has."""
        return int(self.config["encoder_layers" if self.kind == "whisper" else "num_hidden_layers"])

    @cached_property
    def sha256(self) -> str:
        """Of its config and weights."""
        digest = hashlib.sha256()
        for name in (CONFIG, PREPROCESSOR):
            path = self.folder / name
            digest.update(path.read_bytes() if path.is_file() else b"")
        for path in self.weights:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    @property
    def licence(self) -> str:
        """As its model card says, else Whisper's own, else "not stated"."""
        card = self.folder / CARD
        text = card.read_text("utf-8", "replace") if card.is_file() else ""
        head = re.match(r"---\n(.*?)\n---", text, re.DOTALL)
        stated = re.search(r"^license:\s*['\"]?([\w.+-]+)", head[1], re.MULTILINE) if head else None
        return stated[1] if stated else "MIT" if self.kind == "whisper" else NOT_STATED

    @property
    def weights(self) -> tuple[Path, ...]:
        """The files of its weights.

        Raises:
            SettingsError: There are none.
        """
        first = next((self.folder / name for name in WEIGHTS if (self.folder / name).is_file()), None)
        if first is None:
            raise SettingsError(f"frontend.encoder={self.name}: holds no weights ({WEIGHTS[0]}); copy the whole folder")
        if first.suffix != ".json":
            return (first,)
        with self.reading(first):
            return tuple(sorted({self.folder / each for each in json.loads(first.read_bytes())["weight_map"].values()}))

    def tensors(self, prefixes: tuple[str, ...], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The weights of a module, in single precision.

        Args:
            prefixes: One of which stands before every name in the file.
            wanted: Name -> tensor of the same shape.

        Raises:
            ValueError: One is missing, of another shape or no number.
        """
        found: dict[str, Tensor] = {}
        for path in self.weights:
            for name, tensor in _stored(path):
                short = _today(next((name.removeprefix(each) for each in prefixes if name.startswith(each)), name))
                if short in wanted:
                    found[short] = tensor().float()
        for name, tensor in wanted.items():
            if name not in found:
                raise ValueError(f"{name} is missing")
            if found[name].shape != tensor.shape:
                raise ValueError(f"{name} is of shape {tuple(found[name].shape)}, not {tuple(tensor.shape)}")
            if not bool(found[name].isfinite().all()):
                raise ValueError(f"{name} is no number")
        return found

    @cached_property
    def preprocessor(self) -> Mapping[str, Any]:
        """The content of preprocessor_config.json; empty where there is none."""
        path = self.folder / PREPROCESSOR
        with self.reading(path):
            content: Mapping[str, Any] = json.loads(path.read_bytes()) if path.is_file() else {}
            content.get("sampling_rate")
            return content

    @property
    def standardised(self) -> bool:
        """Whether it takes waveforms of mean 0 and variance 1; what does not say so, does."""
        return bool(self.preprocessor.get("do_normalize", True))

    @contextmanager
    def reading(self, path: Path) -> Iterator[None]:
        """Errors of any library as one line."""
        try:
            yield
        except (SettingsError, KeyboardInterrupt):
            raise
        except Exception as error:  # what transformers, safetensors and PyTorch raise depends on where a file is wrong
            raise _as_settings_error(error, self.name, path) from None


def find(encoder: str) -> EncoderFiles:
    """Find an encoder in a folder, or on huggingface.co, from which it is fetched once.

    Raises:
        SettingsError: There is none of that name, or it is of a kind that cannot be read.
        MissingExtraError: `voxaffect[encoders]` is not installed.
    """
    _quietly()
    folder = Path(encoder)
    if not folder.is_dir():
        folder = _fetched(encoder)
    path = folder / CONFIG
    try:
        config = json.loads(path.read_bytes())
        kind = config.get("model_type")
        if kind in KINDS:
            int(config["encoder_layers" if kind == "whisper" else "num_hidden_layers"])
    except FileNotFoundError:
        raise SettingsError(
            f"frontend.encoder={encoder}: holds no {CONFIG}; name a folder that transformers wrote, or a name on "
            "huggingface.co, as openai/whisper-base"
        ) from None
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise _as_settings_error(error, encoder, path) from None
    check(
        kind in KINDS,
        f"frontend.encoder={encoder}: is of kind {kind!r}, which cannot be read; choose a {', '.join(KINDS.values())}",
    )
    return EncoderFiles(encoder, folder, config)


def _fetched(name: str) -> Path:
    """The folder of an encoder that huggingface.co has, through its library's cache."""
    import huggingface_hub
    from huggingface_hub import errors

    where = f"frontend.encoder={name}"
    own = [name] if os.sep in name and name.count("/") != 1 else []
    check(
        not own and bool(re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name)) and not name.startswith((".", "/")),
        f"{where}: is no folder in {Path.cwd()} and no name on huggingface.co; write it as openai/whisper-base",
    )
    patterns = [CONFIG, PREPROCESSOR, CARD, "*.safetensors", WEIGHTS[1]]
    try:
        folder = Path(huggingface_hub.snapshot_download(name, allow_patterns=patterns))
        if not list(folder.glob("*.safetensors")):
            folder = Path(huggingface_hub.snapshot_download(name, allow_patterns=[*patterns, WEIGHTS[2]]))
        return folder
    except errors.GatedRepoError:
        reason = "is given to those alone who ask for it on huggingface.co; ask there, then `hf auth login`"
    except errors.RepositoryNotFoundError:
        reason = f"is no folder in {Path.cwd()}, and huggingface.co has none of that name; write openai/whisper-base"
    except (errors.LocalEntryNotFoundError, errors.HfHubHTTPError, OSError) as error:
        if getattr(error, "errno", None) is not None and not isinstance(error, ConnectionError):
            reason = f"cannot be stored ({error.strerror or error})"
        else:
            reason = "huggingface.co cannot be reached, and no copy is here; name a folder that holds the encoder"
    except Exception as error:  # of whatever library fetches
        reason = f"cannot be fetched ({_line(error)}); name a folder that holds the encoder"
    raise SettingsError(f"{where}: {reason}")


def _stored(path: Path) -> Iterator[tuple[str, Any]]:
    """The names in a file of weights, each with a function that reads its tensor."""
    if path.suffix == ".safetensors":
        from safetensors import safe_open

        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118  # it is no dictionary
                yield name, lambda name=name: file.get_tensor(name)
    else:
        for name, tensor in torch.load(path, map_location="cpu", weights_only=True, mmap=True).items():
            yield name, lambda tensor=tensor: tensor


def _today(name: str) -> str:
    """The name of a weight in two factors, as PyTorch calls it now."""
    for old, new in ((".weight_g", ".original0"), (".weight_v", ".original1")):
        if name.endswith(old):
            return f"{name.removesuffix(old)}.parametrizations.weight{new}"
    return name


def _as_settings_error(error: Exception, name: str, path: Path) -> SettingsError:
    if is_out_of_memory(error):
        return SettingsError(f"frontend.encoder={name}: the memory is full; choose a smaller encoder, or fewer states")
    if isinstance(error, OSError) and error.errno is not None:
        return SettingsError(f"frontend.encoder={name}: {path} cannot be read ({error.strerror})")
    return SettingsError(f"frontend.encoder={name}: {path} is damaged ({_line(error)}); copy or fetch it again")


def is_out_of_memory(error: Exception) -> bool:
    """Whether Python's or PyTorch's allocator, or a device, has no more."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)


def _line(error: Exception) -> str:
    """The first line of an error, shortened."""
    text = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return text if len(text) <= 100 else f"{text[:97]}..."


def _quietly() -> None:
    """Import transformers, and leave its notes and bars out.

    Raises:
        MissingExtraError: It is not installed.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import huggingface_hub.utils
            import safetensors  # noqa: F401
            import transformers
    except ImportError as error:
        raise missing_extra("encoders", error) from error
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    huggingface_hub.utils.disable_progress_bars()
    for name in ("transformers", "huggingface_hub", "httpx"):
        logging.getLogger(name).setLevel(logging.ERROR)
