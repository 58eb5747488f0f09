"""The article's table with our results, from the result files of a folder: text, Markdown, CSV, and a page."""

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
    """Write `article.md`, `article.csv` and `article.html` next to the result files; return the table as text."""
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
        cells = [
            f"`{row.setup.name}`: {row.setup.title}; as published, {row.setup.leak()}",
            ", ".join(dict.fromkeys(curves.published(row.setup))),  # "lost" once
            *(_cell(row.results.get(name)) for name in (LEAKY, CORRECTED, BEST)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def as_text(rows: Iterable[Row]) -> str:
    """The table for a terminal."""
    lines = ["Accuracy in %: validation, then test [95 % interval over test speakers].", ""]
    for row in rows:
        lines += [f"{row.setup.name}: {row.setup.title}", f"  leaky as published: {row.setup.leak()}"]
        dev, test = curves.published(row.setup)
        lines.append(f"  {'published, leaky':18}{'':16}{dev:>5}  {test:>5}")
        for name, result in row.results.items():
            title = "our model" if name == BEST else f"ours, {name}"
            epochs, dev = "", ""
            if isinstance(result, RowResult):
                epochs, dev = f"{curves.epochs(result)} epochs", curves.valid(result)
            lines.append(f"  {title:18}{epochs:16}{dev:>5}  {curves.tested(result)}")
    return "\n".join(lines)


def _as_csv(rows: Iterable[Row]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    for row in rows:
        setup, counts = row.setup, row.setup.counts or ("", "", "")
        cells: dict[str, object] = {"row": setup.name, "classes": len(labels.scheme(setup.scheme).classes)}
        cells |= {"leak": setup.leak()} | dict(zip(("train", "dev", "test"), counts, strict=True))
        cells |= {f"published_leaky_{name}": value for name, value in vars(setup.published).items()}
        for name, result in row.results.items():
            low, high = result.wa.interval
            figures = {"test": result.wa.value, "test_low": low, "test_high": high}
            figures["f1"] = result.f1.value if result.f1 else None
            if isinstance(result, RowResult):
                figures["dev"] = result.dev["dev_wa"]
                cells[f"{name}_epochs"] = result.epochs
            cells |= {f"{name}_{key}": f"{100 * value:.2f}" for key, value in figures.items() if value is not None}
        table.writerow(cells)
    return text.getvalue()


def _cell(result: Summary | None) -> str:
    if isinstance(result, RowResult):
        return f"{curves.valid(result)}, {curves.tested(result)}; {curves.epochs(result)} epochs"
    return curves.tested(result) if result else "–"
