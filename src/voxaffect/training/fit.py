"""Fit an experiment on the training side of a split, with Lightning.

The model that is returned is the one of the lowest development loss. Without a development side there is nothing to
choose by, and it is the one after the last epoch.
"""

import logging
import signal
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping, EMAWeightAveraging, ModelCheckpoint
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import DataLoader

from voxaffect import labels, metrics
from voxaffect.augment import ChannelParameters, WarpParameters
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError
from voxaffect.models import Classifier, build
from voxaffect.settings import Experiment
from voxaffect.settings.networks import NETWORKS
from voxaffect.splits import Sides
from voxaffect.training import checkpoints, optimizers, pretrained, run_folder
from voxaffect.training.batches import Batch, Draws, Pairs, TrainingClips, WholeClips
from voxaffect.training.clips import labelled, others_of
from voxaffect.training.progress import Progress
from voxaffect.training.run_folder import BEST, LAST


@dataclass(frozen=True)
class Fitted:
    """A trained model, the epoch it is from (counted from 1), the epochs that ran, and each epoch's figures.

    device: what it was trained on, "cpu", "cuda" and so on. starts: what it began with.
    """

    model: Classifier
    best_epoch: int
    epochs: int
    history: tuple[dict[str, float], ...]
    seconds: float
    device: str = "cpu"
    starts: tuple[pretrained.Start, ...] = ()


