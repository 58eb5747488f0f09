"""`voxaffect audit SPLIT [SOURCE...]`: leaks and duplicates in any split; exit 1 where there is one."""

import argparse
import json
from collections import Counter as Counts
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voxaffect.apps.cli import sources
from voxaffect.apps.cli.terminal import Counter

if TYPE_CHECKING:
    from voxaffect.auditing import Findings, Pair, Row, Twin

_NAMED = 10
"""Pairs and the like that are printed of each kind; --json has all."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("audit", description=__doc__)
    parser.add_argument(
        "split",
        metavar="SPLIT",
        help="what voxaffect split wrote, with the sources that it divides; or a table with a column for the side "
        "(file, split, speaker, label, sentence); or a folder of train/ and test/",
    )
    sources.add_sources(parser, style=False)
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one a core)")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Audit and print; exit 1 where a speaker or a recording is on two sides, or a recording cannot be read."""
    from voxaffect.auditing import audit

    findings = audit(
        options.split, sources.of(options), workers=options.workers, progress=Counter, **sources.how(options)
    )
    print(json.dumps(_plain(findings), indent=1, ensure_ascii=False) if options.json else _text(findings))
    return 1 if findings.leaks or findings.unreadable else 0


def _text(found: "Findings") -> str:
    paragraphs = [_head(found)]
    if found.speakers:
        counts = [f"{name}: {_counted(sides)}" for name, sides in found.speakers.items()]
        paragraphs.append(_listed(f"LEAK: {_many(len(counts), 'speaker')} on two sides", counts))
    for equal, kind in ((True, "the same recording"), (False, "a near-twin")):
        leaks = [pair for pair in found.pairs if pair.leaks and (pair.twin is None) == equal]
        if leaks:
            pairs = [_pair(pair) for pair in leaks]
            paragraphs.append(_listed(f"LEAK: {kind} on two sides, {_many(len(leaks), 'pair')}", pairs))
    contradictions = [pair for pair in found.pairs if pair.contradicts]
    if contradictions:
        pairs = [_pair(pair, labels=True) for pair in contradictions]
        paragraphs.append(_listed(f"labels that contradict on one recording: {_many(len(pairs), 'pair')}", pairs))
    if found.unreadable:
        broken = [f"{row.name}: {reason}" for row, reason in found.unreadable]
        paragraphs.append(_listed(f"cannot be read: {_many(len(broken), 'recording')}, left out of all above", broken))
    if found.sentences:
        counts = [f"{name}: {_counted(sides)}" for name, sides in found.sentences.items()]
        paragraphs.append(_listed(f"note: {_many(len(counts), 'sentence')} on two sides; words cannot be new", counts))
    within = [_pair(pair) for pair in found.pairs if not pair.leaks and not pair.contradicts]
    if within:
        paragraphs.append(_listed(f"note: within one side, {_many(len(within), 'pair')} of one recording", within))
    for rows, what in ((found.silent, "silent"), (found.short, "too short to tell near-twins")):
        if rows:
            paragraphs.append(_listed(f"note: {what}: {_many(len(rows), 'recording')}", [_where(row) for row in rows]))
    paragraphs.append(_balance(found))
    return "\n\n".join(paragraphs)


def _head(found: "Findings") -> str:
    rows, sides = found.listing.rows, found.listing.sides
    speakers = {row.speaker for row in rows} - {""}
    size = f"{found.listing.name}: {_many(len(rows), 'recording')}"
    lines = [f"{size} of {_many(len(speakers), 'speaker')}" if speakers else size]
    leaks = [f"{_many(len(found.speakers), 'speaker')} on two sides"] if found.speakers else []
    pairs = sum(pair.leaks for pair in found.pairs)
    if pairs:
        leaks.append(f"{_many(pairs, 'pair')} of one recording on two sides")
    if leaks:
        lines.append(f"It LEAKS: {', '.join(leaks)}.")
    elif found.unreadable:
        lines.append("No leak among the recordings that can be read.")
    elif speakers:
        lines.append("No leak: no speaker and no recording is on two sides.")
    else:
        lines.append("No recording is on two sides.")
    if not speakers:
        lines.append(f"SPEAKERS ARE UNKNOWN: whether one is on two of {', '.join(sides)} could not be checked.")
        lines.append("Name their column (--columns speaker=NAME), or find them in file names (--speaker REGEX).")
    if found.listing.labels_from:
        lines.append(f"Labels are {found.listing.labels_from}.")
    return "\n".join(lines)


