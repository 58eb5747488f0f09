import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from voxaffect import audio, corpora
from voxaffect.augment import copied
from voxaffect.corpora.ravdess import RAVDESS
from voxaffect.errors import BundleError, SettingsError
from voxaffect.inference.recognizer import Recognizer
from voxaffect.models.cnn import Cnn
from voxaffect.provenance import versions
from voxaffect.runs import recipe
from voxaffect.runs.run import Run, RunOptions
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training import batches as data
from voxaffect.training import clips, export
from voxaffect.training.card import card
from voxaffect.training.fit import Fitted, _moving_average, build, fit
from voxaffect.training.prepared import prepare

QUICK = [
    "network.channels=[8, 16]",
    "network.embedding=24",
    "input.window=1.0",
    "frontend.dynamic_range=false",
    "augment={shift={seconds=0.3}, gain={decibels=6}, noise={low=15, high=40, probability=0.3}, mixup={alpha=0.3}, "
    "warp={mel=0.1, time=0.15}, masks={count=2, mel=8, frames=20}}",
    "training.precision='32'",
    "training.sampling.balance=[]",
    "training.sampling.clips_per_epoch=false",
    "training.optimizer.ema_decay=false",
    "training.targets.extra_classes=false",
    "training.epochs=3",
]
"""A small network that has all augmentations of waveforms, and whose clips come as they are."""


@pytest.fixture(scope="module")
def utterances(made_up):
    return corpora.load("ravdess", made_up).utterances


@pytest.fixture(scope="module")
def split(utterances):
    return by_speaker("test", utterances, dev=["ravdess/03", "ravdess/04"], test=["ravdess/01", "ravdess/02"])


def fit_in_parts(settings, utterances, split, folder, parts):
    """Interrupted after so many epochs: a run that was to have no more, and does not say which run it is."""
    for epochs in parts:
        fitted = fit(
            prepare(read_experiment("cnn", [*settings, f"training.epochs={epochs}"]), utterances, split),
            folder,
            resume=True,
        )
        for path in folder.glob("*.ckpt"):
            checkpoint = torch.load(path, weights_only=True)
            checkpoint["voxaffect"].pop("run", None)  # the best one may be of an earlier part
            torch.save(checkpoint, path)
    return fitted


def of_all(settings, utterances):
    """Everybody trains."""
    return prepare(settings, utterances, by_speaker("all", utterances))


def test_it_learns_what_can_be_learnt(utterances, split, tmp_path):
    settings = read_experiment(
        "cnn",
        [*QUICK, "training.epochs=20", "training.sampling.batch_size=16", "augment.mixup=false", "augment.gain=false"],
    )
    fitted = fit(prepare(settings, utterances, split), tmp_path)
    assert fitted.history[-1]["dev_uar"] > 0.7
    assert fitted.history[-1]["train_loss"] < fitted.history[0]["train_loss"]
    losses = [epoch["dev_loss"] for epoch in fitted.history]
    assert fitted.best_epoch == int(np.argmin(losses)) + 1


def test_the_model_returned_is_the_best_epochs(utterances, split, tmp_path):
    fitted = fit(prepare(read_experiment("cnn", QUICK), utterances, split), tmp_path)
    settings = read_experiment("cnn", QUICK)
    dev = prepare(settings, utterances, split).dev
    with torch.no_grad():
        losses = [
            torch.nn.functional.cross_entropy(
                fitted.model(torch.from_numpy(clips.load_clip(utterance, settings.input, 0))[None])[0],
                torch.tensor([label]),
            )
            for utterance, label in zip(dev.utterances, dev.labels, strict=True)
        ]
    assert float(torch.stack(losses).mean()) == pytest.approx(
        fitted.history[fitted.best_epoch - 1]["dev_loss"], abs=1e-3
    )


def test_however_often_a_run_with_an_average_is_interrupted_every_bit_of_its_model_is_the_same(
    utterances, split, tmp_path
):
    # A schedule that does not depend on the number of epochs.
    words = [*QUICK, "training.optimizer.ema_decay=0.9", "training.optimizer.schedule=inverse-time"]
    made = build(read_experiment("cnn", words)).frontend
    found = []
    for parts in ([3], [1, 3], [1, 2, 3]):
        fitted = fit_in_parts(words, utterances, split, tmp_path / str(len(found)), parts)
        for ours, theirs in zip(fitted.model.frontend.buffers(), made.buffers(), strict=True):
            assert torch.equal(ours, theirs)
        tensors = [*fitted.model.parameters(), *fitted.model.buffers()]
        found.append((fitted.history, [tensor.detach().numpy().tobytes() for tensor in tensors]))
    assert found[0] == found[1] == found[2]


