"""Emotions over time, measured: calls made of clips of unseen speakers, heard by the folds of cross-common4.

Each fold's network knows two corpora; how it is smoothed over time is chosen on calls of its validation speakers, who
are of these two, and it is tried on calls of all speakers of the third. Needs the folds' bundles, which
`make bench-accuracy` leaves in runs/.  -> benchmarks/results/calls.json
"""

import argparse
import json
from collections.abc import Sequence
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np

from voxaffect import audio, bundle, corpora, labels, workers
from voxaffect.atomic import write_text
from voxaffect.benchmarking import data_folder
from voxaffect.corpora import Utterance
from voxaffect.evaluation import calls
from voxaffect.evaluation.calls import SAMPLE_RATE, Call
from voxaffect.evaluation.protocols import protocol
from voxaffect.evaluation.timelines import score, summarise
from voxaffect.inference.line import CELL, Moment
from voxaffect.inference.recognizer import Recognizer
from voxaffect.inference.smoothing import Smoother, Smoothing
from voxaffect.inference.stream import Stream
from voxaffect.inference.timeline import Grouping, Segment

TARGET = Path(__file__).parent / "results" / "calls.json"
LINES = {"clean": (), "telephone": ("telephone", "mu-law"), "noise at 20 dB": ("white-20",)}
STAYS, TRUSTS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98), (0.25, 0.35, 0.5, 0.7, 1.0)
RAW = Smoothing(stay=0.0, trust=1.0, lag=0)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=Path, default=Path("runs"), help="where the folds' bundles are")
    runs = options.parse_args().runs
    setup = protocol("cross-common4")
    data = data_folder(None)
    scheme = labels.scheme(setup.scheme)
    loaded = [each for name in setup.corpora for each in corpora.load(name, data / name).utterances]
    utterances = setup.utterances(loaded)
    heard: dict[str, list[Any]] = {}
    folds = {}
    for fold, split in zip(setup.folds, setup.splits(utterances, True), strict=True):
        recognizer = Recognizer(bundle.read(runs / setup.name / "cnn-strangers" / fold.name / "bundle"))
        dev = made(split.select(utterances, "dev"), scheme, seed=1)
        smoothing, losses = fitted([(call, sequences(recognizer, call)) for call in dev])
        test = made(split.select(utterances, "test"), scheme, seed=2)
        for line, names in LINES.items():
            for number, call in enumerate(test):
                there = calls.under(call, names, np.random.default_rng(number))
                found = sequences(recognizer, there)
                for kind, rule in (("smoothed", smoothing), ("default", Smoothing()), ("single windows", RAW)):
                    heard.setdefault(f"{line}, {kind}", []).append(
                        (fold.name, score(call, segments(found, rule, recognizer), scheme.classes))
                    )
        folds[fold.name] = {"smoothing": vars(smoothing), "dev_calls": len(dev), "calls": len(test), "losses": losses}
        print(fold.name, vars(smoothing), flush=True)
    results = {}
    for name, scored in heard.items():
        by_fold = {
            fold: summarise([each for at, channels in scored if at == fold for each in channels], scheme.classes)
            for fold in folds
        }
        results[name] = {
            "uar": round(float(np.mean([each["uar"]["value"] for each in by_fold.values()])), 4),
            **by_fold,
        }
        print(name, results[name]["uar"], {fold: each["uar"]["value"] for fold, each in by_fold.items()}, flush=True)
    about = {"command": "make bench-calls", "commit": workers.commit(), "folds": folds, "results": results}
    write_text(TARGET, json.dumps(about, indent=1) + "\n")


def made(utterances: Sequence[Utterance], scheme: labels.Scheme, seed: int) -> list[Call]:
    """Calls of two speakers of a corpus each, everybody in one; of an odd number one speaks twice."""
    people: dict[str, list[Utterance]] = {}
    for each in utterances:
        if scheme.index(each.emotion, each.sex) is not None:
            people.setdefault(each.speaker, []).append(each)
    found = []
    for corpus in sorted({name.split("/")[0] for name in people}):
        names = sorted(name for name in people if name.startswith(f"{corpus}/"))
        rng = np.random.default_rng((seed, *corpus.encode()))
        order = [str(name) for name in rng.permutation(names)]
        for one, two in list(pairwise([*order, order[0]]))[::2]:
            clips = {
                name: [
                    (audio.load(each.path, SAMPLE_RATE), scheme.index(each.emotion, each.sex) or 0)
                    for each in people[name]
                ]
                for name in (one, two)
            }
            found.append(calls.make(clips, rng))
    return found


def sequences(recognizer: Recognizer, call: Call) -> list[list[Moment]]:
    """What single windows say, by channel."""
    found: list[list[Moment]] = [[], []]
    with Stream(recognizer, SAMPLE_RATE, 2, RAW, lambda channel, moment: found[channel].append(moment)) as stream:
        stream.push(call.samples)
        stream.close()
    return found


def smoothed(found: Sequence[Moment], rule: Smoothing) -> list[Moment]:
    """What a line would have said with this smoothing."""
    if not found:
        return []
    smoother, out = Smoother(rule, len(found[0].shares)), []
    waiting: list[Moment] = []
    spoken, begins = 0.0, True
    for moment in found:
        if begins:
            smoother.pause((moment.start - spoken) * SAMPLE_RATE / CELL)
        waiting.append(moment)
        decided = smoother.push(moment.shares) + (smoother.flush() if moment.last else [])
        for shares in decided:
            first = waiting.pop(0)
            out.append(Moment(first.start, first.end, shares, first.last))
        spoken, begins = moment.end, moment.last
    return out


def segments(found: Sequence[Sequence[Moment]], rule: Smoothing, recognizer: Recognizer) -> list[Segment]:
    out = []
    for channel, moments in enumerate(found):
        grouping = Grouping(recognizer.classes, 0.0, channel)
        for moment in smoothed(moments, rule):
            out += grouping.push(moment)
    return out


def fitted(heard: Sequence[tuple[Call, list[list[Moment]]]]) -> tuple[Smoothing, list[list[float]]]:
    """The smoothing of the lowest cross-entropy over half seconds, and [stay, trust, loss] of all that were tried."""
    losses = []
    for stay, trust in product(STAYS, TRUSTS):
        costs: list[float] = []
        for call, channels in heard:
            for channel, moments in enumerate(channels):
                spoken = [each for each in call.spoken if each.channel == channel]
                for moment in smoothed(moments, Smoothing(stay, trust)):
                    middle = (moment.start + moment.end) / 2
                    felt = [each.emotion for each in spoken if each.start <= middle < each.end]
                    costs += [-float(np.log(max(moment.shares[each], 1e-9))) for each in felt]
        losses.append([stay, trust, round(float(np.mean(costs)), 4)])
    stay, trust, _ = min(losses, key=lambda each: each[2])
    return Smoothing(stay, trust), losses


if __name__ == "__main__":
    main()
