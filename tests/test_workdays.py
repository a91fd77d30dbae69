"""Working days with make-up days, lunch breaks and years that are not published yet."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.clock import CHINA
from bot.engine.workdays import WorkCalendar, day_words, read_hours

CALENDAR = WorkCalendar()
HOURS = read_hours("09:00-12:00 13:30-17:30")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2025-09-28", True),  # a Sunday made up for National Day
        ("2025-10-01", False),
        ("2025-10-08", False),
        ("2026-02-14", True),  # a Saturday made up for Spring Festival
        ("2026-02-17", False),
        ("2026-10-10", True),
        ("2026-11-21", False),
        ("2026-11-23", True),
    ],
)
def test_make_up_days_are_worked_and_holidays_are_not(day: str, works: bool) -> None:
    assert CALENDAR.works(date.fromisoformat(day)) is works


def test_every_working_day_of_two_years_is_counted() -> None:
    for year in (2025, 2026):
        days = [
            date.fromordinal(n)
            for n in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
        ]
        assert sum(map(CALENDAR.works, days)) == 248


def test_three_working_days_over_national_day_end_after_it() -> None:
    assert CALENDAR.after(date(2026, 9, 29), 3) == date(2026, 10, 9)


def test_a_year_without_a_notice_says_so_and_counts_weekdays() -> None:
    assert not CALENDAR.published(date(2027, 2, 8))
    assert CALENDAR.works(date(2027, 2, 8))
    declared = WorkCalendar({date(2027, 2, 8): False})
    assert declared.published(date(2027, 2, 8))
    assert not declared.works(date(2027, 2, 8))


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23T08:59", "2026-11-23T09:00"),
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T11:59", "2026-11-23T11:59"),
        ("2026-11-23T12:00", "2026-11-23T13:30"),
        ("2026-11-23T17:30", "2026-11-24T09:00"),
        ("2026-11-27T23:40", "2026-11-30T09:00"),
    ],
)
def test_lunch_and_evening_wait_for_the_next_opening(now: str, opens: str) -> None:
    assert HOURS.next_opening(at(now), CALENDAR) == at(opens)


@pytest.mark.parametrize("text", ["", "9-12", "12:00-09:00", "09:00-12:00 11:00-13:00"])
def test_hours_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_hours(text)


def test_days_are_said_as_people_say_them() -> None:
    today = date(2026, 11, 23)
    assert day_words(date(2026, 11, 24), today) == "明天"
    assert day_words(date(2026, 11, 26), today) == "11月26日 周四"
    assert str(HOURS) == "9:00–12:00、13:30–17:30"
