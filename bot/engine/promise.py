"""When things are promised and when it is time to speak: working time, half time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.engine import words
from bot.engine.case import HEAD, CaseKind
from bot.engine.workdays import WEEKDAYS, Office, clock_words


@dataclass(frozen=True, slots=True)
class Target:
    """Working days from filing: until the first answer, until nothing is open any more."""

    answer: int = 3
    resolve: int = 10


@dataclass(frozen=True, slots=True)
class Service:
    """What staff aim at. `targets`: by kind and HEAD; what is not named has the usual one."""

    targets: Mapping[str, Target] = field(default_factory=dict)
    urgent_days: int = 1
    follow_up_days: int = 1
    review_days: int = 1  # after a bad mark
    owed_days: int = 2  # after which a citizen is reminded of what they owe
    warn_share: float = 0.85  # of the working time of a promise; from then on it presses

    def target(self, kind: CaseKind, *, urgent: bool = False, for_head: bool = False) -> Target:
        found = self.targets.get(HEAD if for_head else kind, Target())
        return Target(min(found.answer, self.urgent_days), found.resolve) if urgent else found


@dataclass(frozen=True, slots=True)
class Pledge:
    """A promise, and the moment from which on it presses."""

    until: datetime
    warn_at: datetime


def pledged(office: Office, service: Service, now: datetime, days: int) -> Pledge:
    until = promised(office, now, days)
    used = round(office.worked(now, until) * service.warn_share)
    return Pledge(until, office.later(now, used))


def promised(office: Office, now: datetime, days: int) -> datetime:
    """Closing time of the last of so many working days; today is not one of them."""
    last = office.calendar.after(now.date(), days)
    return datetime.combine(last, office.hours.closes(), now.tzinfo)


def in_working_hours(office: Office, at: datetime) -> datetime:
    """`at`, or when the office opens next."""
    return office.hours.next_opening(at, office.calendar)


def half_way(office: Office, now: datetime, until: datetime) -> datetime:
    return in_working_hours(office, now + (until - now) / 2)


def when(at: datetime) -> dict[str, str]:
    """`day` and `time` of a promise, as its sentences say it: `11月26日 周四`, `17:30`."""
    day = f"{at.month}月{at.day}日 周{WEEKDAYS[at.weekday()]}"
    return {"day": day, "time": clock_words(at.time())}


def uncertain(office: Office, at: datetime) -> str:
    """A line that says so, if that year's holidays are not announced yet."""
    if office.calendar.published(at.date()):
        return ""
    return words.CALENDAR_UNKNOWN.format(year=at.year) + "\n"


def workdays(minutes: int, office: Office) -> str:
    """So much working time in working days, e.g. `1.6`."""
    return f"{minutes / office.hours.minutes():.1f}"
