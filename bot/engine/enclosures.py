"""What a reply may carry besides words: a picture of figures, or days for the citizen's calendar.

Rule 1: only what is to be seen is described, in plain texts; drawing it is for the rim.
Rule 2: whatever a picture shows can be read: `Chart.words` says the same figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

SPOKEN = 5  # points of a line that are said; a bar is always said


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or the bars of one colour; as many amounts as the chart has labels."""

    name: str
    amounts: tuple[str, ...]  # exact decimals


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of figures. `marked`: positions of the labels that it is about."""

    kind: Literal["bars", "lines"]
    title: str
    unit: str  # of the amounts: 元/月
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    note: str = ""  # below the picture: the day, and what is not counted
    marked: tuple[int, ...] = ()
    name: str = "picture"  # of the file, without an ending

    def __post_init__(self) -> None:
        if not self.labels or any(len(s.amounts) != len(self.labels) for s in self.series):
            raise ValueError(f"{self.title}: each series needs an amount for each label")

    def words(self) -> str:
        """The picture in words, for whoever cannot see it."""
        told = [self._spoken(series) for series in self.series]
        return f"{self.title}（{self.unit}）。" + "".join(f"{said}。" for said in told) + self.note

    def _spoken(self, series: Series) -> str:
        said = "；".join(f"{self.labels[n]} {series.amounts[n]}" for n in self._said())
        return f"{series.name}：{said}" if len(self.series) > 1 else said

    def _said(self) -> list[int]:
        count = len(self.labels)
        if self.kind == "bars" or count <= SPOKEN:
            return list(range(count))
        steps = {round(n * (count - 1) / (SPOKEN - 1)) for n in range(SPOKEN)}
        return sorted(steps | set(self.marked))


@dataclass(frozen=True, slots=True)
class Day:
    """A whole day for the calendar. `code` tells it from the others of its result."""

    code: str
    day: str  # 2029-05-01
    title: str  # 最晚书面告知单位
    note: str = ""
    ahead: int = 7  # days before it that one is reminded

    def __post_init__(self) -> None:
        date.fromisoformat(self.day)

    @property
    def on(self) -> date:
        return date.fromisoformat(self.day)


@dataclass(frozen=True, slots=True)
class Agenda:
    """Days that belong together, in one file."""

    title: str
    days: tuple[Day, ...]
    stamp: str  # when it was worked out: 2026-11-23T10:00:00+08:00
    name: str = "calendar"  # of the file, without an ending

    def words(self) -> str:
        return "\n".join(f"{day.day} {day.title}" for day in self.days)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text to keep, as a file of its own."""

    title: str
    text: str
    name: str  # of the file, without an ending
    ending: Literal["txt", "json"] = "txt"

    def words(self) -> str:
        return self.title


Enclosure = Chart | Agenda | TextFile


def amounts(values: Iterable[Decimal]) -> tuple[str, ...]:
    """Whole yuan, as a picture shows them."""
    return tuple(str(value.quantize(Decimal(1), ROUND_HALF_UP)) for value in values)
