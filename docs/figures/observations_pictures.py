"""The pictures of docs/observations.md -> docs/pictures/observations-*.svg.

make bench-explore

Two are drawn from the result file. The third measures the recordings below VOXAFFECT_DATA again.
"""

import argparse
import os

from figures.tables import ROOT, result
from voxaffect import corpora
from voxaffect.exploring import pictures
from voxaffect.exploring.survey import survey
from voxaffect.files.atomic import write_text
from voxaffect.html.colours import standalone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: one a core)")
    options = parser.parse_args()
    answers = result("explore/ravdess")
    clips = corpora.load("ravdess").utterances
    measured = survey([each for each in clips if each.style == answers["style"]], options.workers)
    for name, svg in (
        ("level", pictures.level_by_emotion(answers["level_by_emotion"])),
        ("angry", pictures.beyond_level(answers["questions"][0]["contrasts"])),
        ("pitch", pictures.distribution(measured, "pitch")),
    ):
        path = ROOT / "docs" / "pictures" / f"observations-{name}.svg"
        write_text(path, standalone(svg))
        print(path)


if __name__ == "__main__":
    main()
