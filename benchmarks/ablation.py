"""What helps and what does not, one change at a time -> results/ablation.json.

make bench-ablation

Every row of ablation/rows.toml is base.toml with a change, on ravdess-luna5, three seeds. Recordings are those below
VOXAFFECT_DATA. A row that has been run is kept; a row costs some minutes on two cores.
"""

import argparse
import json
import os
import tomllib
from pathlib import Path
from typing import Any

from voxaffect import benchmarking, metrics
from voxaffect.atomic import write_text
from voxaffect.evaluation.predictions import Predictions
from voxaffect.training import experiment as experiments

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "benchmarks" / "ablation"
RESULT = ROOT / "benchmarks" / "results" / "ablation.json"
RUNS = ROOT / "runs" / "ablation"
PROTOCOL, SEEDS, BASE = "ravdess-luna5", (0, 1, 2), "base"


def main() -> None:
    rows = tomllib.loads((FOLDER / "rows.toml").read_text("utf-8"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these, and the base")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="folds side by side (default: one a core)")
    options = parser.parse_args()
    unknown = sorted(set(options.rows) - set(rows))
    if unknown:
        parser.error(f"row {unknown[0]} is not known; choose among {', '.join(rows)}")
    found: dict[str, Any] = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {"rows": {}}
    base = run(BASE, rows[BASE], options.workers)
    for name in options.rows or rows:
        result = base if name == BASE else run(name, rows[name], options.workers)
        summary = result.summary
        difference = metrics.uar_difference(counts(result.predictions), counts(base.predictions))
        found["rows"][name] = {
            **{key: rows[name].get(key, []) for key in ("group", "title", "set")},
            "uar": summary["uar"],
            "wa": summary["wa"],
            "by_seed": {seed: each["uar"] for seed, each in summary["by_seed"].items()},
            "difference": difference.as_dict(),
            "epochs": summary["settings"]["training"]["epochs"],
            "parameters": summary["parameters"],
            "seconds": summary["seconds"]["training"],
            "commit": summary["commit"],
            "versions": summary["versions"],
        }
        # In the order of the table, whatever the order they were run in.
        found |= {"protocol": PROTOCOL, "seeds": list(SEEDS), "command": "make bench-ablation"}
        found["rows"] = {each: found["rows"][each] for each in rows if each in found["rows"]}
        write_text(RESULT, json.dumps(found, indent=1) + "\n")
        print(
            f"{name:20} UAR {100 * summary['uar']['value']:.1f}, less the base {100 * difference.value:+.1f}",
            flush=True,
        )


def run(name: str, row: dict[str, Any], workers: int) -> benchmarking.Result:
    overrides = [f"name=ablation-{name}", *row.get("set", [])]
    kinds = experiments.read(FOLDER / "base.toml", overrides).copies.kinds
    if kinds:  # as many steps as without copies
        epochs = experiments.read(FOLDER / "base.toml").training.epochs
        overrides.append(f"training.epochs={max(1, round(epochs / (1 + len(kinds))))}")
    return benchmarking.benchmark(
        PROTOCOL, FOLDER / "base.toml", None, overrides, RUNS / "results", RUNS, True, workers, seeds=SEEDS
    )


def counts(predictions: Predictions) -> Any:
    return metrics.by_speaker(predictions.truth, predictions.prediction, predictions.speaker, len(predictions.classes))


if __name__ == "__main__":
    main()
