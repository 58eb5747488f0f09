"""`voxaffect evaluate BUNDLE`: score a bundle; aloud where it has met the speakers before."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from voxaffect.apps.cli.sources import add_sources, load_sources, say_dropped
from voxaffect.apps.cli.terminal import Counter, probes_of
from voxaffect.errors import SettingsError

if TYPE_CHECKING:
    from voxaffect.card import TrainingRecord
    from voxaffect.corpora import Utterance


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("evaluate", help="score a bundle", description=__doc__)
    parser.add_argument("bundle", metavar="BUNDLE", help="a bundle's folder, or the name of one in the package")
    add_sources(parser)
    parser.add_argument("--split", metavar="JSON", help="score a side of this split (default: the whole corpus)")
    parser.add_argument("--side", choices=("test", "dev", "train"), help="of the split (default: test)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--predictions", type=Path, metavar="CSV", help="write every prediction here")
    parser.add_argument(
        "--conditions",
        metavar="NAME,...",
        help="score it under these too, as telephone,white-20,room, and say what each costs; all for every one",
    )
    parser.add_argument("--baseline", metavar="JSON", help="work against this one, as `voxaffect baseline` learns it")
    parser.add_argument(
        "--baseline-curve",
        action="store_true",
        help="say what baselines of 1, 5, 20 and 100 recordings, set aside by chance, bring on the rest",
    )
    parser.add_argument(
        "--nonspeech",
        action="store_true",
        help="say what it hears in noises, tones and music-like sounds, too; needs no labelled recordings",
    )
    parser.add_argument("--threads", type=int, default=1, help="of the network (default: 1)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Hear each utterance with the exported graph and print the figures."""
    from voxaffect import labels, splits
    from voxaffect.evaluation.predictions import predict
    from voxaffect.evaluation.probes import TestSet
    from voxaffect.evaluation.report import as_text
    from voxaffect.evaluation.summary import summarise
    from voxaffect.inference.baseline import baseline_head
    from voxaffect.inference.recognizer import load

    probes = probes_of(options)
    if options.side and not options.split:
        raise SettingsError("--side is a side of a split; name the split with --split JSON")
    if options.baseline and options.baseline_curve:
        raise SettingsError("--baseline-curve learns baselines of its own; leave --baseline out")
    recognizer = load(options.bundle, options.threads, options.baseline)
    if any(probe.needs_baseline_head for probe in probes):
        baseline_head(recognizer.bundle)  # before minutes are spent
    scheme = labels.scheme(recognizer.bundle.card.scheme)
    content: dict[str, Any] = {}
    texts = []
    utterances: list[Utterance] = []
    if options.own or options.corpus or not probes or any(probe.needs_recordings for probe in probes):
        _, utterances = load_sources(options)
        if options.split:
            utterances = splits.Split.read(options.split).select(utterances, options.side or "test")
        _warn_of_heard(utterances, recognizer.bundle.card.training)
        predictions = predict(recognizer, utterances, scheme, tick=Counter(len(utterances), "predicted"))
        say_dropped(utterances, scheme)
        if options.predictions:
            predictions.write(options.predictions)
        summary = summarise(predictions)
        content, texts = summary.to_dict(), [as_text(summary)]
    test = TestSet(tuple(utterances), tuple(utterances), scheme)
    for probe in probes:
        measured = probe.measure(recognizer, test, progress=Counter)
        findings = probe.merge([measured], predictions if utterances else None)
        content[probe.name] = findings.to_dict()
        texts.append(findings.as_text())
    print(json.dumps(content, indent=1) if options.format == "json" else "\n\n".join(texts))
    return 0


def _warn_of_heard(utterances: "list[Utterance]", training: "TrainingRecord") -> None:
    """Say which of their speakers the bundle has heard: by the names they go by here, or by a corpus's file names."""
    from voxaffect import corpora

    split, before = training.split, training.pretrained.speakers if training.pretrained else ()
    if corpora.unknown([*split.train, *before]):
        print(
            "voxaffect: nobody knows whom it was trained on; it cannot be told whether it has heard these voices",
            file=sys.stderr,
        )
    speakers = corpora.called(utterances, [each.name for each in training.all_corpora])
    sides = (
        (split.train, "was trained on"),
        (split.dev, "was chosen by"),
        (before, "began with a network of"),
    )
    for side, verb in sides:
        heard = sorted(speakers & set(side))
        if heard:
            print(
                f"voxaffect: LEAKY: it {verb} {len(heard)} of these speakers, {heard[0]} first; "
                "the figures say what it remembers, not how it does on new voices",
                file=sys.stderr,
            )
