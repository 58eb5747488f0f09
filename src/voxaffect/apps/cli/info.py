"""`voxaffect info [BUNDLE]`: what a bundle holds."""

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("info", help="what a bundle holds", description=__doc__)
    parser.add_argument("bundle", nargs="?", metavar="NAME|FOLDER", help="default: common4, in the package")
    parser.add_argument("--json", action="store_true", help="the whole card")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the card."""
    from voxaffect import bundle

    found = bundle.read(bundle.find(options.bundle))
    if options.json:
        print(json.dumps(found.card, indent=2, ensure_ascii=False))
        return 0
    for name, text in _lines(found.name, found.card):
        print(f"{name:<10} {text}")
    return 0


def _lines(name: str, card: Mapping[str, Any]) -> list[tuple[str, str]]:
    model, training, window = card["model"], card["training"], card["window"]
    split = training["split"]
    lines = [
        ("bundle", f"{name}, made {card['created']} by voxaffect {card['versions']['voxaffect']}"),
        ("emotions", ", ".join(card["classes"])),
        (
            "input",
            f"{card['sample_rate']} Hz mono, {window['shortest']} s or more, heard in up to {window['longest']} s",
        ),
        ("model", f"{model['parameters']:,} parameters, {model['bytes'] / 1e6:.1f} MB, sha256 {model['sha256'][:16]}…"),
        (
            "trained",
            f"on {training['utterances']} utterances ({' and '.join(training['styles'])}) of "
            f"{_speakers(split['train'])}, epoch {training['best_epoch']} of {training['epochs']}",
        ),
        ("baseline", "can work against one" if "relative" in card else "cannot work against one"),
    ]
    lines += [
        ("corpus", f"{each['name']}, {each['language']}, {each['licence']}: {each['cite']}")
        for each in training["corpora"]
    ]
    if "start" in training:
        begun = training["start"]
        names = " and ".join(f"{each['name']} ({each['licence']})" for each in begun["corpora"])
        lines.append(("began", f"with a network of {_speakers(begun['speakers'])} of {names}"))
    lines += _sure(card)
    lines.append(("licence", f"{card['licence']} (follows from the recordings it was trained on)"))
    scores = card["scores"]
    if not scores:
        return [*lines, ("scores", "none: this bundle has not been evaluated on speakers that it did not train on")]
    corpora = scores.get("by_corpus", {})
    if corpora:
        lines.append(("UAR", f"{_percent(scores['mean_of_corpora'])}, the mean of {len(corpora)} corpora"))
        lines += [("", f"{name}: UAR {_percent(each['uar'])}") for name, each in corpora.items()]
    else:
        lines += [(key.upper(), _percent(scores[key])) for key in ("uar", "wa", "f1")]
    return [*lines, ("scored", f"{scores['on']}")]


def _sure(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """From which confidence on answers are right how often."""
    from voxaffect.calibration import threshold
    from voxaffect.errors import SettingsError

    lines: list[tuple[str, str]] = []
    if "calibration" not in card:
        return lines
    calibration = card["calibration"]
    for accuracy in (0.7, 0.8, 0.9):
        try:
            least = threshold(calibration["certainty"], accuracy)
        except SettingsError:
            continue
        answered = next(point["answered"] for point in calibration["certainty"] if point["threshold"] == least)
        lines.append(
            ("", f"{100 * accuracy:.0f} % right from a confidence of {100 * least:.0f} % on: {_share(answered)}")
        )
    if lines:
        lines[0] = ("sure", f"{lines[0][1]}, on {calibration['on']}")
    return lines


def _share(answered: float) -> str:
    return f"{100 * answered:.0f} % of recordings"


def _speakers(names: Sequence[str]) -> str:
    from voxaffect.corpora import any_unknown

    if any_unknown(names):
        return "unknown speakers"
    return f"{len(names)} speaker{'s' * (len(names) != 1)}"


def _percent(figure: Mapping[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{100 * figure['value']:.1f} %" + (
        "" if low is None else f" [{100 * low:.1f}, {100 * high:.1f}] over speakers"
    )
