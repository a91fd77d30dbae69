"""Figures are dated data with unit, region, source and checked date (fixed point 5).

A figure is never edited: a new one is appended with its own `since`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

NATIONWIDE = "全国"
CONFIDENCES = ("high", "medium", "low")


class BadData(ValueError):
    """Our own data is wrong; the message names file, id, field and reason."""


class NoFigure(LookupError):
    """There is no checked figure for that day and place."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One amount, valid from `since` to `until` (both days included; None: still open)."""

    since: date
    until: date | None
    region: str
    amount: Decimal
    source: str  # title, 文号, article
    url: str  # official address, or empty
    checked: date
    confidence: str  # high | medium | low

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named quantity: `name` is `<topic>.<what>`, `unit` as shown (元/月, %, 周岁, 个工作日)."""

    name: str
    title: str
    unit: str
    figures: tuple[Figure, ...]

    def on(self, day: date, region: str = NATIONWIDE, wider: Iterable[str] = ()) -> Figure:
        """The checked figure for that day and place, or of the next wider place, then nationwide.

        `wider` are the places around `region`, nearest first. Raises NoFigure. A figure of low
        confidence does not count: it must never reach a citizen.
        """
        for place in (region, *wider, NATIONWIDE):
            held = [
                f
                for f in self.figures
                if f.region == place and f.holds(day) and f.confidence != "low"
            ]
            if held:
                return max(held, key=lambda f: f.since)
        raise NoFigure(f"{self.name} on {day} in {region}")

    def shown(self, figure: Figure) -> str:
        """The amount as a citizen reads it: `2120元/月`, `8%`, `63周岁`."""
        return f"{plain(figure.amount)}{self.unit}"


def plain(amount: Decimal) -> str:
    """`Decimal("8.00")` as `8`, never in exponent form."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_PLACEHOLDER = re.compile(r"\{([a-z_]+\.[a-z0-9_]+)(:n)?\}")


def placeholders(text: str) -> set[str]:
    """Names of the parameters that a text uses: `{topic.what}`, or `{topic.what:n}` without unit."""
    return {m[1] for m in _PLACEHOLDER.finditer(text)}


@dataclass(frozen=True, slots=True)
class Parameters:
    """All parameters by name."""

    by_name: Mapping[str, Parameter]

    def __getitem__(self, name: str) -> Parameter:
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def fill(
        self, text: str, day: date, region: str = NATIONWIDE, wider: Iterable[str] = ()
    ) -> str:
        """`text` with each placeholder replaced by its figure. Raises NoFigure."""
        around = tuple(wider)

        def show(match: re.Match[str]) -> str:
            parameter = self.by_name[match[1]]
            figure = parameter.on(day, region, around)
            return plain(figure.amount) if match[2] else parameter.shown(figure)

        return _PLACEHOLDER.sub(show, text)


def read_parameter(where: str, topic: str, table: Mapping[str, Any]) -> Parameter:
    """A `[[parameter]]` table of `<topic>.toml`. Raises BadData."""
    name = str(table.get("name", ""))
    at = f"{where}: parameter {name or '?'}"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise BadData(f"{at}: name: small letters, digits and _ (e.g. employee_rate)")
    extra = set(table) - {"name", "title", "unit", "figure"}
    if extra:
        raise BadData(f"{at}: unknown field {', '.join(sorted(extra))}")
    for key in ("title", "unit"):
        if not isinstance(table.get(key), str):
            raise BadData(f"{at}: {key}: a text is needed")
    figures = tuple(_read_figure(at, row) for row in table.get("figure", ()))
    if not figures:
        raise BadData(f"{at}: figure: at least one is needed")
    return Parameter(f"{topic}.{name}", table["title"], table["unit"], figures)


def _read_figure(at: str, row: Mapping[str, Any]) -> Figure:
    extra = set(row) - set(Figure.__slots__)
    if extra:
        raise BadData(f"{at}: figure: unknown field {', '.join(sorted(extra))}")
    for key in ("since", "checked"):
        if type(row.get(key)) is not date:
            raise BadData(f"{at}: figure: {key}: a date is needed (e.g. 2025-01-01)")
    until = row.get("until")
    if until is not None and (type(until) is not date or until < row["since"]):
        raise BadData(f"{at}: figure: until: a date not before since")
    if not isinstance(row.get("amount"), str):
        raise BadData(
            f'{at}: figure: amount: a text is needed (e.g. "8.5"), so that it stays exact'
        )
    try:
        amount = Decimal(row["amount"])
    except InvalidOperation:
        raise BadData(f"{at}: figure: amount: {row['amount']!r} is not a number") from None
    source = row.get("source", "")
    if not source:
        raise BadData(f"{at}: figure: source: a figure without a source is never shown")
    confidence = row.get("confidence", "")
    if confidence not in CONFIDENCES:
        raise BadData(f"{at}: figure: confidence: one of {', '.join(CONFIDENCES)}")
    return Figure(
        since=row["since"],
        until=until,
        region=row.get("region", NATIONWIDE),
        amount=amount,
        source=source,
        url=row.get("url", ""),
        checked=row["checked"],
        confidence=confidence,
    )
