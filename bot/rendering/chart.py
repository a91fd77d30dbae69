"""A chart as a PNG for a phone: bars lie, with the amount beside each; lines are told apart by form too.

Rule 1: bars begin at nothing, so that their lengths compare as the amounts do.
Rule 2: what is marked is darker and bolder; colour alone never tells anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from threading import Lock

from bot.engine.enclosures import Chart
from bot.rendering import canvas
from bot.rendering.canvas import (
    BODY,
    COLOURS,
    EDGE,
    INK,
    PALE,
    RULE,
    SMALL,
    SOFT,
    TITLE,
    WIDE,
    Canvas,
    width,
    wrapped,
)
from bot.rendering.scales import Scale, scale

_ONE_AT_A_TIME = Lock()  # FreeType's faces are not to be shared by threads
ROW, PLOT = 92, 820  # heights
LINE = 64  # of a line of the title or the note
STROKE = 7


def png(chart: Chart) -> bytes:
    """Raises Undrawable."""
    canvas.check(
        chart.title, chart.unit, chart.note, *chart.labels, *(s.name for s in chart.series)
    )
    with _ONE_AT_A_TIME:
        return _bars(chart) if chart.kind == "bars" else _lines(chart)


def _framed(chart: Chart, inside: int) -> tuple[Canvas, float]:
    """A page with title and note; where the inside begins."""
    room = WIDE - 2 * EDGE
    title = list(wrapped(f"{chart.title}（{chart.unit}）", TITLE, room))
    note = list(wrapped(chart.note, SMALL, room))
    top = EDGE + len(title) * (LINE + 12)
    page = Canvas(top + inside + len(note) * LINE + EDGE)
    for n, line in enumerate(title):
        page.text(EDGE, EDGE + 24 + n * (LINE + 12), line, TITLE, bold=True)
    for n, line in enumerate(note):
        page.text(EDGE, top + inside + 20 + n * LINE, line, SMALL, SOFT)
    return page, top


# --- bars ---------------------------------------------------------------------------------------


def _bars(chart: Chart) -> bytes:
    several = len(chart.series) > 1
    group = ROW * len(chart.series) + (24 if several else 0)
    legend = LINE + 10 if several else 0
    page, top = _framed(chart, legend + group * len(chart.labels) + 24)
    if several:
        _legend(page, chart, top + 20)
    left = EDGE + max(width(label, BODY) for label in chart.labels) + 20
    right = WIDE - EDGE - max(width(a, BODY) for s in chart.series for a in s.amounts) - 18
    most = max(Decimal(a) for s in chart.series for a in s.amounts) or Decimal(1)
    for row, label in enumerate(chart.labels):
        marked = row in chart.marked
        y = top + legend + row * group + 12
        page.text(EDGE, y + ROW * len(chart.series) / 2, label, BODY, INK, bold=marked)
        for n, series in enumerate(chart.series):
            amount = Decimal(series.amounts[row])
            end = left + float(max(amount, Decimal(0)) / most) * (right - left)
            colour = COLOURS[n] if several or marked or not chart.marked else PALE
            page.draw.rectangle([left, y + n * ROW + 12, end, y + n * ROW + ROW - 12], fill=colour)
            at = y + n * ROW + ROW / 2
            page.text(end + 14, at, series.amounts[row], BODY, INK, bold=marked)
    return page.png()


def _legend(page: Canvas, chart: Chart, y: float) -> None:
    x = float(EDGE)
    for n, series in enumerate(chart.series):
        page.draw.rectangle([x, y - 16, x + 32, y + 16], fill=COLOURS[n])
        page.text(x + 46, y, series.name, SMALL)
        x += 46 + width(series.name, SMALL) + 40


# --- lines --------------------------------------------------------------------------------------


def _lines(chart: Chart) -> bytes:
    legend = (LINE + 6) * len(chart.series)
    page, top = _framed(chart, legend + PLOT + 110)
    for n, series in enumerate(chart.series):
        y = top + 28 + n * (LINE + 6)
        _stroke(page, [(EDGE, y), (EDGE + 110, y)], n)
        page.text(EDGE + 130, y, f"{series.name}：{chart.labels[-1]} {series.amounts[-1]}", BODY)
    values = [Decimal(a) for s in chart.series for a in s.amounts]
    axis = scale(min(values), max(values))
    high, low = top + legend + 40, top + legend + 40 + PLOT - 40
    left = EDGE + max(width(said, SMALL) for _, said in axis.steps) + 18
    _axis(page, axis, left, high, low)
    xs = _across(page, chart, left, high, low)
    for n, series in enumerate(chart.series):
        points = [
            (x, axis.at(Decimal(amount), high, low))
            for x, amount in zip(xs, series.amounts, strict=True)
        ]
        _stroke(page, points, n)
    return page.png()


def _axis(page: Canvas, axis: Scale, left: float, high: float, low: float) -> None:
    for value, said in axis.steps:
        y = axis.at(value, high, low)
        zero = value == 0 and axis.lowest < 0
        page.draw.line(
            [(left, y), (WIDE - EDGE, y)], fill=INK if zero else RULE, width=4 if zero else 2
        )
        page.text(left - 14, y, said, SMALL, INK if zero else SOFT, at="r")


def _across(page: Canvas, chart: Chart, left: float, high: float, low: float) -> list[float]:
    """Where each label stands; so many are written as fit, the first and the last at least."""
    last = len(chart.labels) - 1
    right = WIDE - EDGE - 12
    xs = [left + (right - left) * n / max(last, 1) for n in range(last + 1)]
    room = max(width(label, SMALL) for label in chart.labels) + 40
    every = max(1, round(room * last / (right - left) + 0.5)) if last else 1
    for n, label in enumerate(chart.labels):
        shown = n == last or (n % every == 0 and xs[last] - xs[n] >= room)
        if shown:
            at = "l" if n == 0 else "r" if n == last else "m"
            page.text(xs[n], low + 44, label, SMALL, at=at)
        if n in chart.marked:
            page.dashed(xs[n], high, low)
    return xs


def _stroke(page: Canvas, points: Sequence[tuple[float, float]], n: int) -> None:
    """The first line is whole, the second has squares on it, the third rounds."""
    page.draw.line(list(points), fill=COLOURS[n % len(COLOURS)], width=STROKE, joint="curve")
    if n == 0:
        return
    spots = points if len(points) <= 8 else points[:: len(points) // 6]
    spots = [((points[0][0] + points[-1][0]) / 2, points[0][1])] if len(points) == 2 else spots
    for x, y in spots:
        box = [x - 13, y - 13, x + 13, y + 13]
        if n % 2:
            page.draw.rectangle(box, fill=COLOURS[n % len(COLOURS)])
        else:
            page.draw.ellipse(box, fill="#ffffff", outline=COLOURS[n % len(COLOURS)], width=STROKE)
