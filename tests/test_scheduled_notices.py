"""Notices of the calendar: once for each due time, also after a time in which nobody was there."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bot.clock import CHINA
from bot.engine.notice import Content, Notice, Part, composed, concerns
from bot.engine.preferences import Preferences
from bot.store.broadcasts import CALENDAR, Broadcast
from bot.store.engine import Store
from handlers.contents import playbook
from scheduler.noticing import LEAD, STALE, dues, fire, follow, load
from tests.notice_house import AUTHOR, SECOND, UNEMPLOYMENT, House


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def only_in(month: int, cron: str, checked: date = date(2026, 11, 26)) -> Notice:
    def words(day: date) -> Content | None:
        return Content("日程", f"{day:%Y-%m-%d}") if day.month == month else None

    return Notice("calendar", cron, "", words, checked)


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    async with House(store).open() as opened:
        await opened.subscribe(["a"], UNEMPLOYMENT)
        yield opened


async def test_it_is_fired_once_however_often_it_is_looked_at(house: House) -> None:
    notices = [only_in(1, "0 10 8 1 *")]
    house.now = at("2026-12-31T23:59")
    assert await fire(house.host, notices, trusted=True) == 0
    for moment in ("2027-01-08T09:59", "2027-01-08T10:00", "2027-01-08T10:01", "2027-01-20T10:00"):
        house.now = at(moment)
        await fire(house.host, notices, trusted=True)
        await house.settle()
    assert [text.split("\n")[1] for _, text in house.channel.told] == ["2027-01-08"]


async def test_a_new_notice_has_missed_nothing(house: House) -> None:
    house.now = at("2027-01-20T10:00")
    assert await fire(house.host, [only_in(1, "0 10 8 1 *")], trusted=True) == 0


async def test_what_was_missed_is_sent_once_if_it_still_holds(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    notices = [only_in(1, "0 10 * * *")]
    house.now = at("2027-01-07T12:00")
    await fire(house.host, notices, trusted=True)
    house.now += timedelta(days=3)
    assert await fire(house.host, notices, trusted=True) == 1
    await house.settle()
    assert len(house.channel.told) == 1
    assert caplog.text.count("dropped=missed") == 2


async def test_what_was_missed_and_holds_no_more_is_dropped_and_logged(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    notices = [only_in(1, "0 10 8 1 *")]
    house.now = at("2027-01-07T12:00")
    await fire(house.host, notices, trusted=True)
    house.now = at("2027-02-03T12:00")
    assert await fire(house.host, notices, trusted=True) == 0
    await house.settle()
    assert house.channel.told == []
    assert "dropped=untrue" in caplog.text


async def test_words_that_nobody_has_checked_for_long_are_not_sent(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.now = at("2027-01-07T12:00")
    notices = [only_in(1, "0 10 8 1 *", checked=house.now.date() - STALE)]
    await fire(house.host, notices, trusted=True)
    house.now = at("2027-01-08T12:00")
    assert await fire(house.host, notices, trusted=True) == 0
    assert "dropped=stale" in caplog.text


async def test_three_years_of_ticks_fire_each_due_time_once(house: House) -> None:
    notices = [
        Notice(
            "yearly", "0 10 29 2 *", "", lambda day: Content("闰日", f"{day}"), date(2099, 1, 1)
        ),
        Notice(
            "monthly", "0 10 1 * *", "", lambda day: Content("每月", f"{day}"), date(2099, 1, 1)
        ),
    ]
    house.now = at("2026-12-31T12:00")
    await fire(house.host, notices, trusted=True)
    while house.now < at("2029-12-20T12:00"):
        house.now += timedelta(days=10)
        await fire(house.host, notices, trusted=True)
    await house.settle()
    said = [text.split("\n")[0] for _, text in house.channel.told]
    assert said.count("每月") == 36
    assert said.count("闰日") == 1


def test_a_weekly_notice_is_due_on_monday() -> None:
    weekly = next(n for n in load(playbook()) if n.name == "weekly_digest")
    found = list(dues(weekly, at("2026-11-23T09:00"), at("2026-12-07T09:00")))
    assert found == [at("2026-11-30T09:00"), at("2026-12-07T09:00")]


def test_every_file_makes_a_notice_with_a_name_of_its_own() -> None:
    notices = load(playbook())
    names = [notice.name for notice in notices]
    assert (
        sorted(set(names))
        == names
        == ["january", "july_base", "weekly_digest", "year_end_contribution"]
    )
    for notice in notices:
        assert next(dues(notice, at("2026-11-26T00:00"), at("2028-01-01T00:00")))


def test_january_tells_what_changed_and_only_to_those_whom_it_concerns() -> None:
    january = next(n for n in load(playbook()) if n.name == "january")
    assert january.words(date(2027, 2, 1)) is None
    content = january.words(date(2027, 1, 8))
    assert content
    shanghai = composed(content, Preferences(topics=("失业",), region="上海"), "（why）")
    assert shanghai
    assert "失业保险金" in shanghai.text
    assert "养老" not in shanghai.text
    assert composed(content, Preferences(topics=("工伤",)), "（why）") is None


@pytest.mark.parametrize(
    ("part", "reader", "gets"),
    [
        (Part("x"), Preferences(), True),
        (Part("x", ("失业",)), Preferences(topics=("养老",)), False),
        (Part("x", (), ("上海",)), Preferences(region="上海"), True),
        (Part("x", (), ("上海",)), Preferences(region="长沙"), False),
        (Part("x", (), ("上海",)), Preferences(), True),
        (Part("x", (), ("上海",), local=True), Preferences(), False),
    ],
)
def test_a_part_concerns_its_topics_and_places(part: Part, reader: Preferences, gets: bool) -> None:
    assert concerns(part, reader) is gets


# --- a second person ---------------------------------------------------------------------------


async def drafted(house: House, notices: list[Notice]) -> Broadcast:
    """What was drafted two weeks ahead of 8 January."""
    house.now = at("2026-12-20T09:00")
    await fire(house.host, notices)
    house.now = at("2026-12-25T10:00")
    assert await fire(house.host, notices) == 1
    assert await fire(house.host, notices) == 0
    [one] = await house.notices.listed()
    assert (one.state, one.author, one.draft.at) == ("draft", CALENDAR, at("2027-01-08T10:00"))
    return one


async def test_what_a_second_person_approved_goes_by_itself_when_it_is_due(house: House) -> None:
    one = await drafted(house, [only_in(1, "0 10 8 1 *")])
    assert await house.notices.approve(one.id, SECOND)
    house.now = at("2027-01-08T09:59")
    await house.settle()
    assert house.channel.told == []
    house.now = at("2027-01-08T10:00")
    await house.settle()
    assert [text.split("\n")[1] for _, text in house.channel.told] == ["2027-01-08"]


async def test_what_nobody_approved_does_not_go_and_ends_when_it_is_no_longer_true(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    notices = [only_in(1, "0 10 8 1 *")]
    one = await drafted(house, notices)
    house.now = at("2027-01-20T10:00")
    await house.settle()
    assert house.channel.told == []
    assert await follow(house.host, notices) == 1  # the day on which it would go is in it
    assert await house.notices.approve(one.id, SECOND)
    await house.settle()
    assert [text.split("\n")[1] for _, text in house.channel.told] == ["2027-01-20"]


async def test_a_draft_that_is_no_longer_true_is_called_off(house: House) -> None:
    notices = [only_in(1, "0 10 8 1 *")]
    one = await drafted(house, notices)
    house.now = at("2027-02-01T10:00")
    assert await follow(house.host, notices) == 1
    assert not await house.notices.approve(one.id, SECOND)


async def test_other_words_need_another_approval(house: House) -> None:
    said = ["每月 2000 元"]
    notices = [
        Notice(
            "calendar", "0 10 8 1 *", "", lambda day: Content("日程", said[0]), date(2026, 11, 26)
        )
    ]
    one = await drafted(house, notices)
    assert await house.notices.approve(one.id, SECOND)
    assert await follow(house.host, notices) == 0
    said[0] = "每月 2100 元"
    assert await follow(house.host, notices) == 1
    house.now = at("2027-01-08T10:00")
    await house.settle()
    assert house.channel.told == []
    assert await house.notices.approve(one.id, SECOND)
    await house.settle()
    assert "2100" in house.channel.told[0][1]


async def test_what_a_person_has_rewritten_stays_theirs(house: House) -> None:
    notices = [only_in(1, "0 10 8 1 *")]
    one = await drafted(house, notices)
    content = replace(one.draft.content, body="别的话")
    assert await house.notices.rewrite(one.id, replace(one.draft, content=content), AUTHOR)
    assert await follow(house.host, notices) == 0
    assert not await house.notices.approve(one.id, AUTHOR)
    assert await house.notices.approve(one.id, SECOND)


async def test_what_gathers_approved_notices_needs_no_approval_of_its_own(house: House) -> None:
    weekly = replace(only_in(1, "0 9 * * mon"), audience="weekly")
    house.now = at("2027-01-04T08:00")
    await fire(house.host, [weekly])
    house.now = at("2027-01-05T10:00")
    await house.publish(topics=("失业",))
    await house.settle()
    house.now = at("2027-01-11T09:00")
    assert await fire(house.host, [weekly]) == 1
    assert (await house.notices.listed())[0].state == "scheduled"


@pytest.mark.parametrize("name", ["january", "july_base", "year_end_contribution"])
async def test_the_words_of_a_file_come_back_from_the_database_as_they_were(
    house: House, name: str
) -> None:
    """Else each look would take the approval back."""
    [notice] = [one for one in load(playbook()) if one.name == name]
    due = next(dues(notice, at("2026-11-26T00:00"), at("2028-01-01T00:00")))
    house.now = due - LEAD - timedelta(days=1)
    await fire(house.host, [notice])
    house.now = due - timedelta(days=1)
    assert await fire(house.host, [notice]) == 1
    assert await follow(house.host, [notice]) == 0
