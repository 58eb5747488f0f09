"""What baselines bring, and that nothing is scored that one was learnt from."""

import numpy as np
import pytest

import voxaffect as va
from voxaffect import corpora, labels
from voxaffect.baseline_head import BaselineHead, Means, Population
from voxaffect.card import Shrinkage
from voxaffect.evaluation.probes import Baselines, TestSet, baseline_curve
from voxaffect.evaluation.probes.baseline_curve import KINDS, draws
from voxaffect.evaluation.probes.embeddings import Embeddings
from voxaffect.evaluation.probes.under import Under

DIM, CLASSES = 6, 3
MEANS = 2 * np.random.default_rng(5).standard_normal((CLASSES, DIM))


def embedded(corpus: str, speakers: int, recordings: int, spread: float, seed: int) -> Embeddings:
    """Population that lie `spread` apart; a fifth of what they say is of other emotions."""
    rng = np.random.default_rng(seed)
    owner = np.repeat(np.arange(speakers), recordings)
    truth = rng.integers(0, CLASSES, len(owner))
    truth[::5] = -1
    voice = spread * rng.standard_normal((speakers, DIM))
    embeddings = voice[owner] + MEANS[truth] * (truth >= 0)[:, None] + 0.5 * rng.standard_normal((len(owner), DIM))
    logits = embeddings @ MEANS.T - (MEANS**2).sum(axis=1) / 2
    names = np.array([f"{corpus}/{each:02d}" for each in owner])
    return Embeddings(embeddings.astype(np.float32), logits.astype(np.float32), truth, names)


def head() -> BaselineHead:
    """One that knows the classes by their means, less the mean of all that is said."""
    known = embedded("known", 30, 60, 3.0, 0)
    population = Population.of(known.embeddings, known.speaker)
    weight = (MEANS - 0.8 * MEANS.mean(axis=0)) * population.within_std
    return BaselineHead(population, weight, -((MEANS - 0.8 * MEANS.mean(axis=0)) ** 2).sum(axis=1) / 2)


def test_of_voices_that_differ_much_a_baseline_tells_emotions():
    found = baseline_curve.curve([(head(), embedded("far", 8, 60, 4.0, 1))]).to_dict()
    by_count = found["voice"]
    gains = [by_count[count]["gain"]["value"] for count in ("3", "5", "20")]
    assert gains[0] < gains[1] < gains[2]
    assert gains[2] > 0.2
    assert by_count["20"]["gain"]["interval"][0] > 0
    for each in by_count.values():
        assert each["gain"]["value"] == pytest.approx(each["uar"]["value"] - each["without"]["value"], abs=2e-4)


def test_only_the_rest_is_scored_and_voices_with_too_few_recordings_are_left_out():
    one = embedded("one", 4, 30, 1.0, 1)
    found = baseline_curve.curve([(head(), one)]).to_dict()
    classed = int((one.truth >= 0).sum())
    assert "100" in found["corpus"]
    assert "100" not in found["voice"]  # nobody has so many
    for of, groups in (("corpus", 1), ("voice", 4)):
        for count, each in found[of].items():
            expected = classed * (1 - groups * int(count) / len(one.truth))
            assert each["recordings"] == pytest.approx(expected, abs=0.15 * classed)
            assert each["speakers"] == 4


