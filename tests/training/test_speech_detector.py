"""The speech detector's fit: a discriminant between speech and sounds, whose threshold is that of speech left out."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from voxaffect.card import SpeechDetectorRecord
from voxaffect.settings import InputSettings
from voxaffect.speech_detector import SpeechDetector
from voxaffect.training import speech_detector
from voxaffect.training.embeddings import Embeddings
from voxaffect.training.speech_detector import REFUSED, fit_speech_detector, synthetic_sounds

DIM = 20


def speech_of(rng: np.random.Generator, counts: dict[str, int], shift: float = 0.0, dim: int = DIM) -> Embeddings:
    """Embeddings around 2 in the first dimension; corpora differ by `shift` deviations, each of five speakers."""
    vectors, speakers = [], []
    for corpus, count in counts.items():
        vectors.append(rng.standard_normal((count, dim)) + 2 * np.eye(dim)[0] + shift * rng.standard_normal(dim))
        speakers += [f"{corpus}/{number % 5}" for number in range(count)]
    return Embeddings(np.concatenate(vectors).astype("f"), np.zeros(len(speakers), int), np.array(speakers))


def fitted(speech: Embeddings, sounds: np.ndarray, recorded: np.ndarray | None = None) -> SpeechDetectorRecord:
    everything = np.ones(len(speech.labels), bool) if recorded is None else recorded
    return fit_speech_detector(speech, everything, speech.corpora, sounds.astype("f"))


def refused(record: SpeechDetectorRecord, vectors: np.ndarray) -> float:
    return float((SpeechDetector.from_record(record).scores(vectors) < 0).mean())


def test_of_one_corpus_it_is_the_discriminant_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech_detector, "SHRINKAGE", 0.0)
    rng = np.random.default_rng(0)
    mixed = rng.standard_normal((DIM, DIM))
    speech = speech_of(rng, {"a": 400})
    speech = Embeddings((speech.vectors @ mixed + 100).astype("f"), speech.labels, speech.speakers)
    sounds = (rng.standard_normal((400, DIM)) @ mixed + 100).astype("f")  # far from 0: sums must not lose digits
    found = np.array(fitted(speech, sounds).weight)
    both = np.concatenate([sounds, speech.vectors])
    reference = LinearDiscriminantAnalysis(solver="lsqr", priors=[0.5, 0.5]).fit(both, np.arange(800) >= 400).coef_[0]
    assert found / np.linalg.norm(found) == pytest.approx(reference / np.linalg.norm(reference), abs=2e-3)
    scores = both @ found
    assert scores[400:].mean() - scores[:400].mean() == pytest.approx(2, abs=1e-2)


def test_corpora_that_it_has_not_seen_are_hardly_refused() -> None:
    rng = np.random.default_rng(1)
    shifted = speech_of(rng, {f"corpus{number}": 300 for number in range(12)}, shift=0.4)
    sounds = rng.standard_normal((300, DIM)) - 2 * np.eye(DIM)[0]
    record = fitted(shifted.select(shifted.corpora < "corpus5"), sounds)
    assert set(record.missed) == {"corpus0", "corpus1", "corpus10", "corpus11", "corpus2", "corpus3", "corpus4"}
    assert max(record.missed.values()) == pytest.approx(REFUSED, abs=0.004)
    assert refused(record, shifted.select(shifted.corpora >= "corpus5").vectors) < 0.02
    assert refused(record, sounds) > 0.8


def test_what_cannot_be_told_apart_is_not_refused() -> None:
    # With more dimensions than recordings every recording lies apart from every sound that it was fitted on.
    rng = np.random.default_rng(2)
    noise = Embeddings(
        rng.standard_normal((120, 300)).astype("f"), np.zeros(120, int), np.array(["a/1", "b/1", "c/1"] * 40)
    )
    record = fitted(noise, rng.standard_normal((120, 300)))
    assert refused(record, rng.standard_normal((500, 300))) < 0.1


def test_corpora_count_alike_however_many_recordings_they_have() -> None:
    rng = np.random.default_rng(3)
    small, sounds = speech_of(rng, {"a": 100, "b": 100, "c": 100}, shift=1), rng.standard_normal((200, DIM)) - 3
    of_c = small.select(small.corpora == "c")
    many = Embeddings(*(np.concatenate([getattr(part, name) for part in (small, *[of_c] * 5)]) for name in vars(small)))
    one, other = fitted(small, sounds), fitted(many, sounds)
    assert one.weight == pytest.approx(other.weight, rel=1e-3, abs=1e-5)


def test_copies_lower_the_threshold_and_are_not_counted_as_missed() -> None:
    rng = np.random.default_rng(4)
    speech, sounds = (
        speech_of(rng, {"a": 200, "b": 200, "c": 200}),
        rng.standard_normal((200, DIM)) - 3 * np.eye(DIM)[0],
    )
    worse = Embeddings(speech.vectors - 2 * np.eye(DIM, dtype="f")[0], speech.labels, speech.speakers)
    both = Embeddings(*(np.concatenate([getattr(part, name) for part in (speech, worse)]) for name in vars(speech)))
    alone, recorded = fitted(speech, sounds), np.arange(1200) < 600
    record = fitted(both, sounds, recorded)
    assert refused(record, worse.vectors) < 0.02 < 0.2 < refused(alone, worse.vectors)
    assert max(record.missed.values()) < max(alone.missed.values()) + 0.001 < 0.02


def test_a_single_speaker_tells_nothing_of_others() -> None:
    rng = np.random.default_rng(5)
    speech = speech_of(rng, {"a": 50})
    groups, sounds = np.zeros(50, int), (rng.standard_normal((100, DIM)) - 3).astype("f")
    record = fit_speech_detector(speech, np.ones(50, bool), groups, sounds)
    assert record.missed == {}
    assert refused(record, speech.vectors) < 0.05


def test_sounds_are_short_and_long_soft_and_loud_and_none_is_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech_detector, "_COUNT", 8)
    sounds, again = (synthetic_sounds(InputSettings(), seed) for seed in (0, 1))
    assert len(sounds) == len({each.tobytes() for each in sounds}) == 72
    assert min(map(len, sounds)) < 32_000 < 72_000 < max(map(len, sounds))
    levels = [float(np.abs(each).max()) for each in sounds]
    assert 0 < min(levels) < 0.01 < 0.3 < max(levels) <= 0.55
    assert not {each.tobytes() for each in sounds} & {each.tobytes() for each in again}
