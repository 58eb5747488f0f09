"""One change at a time to the discriminant of `base`, by three corpora -> the two others -> results/discriminants.json.

    make bench-discriminants

Of RAVDESS speech, CREMA-D, EMO-DB, nEMO and emotiontts, each three train and the two others are tested whole, as
`strangers4-nested` does: what three corpora choose knows nothing of the other two. EMOVO and EmoTale take no part. They
are tested as they come, against the mean of the corpus's recordings and against the mean of each voice's: all of them,
unlabelled, without shrinking. The corpora lie in VOXAFFECT_DATA.
"""

import dataclasses
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from voxaffect import corpora, metrics
from voxaffect.baseline_head import BaselineHead, Statistics
from voxaffect.evaluation.summary import figure
from voxaffect.files.atomic import write_text
from voxaffect.models import build
from voxaffect.provenance import commit
from voxaffect.settings import read_experiment
from voxaffect.splits import Split, ids_by_speaker
from voxaffect.training.discriminant import Changes, discriminant, embed_training
from voxaffect.training.embeddings import Embeddings
from voxaffect.training.prepared import prepare

RESULT = Path(__file__).parent / "results" / "discriminants.json"
CORPORA = ("ravdess", "crema-d", "emodb", "nemo", "emotiontts")
AGAINST = ("as it comes", "against the corpus", "against the voice")

ROWS: dict[str, dict[str, float]] = {
    "base": {},
    "shrinkage 0.2": {"shrinkage": 0.2},
    "shrinkage 2": {"shrinkage": 2.0},
    "copies count for nothing": {"copies": 0.0},
    "copies count for 0.5": {"copies": 0.5},
    "corpora count as the root of their recordings": {"sizes": 0.5},
    "corpora count as the power 0.75 of their recordings": {"sizes": 0.75},
    "corpora count as their recordings": {"sizes": 1.0},
}
CENTRED = "fitted on clips against their voices alone"


def main() -> None:
    experiment = read_experiment("base")
    loaded = {name: corpora.load(name) for name in CORPORA}
    utterances = [each for corpus in loaded.values() for each in corpus.utterances if each.style == "speech"]
    prepared = prepare(experiment, utterances, Split("discriminants", ids_by_speaker(utterances), {}, {}))
    recordings, changes = embed_training(build(experiment).eval(), prepared)
    settings = experiment.training.discriminant
    assert settings is not None
    rows: dict[str, Any] = {}
    for name in tqdm([*ROWS, CENTRED]):
        changed = dataclasses.replace(settings, **ROWS.get(name, {}))
        rows[name] = _row(recordings, changes, changed, len(prepared.scheme.classes), centred=name == CENTRED)
    command = "make bench-discriminants"
    content = {"command": command, "commit": commit(), "experiment": experiment.to_dict(), "rows": rows}
    write_text(RESULT, json.dumps(content, indent=1) + "\n")


def _row(
    recordings: Embeddings, changes: list[Changes], settings: Any, n_classes: int, *, centred: bool
) -> dict[str, Any]:
    counts: dict[str, dict[str, list[npt.NDArray[np.float64]]]] = {}
    for out in itertools.combinations(CORPORA, 2):
        train = recordings.select(~np.isin(recordings.corpora, out))
        mean = np.mean([train.vectors[train.corpora == each].mean(axis=0) for each in np.unique(train.corpora)], axis=0)
        if centred:
            train = Embeddings(train.vectors - _means(train.vectors, train.speakers), train.labels, train.speakers)
        apart = [each.select(~np.isin(each.corpora, out)) for each in changes]
        head = discriminant(train, n_classes, settings, apart)
        for corpus in out:
            test = recordings.select(recordings.corpora == corpus)
            references = (mean, _means(test.vectors, test.corpora), _means(test.vectors, test.speakers))
            for against, reference in zip(AGAINST, references, strict=True):
                counts.setdefault(against, {}).setdefault(corpus, []).append(
                    _confusions(head, test, test.vectors - reference, n_classes)
                )
    return {
        against: {
            "uar": figure(metrics.mean_uar([np.mean(each, axis=0) for each in found.values()])).to_dict(),
            "by_corpus": {
                name: round(float(metrics.uar(np.mean(each, axis=0).sum(axis=0))), 4) for name, each in found.items()
            },
        }
        for against, found in counts.items()
    }


def _means(vectors: npt.NDArray[np.float32], groups: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
    _, group = np.unique(groups, return_inverse=True)
    return np.stack([vectors[group == each].mean(axis=0) for each in range(group.max() + 1)])[group]


def _confusions(
    head: BaselineHead, test: Embeddings, vectors: npt.NDArray[np.float32], n_classes: int
) -> npt.NDArray[np.float64]:
    """(speakers, classes, classes) of vectors that are normalised but for the deviation."""
    logits = head.logits(vectors, Statistics(np.zeros(vectors.shape[1]), head.statistics().std))
    names, place = np.unique(test.speakers, return_inverse=True)
    found = np.zeros((len(names), n_classes, n_classes))
    known = test.labels >= 0
    np.add.at(found, (place[known], test.labels[known], logits[known].argmax(axis=1)), 1)
    return found


if __name__ == "__main__":
    main()
