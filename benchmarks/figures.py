"""Figures in README and docs, and the README's picture, from the result files: nothing of them is typed.

make figures                            write them
python benchmarks/figures.py --check    exit 1 where one is not what the result files say
"""

import argparse
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import costs
import leaderboard
import over_time
import small
import strangers
from pages import RESULTS, ROOT, change, percent, result, table
from picture import Lane, draw
from voxaffect import labels
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.protocols import PROTOCOLS
from voxaffect.exploring import wording
from voxaffect.exploring.measures import MEASURES
from voxaffect.exploring.observations import QUESTIONS
from voxaffect.files.atomic import write_text
from voxaffect.reproduction import report as reproduction

PAGES = (
    "README.md",
    "benchmarks/LEADERBOARD.md",
    "docs/index.md",
    "docs/model-card.md",
    "docs/ablation.md",
    "docs/calls.md",
    "docs/article.md",
    "docs/experiments.md",
    "docs/how-to.md",
    "docs/observations.md",
    "docs/reference.md",
    "docs/speed.md",
    "docs/strangers.md",
)
PICTURES = ROOT / "docs" / "pictures"

KNOWN = "ravdess-luna5/small"
"""The result that stands for `ravdess-small`."""

_BLOCK = re.compile(r"(<!-- figures: (\S+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)


def score(name: str) -> str:
    """What an experiment reaches with speakers of a corpus that is known."""
    found = result(name)
    classes, seeds = len(found["classes"]), np.atleast_1d(found["seed"])
    return (
        f"On `ravdess-luna5` ({found['utterances']} spoken clips, {found['speakers']} actors, {classes} "
        f"emotions, no actor on two sides{f', mean of {len(seeds)} seeds' if len(seeds) > 1 else ''}) the network "
        f"reaches **UAR {percent(found['uar'])} %** (unweighted average recall; 95 % interval over speakers; chance "
        f"{100 / classes:.1f}) and WA {percent(found['wa'])} %, with {found['parameters'] / 1e6:.2f} M parameters. A "
        f"fold's graph has {found['model_bytes'] / 1e6:.1f} MB.\n"
    )


def pictures() -> dict[str, str]:
    """By name: the speakers of a known corpus, and those of corpora that were not trained on."""
    known, unknown = result(KNOWN), result("cross-common4/cnn-strangers")
    title = f"Voices it never heard: {known['speakers']} speakers of RAVDESS, {len(known['classes'])} emotions"
    lane = Lane(f"UAR {percent(known['uar'])} %", known["uar"], _speakers(KNOWN, "ravdess"))
    lanes = [
        Lane(f"{name} {percent(each['uar'])} %", each["uar"], _speakers("cross-common4/cnn-strangers", name))
        for name, each in unknown["by_corpus"].items()
    ]
    return {
        "ravdess-luna5-small.svg": draw(title, [lane], 1 / len(known["classes"]), 150),
        "cross-common4-cnn-strangers.svg": draw(
            "Angry, happy, neutral or sad: every speaker of a corpus that it never heard",
            lanes,
            1 / len(unknown["classes"]),
            110,
        ),
        "calls.svg": over_time.picture(),
    }


def _speakers(name: str, corpus: str) -> list[tuple[str, float, str]]:
    """Each speaker of a corpus, UAR and sex."""
    said = Predictions.read(RESULTS / f"{name}.csv")
    sexes = dict(zip(said.speaker, said.sex, strict=True))
    by_speaker = result(name)["by_speaker"]
    return [(who, each["uar"], sexes[who]) for who, each in by_speaker.items() if who.startswith(f"{corpus}/")]


def by_group() -> str:
    """Figures overall and by sex."""
    found = result(KNOWN)
    groups = [("everybody", found), ("women", found["by_sex"]["female"]), ("men", found["by_sex"]["male"])]
    worst, *_, best = sorted((each["uar"], name) for name, each in found["by_speaker"].items())
    return table(
        ["", "UAR %", "WA %", "macro F1 %"],
        [[name, percent(each["uar"]), percent(each["wa"]), percent(each["f1"])] for name, each in groups],
        f"Calibration error (ECE) {100 * found['ece']:.1f} %. Single speakers range from UAR {100 * worst[0]:.1f} "
        f"(`{worst[1]}`) to {100 * best[0]:.1f} (`{best[1]}`): expect as much between your own voices.",
    )


def confusions() -> str:
    """The confusion matrix in per cent of rows."""
    found = result(KNOWN)
    rows = zip(found["classes"], found["confusion"], strict=True)
    shares = [[name, *(f"{100 * count / sum(row):.0f}" for count in row)] for name, row in rows]
    return table(["meant \\ heard", *found["classes"]], shares, numbers=True)


def folds() -> str:
    """Each fold's speakers, epochs and figures."""
    found = result("ravdess-luna5/cnn")
    rows = [
        [
            each["fold"],
            ", ".join(name.split("/")[-1] for name in each["test"]),
            ", ".join(name.split("/")[-1] for name in each["dev"]),
            f"{each['best_epoch']} of {each['epochs']}",
            f"{100 * each['uar']:.1f}",
            f"{100 * each['wa']:.1f}",
        ]
        for each in found["folds"]
    ]
    below = f"Seed {found['seed']}; `{found['command']}`; commit `{found['commit']}`."
    return table(["fold", "tested on actors", "validated on", "best epoch", "UAR %", "WA %"], rows, below)


def audit() -> str:
    """Twins found, twins made up, and time."""
    found = result("audit")
    twins, time = found["twins"], found["time"]
    groups: dict[str, list[int]] = {}
    for name, each in twins["recall"].items():
        counts = groups.setdefault(name.split(":")[0], [0, 0])
        counts[0] += each["found"]
        counts[1] += each["n"]
    rows = [[name, f"{100 * hits / whole:.1f}", str(whole)] for name, (hits, whole) in groups.items()]
    last = time["steps"][-1]

    def real(pairs: list[list[str]]) -> list[list[str]]:
        return [pair for pair in pairs if not any(name.startswith("twin of") for name in pair[:2])]

    mistaken = len(real(twins["false"]))
    doubles = ", ".join(f"{one} and {other}" for one, other, *_ in real(twins["doubles"]))
    least = min(pair[3].split()[1] for pair in real(twins["doubles"]))
    below = (
        f"Twins of recordings of {twins['speakers_of_twins']}, who chose none of the audit's numbers, listed with all "
        f"{twins['clips']} recordings of RAVDESS, CREMA-D and EMO-DB. Of these {mistaken} pairs were taken for "
        f"twins and are none, {1000 * mistaken / twins['clips']:.1f} in 1000, and {twins['false_pairs']} pairs where "
        f"their {twins['twins']} twins are counted too: takes of one song are hardest to tell from copies. These "
        f"turned out to be one recording under two names, their waveforms correlate to {least} and more: {doubles}.\n\n"
        f"{last['clips']} recordings took {last['seconds']:.0f} s on {time['cores']} cores ({time['processor']}; "
        f"beside it ran {time['beside']}); the work grows with the power {time['growth_exponent_of_cpu_seconds']} of "
        f"their number. `{found['command']}`."
    )
    return table(["twin", "found %", "of"], rows, below, numbers=True)


def answer(key: str) -> str:
    """What answers a question of the exploration."""
    found = next(each for each in result("explore/ravdess")["questions"] if each["key"] == key)
    left = any("equal_level" in each for each in found["contrasts"])
    rows = [
        [
            each["who"],
            each["emotion"],
            MEASURES[each["measure"]].title,
            f"{wording.interval(each)} {each['unit']}",
            f"{round(each['standardised'], 1) + 0.0:.1f}".replace("-", "−"),
            *([wording.interval(each | each["equal_level"]) if "equal_level" in each else ""] if left else []),
        ]
        for each in found["contrasts"]
    ]
    head = ["who", "emotion", "measure", f"less {found['contrasts'][0]['against']}", "in deviations"]
    return table([*head, *(["at equal level"] if left else [])], rows)


def told_apart() -> str:
    """By what angry is told from all other emotions."""
    found = result("explore/ravdess")["questions"][0]["told_apart"]
    rows = [[who, *(wording.interval(each, "value", 2) for each in areas.values())] for who, areas in found.items()]
    return table(["area under the ROC curve", *(f"by {title}" for title in found["men"])], rows)


def women_less_men() -> str:
    """How women's voices differ from men's."""
    found = result("explore/ravdess")["women_less_men"]
    rows = [[MEASURES[each["measure"]].title, f"{wording.interval(each)} {each['unit']}"] for each in found]
    return table(["measure", "women less men"], rows)


def cut_off() -> str:
    """What the article's window loses."""
    found = result("explore/ravdess")["cut_off"]
    return table(["", "% of the clips"], [[what, percent(each)] for what, each in found.items()])


def measures() -> str:
    """What exploring measures."""
    return table(
        ["name", "measure", "unit", "what it is"],
        [[f"`{name}`", each.title, each.unit, each.about] for name, each in MEASURES.items()],
    )


def schemes() -> str:
    """Class sets, and what falls into them beside the emotions of the same names."""
    rows = []
    for each in labels.SCHEMES.values():
        others: dict[str, list[str]] = {}
        for emotion, name in each.mapping.items():
            if emotion != name:
                others.setdefault(name, []).append(emotion)
        taken = [f"*{name}*: {', '.join(emotions)}" for name, emotions in others.items()]
        classes = "each of " + ", ".join(each.mapping) + ", by sex" if each.by_sex else ", ".join(each.classes)
        rows.append([f"`{each.name}`", classes, "; ".join(taken)])
    return table(["scheme", "classes", "taken for"], rows)


def protocols() -> str:
    """Set-ups by name."""
    rows = [[f"`{each.name}`", each.title, f"`{each.scheme}`", str(len(each.folds))] for each in PROTOCOLS.values()]
    return table(["protocol", "what it is", "scheme", "folds"], rows)


def explored() -> str:
    """What was explored, and how."""
    found = result("explore/ravdess")
    who = " and ".join(f"{count} {who}" for who, count in found["speakers"].items())
    return f"{found['clips']} clips of {found['style']}, {who}; `{found['command']}`; commit `{found['commit']}`.\n"


def article() -> str:
    """The article's table with ours beside it."""
    return reproduction.as_markdown(reproduction.read(RESULTS / "article"))


def ablation(group: str) -> str:
    """Rows of one group, each against the base."""
    rows = result("ablation/next")["rows"]
    base = next(iter(rows.values()))

    def line(row: dict[str, Any]) -> list[str]:
        seeds = " ".join(f"{100 * each:.0f}" for each in row["by_seed"].values())
        return [
            row["title"],
            percent(row["uar"]),
            "" if row is base else change(row["difference"]),
            seeds,
            str(row["epochs"]),
        ]

    shown = [base, *(row for row in rows.values() if row["group"] == group and row is not base)]
    return table(["change", "UAR %", "less the base", "by seed", "epochs"], map(line, shown), numbers=True)


BLOCKS: dict[str, Callable[[], str]] = {
    "audit": audit,
    "score": partial(score, KNOWN),
    "score-cnn": partial(score, "ravdess-luna5/cnn"),
    "by-group": by_group,
    "confusions": confusions,
    "folds": folds,
    "article": article,
    "leaderboard": leaderboard.boards,
    "measures": measures,
    "explored": explored,
    "schemes": schemes,
    "protocols": protocols,
    "explore-told-apart": told_apart,
    "explore-women-less-men": women_less_men,
    "explore-cut-off": cut_off,
    **{f"ablation-{group}": partial(ablation, group) for group in ("input", "network", "augmentation", "copies")},
    **strangers.BLOCKS,
    **costs.BLOCKS,
    **over_time.BLOCKS,
    **small.BLOCKS,
    **{f"explore-{each.key}": partial(answer, each.key) for each in QUESTIONS},
}


def fill(page: str) -> str:
    """A page's text with its blocks of figures made anew."""
    return _BLOCK.sub(lambda match: match[1] + BLOCKS[match[2]]() + match[3], page)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where something would change")
    options = parser.parse_args()
    made = {ROOT / page: fill((ROOT / page).read_text("utf-8")) for page in PAGES}
    made |= {PICTURES / name: picture for name, picture in pictures().items()}
    tables = reproduction.files(reproduction.read(RESULTS / "article"))
    made |= {RESULTS / "article" / name: text for name, text in tables.items()}
    stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        done = "is not what the result files say; run make figures" if options.check else "written"
        print(f"{path.relative_to(ROOT)}: {done}")
        if not options.check:
            write_text(path, made[path])
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
