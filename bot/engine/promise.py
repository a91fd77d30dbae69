"""When things are promised and when it is time to speak: working time, half time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.engine import words
from bot.engine.workdays import WEEKDAYS, Office, clock_words


@dataclass(frozen=True, slots=True)
class Service:
    """Working days in which staff answer."""

    days: int = 3
    urgent_days: int = 1
    follow_up_days: int = 1
    owed_days: int = 2  # after which a citizen is reminded of what they owe


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
