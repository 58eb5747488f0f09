"""The result of a benchmark, and its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxaffect.evaluation.caveats import with_caveats
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.probes import Findings
from voxaffect.evaluation.summary import Summary
from voxaffect.files.atomic import write_text
from voxaffect.runs.record import RunRecord
from voxaffect.settings import Experiment
from voxaffect.text import as_document


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Result:
    """Figures and predictions of a benchmark.

    Attributes:
        protocol: Its name.
        experiment: All settings.
        summary: Figures of the predictions.
        predictions: Of every test utterance.
        probes: Name -> findings.
        folds: Records of the runs.
        seeds: Of training; empty: the experiment's own.
        seconds: From beginning to end.
        workers: Runs at a time.
        command: The command that gives the same result.

    Examples:
        >>> result = benchmark("emodb-loso", experiment="small")  # doctest: +SKIP
        >>> result  # doctest: +SKIP
        Result(emodb-loso, small: UAR 70.8 [65.3, 75.5] %)
    """

    protocol: str
    experiment: Experiment
    summary: Summary
    predictions: Predictions
    probes: Mapping[str, Findings]
    folds: tuple[RunRecord, ...]
    seeds: tuple[int, ...]
    seconds: int
    workers: int
    command: str

    def __repr__(self) -> str:
        return f"Result({self.protocol}, {self.experiment.name}: {self.summary.headline})"

    @property
    def uar(self) -> float:
        """Unweighted average recall, of several corpora the mean, in [0, 1]; not a number where one class is tested."""
        return self.summary.headline_uar.value if self.summary.headline_uar else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """The content of the result file."""
        return {
            "protocol": self.protocol,
            "experiment": self.experiment.name,
            **with_caveats(self.summary),
            "parameters": self.folds[0].parameters,
            "model_bytes": self.folds[0].model_bytes,
            "seed": list(self.seeds) or self.experiment.training.seed,
            "folds": [
                {key: value for key, value in fold.to_dict().items() if key not in ("versions", "history")}
                for fold in self.folds
            ],
            "seconds": {"wall": self.seconds, "training": sum(fold.seconds for fold in self.folds)},
            "workers": self.workers,
            **self._source(),
            "settings": self.experiment.to_dict(),
        }

    def write(self, results: Path) -> Path:
        """Write `PROTOCOL/EXPERIMENT.csv`, `.json`, and `-PROBE.json` of each probe.

        Args:
            results: The folder.

        Returns:
            The path of the `.json`.
        """
        folder, name = results / self.protocol, self.experiment.name
        for probe, findings in self.probes.items():
            about = {"protocol": self.protocol, "experiment": name, **self._source(), probe: findings.to_dict()}
            write_text(folder / f"{name}-{probe}.json", as_document(about))
        self.predictions.write(folder / f"{name}.csv")
        path = folder / f"{name}.json"
        write_text(path, as_document(self.to_dict()))
        return path

    def _source(self) -> dict[str, Any]:
        commits = sorted({fold.commit for fold in self.folds})
        return {"command": self.command, "commit": " ".join(commits), "versions": dict(self.folds[0].versions)}