def _pair(pair: "Pair", labels: bool = False) -> str:
    width = max(len(each.side) for each in (pair.first, pair.second))
    lines = [
        f"{row.side:{width}}  {row.name}" + (f"  {row.label or 'no label'}" if labels else "")
        for row in (pair.first, pair.second)
    ]
    return "\n  ".join([lines[0], f"{lines[1]}", f"{'':{width}}  = {_how(pair.twin)}"])


def _how(twin: "Twin | None") -> str:
    if twin is None:
        return "equal in every sample"
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


def _balance(found: "Findings") -> str:
    sides = found.listing.sides
    counts = Counts((row.label, row.side) for row in found.listing.rows)
    labels = sorted({label for label, _ in counts})
    width = min(max(len(name) for name in [*labels, "together", "recordings by label"]), 30)
    columns = [max(len(side), 6) for side in sides]
    lines = ["recordings by label".ljust(width) + _cells(sides, columns)]
    for label in labels if labels != [""] else []:
        whole = [counts[label, side] for side in sides]
        lines.append(label[:width].ljust(width) + _cells(whole, columns))
    whole = [sum(counts[label, side] for label in labels) for side in sides]
    lines.append("together".ljust(width) + _cells(whole, columns))
    absent = [f"{label} ({side})" for label in labels for side in sides if label and not counts[label, side]]
    if absent:
        lines.append(_listed("note: labels without a recording on a side", absent))
    return "\n".join(lines)


def _cells(values: "tuple[str, ...] | list[int]", widths: list[int]) -> str:
    return "".join(f"  {value:>{width}}" for value, width in zip(values, widths, strict=True))


def _counted(sides: dict[str, int]) -> str:
    return ", ".join(f"{side} {count}" for side, count in sides.items())


def _where(row: "Row") -> str:
    return f"{row.side}  {row.name}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _listed(head: str, items: list[str]) -> str:
    more = [f"  and {len(items) - _NAMED} more; --json has all"] if len(items) > _NAMED else []
    return "\n".join([head, *(f"  {item}" for item in items[:_NAMED]), *more])


def _plain(found: "Findings") -> dict[str, Any]:
    counts: dict[str, dict[str, int]] = {side: {} for side in found.listing.sides}
    for row in found.listing.rows:
        counts[row.side][row.label] = counts[row.side].get(row.label, 0) + 1
    return {
        "split": found.listing.name,
        "recordings": len(found.listing.rows),
        "leaks": found.leaks,
        "speakers_known": any(row.speaker for row in found.listing.rows),
        "speakers_on_two_sides": found.speakers,
        "pairs": [
            {
                "first": _row(pair.first),
                "second": _row(pair.second),
                "leaks": pair.leaks,
                "contradicts": pair.contradicts,
                "equal": pair.twin is None,
            }
            | ({} if pair.twin is None else _twin(pair.twin))
            for pair in found.pairs
        ],
        "sentences_on_two_sides": found.sentences,
        "unreadable": [_row(row) | {"reason": reason} for row, reason in found.unreadable],
        "silent": [_row(row) for row in found.silent],
        "short": [_row(row) for row in found.short],
        "labels": counts,
    }


def _row(row: "Row") -> dict[str, str]:
    return {"name": row.name, "file": str(Path(row.file)), "side": row.side, "speaker": row.speaker, "label": row.label}


def _twin(twin: "Twin") -> dict[str, float | bool]:
    return {
        "likeness": round(twin.likeness, 3),
        "pitch": twin.pitch,
        "tempo": twin.tempo,
        "shift": twin.shift,
        "circular": twin.circular,
    }
