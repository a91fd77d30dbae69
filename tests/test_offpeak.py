"""错峰: nothing is said until enough is known, and then only what the record shows."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import insert

from bot.clock import CHINA
from bot.engine import offpeak
from bot.engine.case import CaseDraft
from bot.engine.offpeak import Arrival, HalfDay, enough, measured, named, quieter
from bot.engine.types import Address
from bot.store import cases, half_days, tables
from bot.store.cases import Filing
from bot.store.engine import Store
from scheduler.half_days import measure
from tests.case_office import BOOK, LI, ZHANG, opened
from tests.desk_house import Bureau
from tests.talk import MONDAY

OFFICE = BOOK.office
SINCE, UNTIL = offpeak.period(MONDAY.date())


def week(*counts: int, **more: int | None) -> list[HalfDay]:
    """Monday morning, Monday afternoon, …: each worked eight times."""
    return [HalfDay(n // 2, n % 2, 8, count, **more) for n, count in enumerate(counts)]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), CHINA)


# --- what is quieter -----------------------------------------------------------------------------


def test_nothing_is_said_below_two_hundred() -> None:
    few = week(24, 24, 3, 24, 24, 24, 24, 24, 24, 4)
    assert sum(day.arrivals for day in few) == 199
    assert not enough(few)
    assert quieter(few) == ()
    assert named(quieter([*few[:-1], HalfDay(4, 1, 8, 5)])) == "周二上午，周五下午"


def test_an_even_week_has_no_quiet_half_days() -> None:
    assert quieter(week(*[20] * 10)) == ()
    luck = week(14, 25, 22, 17, 20, 26, 15, 19, 23, 20)
    assert quieter(luck) == (), "what chance does is no advice"


def test_where_many_come_a_smaller_difference_counts_but_not_a_small_one() -> None:
    busy = [400] * 10
    assert quieter(week(*[380, *busy[1:]])) == ()
    assert named(quieter(week(400, 400, 280, *busy[3:]))) == "周二上午"


def test_at_most_three_are_named_in_the_order_of_the_week() -> None:
    found = quieter(week(90, 20, 90, 25, 90, 15, 90, 10, 90, 90))
    assert named(found) == "周一、周三、周四下午"


def test_half_days_of_holidays_are_not_judged() -> None:
    days = week(*[40] * 10)
    assert quieter([*days[:9], HalfDay(4, 1, 3, 0)]) == ()


def test_where_one_waits_much_longer_is_no_good_time() -> None:
    days = [*week(*[40] * 9, waited=10), HalfDay(4, 1, 8, 8, waited=16)]
    assert quieter(days) == ()
    assert named(quieter([*days[:9], HalfDay(4, 1, 8, 8, waited=15)])) == "周五下午"


# --- what it is measured from --------------------------------------------------------------------


def test_only_office_hours_of_worked_days_count() -> None:
    friday, saturday = date(2026, 11, 20), date(2026, 11, 21)
    came = [at(friday, 9), at(friday, 11, 59), at(friday, 12), at(friday, 13, 30), at(saturday, 10)]
    days = {(d.weekday, d.half): d for d in measured(OFFICE, SINCE, UNTIL, map(Arrival, came))}
    assert (days[4, 0].arrivals, days[4, 1].arrivals) == (2, 1)
    assert sum(day.arrivals for day in days.values()) == 3
    # 28 September to 22 November 2026: the first of October to the seventh were holidays.
    assert days[0, 0].open_days == 7
    assert days[1, 0].open_days == 7
    assert days[2, 0].open_days == 7
    assert days[3, 0].open_days == 7
    assert days[4, 0].open_days == 7


def test_a_median_needs_five() -> None:
    day = date(2026, 11, 17)
    four = [Arrival(at(day, 9, n), waited=n) for n in range(4)]
    assert measured(OFFICE, SINCE, UNTIL, four)[2].waited is None
    five = [*four, Arrival(at(day, 10), waited=100)]
    assert measured(OFFICE, SINCE, UNTIL, five)[2].waited == 2


# --- told ----------------------------------------------------------------------------------------


async def history(store: Store, most: int, quiet: int) -> None:
    """Every worked half-day of the eight weeks so many hand-overs, on Tuesday mornings fewer."""
    rows, drafts = [], []
    for n in range((UNTIL - SINCE).days):
        day = SINCE + timedelta(days=n)
        if not OFFICE.calendar.works(day):
            continue
        for hour in (9, 14):
            count = quiet if (day.weekday(), hour) == (1, 9) else most
            rows += [
                {
                    **{"channel": "webchat", "user": f"{day}{hour}{k}", "capsule": ""},
                    **{"state": "closed", "created_at": at(day, hour, k)},
                    **{"joined_at": at(day, hour, k + 6), "closed_at": at(day, hour, 59)},
                }
                for k in range(count)
            ]
            drafts.append(at(day, hour, 30))
    draft = CaseDraft("policy", "x", "x", "x", MONDAY)
    async with store.write() as tx:
        await tx.execute(insert(tables.handoffs), rows)
        for when in drafts:
            await cases.file(tx, [Filing("p", Address("webchat", "p"), draft, "1")], when)


async def test_it_is_told_where_one_waits_and_after_filing(store: Store) -> None:
    await history(store, most=8, quiet=1)
    async with opened(store) as office:
        assert "人少" not in (await office.says(ZHANG, "file 社保转移"))[0], "not measured yet"
        assert await measure(store, OFFICE, office.clock[0]) > 200
        (receipt,) = await office.says(ZHANG, "file 社保转移")
        assert "周二上午人少一些（按近 8 周的记录）" in receipt
        (first,) = await office.says(ZHANG, "转人工")
        assert "人少" not in first, "nobody is ahead of them"
        (second,) = await office.says(LI, "转人工")
        assert "前面 1 位" in second
        assert "周二上午人少一些" in second


async def test_nothing_is_told_of_a_short_history(store: Store) -> None:
    await history(store, most=1, quiet=0)
    async with opened(store) as office:
        assert 0 < await measure(store, OFFICE, office.clock[0]) < offpeak.ENOUGH
        await office.says(ZHANG, "转人工")
        for said in (
            *await office.says(LI, "转人工"),
            *await office.says(ZHANG, "file 社保转移"),
        ):
            assert "人少" not in said


async def test_measuring_again_takes_the_place_of_what_was(store: Store) -> None:
    await history(store, most=8, quiet=1)
    await measure(store, OFFICE, MONDAY)
    async with store.read() as tx:
        before = await half_days.read(tx)
    assert (before[0].waited, before[0].weekday, before[0].half) == (6, 0, 0)
    later = MONDAY + timedelta(weeks=9)
    assert await measure(store, OFFICE, later) == 0
    async with store.read() as tx:
        assert {day.arrivals for day in await half_days.read(tx)} == {0}
        assert await half_days.measured_at(tx) == later


@pytest.mark.parametrize(("most", "shown"), [(8, "周二上午人少一些"), (1, "记录还不够")])
async def test_the_desk_shows_the_week_or_that_it_is_too_early(
    store: Store, most: int, shown: str
) -> None:
    await history(store, most=most, quiet=most // 8)
    bureau = Bureau(store)
    await measure(store, OFFICE, bureau.clock())
    lead = await bureau.clerk("zhao", "supervisor")
    page = (await lead.get("/desk/numbers")).text
    assert shown in page
    assert ("heat-4" in page) is (most == 8)
