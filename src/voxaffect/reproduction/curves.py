"""The reproduction as one page: the table, and for each row loss curves and confusion matrices."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from voxaffect.evaluation.summary import Summary
from voxaffect.html import colours, page
from voxaffect.reproduction.rows import Row, RowResult
from voxaffect.reproduction.setups import BEST, CORRECTED, EPOCHS, SetUp
from voxaffect.splits import LEAKY

WIDTH, HEIGHT, MARGIN = 320, 150, 28
"""Of a picture of curves, in pixels; the margin is left and below."""

_CSS = f"""
.leaky{{color:{colours.css("emotion-angry")};font-weight:600}}
.side{{display:flex;flex-wrap:wrap;gap:1.5rem}}
.side figure{{flex:1 1 20rem;max-width:36rem}}
.confusion td,.confusion th{{border:0;padding:.15rem .4rem;text-align:right;font-weight:400}}
.confusion th{{color:{colours.css("faint")}}}
.confusion th[colspan]{{text-align:left}}
"""

_ABOUT = (
    "Reza Chu, “Speech Emotion Recognition with Convolutional Neural Network” (2019), RAVDESS speech and song, actors "
    "21 to 24 tested. As published, <span class=leaky>leaky</span>: validation shares speakers with training, and "
    "copies of clips lie on both sides. Corrected: other speakers validate, and only training clips are copied. Our "
    "model: one, of the speech and song of the other actors, four of whom chose its epoch, scored on the same "
    "test clips.",
    "Accuracy in %, with 95 % intervals over test speakers; where these are two, an interval is no more than how far "
    "apart they are.",
)


def as_html(rows: Iterable[Row]) -> str:
    """The whole page, self-contained."""
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
        cells = [*published(row.setup)]
        for result in (row.leaky, row.corrected):
            cells += ["–", "–", "–"] if result is None else [epochs(result), valid(result), tested(result)]
        lines.append([row.setup.title, *cells, tested(row.best) if row.best else "–"])
    return page.table(head, lines)


def _row(row: Row) -> str:
    figures = []
    titles = {LEAKY: "<span class='leaky'>as published, leaky</span>", CORRECTED: CORRECTED, BEST: "our model"}
    for name, result in row.results.items():
        curves, validated = "", ""
        if isinstance(result, RowResult):
            curves, validated = _losses(result.history), f"valid {valid(result)}, "
        about = f"{titles[name]}: {validated}test {tested(result)}"
        figures.append(f"<figure><figcaption>{about}</figcaption>{curves}{_confusion(result)}</figure>")
    leak = f"As published, <span class=leaky>{escape(row.setup.leak())}</span>."
    return f"<p><code>{row.setup.name}</code>. {leak}</p><div class=side>{''.join(figures)}</div>\n"


def _losses(history: Sequence[Mapping[str, float]]) -> str:
    """Training and validation loss against the epoch -> SVG."""
    losses = [each[name] for each in history for name in ("train_loss", "dev_loss")]
    low, high, last = min(losses), max(losses), history[-1]["epoch"]
    bottom = HEIGHT - MARGIN + 4

    def curve(name: str, colour: str, dashes: str) -> str:
        points = (
            f"{MARGIN + (WIDTH - MARGIN - 4) * (each['epoch'] - 1) / max(1, last - 1):.1f},"
            f"{10 + (bottom - 20) * (high - each[name]) / max(high - low, 1e-9):.1f}"
            for each in history
        )
        return (
            f'<path d="M{"L".join(points)}" fill="none" stroke="{colours.plain(colour)}" '
            f'stroke-width="1.8" stroke-dasharray="{dashes}"/>'
        )

    def text(x: float, y: float, words: str, anchor: str = "start") -> str:
        return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colours.plain("faint")}">{words}</text>'

    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="loss by epoch" '
        f'font-family="system-ui, sans-serif" font-size="11">'
        f'<path d="M{MARGIN},4V{bottom}H{WIDTH}" fill="none" stroke="{colours.plain("line")}"/>'
        + text(MARGIN - 5, 14, f"{high:.1f}", "end")
        + text(MARGIN - 5, bottom - 6, f"{low:.1f}", "end")
        + text(MARGIN, HEIGHT - 8, "1")
        + text(WIDTH - 4, HEIGHT - 8, f"epoch {last:.0f}", "end")
        + text(WIDTH / 2, HEIGHT - 8, "loss: - - training, — validation", "middle")
        + curve("train_loss", "faint", "3 3")
        + curve("dev_loss", "ink", "none")
        + "</svg>"
    )


def _confusion(result: Summary) -> str:
    """Of the test clips of a row's class, those predicted as the column's, in %."""
    head = "".join(f"<th>{escape(_short(name))}</th>" for name in result.classes)
    lines = []
    for name, counts in zip(result.classes, result.confusion, strict=True):
        recalls = [count / max(sum(counts), 1) for count in counts]
        shade = "color-mix(in srgb," + colours.css("sex-male") + " {:.0f}%,transparent)"
        cells = "".join(f'<td style="background:{shade.format(70 * each)}">{100 * each:.0f}</td>' for each in recalls)
        lines.append(f"<tr><th>{escape(_short(name))}</th>{cells}</tr>")
    axes = f'<tr><th>label</th><th colspan="{len(result.classes)}">prediction, % of the label\'s clips</th></tr>'
    return f"<div class=wide><table class=confusion>{axes}<tr><th></th>{head}</tr>{''.join(lines)}</table></div>"


def _short(name: str) -> str:
    """`f. angry` for `female angry`, so that ten columns fit."""
    sex, space, emotion = name.partition(" ")
    return f"{sex[0]}. {emotion}" if space else name


def published(setup: SetUp) -> tuple[str, str]:
    """Published accuracies on validation and test clips, in %."""
    dev, test = setup.published.dev, setup.published.test
    return ("lost", "lost") if test is None else (f"{dev:.2f}", f"{test:.2f}")


def epochs(result: RowResult) -> str:
    """How many epochs a row was trained for; `all 700` where it is whole."""
    return f"all {EPOCHS}" if result.epochs >= EPOCHS else str(result.epochs)


def valid(result: RowResult) -> str:
    """A result's accuracy on the clips that validate, in %."""
    return f"{100 * result.dev['dev_wa']:.1f}"


def tested(result: Summary) -> str:
    """A result's accuracy on the test clips, in %, and its interval."""
    low, high = result.wa.interval
    ends = "no interval" if low is None or high is None else f"{100 * low:.0f}, {100 * high:.0f}"
    return f"{100 * result.wa.value:.1f} [{ends}]"