def test_an_average_keeps_what_does_not_change():
    average = _moving_average(0.999)
    constant = torch.rand(1000, generator=torch.Generator().manual_seed(0))
    assert torch.equal(average(constant, constant, 5), constant)
    assert average(torch.tensor(1.0), torch.tensor(3.0), 5) == pytest.approx(1.002)


def test_the_average_of_the_weights_is_kept_and_other_emotions_are_forgotten(utterances, split, tmp_path):
    words = [
        *QUICK,
        "training.scheme='angry,sad'",
        "training.optimizer.ema_decay=0.9",
        "training.targets.extra_classes=true",
    ]
    plain = fit(prepare(read_experiment("cnn", words[:-2]), utterances, split), tmp_path / "plain")
    fitted = fit(prepare(read_experiment("cnn", words), utterances, split), tmp_path / "averaged")
    assert fitted.model.head.weight.shape[0] == fitted.model.head.out_features == len(fitted.model.head.bias) == 2
    kept = torch.load(tmp_path / "averaged" / "best.ckpt", weights_only=True)
    assert kept["state_dict"]["model.head.weight"].shape[0] == 4
    averaged, last = kept["state_dict"]["model.head.weight"], kept["current_model_state"]["model.head.weight"]
    assert not torch.equal(averaged, last)
    assert torch.equal(fitted.model.head.weight, averaged[:2])
    assert fitted.history[0]["train_loss"] > plain.history[0]["train_loss"] + 0.3  # log 4 against log 2, about


def test_same_seed_same_result_another_seed_another(utterances, split, tmp_path):
    def losses(name, *overrides):
        return [
            each["train_loss"]
            for each in fit(
                prepare(read_experiment("cnn", [*QUICK, *overrides]), utterances, split), tmp_path / name
            ).history
        ]

    assert losses("a") == losses("b")
    assert losses("a") != losses("c", "training.seed=1")


def test_clips_depend_on_seed_epoch_and_index_alone(utterances):
    prepared = of_all(read_experiment("cnn", QUICK), utterances)
    once, again = (data.TrainingClips(prepared) for _ in range(2))
    first = once[(3, 5)]
    once[(3, 6)]
    for key, value in again[(3, 5)].items():
        assert torch.equal(value, first[key])
    assert not torch.equal(first["waveform"], once[(4, 5)]["waveform"])
    order = data.EpochSampler(10, seed=0)
    assert sorted(order) == [(0, index) for index in range(10)]
    first_order = list(order)
    order.set_epoch(1)
    assert [index for _, index in order] != [index for _, index in first_order]


def test_an_epoch_has_as_many_clips_as_it_shall():
    """Over several epochs all clips come before any comes again, whether an epoch is shorter or longer than that."""
    for drawn in (4, 10, 25):
        order, seen = data.EpochSampler(10, 0, clips_per_epoch=drawn), []
        for epoch in range(10):
            order.set_epoch(epoch)
            assert len(list(order)) == len(order) == drawn
            seen += [index for _, index in order]
        for first in range(0, len(seen), 10):
            assert sorted(seen[first : first + 10]) == list(range(10))
    weighted = data.EpochSampler(3, 0, weights=np.array([0.0, 1.0, 0.0]), clips_per_epoch=7)
    assert [index for _, index in weighted] == [1] * 7


