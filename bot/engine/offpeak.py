"""When fewer people come: read from the office's own record, and only from enough of it.

Rule 1: below ENOUGH arrivals nothing is said. 200 over ten half-days are twenty each, where chance
        alone moves a count by a fifth or so; with fewer, a quiet half-day is luck.
Rule 2: a half-day is quieter if it had at most three quarters of what the mean would give it, and
        lies so far below that chance hardly does it (2.5 standard deviations of a count: one in two
        hundred, one in twenty over ten half-days); and people did not wait much longer there.
Rule 3: half-days that were hardly worked (holidays) are not judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import median

from bot.engine.workdays import WEEKDAYS, Office

WEEKS = 8
ENOUGH = 200  # arrivals in that time
FEWEST_DAYS = 4  # of one half-day
FEWEST_TIMES = 5  # from which a median is worth telling
SHARE = 0.75
SPREAD = 2.5
SLOW = 1.5  # times the usual wait: then it is no good time to come, however few there are
MOST = 3  # that are named
HALVES = ("上午", "下午")


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody came. Minutes of working time until staff spoke, or until a case was answered."""

    at: datetime
    waited: int | None = None
    answered: int | None = None


@dataclass(frozen=True, slots=True)
class HalfDay:
    """A half of a weekday over those weeks; `half`: 0 before lunch. Medians, None: too few."""

    weekday: int
    half: int
    open_days: int
    arrivals: int
    waited: int | None = None
    answered: int | None = None

    @property
    def rate(self) -> float:
        """Arrivals on one of them."""
        return self.arrivals / self.open_days if self.open_days else 0.0


def period(today: date) -> tuple[date, date]:
    """The first day and the one after the last."""
    return today - timedelta(weeks=WEEKS), today


def measured(
    office: Office, since: date, until: date, arrivals: Iterable[Arrival]
) -> list[HalfDay]:
    """By weekday and half; only what came during office hours counts."""
    open_days: dict[tuple[int, int], int] = defaultdict(int)
    for n in range((until - since).days):
        day = since + timedelta(days=n)
        if office.calendar.works(day):
            for half in {_half(begin.hour, office) for begin, _ in office.hours.periods}:
                open_days[day.weekday(), half] += 1
    came: dict[tuple[int, int], list[Arrival]] = defaultdict(list)
    for one in arrivals:
        if office.open_at(one.at) and since <= one.at.date() < until:
            came[one.at.weekday(), _half(one.at.hour, office)].append(one)
    return [
        HalfDay(
            *key,
            open_days=days,
            arrivals=len(came[key]),
            waited=_median([a.waited for a in came[key]]),
            answered=_median([a.answered for a in came[key]]),
        )
        for key, days in sorted(open_days.items())
    ]


def _half(hour: int, office: Office) -> int:
    """The afternoon begins with the period after lunch."""
    periods = office.hours.periods
    noon = periods[1][0].hour if len(periods) > 1 else 12
    return int(hour >= noon)


def _median(minutes: Iterable[int | None]) -> int | None:
    known = [m for m in minutes if m is not None]
    return round(median(known)) if len(known) >= FEWEST_TIMES else None


def enough(days: Sequence[HalfDay]) -> bool:
    return sum(day.arrivals for day in days) >= ENOUGH


def quieter(days: Sequence[HalfDay]) -> tuple[HalfDay, ...]:
    """The quietest few, in the order of the week; empty while not enough is known."""
    if not enough(days):
        return ()
    mean = sum(day.arrivals for day in days) / sum(day.open_days for day in days)
    waits = [day.waited for day in days if day.waited is not None]
    usual = median(waits) if waits else None
    found = [day for day in days if _quiet(day, mean) and not _slow(day, usual)]
    fewest = sorted(found, key=lambda day: day.rate)[:MOST]
    return tuple(sorted(fewest, key=lambda day: (day.weekday, day.half)))


def _quiet(day: HalfDay, mean: float) -> bool:
    expected = mean * day.open_days
    least = min(expected * SHARE, expected - SPREAD * sqrt(expected))
    return day.open_days >= FEWEST_DAYS and day.arrivals <= least


def _slow(day: HalfDay, usual: float | None) -> bool:
    return day.waited is not None and usual is not None and day.waited > SLOW * usual


def named(days: Sequence[HalfDay]) -> str:
    """`周二、周四上午，周五下午`; empty if there are none."""
    parts = []
    for half, name in enumerate(HALVES):
        weekdays = [f"周{WEEKDAYS[day.weekday]}" for day in days if day.half == half]
        if weekdays:
            parts.append("、".join(weekdays) + name)
    return "，".join(parts)
