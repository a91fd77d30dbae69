"""What cannot be delivered about a consultation: another address of the person, else a call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from bot.channels.base import Undeliverable
from bot.engine.preferences import Preferences, PreferencesChanged
from bot.engine.types import Address, Reply
from bot.outbox import Sender
from bot.passing import origin_of, push_of
from bot.store import calls, case_file, outbox, preferences, tables
from bot.store.calls import ToCall
from bot.store.engine import Store
from bot.store.outbox import Outgoing
from scheduler.next_ways import next_ways
from tests.case_office import CODE, NUMBER, Office, opened
from tests.stage import FakeChannel

PHONE, CHAT, PAGE = Address("telegram", "7"), Address("wechat", "o7"), Address("webchat", "zhang")
BLOCKED = Undeliverable("bot was blocked by the user", permanent=True)
UNTOLD = Undeliverable(outbox.UNTOLD, rest=7 * 24 * 3600.0, unheard=True)
MARK = "没能送到，改发到这里"


@dataclass
class House:
    """An office with three platforms, and a sender for them."""

    office: Office
    channels: dict[str, FakeChannel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.channels = {name: FakeChannel(name) for name in ("telegram", "wechat", "webchat")}
        all_of_them = list(self.channels.values())
        self.sender = Sender(
            self.office.store, all_of_them, lambda: self.office.clock[0], lambda: 0.5
        )

    async def says(self, who: Address, text: str) -> None:
        await self.office.says(who, text)
        await self.sender.drain(self.office.clock[0])

    async def linked(self, *others: Address) -> None:
        """All are the person of PHONE, who has filed a case there."""
        for other in others:
            await self.says(PHONE, "绑定")
            await self.says(other, f"绑定 {CODE}")
        await self.says(PHONE, "file 社保转移")

    def refuses(self, who: Address, error: Exception = BLOCKED, times: int = 9) -> None:
        self.channels[who.channel].refuse[who.user] = [error] * times

    def heard(self, who: Address) -> list[str]:
        return self.channels[who.channel].to(who.user)

    async def settles(self) -> None:
        """A few minutes, with everything that is due in them."""
        for _ in range(4):
            await self.sender.drain(self.office.clock[0])
            await self.office.passes(minutes=1)
        await self.sender.drain(self.office.clock[0])

    async def to_call(self) -> list[ToCall]:
        async with self.office.store.read() as tx:
            found = list(await calls.listed(tx, 0, 50))
            assert await calls.counted(tx) == len(found)
        return found

    async def history(self) -> list[tuple[str, str]]:
        async with self.office.store.read() as tx:
            return [(one.kind, one.text) for one in await case_file.history(tx, NUMBER)]

    async def state(self, like: str) -> list[str]:
        box = tables.outbox
        async with self.office.store.read() as tx:
            rows = await tx.execute(
                select(box.c.state).where(box.c.key.like(like)).order_by(box.c.id)
            )
            return list(rows.scalars())


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    async with opened(store) as office:
        yield House(office)


async def test_an_answer_that_is_refused_arrives_once_at_another_address_and_says_so(
    house: House,
) -> None:
    await house.linked(PAGE)
    house.refuses(PHONE)
    before = len(house.heard(PAGE))
    await house.office.casework.answer(NUMBER, "可以转。", "t1", "小王")
    await house.settles()
    await house.settles()
    (told,) = [text for text in house.heard(PAGE)[before:] if "可以转。" in text]
    assert told.startswith(f"这条消息在Telegram{MARK}")
    assert await house.to_call() == []
    assert ("elsewhere", "Telegram → 网页") in await house.history()
    assert (await house.state(f"case:{NUMBER}:answered:t1:%"))[0] == "elsewhere"


async def test_what_is_said_there_belongs_to_the_same_case(house: House) -> None:
    await house.linked(PAGE)
    house.refuses(PHONE)
    await house.office.casework.need(NUMBER, "请告诉我转出地。", "t1", "小王")
    await house.settles()
    assert "请告诉我转出地。" in house.heard(PAGE)[-1]
    await house.says(PAGE, "从株洲转出")
    assert ("supplement", "从株洲转出") in await house.history()


async def test_what_rings_comes_before_a_page_and_each_is_tried_once(house: House) -> None:
    await house.linked(PAGE, CHAT)
    house.refuses(PHONE)
    house.refuses(CHAT)
    await house.office.casework.answer(NUMBER, "可以转。", "t1", "小王")
    await house.settles()
    ways = [text for kind, text in await house.history() if kind == "elsewhere"]
    assert ways == ["Telegram → 微信", "微信 → 网页"]
    assert f"在微信{MARK}" in house.heard(PAGE)[-1]
    assert await house.to_call() == []


async def test_when_no_way_is_left_somebody_has_to_call(house: House) -> None:
    await house.linked(CHAT)
    house.refuses(PHONE)
    house.refuses(CHAT)
    await house.office.casework.answer(NUMBER, "可以转。", "t1", "小王")
    await house.settles()
    (one,) = await house.to_call()
    assert (one.number, one.news, one.telephone) == (NUMBER, "answered", False)
    assert [kind for kind, _ in await house.history()][-1] == "to_call"


async def test_a_later_word_that_does_not_arrive_takes_the_earlier_ones_place(
    house: House,
) -> None:
    await house.linked()
    house.refuses(PHONE)
    await house.office.casework.answer(NUMBER, "可以转。", "t1", "小王")
    await house.settles()
    ((first),) = await house.to_call()
    await house.office.casework.close(NUMBER, "t2", "小王")
    await house.settles()
    (one,) = await house.to_call()
    assert (one.news, one.since) == ("closed", first.since)


async def test_a_broken_promise_is_told_at_another_address(house: House) -> None:
    await house.linked(PAGE)
    house.refuses(PHONE)
    await house.office.passes(days=12)
    await house.settles()
    (told,) = [text for text in house.heard(PAGE) if "没有在承诺的时间内答复" in text]
    assert MARK in told
    assert [kind for kind, _ in await house.history()].count("escalate") == 1


async def test_a_broken_promise_that_nobody_can_be_told_of_is_a_call(house: House) -> None:
    await house.linked()
    house.refuses(PHONE)
    await house.office.passes(days=12)
    await house.settles()
    assert [one.news for one in await house.to_call()] == ["overdue"]
    await house.office.casework.answer(NUMBER, "可以转。", "t1", "小王")
    house.channels["telegram"].refuse.clear()
    await house.says(PHONE, "你好")  # they are back, and it is answered
    assert await house.to_call() == []


async def test_nudges_and_notices_to_many_stay_where_they_are(house: House) -> None:
    await house.linked(PAGE)
    house.refuses(PHONE)
    before = len(house.heard(PAGE))
    out = Outgoing(PHONE, Reply("notice", "基数调整"), "broadcast:1", "broadcast:1:x", "bulk")
    async with house.office.store.write() as tx:
        await outbox.put(tx, [out], house.office.clock[0])
    await house.office.passes(hours=25)  # the nudge of the next day
    await house.settles()
    assert house.heard(PAGE)[before:] == []
    assert await house.to_call() == []
    assert await house.state("broadcast:%") == ["failed"]


async def test_who_does_not_want_answers_at_an_address_is_not_told_there(house: House) -> None:
    await house.linked(PAGE)
    quiet = PreferencesChanged(Preferences(off=("replies",)), "changed", "不要答复")
    async with house.office.store.write() as tx:
        await preferences.change(tx, [(PAGE, quiet)], house.office.clock[0])
    house.refuses(PHONE)
    before = len(house.heard(PAGE))
    await house.office.casework.answer(NUMBER, "可以转。", "t1", "小王")
    await house.settles()
    assert not any("可以转。" in text for text in house.heard(PAGE)[before:])
    assert [one.news for one in await house.to_call()] == ["answered"]


async def test_an_answer_in_the_night_waits_for_the_morning_elsewhere(house: House) -> None:
    await house.linked(PAGE)
    house.refuses(PHONE)
    await house.office.passes(hours=13)  # eleven at night
    await house.office.casework.answer(NUMBER, "可以转。", "t1", "小王")
    await house.settles()
    assert not any("可以转。" in text for text in house.heard(PAGE))
    await house.office.passes(hours=10)
    await house.settles()
    assert any("可以转。" in text for text in house.heard(PAGE))


async def test_what_rests_unheard_of_goes_on_and_is_not_told_twice(house: House) -> None:
    await house.linked(PAGE)
    house.refuses(PHONE, UNTOLD)
    await house.office.casework.answer(NUMBER, "可以转。", "t1", "小王")
    await house.settles()
    assert "可以转。" in house.heard(PAGE)[-1]
    house.channels["telegram"].refuse.clear()
    await house.office.passes(days=8)
    await house.settles()
    assert not any("可以转。" in text for text in house.heard(PHONE))


async def test_what_rests_is_on_the_list_until_it_is_read(house: House) -> None:
    await house.linked()
    house.refuses(PHONE, UNTOLD, times=1)
    await house.office.casework.answer(NUMBER, "可以转。", "t1", "小王")
    await house.settles()
    assert [one.why for one in await house.to_call()] == [outbox.UNTOLD]
    await house.office.passes(days=8)
    await house.settles()
    assert any("可以转。" in text for text in house.heard(PHONE))
    assert await house.to_call() == []


async def test_an_answer_behind_words_that_rest_unheard_of_goes_on_as_well(house: House) -> None:
    await house.linked(PAGE)
    house.refuses(PHONE, UNTOLD)
    out = Outgoing(PHONE, Reply("status", "还在办理"), "turn", "nudge:1")
    async with house.office.store.write() as tx:
        await outbox.put(tx, [out], house.office.clock[0])
    await house.settles()
    await house.office.casework.answer(NUMBER, "可以转。", "t1", "小王")
    await house.settles()
    assert not any("可以转。" in text for text in house.heard(PAGE))
    await house.office.passes(minutes=10)
    job = next_ways(house.office.host, list(house.channels))
    assert await job.tick() == {"passed_on": 1}
    assert await job.tick() == {"passed_on": 0}
    await house.settles()
    assert sum("可以转。" in text for text in house.heard(PAGE)) == 1


async def test_a_withdrawn_case_needs_no_call(house: House) -> None:
    await house.linked()
    house.refuses(PHONE)
    await house.office.casework.need(NUMBER, "请告诉我转出地。", "t1", "小王")
    await house.settles()
    assert len(await house.to_call()) == 1
    async with house.office.store.write() as tx:
        await tx.execute(tables.cases.update().values(state="withdrawn"))
    assert await house.to_call() == []


async def test_a_call_that_was_made_is_not_asked_for_again(house: House) -> None:
    await house.linked()
    house.refuses(PHONE, UNTOLD, times=20)
    await house.office.casework.answer(NUMBER, "可以转。", "t1", "小王")
    await house.settles()
    async with house.office.store.write() as tx:
        assert await calls.missed(tx, NUMBER, house.office.clock[0])
        assert await calls.reached(tx, NUMBER, house.office.clock[0]) == "answered"
        assert await calls.reached(tx, NUMBER, house.office.clock[0]) is None
    for _ in range(3):
        await house.office.passes(days=8)
        await house.settles()
    assert await house.to_call() == []


def test_only_what_must_be_learnt_is_known_by_its_origin() -> None:
    assert push_of(origin_of(NUMBER, "answered")) == (NUMBER, "answered")
    for other in ("turn", "case", f"case:{NUMBER}", origin_of(NUMBER, "taken"), "broadcast:1"):
        assert push_of(other) is None