def test_sounds_that_are_no_speech_come_as_often_as_asked_and_are_no_class(utterances):
    settings = read_experiment(
        "cnn", [*QUICK, "training.sampling.nonspeech=0.2", "training.sampling.balance=['class']"]
    )
    prepared = of_all(settings, utterances)
    found, classes = data.TrainingClips(prepared), prepared.train.labels
    assert found.weights.sum() == pytest.approx(1)
    assert found.weights[len(classes) :].sum() == pytest.approx(0.2)
    there = sorted(set(classes))
    by_class = [found.weights[: len(classes)][classes == each].sum() for each in there]
    assert by_class == pytest.approx([0.8 / len(there)] * len(there))
    sound = found[(0, len(found) - 1)]
    assert sound["targets"].tolist() == pytest.approx([1 / 8] * 8)
    assert sound["waveform"].shape == found[(0, 0)]["waveform"].shape
    assert sound["waveform"].abs().max() > 0.1
    assert len(data.TrainingClips(of_all(read_experiment("cnn", QUICK), utterances))) == len(classes)


def test_where_levels_are_told_most_sounds_are_as_loud_as_voices(utterances):
    told = ["frontend.dynamic_range=60", "frontend.append_level=true", "augment={}", "training.sampling.nonspeech=0.2"]
    settings = read_experiment("cnn", [*QUICK, *told])
    prepared = of_all(settings, utterances)
    found = data.TrainingClips(prepared)
    levels = [float(prepared.frontend.reference(found[(0, i)]["features"][None])[0, -1, 0]) for i in range(len(found))]
    voices, sounds = levels[: len(utterances)], levels[len(utterances) :]
    assert min(voices) < np.median(sounds) < max(voices)
    assert np.std(sounds) > 0.5 * np.std(voices)


def test_development_clips_are_whole_and_prepared_as_a_recogniser_does(utterances, split):
    prepared = prepare(read_experiment("cnn", QUICK), utterances, split)
    recording = audio.load(prepared.dev.utterances[0].path)
    waveform = audio.prepare(recording, 16_000, trim_db=None, period=0.32, least=0.5)
    assert abs(len(waveform) - len(recording)) < 2 * 0.32 * 16_000
    expected = prepared.frontend(torch.from_numpy(waveform)[None])[0]
    assert prepared.dev_features[0].shape == expected.shape
    assert (prepared.dev_features[0] - expected).abs().max() < 0.5  # dB; the cache rounds quiet samples


def test_batches_hold_clips_of_one_length_and_each_clip_once(utterances):
    prepared = of_all(read_experiment("cnn", [*QUICK, "training.scheme='angry,sad'"]), utterances)
    whole = data.WholeClips(prepared.features(prepared.train), prepared.train.labels)
    for labelled in (False, True):
        batches = whole.batches(size=3, labelled=labelled)
        wanted = [index for index, label in enumerate(prepared.train.labels) if label >= 0 or not labelled]
        assert sorted(index for batch in batches for index in batch) == wanted
        for batch in batches:
            assert len({whole[index]["features"].shape for index in batch}) == 1
            assert len(batch) <= 3
    assert len(wanted) == len(utterances) / 2


def test_features_are_made_once_where_nothing_is_done_to_waveforms(utterances):
    still = read_experiment("cnn", [*QUICK, "augment.gain=false", "augment.noise=false", "augment.shift=false"])
    prepared = of_all(still, utterances)
    made = data.TrainingClips(prepared)
    waveform = clips.center_crop(clips.load_clip(prepared.train.utterances[1], still.input, 0), 16_000)
    assert torch.equal(made[(0, 1)]["features"], prepared.frontend(torch.from_numpy(waveform)[None])[0])
    assert "waveform" not in made[(0, 1)]


def test_center_crop():
    clip = np.arange(10, dtype=np.float32)
    assert list(clips.center_crop(clip, 4)) == [3, 4, 5, 6]
    assert list(clips.center_crop(clip, 10)) == list(clip)
    assert list(clips.center_crop(clip[:3], 6)) == [0, 0, 1, 2, 0, 0]
    assert len(clips.center_crop(clip, 7)) == 7


