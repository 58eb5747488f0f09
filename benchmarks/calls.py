"""Emotions over time, measured: calls made of clips of unseen speakers -> benchmarks/results/calls-EXPERIMENT.json.

A fold's model hears calls of all speakers of the corpus that it was not trained on. How sure it is, and how it is
smoothed over time, is chosen on the calls of the other folds; what the package does by default, on those of all. Needs
the folds' bundles, which `make bench-accuracy` and `make bench-base` leave in runs/.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from synthetic_calls import SAMPLE_RATE, Call, apply_condition, make_call
from timeline_scores import score, summarise, while_spoken
from voxaffect import audio, bundle, corpora, labels, metrics
from voxaffect.corpora import Utterance, corpus_of
from voxaffect.evaluation.predictions import CLEAN, Predictions, join
from voxaffect.evaluation.protocols import protocol
from voxaffect.evaluation.summary import figure
from voxaffect.files.atomic import write_text
from voxaffect.inference.channel import STEP
from voxaffect.inference.recognizer import Recognizer
from voxaffect.inference.results import Segment, Step
from voxaffect.inference.segments import Grouping
from voxaffect.inference.smoothing import Smoother, Smoothing
from voxaffect.inference.stream import Stream
from voxaffect.provenance import commit
from voxaffect.runs.cross_calibration import cross_temperatures

RESULTS = Path(__file__).parent / "results"
FOLDS = {
    "cnn-strangers": ("cross-common4", ("ravdess", "crema-d", "emodb")),
    "base": ("strangers4", ("ravdess", "emodb", "emotiontts")),  # short ones; EMOVO and EmoTale are for tests alone
}
"""By experiment: its protocol, and those of the folds that are heard."""

LINES = (CLEAN, "telephone+mu-law", "white-20")
"""Conditions."""

STAYS, TRUSTS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98), (0.1, 0.15, 0.25, 0.35, 0.5, 0.7, 1.0)
RULES = [Smoothing(stay, trust) for stay, trust in product(STAYS, TRUSTS)]
SHOWN = 90.0
"""Seconds of the first call of each corpus that a picture is made of."""
RAW = Smoothing(stay=0.0, trust=1.0, lag=0)


class Heard(NamedTuple):
    """A call and what single windows say of it, by channel."""

    call: Call
    steps: list[list[Step]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experiment", choices=FOLDS)
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the folds' bundles are")
    options = parser.parse_args()
    name, folds = FOLDS[options.experiment]
    setup = protocol(name)
    runs = options.runs / setup.name / options.experiment
    scheme = labels.scheme(setup.scheme)
    loaded = [each for name in setup.corpora for each in corpora.load(name).utterances]
    utterances = setup.utterances(loaded)
    said = [Predictions.read(runs / fold / "predictions.csv") for fold in folds]
    temperatures = cross_temperatures(join(said))
    heard: dict[str, dict[str, list[Heard]]] = {}
    for fold, split in zip(setup.folds, setup.splits(utterances, True), strict=True):
        if fold.name not in folds:
            continue
        recognizer = Recognizer(bundle.read(runs / fold.name / "bundle"))
        begin = time.monotonic()
        tested = made(split.select(utterances, "test"), scheme, seed=2)
        heard[fold.name] = {line: [] for line in LINES}
        for number, call in enumerate(tested):
            for line in LINES:
                there = apply_condition(call, line, np.random.default_rng(number))
                found = sequences(recognizer, there, temperatures[fold.name])
                heard[fold.name][line].append(Heard(call, found))
        print(f"{fold.name}: {len(tested)} calls, {time.monotonic() - begin:.0f} s", flush=True)
    losses = {fold: {rule: loss(lines, rule) for rule in RULES} for fold, lines in heard.items()}
    chosen = {fold: best([losses[other] for other in losses if other != fold]) for fold in heard}
    results: dict[str, Any] = {}
    for kind in ("smoothed", "single windows"):
        clean: list[Any] = []
        for line in LINES:
            by_fold, counts = {}, []
            for fold, lines in heard.items():
                rule = chosen[fold] if kind == "smoothed" else RAW
                scored = [
                    each
                    for one in lines[line]
                    for each in score(one.call, segments(one.steps, rule, scheme.classes), scheme.classes)
                ]
                by_fold[fold] = summarise(scored, scheme.classes)
                counts.append(while_spoken(scored))
            clean = clean or counts
            lost = {} if counts is clean else {"lost": figure(metrics.mean_uar_difference(clean, counts)).to_dict()}
            results[f"{line}, {kind}"] = {"uar": figure(metrics.mean_uar(counts)).to_dict(), **lost, **by_fold}
            print(f"{line}, {kind}", {fold: each["uar"]["value"] for fold, each in by_fold.items()}, lost, flush=True)
    shipped = best(list(losses.values()))
    print("of all folds", vars(shipped))
    about = {
        "command": "make bench-calls",
        "commit": commit(),
        "smoothing": {"all folds": vars(shipped), **{fold: vars(rule) for fold, rule in chosen.items()}},
        "losses": {
            fold: [[rule.stay, rule.trust, round(each[rule], 4)] for rule in RULES] for fold, each in losses.items()
        },
        "calls": {fold: len(lines[CLEAN]) for fold, lines in heard.items()},
        "shown": {fold: shown(lines[CLEAN][0], chosen[fold], scheme.classes) for fold, lines in heard.items()},
        "folds": list(heard),
        "results": results,
    }
    write_text(RESULTS / f"calls-{options.experiment}.json", json.dumps(about, indent=1) + "\n")


def made(utterances: Sequence[Utterance], scheme: labels.Scheme, seed: int) -> list[Call]:
    """Calls of two speakers of a corpus each, everybody in one; of an odd number one speaks twice."""
    people: dict[str, list[Utterance]] = {}
    for each in utterances:
        if scheme.index_of(each) is not None:
            people.setdefault(each.speaker, []).append(each)
    found = []
    for corpus in sorted({corpus_of(name) for name in people}):
        names = sorted(name for name in people if name.startswith(f"{corpus}/"))
        rng = np.random.default_rng((seed, *corpus.encode()))
        order = [str(name) for name in rng.permutation(names)]
        for one, two in list(pairwise([*order, order[0]]))[::2]:
            clips = {
                name: [(audio.load(each.path, SAMPLE_RATE), scheme.index_of(each) or 0) for each in people[name]]
                for name in (one, two)
            }
            found.append(make_call(clips, rng))
    return found


def sequences(recognizer: Recognizer, call: Call, temperature: float) -> list[list[Step]]:
    """Probabilities of single windows, by channel, divided by a temperature."""
    found: list[list[Step]] = [[], []]

    def watch(channel: int, step: Step) -> None:
        powers = np.array(step.probabilities) ** (1 / temperature)
        found[channel].append(replace(step, probabilities=tuple((powers / powers.sum()).tolist())))

    with Stream(recognizer, SAMPLE_RATE, channels=2, smoothing=RAW, watch=watch) as stream:
        stream.push(call.samples)
        stream.close()
    return found


def smoothed(found: Sequence[Step], rule: Smoothing) -> list[Step]:
    """What a channel would have given with this smoothing."""
    if not found:
        return []
    smoother, out = Smoother(rule, len(found[0].probabilities)), []
    waiting: list[Step] = []
    spoken, begins = 0.0, True
    for step in found:
        if begins:
            smoother.pause((step.start - spoken) * SAMPLE_RATE / STEP)
        waiting.append(step)
        decided = smoother.push(np.array(step.probabilities)) + (smoother.flush() if step.last else [])
        out += [replace(waiting.pop(0), probabilities=tuple(each.tolist())) for each in decided]
        spoken, begins = step.end, step.last
    return out


def segments(found: Sequence[Sequence[Step]], rule: Smoothing, classes: tuple[str, ...]) -> list[Segment]:
    out = []
    for channel, steps in enumerate(found):
        grouping = Grouping(classes, threshold=0.0, channel=channel)
        for step in smoothed(steps, rule):
            out += grouping.push(step)
    return out


def shown(first: Heard, rule: Smoothing, classes: tuple[str, ...]) -> dict[str, Any]:
    """The beginning of a call: what was meant and what was heard, each from, to (seconds) and what."""
    meant = [(each.start, each.end, classes[each.emotion]) for each in first.call.spoken]
    heard = [(each.start, each.end, each.emotion) for each in segments(first.steps, rule, classes)]
    parts = {"meant": meant, "heard": sorted(heard)}
    return {
        name: [[round(start, 2), round(end, 2), what] for start, end, what in each if start < SHOWN]
        for name, each in parts.items()
    }


def loss(lines: dict[str, list[Heard]], rule: Smoothing) -> float:
    """Cross-entropy of the half seconds in which it is known what is felt, all lines together."""
    costs: list[float] = []
    for one in (each for heard in lines.values() for each in heard):
        for channel, steps in enumerate(one.steps):
            spoken = [each for each in one.call.spoken if each.channel == channel]
            starts = np.array([each.start for each in spoken])
            for step in smoothed(steps, rule):
                middle = (step.start + step.end) / 2
                place = int(np.searchsorted(starts, middle)) - 1
                if place >= 0 and middle < spoken[place].end:
                    costs.append(-float(np.log(max(step.probabilities[spoken[place].emotion], 1e-9))))
    return float(np.mean(costs))


def best(losses: Sequence[dict[Smoothing, float]]) -> Smoothing:
    """The smoothing of the lowest loss, each fold counted alike."""
    return min(RULES, key=lambda rule: sum(each[rule] for each in losses))


if __name__ == "__main__":
    main()
