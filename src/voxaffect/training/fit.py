"""Fit an experiment on the training side of a split, with Lightning.

The model that is returned is the one of the lowest development loss; without a development side, the one after the last
epoch.
"""

import logging
import signal
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint, WeightAveraging
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import DataLoader

from voxaffect import metrics
from voxaffect.errors import check
from voxaffect.models import Classifier, EncoderFrontend, build
from voxaffect.models.pooling import Pooling
from voxaffect.settings import TrainingSettings
from voxaffect.training import checkpoints, optimizers, run_folder, step
from voxaffect.training.batches import Batch, TrainingClips, WholeClips, collate, sampler_of
from voxaffect.training.prepared import Prepared
from voxaffect.training.pretrained import PretrainedWeights, initialize_by_seed
from voxaffect.training.progress import Progress
from voxaffect.training.run_folder import BEST, LAST


@dataclass(frozen=True)
class Fitted:
    """A trained model and how it was trained.

    Args:
        model: On the CPU, in evaluation mode.
        best_epoch: The epoch it is from, counted from 1; 0: no epoch was asked for.
        epochs: The epochs that ran.
        history: Figures of each epoch.
        seconds: Duration of training, without interruptions.
        device: "cpu", "cuda" and so on.
        pretrained: The weights that training began with.
    """

    model: Classifier
    best_epoch: int
    epochs: int
    history: tuple[dict[str, float], ...]
    seconds: float
    device: str = "cpu"
    pretrained: tuple[PretrainedWeights, ...] = ()


def fit(prepared: Prepared, folder: Path, *, resume: bool = False, device: str = "auto", label: str = "") -> Fitted:
    """Train one network, with a checkpoint after every epoch.

    Args:
        prepared: What is trained.
        folder: Of the checkpoints.
        resume: Continue from the last checkpoint in `folder`, if there is one.
        device: "auto", "cpu" or "gpu".
        label: Name of the run in progress messages; empty: the experiment's.

    Raises:
        SettingsError: The device is missing, or a checkpoint is damaged or of another run.
        BundleError: Pretrained weights are not of the network on their card.
    """
    check_device(device)
    training, last = prepared.experiment.training, folder / LAST
    if training.epochs == 0:
        return Fitted(build(prepared.experiment).eval(), 0, 0, (), 0.0, pretrained=prepared.pretrained)
    identity = run_folder.identity(prepared.experiment, prepared.split, prepared.pretrained)
    validates = bool((prepared.dev.labels >= 0).any())
    resumed = resume and last.exists()
    if not (resumed and ended(checkpoints.read_own(last, identity), training, validates=validates)):
        _train(prepared, folder, last if resumed else None, device, label or prepared.experiment.name, identity)
    chosen = checkpoints.read_own(folder / BEST if validates else last, identity)
    model = build(prepared.experiment, len(prepared.extra_classes))
    model.load_state_dict({key.removeprefix("model."): value for key, value in chosen["state_dict"].items()})
    model.drop_extra_classes(len(prepared.scheme.classes))
    if isinstance(model.network, Pooling):
        model.network.merge()
    about = checkpoints.read_own(last, identity)["voxaffect"]
    history = tuple(about["history"])
    return Fitted(
        model.eval(),
        best_epoch=chosen["epoch"] + 1,
        epochs=len(history),
        history=history,
        seconds=about["seconds"],
        device=about.get("device", "unknown"),
        pretrained=prepared.pretrained,
    )


