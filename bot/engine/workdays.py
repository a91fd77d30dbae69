"""Working days and working hours in mainland China.

Which days are worked (holidays, make-up days) is chinesecalendar's data, one release for each State
Council notice; `declared` overrides it, so that an office can enter a new year before a release.
For a day that neither knows, Monday to Friday is assumed and `published` is False: say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import chinese_calendar

WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked."""

    declared: Mapping[date, bool] = field(default_factory=dict)

    def published(self, day: date) -> bool:
        """Whether the arrangement for that day's year is known."""
        return self._known(day) is not None

    def works(self, day: date) -> bool:
        known = self._known(day)
        return day.weekday() < 5 if known is None else known

    def after(self, day: date, workdays: int) -> date:
        """The last day of a limit of `workdays` that begins on the day after `day`."""
        for _ in range(workdays):
            day = self.following(day)
        return day

    def following(self, day: date) -> date:
        """The next day that is worked."""
        day += timedelta(days=1)
        while not self.works(day):
            day += timedelta(days=1)
        return day

    def _known(self, day: date) -> bool | None:
        if day in self.declared:
            return self.declared[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:  # the notice for that year is not out yet
            return None


@dataclass(frozen=True, slots=True)
class Hours:
    """Office hours of a working day, lunch left out, e.g. 9:00–12:00 and 13:30–17:30."""

    periods: tuple[tuple[time, time], ...]

    def __str__(self) -> str:
        return "、".join(f"{clock_words(a)}–{clock_words(b)}" for a, b in self.periods)

    def open_at(self, now: datetime, calendar: WorkCalendar) -> bool:
        return calendar.works(now.date()) and any(a <= now.time() < b for a, b in self.periods)

    def closes(self) -> time:
        return self.periods[-1][1]

    def minutes(self) -> int:
        """Of a working day."""
        return sum(_minutes(b) - _minutes(a) for a, b in self.periods)

    def next_opening(self, now: datetime, calendar: WorkCalendar) -> datetime:
        """`now` if open, else when it opens next."""
        if self.open_at(now, calendar):
            return now
        return next(start for start in self._openings(now, calendar) if start > now)

    def _openings(self, now: datetime, calendar: WorkCalendar) -> Iterator[datetime]:
        day = now.date() if calendar.works(now.date()) else calendar.following(now.date())
        while True:
            for start, _ in self.periods:
                yield datetime.combine(day, start, now.tzinfo)
            day = calendar.following(day)


@dataclass(frozen=True, slots=True)
class Office:
    """When an office works: which days, and which hours of them."""

    hours: Hours
    calendar: WorkCalendar

    def open_at(self, now: datetime) -> bool:
        return self.hours.open_at(now, self.calendar)

    def worked(self, since: datetime, until: datetime) -> int:
        """Minutes of working time in between."""
        minutes, day = 0, since.date()
        while day <= until.date():
            if self.calendar.works(day):
                begin = _minutes(since.time()) if day == since.date() else 0
                end = _minutes(until.time()) if day == until.date() else 24 * 60
                minutes += sum(
                    max(0, min(end, _minutes(b)) - max(begin, _minutes(a)))
                    for a, b in self.hours.periods
                )
            day += timedelta(days=1)
        return minutes

    def later(self, since: datetime, minutes: int) -> datetime:
        """When so many minutes of working time have passed."""
        at = self.hours.next_opening(since, self.calendar)
        while True:
            begin = _minutes(at.time())
            end = next(_minutes(b) for _, b in self.hours.periods if begin < _minutes(b))
            if minutes <= end - begin:
                return at + timedelta(minutes=minutes)
            minutes -= end - begin
            at = self.hours.next_opening(at + timedelta(minutes=end - begin), self.calendar)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def read_hours(text: str) -> Hours:
    """`09:00-12:00 13:30-17:30` as Hours. Raises ValueError."""
    periods: list[tuple[time, time]] = []
    for part in text.split():
        start, _, end = part.partition("-")
        period = (time.fromisoformat(start), time.fromisoformat(end))
        if period[0] >= period[1] or (periods and periods[-1][1] > period[0]):
            raise ValueError(f"{text!r}: periods in order, each from-to (e.g. 09:00-12:00)")
        periods.append(period)
    if not periods:
        raise ValueError("at least one period is needed (e.g. 09:00-12:00)")
    return Hours(tuple(periods))


def day_words(day: date, today: date) -> str:
    """`今天`, `明天` or `11月26日 周四`."""
    near = {0: "今天", 1: "明天"}.get((day - today).days)
    return near or f"{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"


def clock_words(at: time) -> str:
    """`9:00`, `13:30`."""
    return f"{at.hour}:{at:%M}"
