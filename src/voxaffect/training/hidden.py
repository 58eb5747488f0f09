"""Hidden states of clips by a frozen encoder: computed once and cached on disk."""

import copy
import hashlib
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from voxaffect.audio import Waveform
from voxaffect.errors import SettingsError, VoxaffectWarning
from voxaffect.files.atomic import replacing
from voxaffect.files.cache import cache_folder
from voxaffect.models import EncoderFrontend
from voxaffect.models.encoder.files import SAMPLE_RATE, is_out_of_memory
from voxaffect.training.bars import counted

LONGEST = 30.0
"""Seconds: of a longer clip the middle is encoded, since an encoder's memory grows with the square of the length."""

_Place = Path | npt.NDArray[np.float16]

_BATCH = 8  # clips
_AT_ONCE = 256  # clips among which those of the same length are sought
_TIMED = 64  # clips to encode for which trying bfloat16 pays


class Encodable(NamedTuple):
    """What is encoded.

    Args:
        key: Of its content, for the cache.
        load: Gives its waveform, (samples,).
    """

    key: str
    load: Callable[[], Waveform]


class HiddenStates(Sequence[Tensor]):
    """The output of an encoder's front end, (n_features, frames) float32 each, read from the cache when it is used."""

    def __init__(self, places: Sequence[_Place]) -> None:
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> Tensor:  # type: ignore[override]
        place = self._places[index]
        values = np.load(place) if isinstance(place, Path) else place
        return torch.from_numpy(values.astype(np.float32))


def of_waveform(waveform: Waveform) -> Encodable:
    """A sound that is in memory."""
    return Encodable(hashlib.sha256(np.ascontiguousarray(waveform).tobytes()).hexdigest(), lambda: waveform)


def encode(sounds: Sequence[Encodable], frontend: EncoderFrontend) -> HiddenStates:
    """Encode what is not in the cache, with progress on stderr.

    Clips of exactly the same number of frames go together, so no padding is ever seen by an encoder.

    Args:
        sounds: What is encoded.
        frontend: The encoder.

    Raises:
        AudioError: A recording cannot be read.
        SettingsError: The memory is full; a recording ends before `input.start`.
    """
    settings = frontend.settings
    encoder = f"{frontend.files.sha256}\0{settings.states}\0{settings.pool}\0{LONGEST}"
    folder = cache_folder() / "states"
    keys = (hashlib.sha256(os.fsencode(f"{each.key}\0{encoder}")).hexdigest() for each in sounds)
    places: list[_Place] = [folder / f"{key[:32]}.npy" for key in keys]
    missing = [index for index, place in enumerate(places) if not _is_whole(place, frontend.n_features)]
    # Processes that train side by side begin at different places, and take what another has encoded meanwhile.
    first = os.getpid() * 7919 % max(1, len(missing))
    missing = missing[first:] + missing[:first]
    run = _Encoder(frontend, try_half=len(missing) >= _TIMED)
    waiting: dict[int, Tensor] = {}
    with _single_threads() as pool:
        for number, index in enumerate(counted(missing, "encoding")):
            if not _is_whole(places[index], frontend.n_features):
                waiting[index] = run.input(sounds[index].load())
            if waiting and (len(waiting) == _AT_ONCE or number == len(missing) - 1):
                batches = _batches(waiting)
                inputs = [torch.cat([waiting[which] for which in batch]) for batch in batches]
                run.choose(inputs[0])
                for batch, states in zip(batches, pool.map(run.states, inputs), strict=True):
                    for which, values in zip(batch, states, strict=True):
                        places[which] = _stored(places[which], values)
                waiting = {}
    return HiddenStates(places)


@contextmanager
def _single_threads() -> Iterator[ThreadPoolExecutor]:
    """As many threads as PyTorch has, each of which runs a batch by itself.

    Several threads for each operator would wait for one another, and on a busy machine take many times as long.
    """
    threads = torch.get_num_threads()
    pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
    torch.set_num_threads(1)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)


class _Encoder:
    """Runs an encoder, in bfloat16 if that is faster here; what comes before its convolutions stays in float32."""

    def __init__(self, frontend: EncoderFrontend, *, try_half: bool) -> None:
        self._frontend, self._try_half = frontend, try_half
        self._model, self._dtype = frontend, torch.float32

    def input(self, waveform: Waveform) -> Tensor:
        """(samples,) -> what the convolutions take, of the middle of a long one: (1, any...)."""
        samples = round(LONGEST * SAMPLE_RATE)
        middle = waveform[max(0, len(waveform) - samples) // 2 :][:samples]
        with torch.no_grad():
            return self._frontend.input(torch.from_numpy(np.ascontiguousarray(middle))[None])

    def states(self, inputs: Tensor) -> list[npt.NDArray[np.float16]]:
        """(clips, any...) -> (n_features, frames) each."""
        try:
            with torch.no_grad():
                states = self._model.states(inputs.to(self._dtype)).float()
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            raise SettingsError(
                f"frontend.encoder={self._frontend.settings.encoder}: the memory is full; choose a smaller encoder, or "
                "shorter clips"
            ) from None
        limit = float(np.finfo(np.float16).max)
        return list(states.clamp(-limit, limit).to(torch.float16).numpy())

    def choose(self, inputs: Tensor) -> None:
        """Time both, once, if that pays."""
        if not self._try_half:
            return
        self._try_half = False
        half = copy.deepcopy(self._frontend).to(torch.bfloat16)

        def seconds(model: EncoderFrontend, dtype: torch.dtype) -> float:
            best = float("inf")
            for _ in range(2):
                begin = time.perf_counter()
                with torch.no_grad():
                    model.states(inputs[:4].to(dtype))
                best = min(best, time.perf_counter() - begin)
            return best

        if seconds(half, torch.bfloat16) < seconds(self._frontend, torch.float32):
            self._model, self._dtype = half, torch.bfloat16


def _batches(inputs: Mapping[int, Tensor]) -> list[list[int]]:
    """Clips of one length together."""
    by_length: dict[int, list[int]] = {}
    for index, each in inputs.items():
        by_length.setdefault(each.shape[-1], []).append(index)
    return [same[first : first + _BATCH] for same in by_length.values() for first in range(0, len(same), _BATCH)]


def _is_whole(place: _Place, rows: int) -> bool:
    """Whether a cached file is there and undamaged, by its header alone."""
    try:
        values = np.load(place, mmap_mode="r")  # type: ignore[arg-type]
        return values.dtype == np.float16 and values.ndim == 2 and len(values) == rows
    except (OSError, ValueError, EOFError):
        return False


def _stored(place: _Place, values: npt.NDArray[np.float16]) -> _Place:
    """Where values are now: on disk, or in memory where the cache cannot be written."""
    assert isinstance(place, Path)
    try:
        with replacing(place) as partial, partial.open("wb") as file:
            np.save(file, values)
    except OSError as error:
        warnings.warn(
            f"{place.parent}: hidden states cannot be cached ({error.strerror}); set VOXAFFECT_CACHE",
            VoxaffectWarning,
            stacklevel=4,
        )
        return values
    return place
