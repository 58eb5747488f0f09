"""The article's table with ours beside it, from the result files of a folder: text, Markdown, CSV, and a page."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from voxaffect import labels
from voxaffect.evaluation.summary import Summary
from voxaffect.files.atomic import write_text
from voxaffect.reproduction import curves
from voxaffect.reproduction.rows import Row, RowResult, read
from voxaffect.reproduction.setups import BEST, CORRECTED
from voxaffect.splits import LEAKY

COLUMNS = (
    *("row", "classes", "train", "dev", "test", "leak"),
    *("published_leaky_dev", "published_leaky_test", "published_leaky_f1"),
    *(
        f"{which}_{figure}"
        for which in (LEAKY, CORRECTED)
        for figure in ("epochs", "dev", "test", "test_low", "test_high", "f1")
    ),
    *(f"{BEST}_{figure}" for figure in ("test", "test_low", "test_high", "f1")),
)
"""Of the CSV; figures in per cent."""


def write(results: Path) -> str:
    """Write `article.md`, `article.csv` and `article.html` beside the result files; give the table as text."""
    rows = read(results)
    for name, text in files(rows).items():
        write_text(results / name, text)
    return as_text(rows)


def files(rows: Sequence[Row]) -> dict[str, str]:
    """The table as Markdown, CSV and a page, by the names of the files that it goes into."""
    return {"article.md": as_markdown(rows), "article.csv": _as_csv(rows), "article.html": curves.as_html(rows)}


def as_markdown(rows: Iterable[Row]) -> str:
    """The table for a page of documentation; accuracies in per cent, 95 % intervals over test speakers."""
    lines = [
        "| set-up | published, **leaky**: valid, test | ours as published, **leaky**: valid, test "
        "| corrected: valid, test | our model: test |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        published = row.setup.published
        lost = "lost" if published.test is None else f"{published.dev:.2f}, {published.test:.2f}"
        cells = [
            f"`{row.setup.name}`: {row.setup.title}; as published, {row.setup.leak()}",
            lost,
            _cell(row.leaky),
            _cell(row.corrected),
            curves.tested(row.best) if row.best else "–",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def as_text(rows: Iterable[Row]) -> str:
    """The table for a terminal."""
    lines = [
        "Accuracy in %: validation, then test [95 % interval over test speakers].",
        "",
    ]
    for row in rows:
        published = row.setup.published
        lines += [f"{row.setup.name}: {row.setup.title}", f"  leaky as published: {row.setup.leak()}"]
        if published.test is not None:
            lines.append(f"  {'published, leaky':18}{'':12}{published.dev:5.2f}  {published.test:5.2f}")
        else:
            lines.append(f"  {'published, leaky':18}{'':12} lost   lost")
        for name, result in (("ours, leaky", row.leaky), ("ours, corrected", row.corrected)):
            if result:
                epochs = f"{result.epochs} epochs"
                lines.append(f"  {name:18}{epochs:12}{curves.valid(result):>5}  {curves.tested(result):>5}")
        if row.best:
            lines.append(f"  {'our model':18}{'':12}{'':5}  {curves.tested(row.best):>5}")
    return "\n".join(lines)


def _as_csv(rows: Iterable[Row]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    for row in rows:
        setup, counts = row.setup, row.setup.counts or ("", "", "")
        cells: dict[str, object] = {"row": setup.name, "classes": len(labels.scheme(setup.scheme).classes)}
        cells["leak"] = setup.leak()
        cells |= dict(zip(("train", "dev", "test"), counts, strict=True))
        cells |= {f"published_leaky_{name}": getattr(setup.published, name) for name in ("dev", "test", "f1")}
        results: tuple[tuple[str, Summary | None], ...] = (
            (LEAKY, row.leaky),
            (CORRECTED, row.corrected),
            (BEST, row.best),
        )
        for name, result in results:
            if result is None:
                continue
            low, high = result.wa.interval
            figures = {"test": result.wa.value, "test_low": low, "test_high": high, "f1": result.f1.value}
            if isinstance(result, RowResult):
                figures["dev"] = result.dev["dev_wa"]
                cells[f"{name}_epochs"] = result.epochs
            cells |= {f"{name}_{key}": f"{100 * value:.2f}" for key, value in figures.items() if value is not None}
        table.writerow(cells)
    return text.getvalue()


def _cell(result: RowResult | None) -> str:
    if result is None:
        return "–"
    return f"{curves.valid(result)}, {curves.tested(result)}; {result.epochs} epochs"