def test_training_goes_on_without_a_cache(tmp_path, utterances, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("VOXAFFECT_CACHE", str(tmp_path / "file"))
    with pytest.warns(UserWarning, match="set VOXAFFECT_CACHE"):
        assert len(clips.load_waveform(utterances[0].sound, 16_000)) > 8_000


def test_the_cache_notices_a_changed_file(tmp_path):
    import soundfile

    path = tmp_path / "clip.wav"
    soundfile.write(path, np.full(8000, 0.25), 16_000)
    assert clips.load_waveform(corpora.Sound(path), 16_000)[100] == pytest.approx(0.25)
    assert clips.load_waveform(corpora.Sound(path), 16_000)[100] == pytest.approx(0.25)
    soundfile.write(path, np.full(9000, 0.5), 16_000)
    assert clips.load_waveform(corpora.Sound(path), 16_000)[100] == pytest.approx(0.5)


TRAIN = """
import sys
from pathlib import Path
from voxaffect import corpora
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training.fit import fit
from voxaffect.training.prepared import prepare
utterances = corpora.load("ravdess", sys.argv[1]).utterances
split = by_speaker("test", utterances, dev=["ravdess/03", "ravdess/04"], test=["ravdess/01", "ravdess/02"])
fit(prepare(read_experiment("cnn", sys.argv[3:]), utterances, split), Path(sys.argv[2]))
"""


@pytest.mark.parametrize(
    "further",
    [[], ["training.optimizer.ema_decay=0.95", "augment.mixstyle={}", "training.sampling.clips_per_epoch=40"]],
)
def test_a_killed_run_goes_on_and_ends_as_if_it_had_not_been(made_up, utterances, split, tmp_path, capfd, further):
    settings = [*QUICK, "training.epochs=8", *further]
    words = [sys.executable, "-c", TRAIN, str(made_up), str(tmp_path / "killed"), *settings]
    killed = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    seen = ""
    for line in killed.stderr:
        seen = line
        if "epoch 4/8" in line:
            break
    assert "epoch 4/8" in seen
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    capfd.readouterr()
    prepared = prepare(read_experiment("cnn", settings), utterances, split)
    begin = time.monotonic()
    resumed = fit(prepared, tmp_path / "killed", resume=True)
    assert time.monotonic() - begin < 120
    # At most one epoch is lost: the first that runs again is the fourth or a later one.
    first = next(line for line in capfd.readouterr().err.splitlines() if "epoch" in line and "/8" in line)
    assert int(first.split("epoch ")[1].split("/")[0]) >= 4
    whole = fit(prepared, tmp_path / "whole")
    assert resumed.best_epoch == whole.best_epoch
    for figure in ("train_loss", "dev_loss"):
        resumed_losses, losses = ([epoch[figure] for epoch in each.history] for each in (resumed, whole))
        assert resumed_losses == pytest.approx(losses, abs=1e-5)


def test_patience_ends_a_run_that_gets_no_better_and_its_last_epoch_is_kept(utterances, split, tmp_path):
    """At a learning rate that ruins the network at once; a killed run must not fall back to its best epoch."""
    hopeless = ["training.epochs=30", "training.optimizer.learning_rate=0.5", "training.patience=3"]
    fitted = fit(prepare(read_experiment("cnn", [*QUICK, *hopeless]), utterances, split), tmp_path)
    assert fitted.epochs == fitted.best_epoch + 3 < 30
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["epoch"] + 1 == fitted.epochs
    # Resumed, it stays ended, and its result is the same.
    again = fit(prepare(read_experiment("cnn", [*QUICK, *hopeless]), utterances, split), tmp_path, resume=True)
    assert (again.epochs, again.best_epoch, again.history) == (fitted.epochs, fitted.best_epoch, fitted.history)


def test_a_side_that_is_too_small(utterances, tmp_path):
    split = by_speaker("tiny", utterances, dev=[f"ravdess/{n:02d}" for n in range(2, 9)])
    with pytest.raises(SettingsError, match=r"16 training clips do not fill a batch of 32; set .*batch_size=4"):
        fit(prepare(read_experiment("cnn", [*QUICK, "training.sampling.batch_size=32"]), utterances, split), tmp_path)
    # Drawn more than once in an epoch, they do.
    often = [*QUICK, "training.sampling.batch_size=32", "training.sampling.clips_per_epoch=64", "training.epochs=1"]
    assert fit(prepare(read_experiment("cnn", often), utterances, split), tmp_path).epochs == 1


@pytest.fixture(scope="module")
def untrained():
    torch.manual_seed(1)
    return build(read_experiment("cnn", QUICK)).eval()


@pytest.fixture(scope="module")
def exported(untrained, utterances, split):
    fitted = Fitted(untrained, 1, 1, ({"epoch": 1.0},), 0.0)
    about = card(prepare(read_experiment("cnn", QUICK), utterances, split), fitted, corpora=[], versions=versions())
    return export.export(untrained, 16_000, "untrained", about)


@pytest.mark.parametrize("batch", [1, 2, 7])
@pytest.mark.parametrize("samples", [8_000, 8_001, 16_000, 47_999, 160_000])
def test_the_graph_takes_any_batch_and_length(untrained, exported, batch, samples):
    waveform = np.random.default_rng(0).standard_normal((batch, samples)).astype(np.float32) * 0.1
    logits, embedding = Recognizer(exported)._run(waveform)
    with torch.no_grad():
        expected = untrained(torch.from_numpy(waveform))
    assert np.abs(logits - expected[0].numpy()).max() < 2e-3
    assert np.abs(embedding - expected[1].numpy()).max() < 2e-3


def test_what_rounding_weights_changes_is_on_the_card(exported):
    assert 0 < exported.card.model.rounding < 2e-3


def test_weights_that_half_precision_cannot_hold_are_not_handed_out(exported):
    ruined = build(read_experiment("cnn", QUICK)).eval()
    ruined.network.pool.attention[0].weight.data *= 1e6  # a tanh follows: in float32 all is well
    with pytest.raises(BundleError, match=r"half precision .* not written"):
        export.export(ruined, 16_000, "ruined", exported.card)


def test_the_graph_tells_nothing_of_the_machine_it_was_made_on(exported):
    for word in (b".py", b"/src", b"site-packages", b"stack_trace"):
        assert word not in exported.model


def test_the_gap_is_on_the_card(exported):
    assert 0 <= exported.card.model.gap_to_pytorch <= export.TOLERANCE


def test_a_graph_that_computes_something_else_is_not_handed_out(untrained, exported, monkeypatch):
    graph = export.to_onnx(untrained, 16_000)
    other = build(read_experiment("cnn", [*QUICK, "training.seed=5"])).eval()
    monkeypatch.setattr(export, "to_onnx", lambda *_: graph)
    with pytest.raises(BundleError, match=r"differ by .* the bundle is not written"):
        export.export(other, 16_000, "wrong", exported.card)


def test_a_network_that_gives_no_numbers_is_not_handed_out(exported):
    ruined = build(read_experiment("cnn", QUICK)).eval()
    torch.nn.init.constant_(ruined.head.bias, float("nan"))
    with pytest.raises(BundleError, match="differ by nan"):
        export.export(ruined, 16_000, "ruined", exported.card)


def test_silence_and_full_scale_give_numbers(exported):
    recognizer = Recognizer(exported)
    for waveform in (np.zeros(16_000, np.float32), np.ones(16_000, np.float32), np.full(16_000, 1e-30, np.float32)):
        logits, embedding = recognizer.forward(waveform)
        assert np.isfinite(logits).all()
        assert np.isfinite(embedding).all()


@pytest.mark.parametrize(
    "chosen",
    [
        ("cnn", [*QUICK, "input.trim=20.0"]),
        ("cnn", [*QUICK, "input.pad=true", "input.window=2.0"]),
        ("cnn", [*QUICK, "input.start=0.2", "input.window=0.5"]),
        ("article", ["training.scheme=ravdess-8", "input.start=0.2", "training.sampling.batch_size=8"]),
    ],
    ids=["trim", "pad", "excerpt", "article"],
)
def test_what_validates_is_what_ships(chosen, utterances, split, tmp_path):
    """The graph and the recogniser around it say of a recording what the model said of it while it was validated."""
    name, overrides = chosen
    settings = read_experiment(name, [*overrides, "training.epochs=1", "training.patience=1"])
    prepared = prepare(settings, utterances, split)
    fitted = fit(prepared, tmp_path)
    about = card(prepared, fitted, corpora=[], versions=versions())
    recognizer = Recognizer(export.export(fitted.model, settings.input.sample_rate, "x", about))
    for utterance, features in zip(prepared.dev.utterances[:6], prepared.dev_features, strict=False):
        with torch.no_grad():
            expected = fitted.model.classify(fitted.model.normalise(features[None]))[0][0].numpy()
        logits, _ = recognizer.forward(clips.load_waveform(utterance.sound, settings.input.sample_rate))
        assert np.abs(logits - expected).max() < 1e-3


def test_copies_are_made_of_what_is_heard_and_kept(utterances, tmp_path, monkeypatch):
    monkeypatch.setenv("VOXAFFECT_CACHE", str(tmp_path))
    settings = read_experiment("cnn", [*QUICK, "input.start=0.1", "input.window=0.5"])
    (copy,) = copied(utterances[:1], "gain")
    plain, louder = (clips.load_clip(each, settings.input, 0) for each in (utterances[0], copy))
    assert len(plain) == len(louder) == 8_000
    ratio = float(np.abs(louder).max() / np.abs(plain).max())
    assert 1.5 <= ratio <= 3.01
    assert np.array_equal(clips.load_clip(copy, settings.input, 0), louder)
    assert not np.array_equal(clips.load_clip(copy, settings.input, 1), louder)


def test_copies_train_and_are_not_scored(utterances, split, tmp_path):
    few = ["copies={kinds=['gain', 'noise'], classes=['angry']}", "training.epochs=1", "augment={}"]
    settings = read_experiment("cnn", [*QUICK, *few, "name=copied"])
    trained = recipe.train(Run(settings, (RAVDESS,), utterances, split, tmp_path), RunOptions(threads=1))
    before, angry = len(split.ids("train")), sum(each.emotion == "angry" for each in split.select(utterances, "train"))
    assert trained.bundle.card.training.utterances == before
    assert trained.bundle.card.training.copies == 2 * angry
    assert sorted(trained.predictions.utterance) == sorted(split.ids("test"))


def test_a_plateau_needs_somebody_to_go_by(utterances, tmp_path):
    nobody = by_speaker("all", utterances)
    with pytest.raises(SettingsError, match="schedule=plateau goes by the development loss"):
        fit(
            prepare(read_experiment("cnn", [*QUICK, "training.optimizer.schedule=plateau"]), utterances, nobody),
            tmp_path,
        )


def test_a_resumed_plateau_is_where_it_would_have_been(utterances, split, tmp_path):
    def schedule(folder, *parts):
        words = [*QUICK, "training.optimizer.schedule=plateau", "training.optimizer.name=sgd"]
        fit_in_parts(words, utterances, split, tmp_path / folder, parts)
        return torch.load(tmp_path / folder / "last.ckpt", weights_only=True)["lr_schedulers"][0]

    straight, resumed = schedule("straight", 4), schedule("resumed", 2, 3, 4)
    assert straight["last_epoch"] == resumed["last_epoch"]
    assert (straight["best"], straight["num_bad_epochs"]) == pytest.approx((resumed["best"], resumed["num_bad_epochs"]))


def test_a_clip_that_ends_before_its_part_begins(utterances, split, tmp_path):
    late = read_experiment("cnn", [*QUICK, "input.start=5.0"])
    with pytest.raises(SettingsError, match=r"ends before input.start=5.0 s; set it lower"):
        fit(prepare(late, utterances, split), tmp_path)


def test_what_stands_beside_the_bands_is_neither_warped_nor_masked(utterances, split, tmp_path):
    everything = ["augment.masks={count=20, mel=60, frames=90}", "augment.warp={mel=0.9, time=0.9}"]
    told = ["frontend.dynamic_range=60", "frontend.append_level=true", "augment.mixup=false", "training.epochs=1"]
    settings = read_experiment("cnn", [*QUICK, *told, *everything])
    heard, forward = [], Cnn.forward

    def listened(network, features):
        heard.append(features[:, -1].detach())
        return forward(network, features)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cnn, "forward", listened)
        trained = fit(prepare(settings, utterances, split), tmp_path).model
    assert len(heard) > 2
    assert all(torch.equal(each, each[:, :1].expand_as(each)) for each in heard)  # one level a clip
    assert torch.cat([each[:, 0] for each in heard[:4]]).std() > 0.3  # and another in each
    graph = export.to_onnx(trained, 16_000)
    assert export.gap(trained, graph, 16_000) < export.TOLERANCE


def test_a_level_is_for_networks_that_can_take_it():
    with pytest.raises(SettingsError, match="model recurrent takes no clip features"):
        read_experiment("cnn", ["model=recurrent", "network={}", "frontend.append_level=true"])
