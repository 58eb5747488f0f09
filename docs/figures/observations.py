"""Answers to the questions of `voxaffect explore` on RAVDESS: docs/observations.md."""

from collections.abc import Callable
from functools import partial

from figures.tables import percent, result, table
from voxaffect.exploring import wording
from voxaffect.exploring.measures import MEASURES
from voxaffect.exploring.observations import QUESTIONS


def answer(key: str) -> str:
    """What answers a question of the exploration."""
    found = next(each for each in result("explore/ravdess")["questions"] if each["key"] == key)
    left = any("equal_level" in each for each in found["contrasts"])
    rows = [
        [
            each["who"],
            each["emotion"],
            MEASURES[each["measure"]].title,
            f"{wording.format_estimate(each)} {each['unit']}",
            f"{round(each['standardised'], 1) + 0.0:.1f}".replace("-", "−"),
            *([wording.format_estimate(each | each["equal_level"]) if "equal_level" in each else ""] if left else []),
        ]
        for each in found["contrasts"]
    ]
    head = ["who", "emotion", "measure", f"minus {found['contrasts'][0]['against']}", "in standard deviations"]
    return table([*head, *(["at equal level"] if left else [])], rows)


def told_apart() -> str:
    """By which measures angry is distinguished from all other emotions."""
    found = result("explore/ravdess")["questions"][0]["told_apart"]
    rows = [
        [who, *(wording.format_estimate(each, "value", 2) for each in areas.values())] for who, areas in found.items()
    ]
    return table(["area under the ROC curve", *(f"by {title}" for title in found["men"])], rows)


def women_less_men() -> str:
    """How women's voices differ from men's."""
    found = result("explore/ravdess")["women_less_men"]
    rows = [[MEASURES[each["measure"]].title, f"{wording.format_estimate(each)} {each['unit']}"] for each in found]
    return table(["measure", "women minus men"], rows)


def cut_off() -> str:
    """What the article's window loses."""
    found = result("explore/ravdess")["cut_off"]
    return table(["", "% of the clips"], [[what, percent(each)] for what, each in found.items()])


def explored() -> str:
    """What was explored, and how."""
    found = result("explore/ravdess")
    who = " and ".join(f"{count} {who}" for who, count in found["speakers"].items())
    return f"{found['clips']} clips of {found['style']}, {who}; `{found['command']}`; commit `{found['commit']}`.\n"


BLOCKS: dict[str, Callable[[], str]] = {
    "explored": explored,
    "explore-told-apart": told_apart,
    "explore-women-less-men": women_less_men,
    "explore-cut-off": cut_off,
    **{f"explore-{each.key}": partial(answer, each.key) for each in QUESTIONS},
}
