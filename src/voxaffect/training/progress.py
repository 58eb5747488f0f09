"""Progress of a training run on stderr: a bar with the time left on a terminal, a line an epoch elsewhere."""

import sys
import time
from typing import Any

import lightning
from lightning.pytorch.callbacks import ProgressBar
from tqdm import tqdm

from voxaffect.text import printable
from voxaffect.training.bars import bars


class Progress(ProgressBar):
    """One bar over all epochs, so that the time left is that of the whole run."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label, self._bar, self._begin, self._first = printable(label), None, 0.0, 0

    def disable(self) -> None:
        """Lightning switches bars off in all but the first process."""
        self._label = ""

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        self._begin, self._first = time.monotonic(), trainer.current_epoch
        if bars():
            batches = int(trainer.num_training_batches)
            self._bar = tqdm(
                total=batches * int(trainer.max_epochs or 0),
                initial=batches * trainer.current_epoch,
                file=sys.stderr,
                dynamic_ncols=True,
                bar_format="{desc} {percentage:3.0f}% |{bar}| {elapsed} < {remaining}",
            )

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if self._bar is not None:
            self._bar.update()

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        epoch, epochs = trainer.current_epoch + 1, int(trainer.max_epochs or 0)
        line = f"{self._label}: epoch {epoch}/{epochs}" + "".join(
            f"  {label} {float(trainer.callback_metrics[name]):.3f}"
            for name, label in (("dev_loss", "dev loss"), ("dev_uar", "dev UAR"))
            if name in trainer.callback_metrics
        )
        if self._bar is not None:
            self._bar.set_description_str(line)
            return
        passed = time.monotonic() - self._begin
        left = passed / (epoch - self._first) * (epochs - epoch)
        print(f"{line}  {left / 60:.1f} min left", file=sys.stderr, flush=True)

    def on_train_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        if self._bar is not None:
            self._bar.close()