def _train(prepared: Prepared, folder: Path, checkpoint: Path | None, device: str, label: str, identity: str) -> None:
    """Train to the end, from a checkpoint on if one is given."""
    experiment, training = prepared.experiment, prepared.experiment.training
    model = build(experiment, len(prepared.extra_classes))
    initialize_by_seed(model, prepared.pretrained, training.seed)
    # The same sums, and a third less time a step on a CPU. PyTorch's annotations do not know of it.
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if isinstance(model.frontend, EncoderFrontend):
        model.frontend.unload()
    clips = TrainingClips(prepared)
    # Clips are few and in memory: workers would cost more than they bring.
    train_loader = DataLoader(
        clips, training.sampling.batch_size, sampler=sampler_of(clips, prepared), drop_last=True, collate_fn=collate
    )
    dev_clips = WholeClips(prepared.dev_features, prepared.dev.labels)
    dev_batches = dev_clips.batches(labelled=True)
    dev_loader = DataLoader(dev_clips, batch_sampler=dev_batches) if dev_batches else None

    # Two, since Lightning's own `save_last` saves only when the best one changes; the best one first, so that the last
    # one knows of it.
    save_best = ModelCheckpoint(folder, Path(BEST).stem, monitor="dev_loss", enable_version_counter=False)
    save_last = ModelCheckpoint(folder, Path(LAST).stem, enable_version_counter=False)
    callbacks: list[Any] = [Progress(label)]
    if training.optimizer.ema_decay is not None:
        # Before those that save: a checkpoint holds the averages, and the current weights besides.
        callbacks.append(WeightAveraging(use_buffers=True, avg_fn=_moving_average(training.optimizer.ema_decay)))
    if dev_batches:
        callbacks += [EarlyStopping("dev_loss", patience=training.patience), save_best]
    callbacks.append(save_last)
    # On a GPU: TensorFloat-32 would round the quiet parts of a spectrum away in the front end.
    torch.backends.cudnn.allow_tf32 = False
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    trainer = lightning.Trainer(
        accelerator=device,
        devices=1,
        max_epochs=training.epochs,
        callbacks=callbacks,
        logger=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        gradient_clip_val=training.optimizer.gradient_clip,
        default_root_dir=folder,
        plugins=[checkpoints.Checkpoints()],
    )
    module = _Module(model, prepared, training.epochs * len(train_loader), identity)
    on_interrupt = signal.getsignal(signal.SIGINT)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Lightning's: about its innards and about loaders without workers
            trainer.fit(module, train_loader, dev_loader, ckpt_path=checkpoint, weights_only=True)
    except SystemExit:
        # What Lightning makes of Ctrl-C, after it has switched Ctrl-C off; callers shall see what it was.
        signal.signal(signal.SIGINT, on_interrupt)
        way = f"the epochs so far are in {folder}; `resume` goes on" if (folder / LAST).exists() else "no epoch is done"
        raise KeyboardInterrupt(way) from None


def _moving_average(decay: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """The exponential moving average, in a form that keeps constants.

    `decay * average + (1 - decay) * current` rounds what is the same in both, such as the front end's mel filters, in
    every step; no checkpoint holds these, so a run would depend on how often it was interrupted.
    """
    return lambda average, current, _: average + (1 - decay) * (current - average)


def check_device(device: str) -> None:
    """Raise SettingsError where a GPU is asked for and there is none."""
    there = device != "gpu" or torch.accelerator.is_available()
    check(there, "device=gpu: PyTorch finds none; choose cpu, or install PyTorch for your GPU")


def ended(checkpoint: Mapping[str, Any], training: TrainingSettings, *, validates: bool) -> bool:
    """Whether a run has come to its end: all epochs done, or patience spent."""
    history = checkpoint["voxaffect"]["history"]
    losses = [epoch["dev_loss"] for epoch in history] if validates else []
    spent = bool(losses) and len(losses) - 1 - int(np.argmin(losses)) >= training.patience
    return spent or len(history) >= training.epochs


class _Module(lightning.LightningModule):
    """What Lightning calls in each batch and epoch."""

    def __init__(self, model: Classifier, prepared: Prepared, steps: int, identity: str) -> None:
        super().__init__()
        self.model, self.experiment, self.n_classes = model, prepared.experiment, len(prepared.scheme.classes)
        self.steps, self.identity = steps, identity
        self.history: list[dict[str, float]] = []
        self._begin = time.monotonic()
        self._truth: list[int] = []
        self._prediction: list[int] = []
        self._losses: list[float] = []

    def seconds(self) -> float:
        """Time spent so far, that before a resumption included."""
        return time.monotonic() - self._begin

    def on_train_start(self) -> None:
        # Lightning writes checkpoints before a plateau counts the epoch: a resumed run counts it here.
        schedule = self.lr_schedulers()
        if self.history and isinstance(schedule, ReduceLROnPlateau):
            schedule.step(self.history[-1]["dev_loss"])

    def training_step(self, batch: Batch, index: int) -> Tensor:
        training, augment = self.experiment.training, self.experiment.augment
        # Dropout draws from PyTorch's own generator: seeded anew, so that a resumed run is the run it would have been.
        seeds = np.random.SeedSequence((training.seed, self.current_epoch, index))
        torch.manual_seed(int(seeds.generate_state(1)[0]))
        draws = step.draws_of(batch, augment, np.random.default_rng(seeds))
        if "features" in batch:
            features = batch["features"]
        else:
            with torch.no_grad():
                features = self.model.frontend(batch["waveform"])
        features, targets = step.augmented(self.model, augment, features, batch["targets"], draws)
        loss = step.loss(self.model, training, features, targets)
        self._losses.append(float(loss.detach()))
        return loss

    def validation_step(self, batch: Batch, index: int) -> None:
        logits, _ = self.model.classify(self.model.normalise(batch["features"]))
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
        checkpoint["voxaffect"] = run_folder.about(self.history, self.seconds(), self.device.type, self.identity)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        about = checkpoint["voxaffect"]
        self.history = list(about["history"])
        self._begin = time.monotonic() - about["seconds"]
