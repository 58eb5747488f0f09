"""The reproduction as one page: the table, and for each row loss curves and confusion matrices."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from voxaffect.evaluation.summary import Summary
from voxaffect.html import colours, page
from voxaffect.reproduction.rows import Row, RowResult

WIDTH, HEIGHT, MARGIN = 320, 150, 28
"""Of a picture of curves, in pixels; the margin is left and below."""

_CSS = f"""
.leaky{{color:{colours.css("emotion-angry")};font-weight:600}}
.side{{display:flex;flex-wrap:wrap;gap:1.5rem}}
.side figure{{flex:1 1 20rem;max-width:36rem}}
.side svg{{max-width:{WIDTH}px}}
.confusion td,.confusion th{{border:0;padding:.15rem .4rem;text-align:right;font-weight:400}}
.confusion th{{color:{colours.css("faint")}}}
svg text{{fill:{colours.css("faint")};font:11px system-ui,sans-serif}}
svg path{{fill:none;stroke-width:1.8}}
.axis{{stroke:{colours.css("line")}}}
.train{{stroke:{colours.css("faint")};stroke-dasharray:3 3}}
.dev{{stroke:{colours.css("ink")}}}
"""

_ABOUT = (
    "Reza Chu, “Speech Emotion Recognition with Convolutional Neural Network” (2019), RAVDESS speech and song, actors "
    "21 to 24 tested. As published, <span class=leaky>leaky</span>: validation shares speakers with training, and "
    "copies of clips lie on both sides. Corrected: other speakers validate, and only training clips are copied. Our "
    "model: one, of the speech and song of the other actors, four of whom chose its epoch, heard on the same test "
    "clips.",
    "Accuracy in %, with 95 % intervals over test speakers; where these are two, an interval is no more than how far "
    "apart they are.",
)


def as_html(rows: Iterable[Row]) -> str:
    """The whole page; it needs nothing from elsewhere."""
    rows = list(rows)
    sections = [page.Section("table", "All rows", _table(rows))]
    sections += [page.Section(row.setup.name, row.setup.title, _row(row)) for row in rows]
    return page.page("The article, reproduced and corrected", _ABOUT, sections, _CSS)


def _table(rows: Sequence[Row]) -> str:
    head = [
        "set-up",
        *("published, leaky: valid", "test"),
        *("ours, leaky: epochs", "valid", "test"),
        *("corrected: epochs", "valid", "test"),
        "our model: test",
    ]
    lines = []
    for row in rows:
        published = row.setup.published
        cells = ["lost", "lost"] if published.test is None else [f"{published.dev:.2f}", f"{published.test:.2f}"]
        for result in (row.leaky, row.corrected):
            cells += ["–", "–", "–"] if result is None else [str(result.epochs), valid(result), tested(result)]
        lines.append([row.setup.title, *cells, tested(row.best) if row.best else "–"])
    return page.table(head, lines)


def _row(row: Row) -> str:
    figures = []
    sides: tuple[tuple[str, str, Summary | None], ...] = (
        ("as published, leaky", "leaky", row.leaky),
        ("corrected", "", row.corrected),
        ("our model", "", row.best),
    )
    for name, mark, result in sides:
        if result is None:
            continue
        curves, validated = "", ""
        if isinstance(result, RowResult):
            curves, validated = _losses(result.history), f"valid {valid(result)}, "
        about = f"<span class='{mark}'>{name}</span>: {validated}test {tested(result)}"
        figures.append(f"<figure><figcaption>{about}</figcaption>{curves}{_confusion(result)}</figure>")
    leak = f"As published, <span class=leaky>{escape(row.setup.leak())}</span>."
    return f"<p><code>{row.setup.name}</code>. {leak}</p><div class=side>{''.join(figures)}</div>\n"


def _losses(history: Sequence[Mapping[str, float]]) -> str:
    """Training and validation loss against the epoch -> SVG."""
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
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role=img aria-label="loss by epoch">'
        f'<path class=axis d="M{MARGIN},4V{low}H{WIDTH}"/>'
        f"<text x=0 y=12>{top:.1f}</text><text x=16 y={low}>0</text><text x={MARGIN} y={HEIGHT - 8}>1</text>"
        f"<text x={WIDTH - 4} y={HEIGHT - 8} text-anchor=end>epoch {last:.0f}</text>"
        f'<path class=train d="{path("train_loss")}"/><path class=dev d="{path("dev_loss")}"/>'
        f"<text x={MARGIN + 6} y={low - 6}>loss: - - training, — validation</text></svg>"
    )


def _confusion(result: Summary) -> str:
    """Of the test clips of a row's class, the share predicted as the column's, in %."""
    head = "".join(f"<th>{escape(_short(name))}</th>" for name in result.classes)
    lines = []
    for name, counts in zip(result.classes, result.confusion, strict=True):
        shares = [count / sum(counts) if sum(counts) else 0.0 for count in counts]
        shade = "color-mix(in srgb," + colours.css("sex-male") + " {:.0f}%,transparent)"
        cells = "".join(f'<td style="background:{shade.format(70 * share)}">{100 * share:.0f}</td>' for share in shares)
        lines.append(f"<tr><th>{escape(_short(name))}</th>{cells}</tr>")
    return f"<div class=wide><table class=confusion><tr><th></th>{head}</tr>{''.join(lines)}</table></div>"


def _short(name: str) -> str:
    """`f. angry` for `female angry`, so that ten columns fit."""
    sex, space, emotion = name.partition(" ")
    return f"{sex[0]}. {emotion}" if space else name


def valid(result: RowResult) -> str:
    """A result's accuracy on the clips that validate, in %."""
    return f"{100 * result.dev['dev_wa']:.1f}"


def tested(result: Summary) -> str:
    """A result's accuracy on the test clips, in %, and its interval."""
    low, high = result.wa.interval
    ends = "one speaker" if low is None or high is None else f"{100 * low:.0f}, {100 * high:.0f}"
    return f"{100 * result.wa.value:.1f} [{ends}]"