@pytest.mark.parametrize("name", KINDS)
def test_what_is_set_aside_is_not_scored_and_is_chosen_without_looking_at_labels(name):
    kind, one, size = KINDS[name], embedded("one", 4, 45, 1.0, 2), KINDS[name].sizes[-1]
    found = list(draws(one, kind, size))
    assert len(found) == 10 * (4 if kind.voice else 1) * (CLASSES if kind.one_emotion else 1)
    for draw in found:
        voice = set(one.speaker[draw.voice])
        assert not set(draw.scored) & {*draw.voice, *draw.line}
        assert len(draw.line) == (kind.line if kind.voice else size)
        assert (one.truth[draw.scored] >= 0).all()
        if kind.voice:
            assert len(voice) == 1
            assert set(one.speaker[draw.scored]) == voice
            assert not set(one.speaker[draw.line]) & voice
            assert len(draw.voice) <= size
    if kind.one_emotion:
        for draw in found:
            (heard,) = set(one.truth[draw.voice])
            assert set(one.truth[draw.scored]) == ({heard} if kind.recalled else set(range(CLASSES)))
    else:
        assert any((one.truth[[*draw.voice, *draw.line]] < 0).any() for draw in found)
        labels = np.random.default_rng(0).permutation(one.truth)
        again = draws(Embeddings(one.embeddings, one.logits, labels, one.speaker), kind, size)
        assert all(
            np.array_equal(x.voice, y.voice) and np.array_equal(x.line, y.line)
            for x, y in zip(found, again, strict=True)
        )
    assert sum(draw.weight for draw in found) == pytest.approx(4 if kind.voice else 1)


def by_means(scatter: float, voice_weight: float = 10.0) -> BaselineHead:
    layer = head()
    known = layer.population
    return BaselineHead(
        Means(known.mean, known.within_std, Shrinkage(3.0, voice_weight, scatter)), layer.weight, layer.bias
    )


def harder(one: Embeddings, shift: float = 0.0) -> Embeddings:
    """With noise, and on a line that moves all voices from the second class towards the first."""
    noise = 2.0 * np.random.default_rng(3).standard_normal(one.embeddings.shape)
    moved = one.embeddings + noise + shift * (MEANS[0] - MEANS[1])
    return Embeddings(moved.astype(np.float32), one.logits, one.truth, one.speaker)


def scatter_of(layer: BaselineHead, one: Embeddings) -> float:
    """Of logits of a voice's recordings, each less the mean over classes; the mean of all voices."""
    logits = layer.logits(one.embeddings, layer.statistics()).astype(float)
    logits -= logits.mean(axis=1, keepdims=True)
    return float(np.mean([logits[one.speaker == each].var(axis=0).sum() for each in np.unique(one.speaker)]))


def test_a_voice_heard_in_one_emotion_loses_less_if_what_is_alike_counts_for_less():
    one = harder(embedded("one", 8, 60, 0.5, 1))
    layer, lost = by_means(1.0), []
    for scatter in (1e-6, scatter_of(layer, one)):
        found = baseline_curve.curve([(by_means(scatter, 1.0), one)]).to_dict()
        every, heard = (found[f"{which}-emotion-line-100"]["8"]["gain"]["value"] for which in ("one", "that"))
        assert heard < every  # it is the emotion that was heard that is lost
        lost.append(every)
    assert lost[0] < -0.02
    assert lost[1] > lost[0] / 2


def test_a_line_that_moves_all_voices_is_worth_most_where_little_is_known_of_the_voice():
    moved = harder(embedded("far", 8, 60, 0.3, 1), 0.6)
    found = baseline_curve.curve([(by_means(1.0), moved)]).to_dict()
    with_line, alone = ({k: v["uar"]["value"] for k, v in found[each].items()} for each in ("voice-line-100", "voice"))
    assert with_line["3"] > alone["3"] + 0.1
    assert with_line["3"] - alone["3"] > with_line["20"] - alone["20"] > -0.01


def test_corpora_count_alike_and_are_told_apart():
    folds = [(head(), embedded("near", 5, 60, 0.1, 3)), (head(), embedded("far", 5, 40, 5.0, 4))]
    curve = baseline_curve.curve(folds)
    found = curve.to_dict()["corpus"]["20"]
    values = {name: each["uar"]["value"] for name, each in found["by_corpus"].items()}
    assert set(values) == {"near", "far"}
    assert found["uar"]["value"] == pytest.approx(np.mean(list(values.values())), abs=2e-4)
    text = curve.as_text()
    assert "20 of the corpus" in text
    assert f"{100 * found['uar']['value']:5.1f}" in text
    assert all(len(line) < 100 for line in text.splitlines())


