import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.report import summarise

ROOT = Path(__file__).parents[1]
RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*/*.csv"))


def test_readme_and_docs_say_what_the_result_files_say():
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "figures.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_figures_are_those_of_the_predictions(path):
    """The committed figures can be computed anew from the committed predictions."""
    import json

    result = json.loads(path.with_suffix(".json").read_text())
    predictions = Predictions.read(path)
    summary = summarise(predictions)
    for key in ("classes", "utterances", "speakers", "uar", "wa", "f1", "ece", "by_sex", "by_speaker", "confusion"):
        assert summary[key] == result[key], key
    assert len(np.unique(predictions.utterance)) == len(predictions.utterance)
