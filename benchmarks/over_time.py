"""Figures about emotions over time: what segments are worth on calls of which it is known who felt what when."""

from collections.abc import Callable

from pages import percent, result, table


def calls() -> str:
    """UAR by line and by what is done with single windows."""
    found = result("calls")
    folds = list(found["folds"])
    rows = [
        [name, f"{100 * each['uar']:.1f}", *(percent(each[fold]["uar"]) for fold in folds)]
        for name, each in found["results"].items()
    ]
    return table(["line, and how", "mean UAR %", *folds], rows, f"`{found['command']}`.", numbers=True)


def details() -> str:
    """All else that is asked of segments, by corpus, smoothed."""
    found = result("calls")
    rows = []
    for name, by_fold in found["results"].items():
        line, _, kind = name.rpartition(", ")
        for fold in found["folds"] if kind == "smoothed" else ():
            each = by_fold[fold]
            changes, alarms, edges = each["changes"], each["alarms"], each["edge_seconds"]
            rows.append(
                [
                    f"{line}, {fold}",
                    f"{100 * each['eder']:.0f}",
                    f"{100 * each['missed']:.1f}",
                    f"{alarms['quiet']:.1f}, {alarms['sounding']:.1f}",
                    f"{1000 * edges['median']:.0f}, {1000 * edges['90 %']:.0f}",
                    f"{changes['found']} of {changes['there']}; {changes['said']}",
                ]
            )
    heads = ["line, tested on", "EDER %", "missed %", "alarms", "edges ms", "changes found; said"]
    return table(heads, rows, numbers=True)


BLOCKS: dict[str, Callable[[], str]] = {"calls": calls, "calls-details": details}
