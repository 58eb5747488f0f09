"""`voxaffect evaluate BUNDLE`: score a bundle; aloud where it has met the speakers before."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from voxaffect.apps.cli.sources import add_sources, load_sources, say_dropped
from voxaffect.apps.cli.terminal import Counter
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
    from voxaffect.evaluation.probes import baselines, conditions, nonspeech
    from voxaffect.evaluation.report import as_text, summarise
    from voxaffect.inference.baseline import baseline_head
    from voxaffect.inference.recognizer import load

    chosen = conditions.named(options.conditions.split(",")) if options.conditions else []
    if options.side and not options.split:
        raise SettingsError("--side is a side of a split; name the split with --split JSON")
    if options.baseline and options.baseline_curve:
        raise SettingsError("--baseline-curve learns baselines of its own; leave --baseline out")
    recognizer = load(options.bundle, threads=options.threads, baseline=options.baseline)
    layer = baseline_head(recognizer.bundle) if options.baseline_curve else None  # before minutes are spent
    if options.nonspeech and not options.own and not options.corpus:
        alone = nonspeech.hear(recognizer)
        print(json.dumps(alone, indent=1) if options.format == "json" else nonspeech.as_text(alone))
        return 0
    _, utterances = load_sources(options)
    if options.split:
        utterances = splits.Split.read(options.split).select(utterances, options.side or "test")
    scheme = labels.scheme(recognizer.bundle.card.scheme)
    _warn_of_heard(utterances, recognizer.bundle.card.training)
    counter = Counter(len(utterances), "heard")
    predictions = predict(recognizer, utterances, scheme, tick=counter)
    say_dropped(utterances, scheme)
    if options.predictions:
        predictions.write(options.predictions)
    summary = summarise(predictions)
    if chosen:
        by_condition = {conditions.CLEAN: predictions}
        for name in chosen:
            counter, ears = Counter(len(utterances), f"heard under {name}"), conditions.Ears(name, utterances)
            by_condition[name] = predict(recognizer, utterances, scheme, tick=counter, hear=ears)
        summary["conditions"] = conditions.compare(by_condition)
    if layer is not None:
        heard = baselines.hear(recognizer, utterances, scheme, Counter(len(utterances), "heard"))
        summary["baselines"] = baselines.curve([(layer, heard)])
    if options.nonspeech:
        summary["nonspeech"] = nonspeech.hear(recognizer)
    print(json.dumps(summary, indent=1) if options.format == "json" else as_text(summary))
    if chosen and options.format == "text":
        print()
        print(conditions.as_text(summary["conditions"]))
    if layer is not None and options.format == "text":
        print()
        print(baselines.as_text(summary["baselines"]))
    if options.nonspeech and options.format == "text":
        print()
        print(nonspeech.as_text(summary["nonspeech"]))
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
