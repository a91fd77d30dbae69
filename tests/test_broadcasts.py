"""Notices to many: who gets them, when, how they are stopped, and what is known of each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import insert, select

from bot.channels.base import Undeliverable
from bot.clock import CHINA
from bot.engine.notice import Content
from bot.engine.preferences import Preferences
from bot.engine.types import Address
from bot.notices import BadDraft
from bot.store import broadcasts, preferences, tables
from bot.store.engine import Store
from scheduler import broadcasts as paging
from scheduler.broadcasts import step, sweep
from tests.notice_house import AUTHOR, SECOND, UNEMPLOYMENT, House, draft

BLOCKED = Undeliverable("Forbidden: bot was blocked by the user", permanent=True)
BUSY = Undeliverable("Bad Gateway")
PEOPLE = [f"p{n:02}" for n in range(60)]  # three pages


@pytest.fixture
async def house(store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(paging, "PAGE", 20)
    async with House(store).open() as opened:
        yield opened


async def test_nobody_approves_what_they_wrote_themselves(house: House) -> None:
    await house.subscribe(["a"], UNEMPLOYMENT)
    number = await house.notices.draft(draft(), AUTHOR)
    assert not await house.notices.approve(number, AUTHOR)
    await house.settle()
    assert house.channel.told == []
    assert await house.notices.approve(number, SECOND)
    assert not await house.notices.approve(number, "third")
    await house.settle()
    assert house.told("通知") == ["a"]


async def test_a_changed_draft_has_a_new_author(house: House) -> None:
    number = await house.notices.draft(draft(), AUTHOR)
    assert await house.notices.rewrite(number, draft("改过的"), SECOND)
    assert not await house.notices.approve(number, SECOND)
    assert await house.notices.approve(number, AUTHOR)
    assert not await house.notices.rewrite(number, draft("再改"), SECOND)


@pytest.mark.parametrize(
    "bad",
    [draft(""), draft(topics=("股票",)), draft(regions=("火星",))],
    ids=["no title", "topic", "region"],
)
async def test_a_draft_that_nobody_could_get_is_refused(house: House, bad: object) -> None:
    with pytest.raises(BadDraft):
        await house.notices.draft(bad, AUTHOR)  # type: ignore[arg-type]  # one of the bad ones


async def test_it_goes_to_those_whom_it_concerns_and_the_preview_knew(house: House) -> None:
    await house.subscribe(["all"], UNEMPLOYMENT)
    await house.subscribe(["长沙"], replace(UNEMPLOYMENT, region="长沙"))
    await house.subscribe(["湖南"], replace(UNEMPLOYMENT, region="湖南"))
    await house.subscribe(["深圳"], replace(UNEMPLOYMENT, region="深圳"))
    await house.subscribe(["weekly"], replace(UNEMPLOYMENT, weekly=True))
    await house.subscribe(["off"], replace(UNEMPLOYMENT, off=("notices",)))
    await house.subscribe(["养老"], Preferences(topics=("养老",)))
    await house.subscribe(["both"], Preferences(topics=("养老", "失业")))
    await house.subscribe(
        ["asleep"], replace(UNEMPLOYMENT, quiet_from="09:00", quiet_until="11:00")
    )
    number = await house.notices.draft(draft(regions=("长沙",)), AUTHOR)
    preview = await house.notices.preview(number)
    assert preview
    assert preview.channels == {"telegram": (5, 1)}
    assert preview.sample
    assert "退订" in preview.sample.text
    assert await house.notices.approve(number, SECOND)
    await house.settle()
    assert house.told("通知") == sorted(["all", "长沙", "湖南", "both"])
    assert (await house.states(number))["asleep"] == "held"
    assert [b.state for b in await house.notices.listed()] == ["running"]
    await house.later(hours=1)
    assert "asleep" in house.told("通知")
    assert [b.state for b in await house.notices.listed()] == ["done"]


async def test_a_person_with_two_addresses_is_told_at_one(house: House) -> None:
    await house.subscribe(["a", "b", "c"], UNEMPLOYMENT)
    await house.subscribe(["d"], replace(UNEMPLOYMENT, weekly=True))
    pairs = {"a": "x", "b": "x", "c": "y", "d": "y"}  # d gathers until Monday: c is told now
    rows = [{"channel": "telegram", "user": u, "person": p} for u, p in pairs.items()]
    async with house.store.write() as tx:
        await tx.execute(insert(tables.people), rows)
    await house.publish()
    await house.settle()
    assert house.told("通知") == ["a", "c"]


async def test_a_test_goes_to_oneself_once(house: House) -> None:
    number = await house.notices.draft(draft(), AUTHOR)
    for _ in range(2):
        assert await house.notices.test(number, Address("telegram", "me"), "token")
    await house.settle()
    assert house.told("通知") == ["me"]
    progress = await house.notices.progress(number)
    assert progress
    assert progress.total == 0


@pytest.mark.parametrize(
    ("now", "quiet", "due"),
    [
        ("2026-12-31T21:00", ("21:00", "08:00"), "2027-01-01T08:00"),
        ("2027-01-01T00:30", ("21:00", "08:00"), "2027-01-01T08:00"),
        ("2028-02-28T23:59", ("21:00", "08:00"), "2028-02-29T08:00"),
        ("2028-02-29T22:00", ("21:00", "08:00"), "2028-03-01T08:00"),
        ("2026-11-23T12:30", ("12:00", "14:00"), "2026-11-23T14:00"),
        ("2026-11-23T20:57", ("21:00", "08:00"), "2026-11-24T08:00"),
    ],
)
async def test_quiet_hours_hold_back_and_never_drop(
    house: House, now: str, quiet: tuple[str, str], due: str
) -> None:
    house.now = datetime.fromisoformat(now).replace(tzinfo=CHINA)
    begin, end = quiet
    await house.subscribe(["a"], replace(UNEMPLOYMENT, quiet_from=begin, quiet_until=end))
    number = await house.publish()
    await house.settle()
    assert await house.states(number) == {"a": "held"}
    at = datetime.fromisoformat(due).replace(tzinfo=CHINA)
    assert await house.sender.next_due() == at
    house.now = at
    await house.settle()
    assert house.told("通知") == ["a"]


async def test_an_urgent_one_wakes_people_and_does_not_wait_for_monday(house: House) -> None:
    house.now = house.now.replace(hour=23)
    await house.subscribe(["a"], replace(UNEMPLOYMENT, weekly=True))
    await house.publish("急", urgent="今晚停发")
    await house.settle()
    assert house.told("急") == ["a"]


async def test_who_falls_asleep_meanwhile_gets_it_in_the_morning(house: House) -> None:
    house.now = house.now.replace(hour=20)
    await house.subscribe(PEOPLE[:3], UNEMPLOYMENT)
    number = await house.publish()
    await step(house.host)
    await step(house.host)
    house.now = house.now.replace(hour=21)
    assert await sweep(house.host) == 3
    await house.settle()
    assert house.channel.told == []
    assert set((await house.states(number)).values()) == {"held"}
    await house.later(hours=11)
    assert house.told("通知") == PEOPLE[:3]


async def test_a_pause_stops_everything_and_going_on_leaves_nobody_out(house: House) -> None:
    await house.subscribe(PEOPLE, UNEMPLOYMENT)
    number = await house.publish()
    await step(house.host)
    await step(house.host)
    assert await house.notices.pause(number, AUTHOR)
    await house.settle()
    assert house.channel.told == []
    other = await house.publish("另一条")
    await house.settle()
    assert house.told("另一条") == PEOPLE, "a paused one must not stand in others' way"
    assert await house.notices.resume(number, AUTHOR)
    await house.settle()
    assert house.told("通知") == PEOPLE
    assert set((await house.states(other)).values()) == {"sent"}


async def test_a_cancellation_in_the_middle_is_final(house: House) -> None:
    await house.subscribe(PEOPLE, UNEMPLOYMENT)
    number = await house.publish()
    await step(house.host)
    await step(house.host)
    assert await house.notices.cancel(number, AUTHOR)
    await house.settle()
    assert house.channel.told == []
    assert Counter((await house.states(number)).values()) == {"cancelled": 20}
    assert not await house.notices.resume(number, AUTHOR)


async def test_undone_within_a_minute_it_is_taken_back_from_those_who_got_it(house: House) -> None:
    await house.subscribe(["a", "b"], UNEMPLOYMENT)
    await house.subscribe(["late"], replace(UNEMPLOYMENT, quiet_from="10:00", quiet_until="12:00"))
    number = await house.publish()
    await house.settle()
    house.now = house.now.replace(second=30)
    assert await house.notices.undo(number, AUTHOR)
    await house.settle()
    assert house.told("撤回：通知") == ["a", "b"]
    await house.later(hours=3)
    assert house.told("通知") == ["a", "b"]
    assert not await house.notices.undo(number, AUTHOR)


async def test_after_a_minute_it_cannot_be_undone(house: House) -> None:
    await house.subscribe(["a"], UNEMPLOYMENT)
    number = await house.publish()
    await house.settle()
    await house.later(seconds=61)
    assert not await house.notices.undo(number, AUTHOR)


async def test_a_correction_goes_to_exactly_those_who_got_the_wrong_one(house: House) -> None:
    await house.subscribe(["a", "b", "gone"], UNEMPLOYMENT)
    house.channel.refuse["gone"] = [BLOCKED]
    number = await house.publish("错的")
    await house.settle()
    await house.subscribe(["new"], UNEMPLOYMENT)
    await house.subscribe(["a"], Preferences())  # has left meanwhile, but got the wrong one
    right = await house.notices.correct(number, Content("更正", "内容"), AUTHOR)
    preview = await house.notices.preview(right)
    assert preview
    assert preview.recipients == 2
    assert await house.notices.approve(right, SECOND)
    await house.settle()
    assert house.told("更正") == ["a", "b"]


async def test_only_the_failed_are_tried_again_and_who_left_is_unsubscribed(house: House) -> None:
    await house.subscribe(["a", "b", "gone"], UNEMPLOYMENT)
    house.channel.refuse = {"b": [ValueError("ours")] * 3, "gone": [BLOCKED]}
    number = await house.publish()
    for _ in range(4):
        await house.later(seconds=30)
    assert await house.states(number) == {"a": "sent", "b": "failed", "gone": "blocked"}
    assert await house.notices.retry_failed(number, AUTHOR) == 1
    await house.settle()
    assert await house.states(number) == {"a": "sent", "b": "sent", "gone": "blocked"}
    assert Counter(user for user, _ in house.channel.told) == {"a": 1, "b": 1}
    await sweep(house.host)
    async with house.store.read() as tx:
        left = await preferences.of(tx, [Address("telegram", "gone"), Address("telegram", "a")])
        consents = (await tx.execute(select(tables.consents.c.act))).scalars().all()
    assert [p.topics for p in left.values()] == [(), ("失业",)]
    assert consents.count("unreachable") == 1
    table = "".join([rows async for rows in house.notices.table(number)])
    assert "telegram,gone,blocked,Forbidden: bot was blocked by the user," in table
    assert table.count("\n") == 4


async def test_many_failures_in_a_row_pause_it(house: House) -> None:
    await house.subscribe(PEOPLE, UNEMPLOYMENT)
    house.channel.refuse = {user: [BUSY] for user in PEOPLE}
    number = await house.publish()
    await house.settle()
    found = await house.notices.progress(number)
    assert found
    assert found.broadcast.state == "paused"
    assert found.broadcast.why == "50 failures: Bad Gateway"
    assert house.channel.told == []
    house.channel.refuse = {}
    assert await house.notices.resume(number, AUTHOR)
    await house.later(hours=1)
    assert house.told("通知") == PEOPLE


async def test_a_notice_waits_behind_a_form_and_asks_its_question_again(house: House) -> None:
    await house.subscribe(["a", "b"], UNEMPLOYMENT)
    await house.open_form("a")
    number = await house.publish()
    await house.settle()
    assert house.told("通知") == ["b"]
    assert await house.states(number) == {"a": "held", "b": "sent"}
    assert [b.state for b in await house.notices.listed()] == ["running"]
    await house.later(minutes=14)
    assert house.told("通知") == ["b"]
    await house.later(minutes=1)
    assert [text[:5] for _, text in house.channel.told[-2:]] == ["通知\n内容", "again"]
    assert await house.states(number) == {"a": "sent", "b": "sent"}
    assert [b.state for b in await house.notices.listed()] == ["done"]


async def test_a_paused_one_does_not_come_when_the_form_ends(house: House) -> None:
    await house.subscribe(["a"], UNEMPLOYMENT)
    await house.open_form("a")
    number = await house.publish()
    await house.settle()
    assert await house.notices.pause(number, AUTHOR)
    await house.later(hours=1)
    assert house.channel.told == []
    assert await house.notices.resume(number, AUTHOR)
    await house.settle()
    assert house.told("通知") == ["a"]


async def test_two_workers_at_once_leave_nobody_out_and_take_nobody_twice(house: House) -> None:
    await house.subscribe(PEOPLE, UNEMPLOYMENT)
    number = await house.publish()

    async def work() -> None:
        async with house.another_host() as host:
            while not await through():
                await step(host)

    async def through() -> bool:
        async with house.store.read() as tx:
            found = await broadcasts.one(tx, number)
        return (
            found is not None
            and bool(found.after)
            and not any(last is not None for last in found.after.values())
        )

    await asyncio.gather(work(), work())
    await house.settle()
    assert house.told("通知") == PEOPLE
