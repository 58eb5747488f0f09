"""The reproduction as one page: the table, loss curves, confusion matrices. Nothing in it is fetched from elsewhere."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voxaffect.reproduction.report import Row

WIDTH, HEIGHT, MARGIN = 320, 150, 28
"""Of a picture of curves, in pixels; the margin is left and below."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1f; --dim: #5d5d66; --ground: #fff; --line: #d9d9e0; --mark: #b3261e;
  --train: #8a8a94; --dev: #0072b2; --hue: 0, 114, 178; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6ea; --dim: #a3a3ad; --ground: #16161a; --line: #3a3a42;
  --mark: #ff8a80; --train: #8a8a94; --dev: #56b4e9; --hue: 86, 180, 233; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); margin: 0 auto;
  max-width: 75rem; padding: 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
p, .note { color: var(--dim); max-width: 45rem; } .leaky { color: var(--mark); font-weight: 600; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .88rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.side { display: flex; flex-wrap: wrap; gap: 1.5rem; } figure { margin: 0; } figcaption { font-size: .88rem; }
.confusion td { text-align: right; min-width: 1.8rem; padding: .15rem .35rem; border: 0; }
.confusion th { border: 0; font-weight: 400; color: var(--dim); padding: .15rem .35rem; }
svg text { fill: var(--dim); font: 11px system-ui, sans-serif; } svg .axis { stroke: var(--line); }
svg .train { stroke: var(--train); } svg .dev { stroke: var(--dev); } svg path { fill: none; stroke-width: 1.8; }
"""


def as_html(rows: Iterable[Row]) -> str:
    """The whole page."""
    rows = list(rows)
    parts = [
        "<!doctype html><html lang=en><head><meta charset=utf-8>",
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        f"<title>The article, reproduced and corrected</title><style>{_STYLE}</style></head><body>",
        "<h1>The article, reproduced and corrected</h1>",
        "<p>Reza Chu, “Speech Emotion Recognition with Convolutional Neural Network” (2019), RAVDESS speech and song. "
        "As published, <span class=leaky>leaky</span>: validation shares speakers with training, and copies of clips "
        "lie on both sides. Corrected: other speakers validate, and only training clips are copied. Our model: one, "
        "trained on the speech and song of actors 1–20, heard on the same test clips. Accuracy in %, with 95 % "
        "intervals over test speakers (two where a set-up is of one sex: then they only show how far apart the two "
        "are).</p>",
        _table(rows),
        *(_row(row) for row in rows),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _table(rows: Sequence[Row]) -> str:
    head = (
        "<tr><th rowspan=2>set-up<th colspan=2>published<th colspan=3 class=leaky>as published, leaky"
        "<th colspan=3>corrected<th>our model</tr>"
        "<tr><th class=n>valid<th class=n>test<th class=n>epochs<th class=n>valid<th class=n>test"
        "<th class=n>epochs<th class=n>valid<th class=n>test<th class=n>test</tr>"
    )
    lines = []
    for row in rows:
        published = row.setup.published
        cells = ["lost", "lost"] if published.test is None else [f"{published.dev:.1f}", f"{published.test:.1f}"]
        for result in (row.leaky, row.corrected):
            cells += ["–", "–", "–"] if result is None else [str(result["epochs"]), _dev(result), _test(result)]
        cells.append(_test(row.best) if row.best else "–")
        name = f"<a href=#{row.setup.name}>{html.escape(row.setup.title)}</a>"
        lines.append(f"<tr><td>{name}" + "".join(f"<td class=n>{cell}" for cell in cells) + "</tr>")
    return f"<div class=scroll><table>{head}{''.join(lines)}</table></div>"


def _row(row: Row) -> str:
    figures = []
    for name, mark, result in (
        ("as published, leaky", "leaky", row.leaky),
        ("corrected", "", row.corrected),
        ("our model", "", row.best),
    ):
        if result is None:
            continue
        curves = _curves(result["history"]) if "history" in result else ""
        validated = f"validation {_dev(result)}, " if "dev" in result else ""
        about = f"<span class='{mark}'>{name}</span>: {validated}test {_test(result)}"
        figures.append(f"<figure><figcaption>{about}</figcaption>{curves}{_confusion(result)}</figure>")
    leak = f" As published, <span class=leaky>{html.escape(row.setup.leak())}</span>."
    heading = f"<h2 id={row.setup.name}>{html.escape(row.setup.title)}</h2>"
    return f"{heading}<p><code>{row.setup.name}</code>.{leak}</p><div class=side>{''.join(figures)}</div>"


def _curves(history: Sequence[dict[str, float]]) -> str:
    """Training and validation loss against the epoch."""
    top = max(max(each["train_loss"], each["dev_loss"]) for each in history)
    last = history[-1]["epoch"]

    def path(name: str) -> str:
        points = (
            f"{MARGIN + (WIDTH - MARGIN - 4) * (each['epoch'] - 1) / max(1, last - 1):.1f},"
            f"{4 + (HEIGHT - MARGIN) * (1 - each[name] / top):.1f}"
            for each in history
        )
        return "M" + "L".join(points)

    low = HEIGHT - MARGIN + 4
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width={WIDTH} height={HEIGHT} role=img aria-label="loss by epoch">'
        f'<path class=axis d="M{MARGIN},4V{low}H{WIDTH}"/>'
        f"<text x=0 y=12>{top:.1f}</text><text x=16 y={low}>0</text><text x={MARGIN} y={HEIGHT - 8}>1</text>"
        f"<text x={WIDTH - 4} y={HEIGHT - 8} text-anchor=end>epoch {last:.0f}</text>"
        f'<path class=train d="{path("train_loss")}"/><path class=dev d="{path("dev_loss")}"/>'
        f'<text x={WIDTH - 4} y=14 text-anchor=end>loss: <tspan style="fill:var(--train)">training</tspan>, '
        f'<tspan style="fill:var(--dev)">validation</tspan></text></svg>'
    )


def _confusion(result: dict[str, Any]) -> str:
    """Of the test clips of a row's class, the share heard as the column's, in %."""
    classes = result["classes"]
    head = "".join(f"<th>{html.escape(_short(name))}" for name in classes)
    lines = []
    for name, counts in zip(classes, result["confusion"], strict=True):
        shares = [count / sum(counts) if sum(counts) else 0.0 for count in counts]
        cells = "".join(
            f'<td style="background:rgba(var(--hue),{0.75 * share:.2f})">{100 * share:.0f}' for share in shares
        )
        lines.append(f"<tr><th>{html.escape(_short(name))}{cells}</tr>")
    return f"<table class=confusion><tr><th>{head}</tr>{''.join(lines)}</table>"


def _short(name: str) -> str:
    """`f. angry` for `female angry`, so that ten columns fit."""
    sex, space, emotion = name.partition(" ")
    return f"{sex[0]}. {emotion}" if space else name


def _dev(result: dict[str, Any]) -> str:
    return f"{100 * result['dev']['dev_wa']:.1f}"


def _test(result: dict[str, Any]) -> str:
    low, high = result["wa"]["interval"]
    return f"{100 * result['wa']['value']:.1f} [{100 * low:.0f}, {100 * high:.0f}]"
