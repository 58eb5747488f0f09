"""`voxaffect info [BUNDLE]`: what a bundle holds."""

import argparse
import json
from collections.abc import Mapping
from typing import Any


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("info", help="what a bundle holds", description=__doc__)
    parser.add_argument("bundle", nargs="?", metavar="NAME|FOLDER", help="default: ravdess-cnn, in the package")
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
            f"on {training['utterances']} utterances ({' and '.join(training['styles'])}) of {len(split['train'])} "
            f"speakers, epoch {training['best_epoch']} of {training['epochs']}",
        ),
    ]
    lines += [
        ("corpus", f"{each['name']}, {each['language']}, {each['licence']}: {each['cite']}")
        for each in training["corpora"]
    ]
    lines.append(("licence", f"{card['licence']} (follows from the recordings it was trained on)"))
    scores = card["scores"]
    if not scores:
        return [*lines, ("scores", "none: this bundle has not been evaluated on speakers that it did not train on")]
    for key in ("uar", "wa", "f1"):
        low, high = scores[key]["interval"]
        spread = "" if low is None else f" [{100 * low:.1f}, {100 * high:.1f}] over speakers"
        lines.append((key.upper(), f"{100 * scores[key]['value']:.1f} %{spread}"))
    lines += [
        ("", f"{name}: UAR {100 * each['uar']['value']:.1f} %") for name, each in scores.get("by_corpus", {}).items()
    ]
    return [*lines, ("scored", f"{scores['on']}")]