def test_embeddings_are_read_as_they_were_written(tmp_path):
    one = embedded("one", 2, 5, 1.0, 5)
    one.write(tmp_path / "embeddings.npz")
    again = Embeddings.read(tmp_path / "embeddings.npz")
    for name, value in vars(one).items():
        assert np.array_equal(getattr(again, name), value)


def test_a_figure_says_how_many_voices_it_covers():
    counts = {"a": 4, "b": 29, "c": 30}
    groups = [vars(embedded(name, 3, count, 1.0, count)) for name, count in counts.items()]
    all_of_them = Embeddings(**{key: np.concatenate([each[key] for each in groups]) for key in groups[0]})
    curve = baseline_curve.curve([(head(), all_of_them)])
    found = curve.to_dict()
    # Voices with fewer than 30 recordings are left out, so the same stand behind all figures of voices.
    assert {size: (each["speakers"], each["all_speakers"]) for size, each in found["voice"].items()} == dict.fromkeys(
        ("3", "5", "10", "20"), (3, 9)
    )
    assert {size: each["speakers"] for size, each in found["corpus"].items()} == {
        **dict.fromkeys(("1", "3", "5", "10"), 9),
        **dict.fromkeys(("20", "50"), 6),
    }
    assert found["corpus"]["1"]["by_corpus"]["a"]["all_speakers"] == 3
    assert next(line for line in curve.as_text().splitlines() if "20 of the voice" in line).endswith("3 of 9")


def test_who_says_nothing_of_a_class_is_not_counted():
    one = embedded("one", 4, 40, 1.0, 1)
    one.truth[one.speaker == "one/02"] = -1
    found = baseline_curve.curve([(head(), one)]).to_dict()
    assert {each["speakers"] for each in found["voice"].values()} == {3}
    assert {each["all_speakers"] for each in found["corpus"].values()} == {3}


def test_of_one_class_there_is_no_uar():
    one = embedded("one", 4, 20, 1.0, 1)
    one.truth[one.truth > 0] = -1
    curve = baseline_curve.curve([(head(), one)])
    found = curve.to_dict()["corpus"]["5"]
    assert [found[name] for name in ("uar", "without", "gain")] == [None] * 3
    assert "5 of the corpus" in curve.as_text()


def test_baselines_under_a_condition_are_made_of_what_sounds_like_it(made_up, tmp_path):
    recognizer, scheme = va.load("common4"), labels.scheme("common-4")
    clips = tuple(each for each in corpora.load("ravdess", made_up).utterances if each.speaker < "ravdess/03")[::4]
    test, probe = TestSet(clips, clips, scheme), Baselines(("telephone+white-20",))
    head_, measured = probe.measure(recognizer, test, folder=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(probe.files)
    under = measured["telephone+white-20"]
    expected = recognizer.forward(Under("telephone+white-20", clips)(clips[3], recognizer.sample_rate))[1]
    assert under.embeddings[3] == pytest.approx(expected, abs=1e-5)
    assert np.abs(under.embeddings - measured["clean"].embeddings).max() > 0.01
    # What lies in the folder is read.
    again = probe.measure(recognizer, TestSet((), (), scheme), folder=tmp_path)[1]
    assert np.array_equal(again["telephone+white-20"].embeddings, under.embeddings)
    curve = probe.merge([(head_, measured)], None)
    found = curve.to_dict()
    assert found["by_condition"]["telephone+white-20"] == baseline_curve.curve([(head_, under)]).to_dict()
    assert {name: by_size for name, by_size in found.items() if name != "by_condition"} == baseline_curve.curve(
        [(head_, measured["clean"])]
    ).to_dict()
    assert "under telephone+white-20" in curve.as_text()
