"""A live lecture: announced to subscribers, signed up for, reminded of, asked beforehand, called off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.clock import CHINA
from bot.engine.notifying.lectures import Lecture
from bot.engine.types import Address
from bot.notices import BadDraft, Notices
from bot.rehearsal.world import Told, World, world
from handlers.contents import playbook

AT = datetime(2026, 12, 3, 15, 0, tzinfo=CHINA)
NOW = datetime(2026, 11, 27, 10, 0, tzinfo=CHINA)
LECTURE = Lecture("延迟退休怎么算", AT, "https://live.example.gov.cn/1", "请提前提问。", ("养老",))
ZHANG, LI = Address("webchat", "张三"), Address("webchat", "李四")


class Office(World):
    """A world whose staff announce lectures."""

    @property
    def notices(self) -> Notices:
        self._published = True
        return Notices(self._host, lambda: self._book.regions)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with world(playbook(), NOW, kind=Office) as made:
        assert isinstance(made, Office)
        yield made


async def announced(office: Office) -> int:
    number = await office.notices.announce(LECTURE, "小王")
    assert await office.notices.approve(number, "老李")
    return number


def words(told: list[Told], who: str = "张三") -> str:
    return "\n".join(one.reply.text for one in told if one.to == who)


async def test_who_signs_up_is_reminded_twice_and_finds_it_among_the_reminders(
    office: Office,
) -> None:
    for who in (ZHANG, LI):
        await office.says(who, "订阅 养老")
    number = await announced(office)
    told = await office.settle()
    assert "延迟退休怎么算" in words(told)
    assert "2026年12月3日 周四 15:00" in words(told)
    labels = [choice.label for one in told for choice in one.reply.choices]
    assert labels.count("报名") == labels.count("提前提问") == 2
    joined = await office.says(ZHANG, f"/lecture {number} join")
    assert "已报名" in words(joined)
    assert joined[0].reply.agenda
    assert "延迟退休怎么算" in words(await office.says(ZHANG, "我的提醒"))
    reminded = await office.wait_until(AT + timedelta(hours=1))
    assert words(reminded).count("《延迟退休怎么算》") == 2
    assert "《延迟退休怎么算》" not in words(reminded, "李四")


async def test_questions_are_collected_beforehand_masked(office: Office) -> None:
    number = await announced(office)
    await office.says(ZHANG, f"/lecture {number} ask")
    await office.says(ZHANG, "灵活就业的女职工几岁退休，卡号 6222021234567890123")
    (question,) = await office.notices.questions(number)
    assert "灵活就业的女职工几岁退休" in question
    assert "6222021234567890123" not in question


async def test_whoever_does_not_come_after_all_is_not_reminded(office: Office) -> None:
    number = await announced(office)
    await office.says(ZHANG, f"/lecture {number} join")
    await office.says(ZHANG, f"/lecture {number} leave")
    assert "延迟退休怎么算" not in words(await office.wait_until(AT + timedelta(hours=1)))


async def test_when_it_is_called_off_those_who_signed_up_are_told(office: Office) -> None:
    await office.says(LI, "订阅 养老")
    number = await announced(office)
    await office.says(ZHANG, f"/lecture {number} join")
    off = await office.notices.call_off(number, "主讲人生病，改日再讲。", "小王")
    assert off is not None
    assert await office.notices.approve(off, "老李")
    told = await office.settle()
    assert "讲座取消：延迟退休怎么算" in words(told)
    assert "讲座取消" not in words(told, "李四")
    later = await office.wait_until(AT + timedelta(hours=1))
    assert "延迟退休怎么算" not in words(later)
    assert "已经结束或取消" in words(await office.says(LI, f"/lecture {number} join"), "李四")


async def test_a_lecture_that_was_is_not_announced(office: Office) -> None:
    with pytest.raises(BadDraft):
        await office.notices.announce(Lecture("旧的", NOW, "线上"), "小王")
