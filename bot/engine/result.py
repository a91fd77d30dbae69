"""A finished calculation, and the figures that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.engine.enclosures import Day

Value = Decimal | int | str | None


@dataclass(frozen=True, slots=True)
class Used:
    """A figure that a result rests on."""

    name: str
    title: str
    since: date
    region: str
    amount: Decimal
    unit: str
    source: str
    confidence: str = "high"


@dataclass(frozen=True, slots=True)
class Result:
    """A finished calculation."""

    values: Mapping[str, Value]
    figures: tuple[Used, ...]
    text: str
    headline: str = ""
    amount: Decimal | None = None  # the one that two results are compared by
    days: tuple[Day, ...] = ()  # for the citizen's calendar
