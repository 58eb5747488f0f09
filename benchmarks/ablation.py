"""What helps and what does not, one change at a time -> results/ablation/TABLE.json.

make bench-ablation     what the article's author would do next
make bench-strangers    what helps with voices of another corpus

Every row of ablation/TABLE/rows.toml is base.toml beside it with a change. Recordings are those below VOXAFFECT_DATA. A
row that has been run is kept; a row costs some minutes on two cores.
"""

import argparse
import json
import os
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect import metrics
from voxaffect.benchmarking import Result, benchmark
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.summary import counts, figure
from voxaffect.files.atomic import write_text
from voxaffect.settings import read_experiment

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "benchmarks" / "ablation"
RESULTS = ROOT / "benchmarks" / "results" / "ablation"
RUNS = ROOT / "runs" / "ablation"
TABLES = sorted(each.name for each in FOLDER.iterdir())


class Table:
    """A table's rows, and what they are run under."""

    def __init__(self, name: str, workers: int) -> None:
        self.name, self._workers, self._folder = name, workers, FOLDER / name
        about = tomllib.loads((self._folder / "rows.toml").read_text("utf-8"))
        self.protocol, self.seeds, self.command = about["protocol"], tuple(about.get("seeds", ())), about["command"]
        self.rows: dict[str, dict[str, Any]] = about["rows"]

    def run(self, name: str) -> Result:
        """A row, or what there is of it."""
        base = self._folder / "base.toml"
        overrides = [f"name=ablation-{name}", *self.rows[name].get("set", [])]
        settings = read_experiment(base, overrides)
        if settings.copies.kinds:  # as many steps as without copies
            epochs = read_experiment(base).training.epochs
            overrides.append(f"training.epochs={max(1, round(epochs / (1 + len(settings.copies.kinds))))}")
        return benchmark(
            self.protocol,
            experiment=base,
            overrides=overrides,
            seeds=self.seeds,
            runs=RUNS,
            resume=True,
            workers=self._workers,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=TABLES)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these, and the base")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="folds side by side (default: one a core)")
    options = parser.parse_args()
    table, path = Table(options.table, options.workers), RESULTS / f"{options.table}.json"
    unknown = sorted(set(options.rows) - set(table.rows))
    if unknown:
        parser.error(f"row {unknown[0]} is not known; choose among {', '.join(table.rows)}")
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {"rows": {}}
    base = table.run("base")
    for name in options.rows or table.rows:
        result = base if name == "base" else table.run(name)
        found["rows"][name] = about = _about(table.rows[name], result, base)
        # In the order of the table, whatever the order they were run in.
        found |= {"protocol": table.protocol, "seeds": list(table.seeds), "command": table.command}
        found["rows"] = {each: found["rows"][each] for each in table.rows if each in found["rows"]}
        write_text(path, json.dumps(found, indent=1) + "\n")
        uar, apart = about["uar"]["value"], about["difference"]["value"]
        print(f"{name:20} UAR {100 * uar:.1f}, less the base {100 * apart:+.1f}", flush=True)


def _about(row: dict[str, Any], result: Result, base: Result) -> dict[str, Any]:
    """A row's figures. Where folds test the same recordings, each corpus in each is scored by itself, and averaged."""
    summary, content = result.summary, result.to_dict()
    ours, theirs = _groups(result.predictions), _groups(base.predictions)
    return {
        **{key: row.get(key, []) for key in ("group", "title", "set")},
        "uar": figure(metrics.mean_uar(list(ours.values()))).to_dict() if len(ours) > 1 else content["uar"],
        "wa": content["wa"],
        **({"by_seed": {seed: each.uar for seed, each in summary.by_seed.items()}} if summary.by_seed else {}),
        **(
            {"by_pair": {pair: round(float(metrics.uar(each.sum(axis=0))), 4) for pair, each in ours.items()}}
            if len(ours) > 1
            else {}
        ),
        "difference": figure(metrics.mean_uar_difference(list(ours.values()), list(theirs.values()))).to_dict(),
        "epochs": result.experiment.training.epochs,
        "parameters": content["parameters"],
        "seconds": content["seconds"]["training"],
        "commit": content["commit"],
        "versions": content["versions"],
    }


def _groups(predictions: Predictions) -> dict[str, npt.NDArray[np.int64]]:
    """Counts by speaker of all together, or of each corpus in each fold where folds test the same recordings."""
    seeds = len(np.unique(predictions.seed))
    if len(np.unique(predictions.utterance)) * seeds == len(predictions.utterance):
        return {"": counts(predictions)}
    pairs = np.array([f"{fold} to {name}" for fold, name in zip(predictions.fold, predictions.corpus, strict=True)])
    return {str(pair): counts(predictions.select(pairs == pair)) for pair in np.unique(pairs)}


if __name__ == "__main__":
    main()
