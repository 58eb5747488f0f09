"""What is typical of each emotion, by corpus and sex -> src/voxaffect/exploring/typical.json.

make typical

The recordings are those below VOXAFFECT_DATA; all of their spoken clips must be there.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from voxaffect import corpora
from voxaffect.exploring.measures import MEASURES
from voxaffect.exploring.survey import Survey, survey
from voxaffect.exploring.typical import COMPARED
from voxaffect.files.atomic import write_text

OUT = Path(__file__).parents[1] / "src" / "voxaffect" / "exploring" / "typical.json"
CORPORA = ("ravdess", "crema-d", "emodb")
PERCENTILES = tuple(range(5, 100, 10))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: one a core)")
    options = parser.parse_args()
    found = {}
    for name in CORPORA:
        corpus = corpora.load(name)
        corpus.check_complete(["speech"], "what is typical needs")
        spoken = [each for each in corpus.utterances if each.style == "speech"]
        found[name] = percentiles(survey(spoken, options.workers))
        print(f"{name}: {len(spoken)} clips", flush=True)
    about = {"what": "percentiles of spoken clips", "percentiles": list(PERCENTILES), "command": "make typical"}
    write_text(OUT, json.dumps({**about, "corpora": found}, indent=1) + "\n")


def percentiles(found: Survey) -> dict[str, Any]:
    """By emotion and sex, the percentiles 5, 15, ... 95 of each measure in a survey, and how many `clips` there are."""
    emotions, sexes = found.labels("emotion"), found.labels("sex")
    table: dict[str, Any] = {}
    for emotion in found.present("emotion"):
        for sex in found.present("sex"):
            chosen = found.select((emotions == emotion) & (sexes == sex))
            if chosen.clips:
                rows: dict[str, Any] = {"clips": len(chosen.clips)}
                for name in COMPARED:
                    values = chosen.values(name)
                    marks = np.percentile(values[np.isfinite(values)], PERCENTILES)
                    rows[name] = [round(float(mark), MEASURES[name].decimals) for mark in marks]
                table.setdefault(emotion, {})[sex] = rows
    return table


if __name__ == "__main__":
    main()
