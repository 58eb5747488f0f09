"""`voxaffect train`: train a model and write it as a bundle."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voxaffect.apps.cli.terminal import Counter, add_corpus, load_corpus
from voxaffect.errors import SettingsError, missing_extra

if TYPE_CHECKING:
    from voxaffect.corpora import Utterance
    from voxaffect.splits import Split


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("train", help="train a model", description=__doc__)
    add_corpus(parser)
    parser.add_argument("--experiment", default="cnn", metavar="NAME|TOML", help="the settings (default: cnn)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="override a setting, as training.epochs=3"
    )
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--split", metavar="JSON", help="who trains (default: the first of five folds by speaker)")
    who.add_argument("--all-speakers", action="store_true", help="everybody trains; nobody is left to score it on")
    parser.add_argument(
        "--stands-for", type=Path, metavar="JSON", help="with --all-speakers: the benchmark result for the card"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the bundle")
    parser.add_argument("--runs", type=Path, help="checkpoints (default: OUT with -run appended)")
    parser.add_argument("--resume", action="store_true", help="go on from the last epoch of --runs")
    parser.add_argument("--threads", type=int, help="of PyTorch on a CPU")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Train, export, and score on the split's test speakers where it has some."""
    try:
        from voxaffect.training import experiment as experiments
        from voxaffect.training.card import card
        from voxaffect.training.export import export
        from voxaffect.training.fit import fit
        from voxaffect.training.versions import versions
    except ImportError as error:
        raise missing_extra("train", error) from error

    if options.stands_for and not options.all_speakers:
        raise SettingsError("--stands-for goes with --all-speakers; a split with test speakers is scored on them")
    experiment = experiments.read(options.experiment, options.set)
    corpus, utterances = load_corpus(options.corpus, options.style)
    split = _split(options, corpus.description.name, utterances)
    runs = options.runs or options.out.with_name(f"{options.out.name}-run")
    experiments.claim(runs, experiment, options.resume)
    fitted = fit(experiment, utterances, split, runs, options.resume, options.threads)
    about = card(experiment, [corpus.description], utterances, split, fitted, versions())
    if options.stands_for:
        about["scores"] = _standing(options.stands_for, experiment.name)
    export(fitted.model, experiment.input.sample_rate, options.out, about)
    if split.test:
        about["scores"] = _score(options.out, split, utterances, about["scheme"])
        export(fitted.model, experiment.input.sample_rate, options.out, about)
    print(f"{options.out}: epoch {fitted.best_epoch} of {fitted.epochs}, {fitted.seconds / 60:.1f} min")
    return 0


def _split(options: argparse.Namespace, name: str, utterances: "list[Utterance]") -> "Split":
    from voxaffect import splits

    if options.split:
        return splits.Split.read(options.split)
    if options.all_speakers:
        return splits.by_speaker(f"{name}/all speakers", utterances)
    return splits.k_folds(f"{name}-5fold", utterances, 5)[0]


def _score(folder: Path, split: "Split", utterances: "list[Utterance]", scheme: str) -> dict[str, Any]:
    """Score the exported graph on the split's test speakers, for its card."""
    from voxaffect import labels
    from voxaffect.evaluation.predictions import predict
    from voxaffect.evaluation.report import as_text, summarise
    from voxaffect.inference.recognizer import load

    test = split.select(utterances, "test")
    summary = summarise(predict(load(folder), test, labels.scheme(scheme), tick=Counter(len(test), "heard")))
    print(as_text(summary))
    print()
    kept = {key: summary[key] for key in ("uar", "wa", "f1", "ece", "by_sex", "utterances", "speakers")}
    return {"on": f"the {summary['speakers']} test speakers of split {split.name}"} | kept


def _standing(path: Path, experiment: str) -> dict[str, Any]:
    """The figures of the benchmark that stands for a bundle which is trained on everybody."""
    import json

    try:
        result = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: is not a benchmark's result ({error})") from None
    if result.get("experiment") != experiment:
        raise SettingsError(f"{path}: is of experiment {result.get('experiment')}; it cannot stand for {experiment}")
    kept = {key: result[key] for key in ("uar", "wa", "f1", "ece", "by_sex", "utterances", "speakers", "commit")}
    return {"on": f"{result['protocol']}: the same experiment, trained without the speakers it was tested on"} | kept
