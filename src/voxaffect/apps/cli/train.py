"""`voxaffect train`: train a model and write it as a bundle."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from voxaffect.apps.cli.sources import add_sources, load_sources, named, say_dropped
from voxaffect.errors import SettingsError
from voxaffect.settings import experiment_names, read_experiment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voxaffect.corpora import Corpus, Utterance
    from voxaffect.labels import Scheme
    from voxaffect.runs.run import CrossValidation
    from voxaffect.settings.experiment import Experiment
    from voxaffect.splits import Split


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("train", help="train a model", description=__doc__)
    add_sources(parser)
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
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="the bundle (default: as my-model of my.csv)")
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="FOLDER",
        help="keep what the network has learnt, for training.pretrained of others",
    )
    parser.add_argument("--runs", type=Path, help="checkpoints (default: OUT with -run appended)")
    parser.add_argument("--resume", action="store_true", help="go on from the last epoch of --runs")
    parser.add_argument("--threads", type=int, help="of PyTorch on a CPU")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Train, export, and score on the split's test speakers where it has some."""
    from voxaffect import bundle, labels
    from voxaffect.runs import recipe
    from voxaffect.runs.run import Run, RunOptions
    from voxaffect.training import pretrained
    from voxaffect.training.run_folder import LAST, claim

    if options.stands_for and not options.all_speakers:
        raise SettingsError("--stands-for goes with --all-speakers; a split with test speakers is scored on them")
    # All that can be refused is refused before the hours of training.
    experiment = read_experiment(options.experiment, options.set)
    scores_from = _standing(options.stands_for, experiment, options) if options.stands_for else None
    out = (options.out or Path(f"{named(options)}-model")).resolve()
    bundle.refuse_other(out)
    if options.weights:
        pretrained.refuse_unwritable(options.weights, out, experiment)
    found, utterances = load_sources(options)
    if not options.corpus and not _scheme_chosen(options):
        classes = labels.scheme_name(each.emotion for each in utterances)
        experiment = read_experiment(options.experiment, [*options.set, f"training.scheme={json.dumps(classes)}"])
    fate = "learnt beside it" if experiment.training.targets.extra_classes else "left out"
    say_dropped(utterances, labels.scheme(experiment.training.scheme), fate)
    split = _split(options, found, utterances)
    _say_absent(split.select(utterances, "train"), labels.scheme(experiment.training.scheme))
    runs = options.runs or out.with_name(f"{out.name}-run")
    claim(runs, experiment, split, resume=options.resume)
    if options.resume and not (runs / LAST).exists():
        print(f"voxaffect: {runs} holds no epoch to go on from; starting with the first", file=sys.stderr)
    corpora = tuple(each.description for each in found)
    trained = recipe.train(
        Run(experiment, corpora, tuple(utterances), split, runs),
        RunOptions(resume=options.resume, threads=options.threads),
        scores_from=scores_from,
    )
    bundle.write(out, trained.bundle)
    if options.weights:
        pretrained.write(options.weights, trained.fitted.model, trained.bundle.card)
    if trained.predictions is not None:
        from voxaffect.evaluation.report import as_text, summarise

        print(as_text(summarise(trained.predictions)))
        print()
    fitted = trained.fitted
    print(f"{options.out or out.name}: epoch {fitted.best_epoch} of {fitted.epochs}, {fitted.seconds / 60:.1f} min")
    return 0


def _say_absent(utterances: "Sequence[Utterance]", scheme: "Scheme") -> None:
    """Say on stderr which classes nothing can be learnt of."""
    heard = {scheme.index(each.emotion, each.sex) for each in utterances}
    absent = [name for index, name in enumerate(scheme.classes) if index not in heard]
    if absent:
        print(
            f"voxaffect: no training recording is {' or '.join(absent)}, which cannot be learnt so; --set "
            "training.scheme=[...] names the classes that are there",
            file=sys.stderr,
        )


def _scheme_chosen(options: argparse.Namespace) -> bool:
    """Whether the user chose the classes; if not, those of their own recordings are the labels that are there."""
    named = any(each.partition("=")[0].strip() == "training.scheme" for each in options.set)
    return named or options.experiment not in experiment_names()


def _split(options: argparse.Namespace, found: "list[Corpus]", utterances: "list[Utterance]") -> "Split":
    from voxaffect import splits

    if options.split:
        return splits.Split.read(options.split)
    name, told = named(options), all(each.speakers_told for each in found)
    if options.all_speakers or not told:
        return splits.by_speaker(f"{name}/all {'speakers' if told else 'clips'}", utterances)
    folds = min(5, len({each.speaker for each in utterances}))
    if folds < 3:
        raise SettingsError(
            f"{folds} speaker(s) cannot be divided into train, dev and test; record more, or train on all of them "
            "without a score, --all-speakers"
        )
    return splits.k_folds(f"{name}-{folds}fold", utterances, folds)[0]


def _standing(path: Path, experiment: "Experiment", options: argparse.Namespace) -> "CrossValidation":
    """What stands for a bundle that is trained on everybody."""
    from voxaffect import corpora
    from voxaffect.benchmarking.cross_calibration import standing
    from voxaffect.evaluation.protocols import Part

    known = [each.partition("=")[0] for each in options.corpus]
    parts = {Part(name, style) for name in known for style in corpora.describe(name).expected()}
    return standing(path, experiment, {each for each in parts if options.style in (None, each.style)})
