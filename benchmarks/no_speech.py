"""What the speech detector of `base` takes for no speech, of what it was not fitted on -> results/no-speech.json.

    make bench-no-speech

RAVDESS speech, CREMA-D, EMO-DB, nEMO and emotiontts are each left out in turn, and refused or not as they come, in
their copies through a telephone and in other rooms, and cut to the second in the middle. Each kind of synthetic sound
that the detector is fitted on is left out in turn as well, and refused or not. The corpora lie in VOXAFFECT_DATA. What
the finished bundle makes of real sounds is measured by `sounds.py`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor
from tqdm import tqdm

from voxaffect import corpora
from voxaffect.augment import nonspeech
from voxaffect.files.atomic import write_text
from voxaffect.provenance import commit
from voxaffect.settings import read_experiment
from voxaffect.speech_detector import SECONDS, SpeechDetector, highest
from voxaffect.splits import Split, ids_by_speaker
from voxaffect.text import as_document
from voxaffect.training.embeddings import Embeddings
from voxaffect.training.prepared import prepare
from voxaffect.training.speech_detector import fit_speech_detector, synthetic_sounds

RESULT = Path(__file__).parent / "results" / "no-speech.json"
CORPORA = ("ravdess", "crema-d", "emodb", "nemo", "emotiontts")
FRAME = 0.1
"""Seconds of a frame of `base`: five of Whisper's."""


def main() -> None:
    experiment = read_experiment("base")
    loaded = {name: corpora.load(name) for name in CORPORA}
    utterances = [each for corpus in loaded.values() for each in corpus.utterances if each.style == "speech"]
    prepared = prepare(experiment, utterances, Split("no-speech", ids_by_speaker(utterances), {}, {}))
    clips, states = prepared.train, prepared.features(prepared.train)
    vectors = np.stack([_mean(states[place]) for place in tqdm(range(len(states)), desc="reading")])
    copies = np.array([each.copy for each in clips.utterances])
    speech = Embeddings(vectors, clips.labels, np.array([each.speaker for each in clips.utterances]))
    sounds = prepared.features_of(synthetic_sounds(experiment.input, experiment.training.seed))
    means = np.stack([_mean(sounds[place]) for place in range(len(sounds))])
    kinds = np.repeat(list(nonspeech.TRAINING_SOUNDS), len(sounds) // len(nonspeech.TRAINING_SOUNDS))
    refused: dict[str, Any] = {}
    for name in tqdm(CORPORA, desc="corpora"):
        rest = speech.select(speech.corpora != name)
        detector = _fitted(rest, copies[speech.corpora != name] == "", means)
        of_corpus = np.flatnonzero(speech.corpora == name)
        scores = [_scores(detector, states[place]) for place in of_corpus]
        refused[name] = {
            about: _share(
                [whole < 0 for (whole, _), copy in zip(scores, copies[of_corpus], strict=True) if copy == kind]
            )
            for about, kind in (("as it comes", ""), ("telephone", "telephone"), ("noise-room", "noise-room"))
        }
        seconds = [second < 0 for (_, second), copy in zip(scores, copies[of_corpus], strict=True) if copy == ""]
        refused[name]["one second"] = _share(seconds)
    found: dict[str, Any] = {}
    for name in tqdm(nonspeech.TRAINING_SOUNDS, desc="sounds"):
        detector = _fitted(speech, copies == "", means[kinds != name])
        found[name] = _share([_scores(detector, sounds[place])[0] < 0 for place in np.flatnonzero(kinds == name)])
    content = {"command": "make bench-no-speech", "commit": commit(), "experiment": experiment.to_dict()}
    write_text(RESULT, as_document({**content, "speech": refused, "sounds": found}))


def _fitted(speech: Embeddings, recorded: npt.NDArray[np.bool_], sounds: npt.NDArray[np.float32]) -> SpeechDetector:
    return SpeechDetector.from_record(fit_speech_detector(speech, recorded, speech.corpora, sounds))


def _scores(detector: SpeechDetector, states: Tensor) -> tuple[float, float]:
    """As a recogniser has them: of the two seconds most like speech; and of the second in the middle alone."""
    scores = detector.scores(states.numpy().T)
    second = round(1 / FRAME)
    middle = scores[max(0, len(scores) - second) // 2 :][:second]
    return highest(scores, np.ones(len(scores)), round(SECONDS / FRAME)), float(middle.mean())


def _share(refused: Sequence[bool]) -> dict[str, Any]:
    return {"of": len(refused), "refused": round(float(np.mean(refused)), 4)}


def _mean(states: Tensor) -> npt.NDArray[np.float32]:
    return states.mean(dim=1).numpy()


if __name__ == "__main__":
    main()
