"""Train the networks of benchmarks side by side on one NVIDIA GPU, which one small network would leave idle.

    python benchmarks/together.py --experiment small ravdess-luna5:0,1,2 ravdess-loso ravdess-emobox6

It leaves runs that `voxaffect benchmark --resume` takes as done, exports and scores. A network learns of the same
clips in the same order as with `fit`, by the same rule. Its features are kept in half precision, its augmentations
come from a stock that all networks share, drawn as they are there, and its dropout from the card's one generator: the
same command gives networks as good, not the same ones. It takes experiments like `small` alone: AdamW in one cycle,
features made once, nobody validated by.
"""

import argparse
import concurrent.futures
import contextlib
import dataclasses
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from captured import Lessons, Network, Stock
from voxaffect import labels
from voxaffect.benchmarking import plan, settings_for
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError, VoxaffectError
from voxaffect.models import build
from voxaffect.runs.run import Run
from voxaffect.settings import Experiment
from voxaffect.settings.networks import NETWORKS
from voxaffect.training import checkpoints, pretrained, run_folder
from voxaffect.training.batches import Draws, TrainingClips
from voxaffect.training.clips import heard, labelled
from voxaffect.training.fit import ended

AT_ONCE = 16
"""Networks on the card at a time."""

_BEGUN = 4  # at a time, before those that are there go on


@dataclass(frozen=True)
class Job:
    """One network: a member of a fold. folder: of its checkpoint."""

    task: Run
    experiment: Experiment
    folder: Path


def jobs_of(task: Run) -> list[Job]:
    """The networks of a fold that are not there yet, with the seeds that `fit_members` gives them."""
    count, seed = task.experiment.training.members, task.experiment.training.seed
    found = []
    for place in range(count):
        training = dataclasses.replace(task.experiment.training, seed=count * seed + place)
        folder = run_folder.member(task.folder, place) if count > 1 else task.folder
        last = folder / run_folder.LAST
        if not (last.exists() and ended(checkpoints.read(last), task.experiment, dev=False)):
            found.append(Job(task, dataclasses.replace(task.experiment, training=training), folder))
    return found