def fit(
    experiment: Experiment,
    utterances: Sequence[Utterance],
    split: Sides,
    folder: Path,
    resume: bool = False,
    threads: int | None = None,
    label: str = "",
    device: str = "auto",
) -> Fitted:
    """Train, writing checkpoints after every epoch below `folder`.

    resume: go on from the last checkpoint in `folder`, if there is one.
    threads: of PyTorch on the CPU; None leaves its own choice.
    label: what the progress bar calls this run. device: "auto", "cpu" or "gpu".

    Raises SettingsError where a GPU is asked for and there is none, the training side is too small for a batch, what
    training begins with is of another network, or a checkpoint is damaged or of another run; BundleError where what
    training begins with is not there; SplitError where utterances are missing, or a start has heard somebody who is to
    be validated or tested on.
    """
    scheme = labels.scheme(experiment.training.scheme)
    side = split.select(utterances, "train")
    others = others_of(side, scheme) if experiment.training.targets.extra_classes else []
    train = labelled(side, scheme, others)
    dev = labelled(split.select(utterances, "dev"), scheme)
    size = experiment.training.sampling.batch_size
    if experiment.training.optimizer.schedule == "plateau" and not dev:
        raise SettingsError(
            "training.optimizer.schedule=plateau goes by the development loss; name development speakers"
        )
    if experiment.training.sampling.clips_per_epoch is None and len(train) < size:
        raise SettingsError(
            f"{len(train)} training clips do not fill a batch of {size}; "
            f"set training.sampling.batch_size={max(2, len(train) // 4)}"
        )
    refuse_missing(device)
    if threads is not None:
        if threads < 1:
            raise SettingsError(f"threads={threads}: choose at least 1")
        torch.set_num_threads(threads)
    model = build(experiment, len(others))
    starts = pretrained.of(experiment)
    pretrained.refuse_heard(split, utterances, starts)
    pretrained.begin_by_seed(model, starts, experiment.training.seed)
    last = folder / LAST
    checkpoint = last if resume and last.exists() else None
    if not (checkpoint and ended(checkpoints.read_own(checkpoint, experiment, split), experiment, bool(dev))):
        whose = run_folder.whose(experiment, split)
        _train(model, experiment, train, dev, folder, checkpoint, label or experiment.name, device, whose)
    chosen = checkpoints.read_own(folder / BEST if dev else last, experiment, split)
    model.load_state_dict({key.removeprefix("model."): value for key, value in chosen["state_dict"].items()})
    model.keep(len(scheme.classes))
    model.eval().to("cpu", memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    kept = checkpoints.read_own(last, experiment, split)["voxaffect"]
    history = tuple(kept["history"])
    return Fitted(
        model, chosen["epoch"] + 1, len(history), history, kept["seconds"], kept.get("device", "unknown"), starts
    )


def _train(
    model: Classifier,
    experiment: Experiment,
    train: Pairs,
    dev: Pairs,
    folder: Path,
    checkpoint: Path | None,
    label: str,
    device: str,
    whose: str,
) -> None:
    """Train to the end, from a checkpoint on if one is given, writing checkpoints that say whose they are."""
    size, n_classes = experiment.training.sampling.batch_size, len(labels.scheme(experiment.training.scheme).classes)
    # The same sums, and a third less time a step on a CPU. PyTorch's annotations do not know of it.
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    n_frames = (
        model.frontend.frames(experiment.input.window_samples) if NETWORKS[experiment.model].fixed_length else None
    )
    clips = TrainingClips(train, experiment, model.frontend, model.head.out_features, n_frames)
    # Clips are few and in memory: workers would cost more than they bring.
    draws = Draws(
        len(clips), experiment.training.seed, clips.weights, experiment.training.sampling.clips_per_epoch or len(train)
    )
    train_loader = DataLoader(clips, size, sampler=draws, drop_last=True)
    dev_clips = WholeClips(dev, experiment, model.frontend)
    dev_loader = DataLoader(dev_clips, batch_sampler=dev_clips.batches()) if dev else None

    run = _Run(model, experiment, n_classes, experiment.training.epochs * len(train_loader), whose)
    # Two, since Lightning's own `save_last` saves only when the best one changes; the best one first, so that the last
    # one knows of it.
    keep_best = ModelCheckpoint(folder, Path(BEST).stem, monitor="dev_loss", enable_version_counter=False)
    keep_last = ModelCheckpoint(folder, Path(LAST).stem, enable_version_counter=False)
    callbacks: list[Any] = [Progress(label)]
    if experiment.training.optimizer.ema_decay is not None:
        # Before those that save: a checkpoint holds the averages, and the weights as they were beside them.
        callbacks.append(EMAWeightAveraging(decay=experiment.training.optimizer.ema_decay))
    if dev:
        callbacks += [EarlyStopping("dev_loss", patience=experiment.training.patience), keep_best]
    callbacks.append(keep_last)
    # On a GPU: TensorFloat-32 would round the quiet parts of a spectrum away in the front end.
    torch.backends.cudnn.allow_tf32 = False
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    trainer = lightning.Trainer(
        accelerator=device,
        devices=1,
        # Autocast is set around the network alone, in _Run: a spectrum in bfloat16 would lose its quiet parts.
        max_epochs=experiment.training.epochs,
        callbacks=callbacks,
        logger=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        gradient_clip_val=experiment.training.optimizer.gradient_clip,
        default_root_dir=folder,
        plugins=[checkpoints.Checkpoints()],
    )
    on_interrupt = signal.getsignal(signal.SIGINT)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Lightning's: about its innards and about loaders without workers
            trainer.fit(run, train_loader, dev_loader, ckpt_path=checkpoint, weights_only=True)
    except SystemExit:
        # What Lightning makes of Ctrl-C, after it has switched Ctrl-C off; callers shall see what it was.
        signal.signal(signal.SIGINT, on_interrupt)
        kept = (
            f"the epochs so far are in {folder}; `resume` goes on"
            if (folder / LAST).exists()
            else "no epoch was finished"
        )
        raise KeyboardInterrupt(kept) from None


def refuse_missing(device: str) -> None:
    """Raise SettingsError where a GPU is asked for and there is none."""
    if device == "gpu" and not torch.accelerator.is_available():
        raise SettingsError("device=gpu: PyTorch finds none; choose cpu, or install PyTorch for your GPU")


def ended(checkpoint: Mapping[str, Any], experiment: Experiment, dev: bool) -> bool:
    """Whether a run had come to its end already: all epochs done, or patience spent."""
    history = checkpoint["voxaffect"]["history"]
    losses = [epoch["dev_loss"] for epoch in history] if dev else []
    spent = dev and len(losses) - 1 - int(np.argmin(losses)) >= experiment.training.patience
    return spent or len(history) >= experiment.training.epochs


class _Run(lightning.LightningModule):
    """The training and development steps of one run."""

    def __init__(self, model: Classifier, experiment: Experiment, n_classes: int, steps: int, whose: str) -> None:
        """n_classes: of the finished model; it may have more while it learns. whose: what `run_folder.whose` says."""
        super().__init__()
        self.model, self.experiment, self.n_classes, self.steps = model, experiment, n_classes, steps
        self.whose = whose
        self.history: list[dict[str, float]] = []
        self._begin = time.monotonic()
        self._truth: list[int] = []
        self._prediction: list[int] = []
        self._losses: list[float] = []

    def seconds(self) -> float:
        """Time spent so far, that before a resumption included."""
        return time.monotonic() - self._begin

    def on_train_start(self) -> None:
        # Lightning writes checkpoints before it tells a plateau of the epoch: a resumed run has one to make up for.
        schedule = self.lr_schedulers()
        if self.history and isinstance(schedule, ReduceLROnPlateau):
            schedule.step(self.history[-1]["dev_loss"])

    def training_step(self, batch: Batch, index: int) -> Tensor:
        # benchmarks/captured.py takes the same step in a graph of its own: what changes here must change there.
        settings, augment = self.experiment.training, self.experiment.augment
        # Dropout draws from PyTorch's own generator: seeded anew, so that a resumed run is the run it would have been.
        seeds = np.random.SeedSequence((settings.seed, self.current_epoch, index))
        torch.manual_seed(int(seeds.generate_state(1)[0]))
        rng = np.random.default_rng(seeds)
        if "energies" in batch:
            energies = batch["energies"]
        else:
            with torch.no_grad():
                energies = self.model.frontend(batch["waveform"])
        if augment.channel is not None:
            channel = ChannelParameters(batch["channel_curve"], batch["channel_noise"])
            energies = augment.channel.apply(energies, channel, self.model.frontend.floor)
        features = self.model.normalise(energies)
        # What stands beside the bands is no part of a spectrum, and mixed alone.
        bands = self.model.frontend.n_features
        features, beside = features[:, :bands], features[:, bands:]
        if augment.warp is not None:
            features = augment.warp.apply(features, WarpParameters(batch["warp_mel"], batch["warp_time"]))
        if augment.mixstyle is not None:
            mixed = augment.mixstyle.draw(rng, len(features))
            partner = torch.from_numpy(mixed.partner).to(self.device)
            share = torch.from_numpy(mixed.share).to(self.device)
            features = augment.mixstyle.apply(features, partner, share[:, None, None])
        if augment.masks is not None:
            features = augment.masks.apply(features, batch["keep"])
        features = torch.cat([features, beside], dim=1)
        target = batch["target"]
        if augment.mixup is not None:
            drawn = augment.mixup.draw(rng, len(target))
            partner = torch.from_numpy(drawn.partner).to(self.device)
            share = torch.from_numpy(drawn.share).to(self.device)
            features = augment.mixup.apply(features, partner, share[:, None, None])
            target = augment.mixup.apply(target, partner, share[:, None])
        with torch.autocast(self.device.type, torch.bfloat16, enabled=settings.precision == "bf16"):
            logits, _ = self.model.classify(features)
        loss = nn.functional.cross_entropy(logits.float(), target, label_smoothing=settings.targets.label_smoothing)
        self._losses.append(float(loss.detach()))
        return loss

    def validation_step(self, batch: Batch, index: int) -> None:
        logits, _ = self.model.classify(self.model.normalise(batch["energies"]))
        logits = logits[:, : self.n_classes]
        loss = nn.functional.cross_entropy(logits, batch["label"])
        self.log("dev_loss", loss, batch_size=len(logits), on_epoch=True)
        self._truth += batch["label"].tolist()
        self._prediction += logits.argmax(dim=1).tolist()

    def on_validation_epoch_end(self) -> None:
        counts = metrics.confusion(np.array(self._truth), np.array(self._prediction), self.n_classes)
        self.log("dev_uar", float(metrics.uar(counts)))
        self.log("dev_wa", float(metrics.wa(counts)))
        self._truth, self._prediction = [], []

    def on_train_epoch_end(self) -> None:
        figures = {"epoch": float(self.current_epoch + 1), "train_loss": float(np.mean(self._losses))}
        for name in ("dev_loss", "dev_uar", "dev_wa"):
            if name in self.trainer.callback_metrics:
                figures[name] = float(self.trainer.callback_metrics[name])
        self.history.append(figures)
        self._losses = []

    def configure_optimizers(self) -> Any:
        return optimizers.configure(self.experiment.training.optimizer, self.parameters(), self.steps)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        about = {"history": self.history, "seconds": self.seconds(), "device": self.device.type, "run": self.whose}
        checkpoint["voxaffect"] = about

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        kept = checkpoint["voxaffect"]
        self.history = list(kept["history"])
        self._begin = time.monotonic() - kept["seconds"]
