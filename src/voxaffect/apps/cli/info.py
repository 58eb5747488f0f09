"""`voxaffect info [BUNDLE]`: what a bundle holds."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from voxaffect.apps.cli.terminal import many, show, show_json
from voxaffect.text import printable

if TYPE_CHECKING:
    from voxaffect.card import Card
    from voxaffect.card.scores import Calibration, Figure


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("bundle", nargs="?", metavar="NAME|FOLDER", help="default: the package's base")
    parser.add_argument("--json", action="store_true", help="the whole card")


def run(options: argparse.Namespace) -> int:
    """Print the card."""
    from voxaffect import bundle, graph

    chosen = bundle.read(bundle.find(options.bundle))
    graph.check(chosen)
    if options.json:
        show_json(chosen.card.to_dict(), indent=2)
        return 0
    for name, text in _lines(chosen.name, chosen.card):
        show(f"{name:<10} {printable(text)}")
    return 0


def _lines(name: str, card: "Card") -> list[tuple[str, str]]:
    model, training, window = card.model, card.training, card.window
    lines = [
        ("bundle", f"{name}, made {card.created} by voxaffect {card.versions.get('voxaffect', '(unknown)')}"),
        ("emotions", ", ".join(card.classes)),
        ("input", f"{card.sample_rate} Hz mono, {window.shortest} s or more, in windows of up to {window.longest} s"),
        ("model", f"{model.parameters:,} parameters, {model.bytes / 1e6:.1f} MB, sha256 {model.sha256[:16]}…"),
        (
            "trained",
            f"on {training.utterances} utterances ({' and '.join(training.styles)}) of "
            f"{_speakers(training.split.train)}, epoch {training.best_epoch} of {training.epochs}",
        ),
        ("baseline", "supported" if card.baseline_head else "not supported"),
        ("no speech", "refused" if card.speech_detector else "taken for speech"),
    ]
    lines += [
        ("corpus", f"{corpus.name}, {corpus.language}, {corpus.licence}: {corpus.cite}".rstrip(": "))
        for corpus in training.corpora
    ]
    if training.pretrained:
        names = " and ".join(f"{corpus.name} ({corpus.licence})" for corpus in training.pretrained.corpora)
        speakers = _speakers(training.pretrained.speakers)
        lines.append(("pretrained", f"with weights of {speakers} of {names}"))
    if training.encoder:
        lines.append(
            ("encoder", f"{training.encoder.name}, pretrained; licence of its weights: {training.encoder.licence}")
        )
    lines += _calibrated(card.calibration) if card.calibration else []
    lines.append(("licence", f"{card.licence} (follows from the recordings it was trained on)"))
    scores = card.scores
    if not scores.on:
        return [*lines, ("scores", "none: this bundle has not been evaluated on speakers that it did not train on")]
    if scores.by_corpus and scores.mean_of_corpora:
        lines.append(("UAR", f"{_percent(scores.mean_of_corpora)}, the mean of {len(scores.by_corpus)} corpora"))
        lines += [("", f"{name}: UAR {_percent(group.uar)}") for name, group in scores.by_corpus.items() if group.uar]
    else:
        figures = {"UAR": scores.uar, "WA": scores.wa, "F1": scores.f1}
        lines += [(name, _percent(figure)) for name, figure in figures.items() if figure]
    if scores.chance is not None:
        lines.append(("chance", f"{100 * scores.chance:.1f} %, the UAR of guessing"))
    lines += [("", each) for each in scores.caveats]
    return [*lines, ("scored", scores.on)]


def _calibrated(calibration: "Calibration") -> list[tuple[str, str]]:
    """The thresholds of confidence that reach an accuracy."""
    from voxaffect.calibration import threshold
    from voxaffect.errors import SettingsError

    lines: list[tuple[str, str]] = []
    coverage = {point.threshold: point.coverage for point in calibration.risk_coverage}
    for accuracy in (0.7, 0.8, 0.9):
        try:
            least = threshold(calibration.risk_coverage, accuracy)
        except SettingsError:
            continue
        text = f"{100 * accuracy:.0f} % right from a confidence of {100 * least:.0f} % on"
        lines.append(("", f"{text}: {100 * coverage[least]:.0f} % of recordings"))
    if lines:
        lines[0] = ("sure", f"{lines[0][1]}, on {calibration.on}")
    return lines


def _speakers(names: Sequence[str]) -> str:
    from voxaffect.corpora import any_unknown

    if any_unknown(names):
        return "unknown speakers"
    return many(len(names), "speaker")


def _percent(figure: "Figure") -> str:
    low, high = figure.interval
    interval = "" if low is None or high is None else f" [{100 * low:.1f}, {100 * high:.1f}] over speakers"
    return f"{100 * figure.value:.1f} %{interval}"
