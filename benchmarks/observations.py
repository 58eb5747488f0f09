"""What RAVDESS speech answers to the questions of `voxaffect explore` -> results/explore/ravdess.json.

make bench-explore

The recordings are those below VOXAFFECT_DATA or ../shared/data; all of them must be there.
"""

import argparse
import json
import os
import time
from importlib import metadata
from pathlib import Path

from voxaffect import corpora
from voxaffect.exploring import observations
from voxaffect.exploring.survey import survey
from voxaffect.files.atomic import write_text
from voxaffect.provenance import commit

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "explore" / "ravdess.json"
PACKAGES = ("voxaffect", "numpy", "scipy", "scikit-learn", "soundfile", "soxr")
STYLE = "speech"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: one a core)")
    options = parser.parse_args()
    data = Path(os.environ.get("VOXAFFECT_DATA") or ROOT.parent / "shared" / "data")
    corpus = corpora.load("ravdess", data / "ravdess")
    corpus.check_complete([STYLE], "the answers need")
    begin, made_of = time.monotonic(), commit()
    found = survey([each for each in corpus.utterances if each.style == STYLE], options.workers)
    answers = {
        "corpus": "ravdess",
        "style": STYLE,
        **observations.answer(found),
        "command": "make bench-explore",
        "commit": made_of,
        "seconds": round(time.monotonic() - begin),
        "versions": {name: metadata.version(name) for name in PACKAGES},
    }
    write_text(RESULT, json.dumps(answers, indent=1) + "\n")
    print(RESULT)


if __name__ == "__main__":
    main()