def refuse(experiment: Experiment) -> None:
    """Raise SettingsError for an experiment that is not trained here."""
    training, augment = experiment.training, experiment.augment
    unlike = {
        f"model {experiment.model}": NETWORKS[experiment.model].fixed_length,
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
    for name, is_so in unlike.items():
        if is_so:
            raise SettingsError(f"{experiment.name}: {name} is not for side by side; use voxaffect benchmark")


def lessons(job: Job, folder: Path) -> Path:
    """What a network is taught, as `fit` has it, in a file of a folder."""
    torch.set_num_threads(1)
    experiment, training = job.experiment, job.experiment.training
    pairs = _train_pairs(job)
    model = build(experiment)
    clips = TrainingClips(pairs, experiment, model.frontend, model.head.out_features, None)
    draws = Draws(len(clips), training.seed, clips.weights, training.sampling.clips_per_epoch or len(pairs))
    order = []
    for epoch in range(training.epochs):
        draws.set_epoch(epoch)
        drawn = np.array([index for _, index in draws], np.int64)
        order.append(
            drawn[: len(drawn) // training.sampling.batch_size * training.sampling.batch_size].reshape(
                -1, training.sampling.batch_size
            )
        )
    items = [clips[0, index] for index in range(len(clips))]
    energies = torch.stack([item["energies"] for item in items]).numpy().astype(np.float16)
    targets = torch.stack([item["target"] for item in items]).numpy()
    handle, name = tempfile.mkstemp(".npz", dir=folder)
    os.close(handle)
    np.savez(name, energies=energies, targets=targets, order=np.concatenate(order))
    return Path(name)


def _train_pairs(job: Job) -> list[tuple[Utterance, int]]:
    split = job.task.split.without_dev()
    return labelled(split.select(job.task.utterances, "train"), labels.scheme(job.experiment.training.scheme))


def _hear(utterance: Utterance, experiment: Experiment) -> None:
    heard(utterance, experiment)  # and keep it where `lessons` looks


def train(jobs: Sequence[Job], device: torch.device, processes: int, at_once: int = AT_ONCE) -> None:
    """Train all, and leave their checkpoints."""
    # Rounded as bfloat16 is or finer; where full precision is asked for, nothing is rounded.
    rough = all(job.experiment.training.precision == "bf16" for job in jobs)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = rough
    begin = lap = time.monotonic()
    stocks, active, ended = dict[Any, Stock](), dict[Network, Job](), 0
    with tempfile.TemporaryDirectory() as name:
        coming: Iterator[tuple[Job, Path]] | None = _prepared(jobs, Path(name), processes)
        while coming or active:
            for _ in range(min(_BEGUN, at_once - len(active)) if coming else 0):
                job, path = next(coming, (None, None))
                if job is None or path is None:
                    coming = None
                    break
                active[_begun(job, path, stocks, device)] = job
            for network in active:
                network.go_on()
            now = time.monotonic()
            for network in active:  # side by side they share the card, each a part of the time
                network.seconds += (now - lap) / len(active)
            lap = now
            for network in [each for each in active if each.done == each.steps]:
                folder = active.pop(network).folder
                network.write(folder)
                ended += 1
                print(f"{folder}: done, {ended} of {len(jobs)}, {now - begin:.0f} s", file=sys.stderr)


def _begun(job: Job, path: Path, stocks: dict[Any, Stock], device: torch.device) -> Network:
    """A network that has taken no step yet."""
    with np.load(path) as file:
        taught = Lessons(file["energies"], file["targets"], file["order"])
    path.unlink()
    model = build(job.experiment)
    pretrained.begin_by_seed(model, pretrained.of(job.experiment), job.experiment.training.seed)
    shape = (model.frontend.n_features, taught.energies.shape[2])
    key = (job.experiment.augment, job.experiment.frontend, shape)
    if key not in stocks:
        stocks[key] = Stock(job.experiment, model.to(device), shape, device)
    network = Network(job.experiment, model, taught, stocks[key], device)
    if device.type == "cuda":
        network.capture()
    return network


def _prepared(jobs: Sequence[Job], folder: Path, processes: int) -> Iterator[tuple[Job, Path]]:
    """Jobs and what they are taught, in their order; a single process is this one."""
    if processes == 1:
        yield from ((job, lessons(job, folder)) for job in jobs)
        return
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(processes, mp_context=context) as pool:
        every = {utterance.path: utterance for job in jobs for utterance, _ in _train_pairs(job)}.values()
        list(pool.map(_hear, every, [jobs[0].experiment] * len(every), chunksize=16))
        yield from zip(jobs, pool.map(lessons, jobs, [folder] * len(jobs)), strict=True)


def _asked(word: str, options: argparse.Namespace, claims: contextlib.ExitStack) -> list[Job]:
    """The networks of a protocol and its seeds that are not there yet, whose folders are claimed."""
    name, _, numbers = word.partition(":")
    if not all(number.isdigit() for number in numbers.split(",") if numbers):
        raise SettingsError(f"{word}: seeds are whole numbers, as in {name}:0,1,2")
    seeds = [int(number) for number in numbers.split(",")] if numbers else []
    setup, experiment = settings_for(name, options.experiment, options.set)
    refuse(experiment)
    tasks = plan(setup, experiment, corpora=options.corpus, runs=options.runs, seeds=seeds)
    for task in tasks:
        claims.enter_context(run_folder.claimed(task.folder, task.experiment, task.split, resume=True))
    return [job for task in tasks for job in jobs_of(task)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocols", nargs="+", metavar="PROTOCOL[:SEED,...]")
    parser.add_argument("--experiment", required=True, metavar="NAME|TOML")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--corpus", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    options = parser.parse_args()
    with contextlib.ExitStack() as claims:
        try:
            jobs = [job for word in options.protocols for job in _asked(word, options, claims)]
        except VoxaffectError as error:
            parser.error(str(error))
        if not jobs:
            print("all networks are there", file=sys.stderr)
            return
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        train(jobs, device, max(1, (os.cpu_count() or 2) - 2))


if __name__ == "__main__":
    main()
