"""Train the networks of many runs side by side on one GPU.

A network is trained on the same clips in the same order as by `training.fit`, by the same step. Its features are in
half precision, the draws of its augmentations come from a pool that all networks share, and its dropout from the
device's one generator: the same runs give networks as good, not the same ones.
"""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from voxaffect.corpora import Utterance
from voxaffect.errors import check
from voxaffect.models import build
from voxaffect.processes import Pool
from voxaffect.runs.run import Run, RunOptions
from voxaffect.runs.side_by_side.network import DrawPool, Network, TrainingSet
from voxaffect.settings import Experiment, InputSettings
from voxaffect.settings.networks import NETWORKS
from voxaffect.training import checkpoints, run_folder
from voxaffect.training.batches import TrainingClips, sampler_of
from voxaffect.training.clips import load_clip
from voxaffect.training.fit import check_device, ended
from voxaffect.training.prepared import Prepared, prepare
from voxaffect.training.pretrained import initialize_by_seed

_DEFAULT = RunOptions()
_BEGUN = 4  # at a time, before those that are in training go on


@dataclass(frozen=True)
class Job:
    """One network: a member of a run.

    Args:
        run: The run.
        place: Which member, counted from 0.
    """

    run: Run
    place: int

    @property
    def folder(self) -> Path:
        """Where its checkpoint goes."""
        several = self.run.experiment.training.members > 1
        return run_folder.member(self.run.folder, self.place) if several else self.run.folder

    def prepare(self) -> Prepared:
        """What it is trained on."""
        return prepare(self.run.experiment, self.run.utterances, self.run.split).member(self.place)

    def done(self) -> bool:
        """Whether its checkpoint is there already."""
        last, training = self.folder / run_folder.LAST, self.run.experiment.training
        return last.exists() and ended(checkpoints.read(last), training, validates=False)


def check_side_by_side(experiment: Experiment) -> None:
    """Check that an experiment can be trained side by side: AdamW in one cycle, features made once, no validation.

    Raises:
        SettingsError: It cannot.
    """
    training, augment, kind = experiment.training, experiment.augment, NETWORKS[experiment.model]
    unlike = {
        f"model {experiment.model}": kind.fixed_length or kind.pools_states,
        "training.sampling.clips_per_epoch=false": training.sampling.clips_per_epoch is None,
        "training.validate": training.validate,
        "training.optimizer": training.optimizer.name != "adamw",
        "training.optimizer.schedule": training.optimizer.schedule != "one-cycle",
        "training.targets.extra_classes": training.targets.extra_classes,
        "training.baseline_head": training.baseline_head,
        "copies.kinds": experiment.copies.kinds,
        "augment.mixstyle": augment.mixstyle,
        "augment.shift, gain or noise": augment.of_waveforms,
    }
    for name, is_set in unlike.items():
        check(not is_set, f"{experiment.name}: {name} cannot be trained side by side; train one run at a time")


def train_side_by_side(
    runs: Sequence[Run], options: RunOptions = _DEFAULT, *, workers: int | None = None, at_once: int = 16
) -> None:
    """Train all networks of all runs, and leave checkpoints that a resumed run takes as done, exports and scores.

    Args:
        runs: What is trained.
        options: How; with `resume`, networks that are done are kept.
        workers: Processes that prepare clips; None: two less than there are cores.
        at_once: Networks on the device at a time.

    Raises:
        SettingsError: An experiment cannot be trained so; a folder is in use or holds another run; the device is
            missing.
        BundleError: Pretrained weights are missing or damaged.
        SplitError: Utterances are missing, or pretrained weights were trained on test speakers.
    """
    for run in runs:
        check_side_by_side(run.experiment)
    check_device(options.device)
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    device = torch.device("cuda" if options.device != "cpu" and torch.cuda.is_available() else "cpu")
    with contextlib.ExitStack() as claims:
        for run in runs:
            pretrained = prepare(run.experiment, run.utterances, run.split).pretrained
            identity = run_folder.identity(run.experiment, run.split, pretrained)
            claims.enter_context(run_folder.claimed(run.folder, identity, resume=options.resume))
        jobs = [Job(run, place) for run in runs for place in range(run.experiment.training.members)]
        left = [job for job in jobs if not job.done()]
        _train(left, device, max(1, (os.cpu_count() or 2) - 2) if workers is None else workers, at_once)


