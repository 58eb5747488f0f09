"""`voxaffect audit SPLIT...`: leaks, duplicates and labels given away in any split; exit 1 where it does not pass."""

import argparse
import textwrap
from collections import Counter as Counts
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voxaffect.apps.cli import sources
from voxaffect.apps.cli.terminal import Counter, listed, many, show, show_json, table_text
from voxaffect.text import printable

if TYPE_CHECKING:
    from voxaffect.auditing import Findings, Pair, Row, Twin

_WIDTH = 80
_NAMED = 10
"""Pairs and the like that are printed of each kind; --json has all."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    text = "a table with a column for the side (file, split, speaker, label, sentence), or one for each side as "
    text += "train.csv test.csv or train=FILE test=FILE; or a folder of train/ and test/; or what voxaffect split "
    text += "wrote, with the recordings that it divides"
    parser.add_argument("split", nargs="+", metavar="SPLIT", help=text)
    group = parser.add_argument_group("labelled recordings")
    sources.add_corpora(group)
    sources.add_reading(group)
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one a core)")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def run(options: argparse.Namespace) -> int:
    """Audit and print; exit 1 where a speaker or a recording is on two sides, or a recording cannot be read."""
    from voxaffect.auditing import audit, divides_sources

    split, options.own = options.split, []
    if options.corpus or divides_sources(split[0]):
        split, options.own = split[0], split[1:]
    findings = audit(split, sources.of(options), workers=options.workers, progress=Counter, **sources.how(options))
    show_json(_plain(findings)) if options.json else show(_text(findings))
    return 0 if findings.passes else 1


def _text(findings: "Findings") -> str:
    leaks = [pair for pair in findings.pairs if pair.leaks]
    within = [pair for pair in findings.pairs if not pair.leaks and not pair.contradicts]
    contradictions = [_pair(pair, labels=True) for pair in findings.pairs if pair.contradicts]
    unreadable = [printable(f"{row.name}: {reason}") for row, reason in findings.unreadable]
    sections = [
        ("LEAK: {} on two sides", "speaker", _counted(findings.speakers)),
        ("LEAK: the same recording on two sides, {}", "pair", [_pair(pair) for pair in leaks if pair.twin is None]),
        ("LEAK: a near-twin on two sides, {}", "pair", [_pair(pair) for pair in leaks if pair.twin]),
        ("labels that contradict on one recording: {}", "pair", contradictions),
        ("cannot be read: {}, compared byte by byte alone", "recording", unreadable),
        ("note: {} on two sides; words cannot be new", "sentence", _counted(findings.sentences)),
        ("note: within one side, {} of one recording", "pair", list(map(_pair, within))),
        ("note: silent: {}", "recording", list(map(_where, findings.silent))),
        ("note: too short to tell near-twins: {}", "recording", list(map(_where, findings.short))),
    ]
    paragraphs = [_given_away(findings)]
    paragraphs += [_list(head.format(many(len(items), what)), items) for head, what, items in sections if items]
    return "\n\n".join([_head(findings), *paragraphs, _balance(findings)])


def _given_away(findings: "Findings") -> str:
    from voxaffect.auditing.shortcuts import conclusion, describe

    found = findings.shortcuts.to_dict()
    head = conclusion(found)
    reported = [describe(each) for each in found["properties"] if each["gives_away"]]
    lines = [f"LABELS ARE GIVEN AWAY: {head}" if reported else f"note: {head[0].lower()}{head[1:]}", *reported]
    indents = ["", *("  " for _ in reported)]
    return "\n".join(
        textwrap.fill(printable(line), _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
        for line, indent in zip(lines, indents, strict=True)
    )


def _head(findings: "Findings") -> str:
    rows, sides = findings.listing.rows, findings.listing.sides
    speakers = {row.speaker for row in rows} - {""}
    size = f"{printable(findings.listing.name)}: {many(len(rows), 'recording')}"
    lines = [f"{size} of {many(len(speakers), 'speaker')}" if speakers else size]
    leaks = [f"{many(len(findings.speakers), 'speaker')} on two sides"] if findings.speakers else []
    pairs = sum(pair.leaks for pair in findings.pairs)
    if pairs:
        leaks.append(f"{many(pairs, 'pair')} of one recording on two sides")
    whole = "no speaker and no recording is on two sides" if speakers else "no recording is on two sides"
    unread = many(len(findings.unreadable), "recording")
    if leaks:
        lines.append(f"It LEAKS: {', '.join(leaks)}.")
        if findings.unreadable:
            lines.append(f"{unread} cannot be read: whether they leak too is NOT KNOWN.")
    elif findings.unreadable:
        lines.append(f"Whether it leaks is NOT KNOWN: {unread} cannot be read. Among the others {whole}.")
    else:
        lines.append(f"No leak: {whole}." if speakers else f"{whole.capitalize()}.")
    if not speakers:
        lines.append(
            f"SPEAKERS ARE UNKNOWN: whether one is on two of {printable(', '.join(sides))} could not be checked."
        )
        lines.append("Name their column (--columns speaker=NAME), or find them in file names (--speaker REGEX).")
    if findings.listing.labels_from:
        lines.append(printable(f"Labels are {findings.listing.labels_from}."))
    lines += [printable(f"{note}.") for note in findings.listing.notes]
    return "\n".join(lines)


def _pair(pair: "Pair", labels: bool = False) -> str:
    rows = pair.first, pair.second
    width = max(len(printable(row.side)) for row in rows)
    lines = [
        f"{printable(row.side):{width}}  {printable(row.name)}"
        + (f"  {printable(row.label or 'no label')}" if labels else "")
        for row in rows
    ]
    return "\n  ".join([lines[0], f"{lines[1]}", f"{'':{width}}  = {_how(pair.twin)}"])


def _how(twin: "Twin | None") -> str:
    if twin is None:
        return "equal to the last bit"
    parts = []
    if not twin.altered:
        parts.append("a copy: other level, noise, rate or codec")
    if twin.pitch:
        parts.append(f"pitch {twin.pitch:+.2f} semitones")
    if abs(twin.tempo - 1) >= 0.005:
        parts.append(f"tempo x{twin.tempo:.2f}")
    if twin.shift:
        parts.append(f"{'turned' if twin.circular else 'shifted'} {abs(twin.shift):.2f} s")
    return f"{'; '.join(parts)}; likeness {twin.likeness:.2f}"


def _balance(findings: "Findings") -> str:
    sides, rows = findings.listing.sides, findings.listing.rows
    counts = Counts((row.label, row.side) for row in rows)
    labels = sorted({row.label for row in rows} - {""})
    lines = [{"recordings by label": label, **{side: counts[label, side] for side in sides}} for label in labels]
    lines.append({"recordings by label": "together", **{side: sum(row.side == side for row in rows) for side in sides}})
    absent = [printable(f"{label} ({side})") for label in labels for side in sides if not counts[label, side]]
    notes = [_list("note: labels without a recording on a side", absent)] if absent else []
    return "\n".join([table_text(lines), *notes])


def _counted(counts: "dict[str, dict[str, int]]") -> list[str]:
    return [
        f"{printable(name)}: {', '.join(f'{printable(side)} {count}' for side, count in sides.items())}"
        for name, sides in counts.items()
    ]


def _where(row: "Row") -> str:
    return printable(f"{row.side}  {row.name}")


def _list(head: str, items: list[str]) -> str:
    return listed(head, items, _NAMED, "; --json has all")


def _plain(findings: "Findings") -> dict[str, Any]:
    rows, labels = findings.listing.rows, {side: Counts[str]() for side in findings.listing.sides}
    for row in rows:
        labels[row.side][row.label] += 1
    return {
        "split": findings.listing.name,
        "recordings": len(rows),
        "passes": findings.passes,
        "leaks": findings.leaks,
        "speakers_known": any(row.speaker for row in rows),
        "speakers_on_two_sides": findings.speakers,
        "pairs": [
            {
                "first": _row(pair.first),
                "second": _row(pair.second),
                "leaks": pair.leaks,
                "contradicts": pair.contradicts,
                "equal": pair.twin is None,
            }
            | ({} if pair.twin is None else _twin(pair.twin))
            for pair in findings.pairs
        ],
        "sentences_on_two_sides": findings.sentences,
        "unreadable": [_row(row) | {"reason": reason} for row, reason in findings.unreadable],
        "silent": list(map(_row, findings.silent)),
        "short": list(map(_row, findings.short)),
        "labels": labels,
        "shortcuts": findings.shortcuts.to_dict(),
        "notes": findings.listing.notes,
    }


def _row(row: "Row") -> dict[str, str]:
    return {"name": row.name, "file": str(Path(row.file)), "side": row.side, "speaker": row.speaker, "label": row.label}


def _twin(twin: "Twin") -> dict[str, float | bool]:
    names = ("pitch", "tempo", "shift", "circular")
    return {"likeness": round(twin.likeness, 3), **{name: getattr(twin, name) for name in names}}
