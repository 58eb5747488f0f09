"""What is typical of each emotion, by corpus and sex -> src/voxaffect/exploring/typical.json.

make typical

The recordings are those below VOXAFFECT_DATA; all of their spoken clips must be there.
"""

import argparse
import json
import os
from pathlib import Path

from voxaffect import corpora
from voxaffect.exploring.survey import survey
from voxaffect.exploring.typical import PERCENTILES, percentiles
from voxaffect.files.atomic import write_text

OUT = Path(__file__).parents[1] / "src" / "voxaffect" / "exploring" / "typical.json"
CORPORA = ("ravdess", "crema-d", "emodb")


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


if __name__ == "__main__":
    main()