def _train(jobs: Sequence[Job], device: torch.device, workers: int, at_once: int) -> None:
    # Rounded as bfloat16 is or finer; where full precision is asked for, nothing is rounded.
    rough = all(job.run.experiment.training.precision == "bf16" for job in jobs)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = rough
    begin = lap = time.monotonic()
    pools, active, done = dict[Any, DrawPool](), dict[Network, tuple[Job, Prepared]](), 0
    with tempfile.TemporaryDirectory() as name, contextlib.closing(_training_sets(jobs, Path(name), workers)) as sets:
        coming = True
        while coming or active:
            for _ in range(min(_BEGUN, at_once - len(active)) if coming else 0):
                job, path = next(sets, (None, None))
                if job is None or path is None:
                    coming = False
                    break
                prepared = job.prepare()
                active[_begin(prepared, path, pools, device)] = job, prepared
            for network in active:
                network.advance()
            now = time.monotonic()
            for network in active:  # side by side they share the device, each a part of the time
                network.seconds += (now - lap) / len(active)
            lap = now
            for network in [each for each in active if each.done == each.steps]:
                job, prepared = active.pop(network)
                network.write(job.folder, run_folder.identity(prepared.experiment, prepared.split, prepared.pretrained))
                done += 1
                print(f"{job.folder}: done, {done} of {len(jobs)}, {now - begin:.0f} s", file=sys.stderr)


def _begin(prepared: Prepared, path: Path, pools: dict[Any, DrawPool], device: torch.device) -> Network:
    """A network before its first step."""
    with np.load(path) as file:
        data = TrainingSet(file["features"], file["targets"], file["order"])
    path.unlink()
    experiment = prepared.experiment
    model = build(experiment)
    initialize_by_seed(model, prepared.pretrained, experiment.training.seed)
    shape = (model.frontend.n_features, data.features.shape[2])
    key = (experiment.augment, experiment.frontend, shape)
    if key not in pools:
        pools[key] = DrawPool(experiment, model, shape, device)
    network = Network(experiment, model, data, pools[key], device)
    if device.type == "cuda":
        network.capture()
    return network


def _training_sets(jobs: Sequence[Job], folder: Path, workers: int) -> Generator[tuple[Job, Path]]:
    """Jobs in their order, each with the file of its training set; a single worker is this process."""
    with Pool(0 if workers == 1 else workers) as pool:
        # Runs share clips: decode each once, into the cache.
        clips = {
            each.sound: (each, job.run.experiment.input)
            for job in jobs
            for side in ("train", "dev")
            for each in job.run.split.select(job.run.utterances, side)
        }
        for _ in pool.map(_decode, clips.values() if workers > 1 else ()):
            pass
        yield from zip(jobs, pool.map(partial(_write_training_set, folder=folder), jobs), strict=True)


def _decode(clip: tuple[Utterance, InputSettings]) -> None:
    load_clip(*clip, seed=0)


def _write_training_set(job: Job, folder: Path) -> Path:
    prepared = job.prepare()
    clips, training = TrainingClips(prepared), prepared.experiment.training
    sampler, size, order = sampler_of(clips, prepared), training.sampling.batch_size, []
    for epoch in range(training.epochs):
        sampler.set_epoch(epoch)
        drawn = np.array([index for _, index in sampler], np.int64)
        order.append(drawn[: len(drawn) // size * size].reshape(-1, size))
    items = [clips[0, index] for index in range(len(clips))]
    features, targets = (torch.stack([item[name] for item in items]).numpy() for name in ("features", "targets"))
    handle, name = tempfile.mkstemp(".npz", dir=folder)
    os.close(handle)
    np.savez(name, features=features.astype(np.float16), targets=targets, order=np.concatenate(order))
    return Path(name)
