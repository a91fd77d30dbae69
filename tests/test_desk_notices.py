"""Notices at the desk: written, looked at, approved by another, sent, stopped, corrected, accounted for."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx
import pytest

from bot.channels.base import Undeliverable
from bot.desk.notice_form import stated
from bot.engine.notice import concerned
from bot.engine.preferences import Preferences, PreferencesChanged
from bot.engine.types import Address
from bot.outbox import Sender
from bot.outbox.verdict import Sending
from bot.store import links, preferences
from bot.store.engine import Store
from handlers.files import load_regions
from scheduler.broadcasts import step
from tests.desk_house import Bureau, Clerk, csrf_in
from tests.stage import FakeChannel

WORDS = {"title": "失业金标准调整", "body": "从 12 月起提高。", "topics": "失业"}
ONCE = Sending(faults=1)
UNEMPLOYMENT = Preferences(topics=("失业",))


@dataclass
class Press:
    """A bureau with subscribers, and two people who may send."""

    bureau: Bureau
    author: Clerk
    second: Clerk
    channel: FakeChannel

    async def subscribe(self, *users: str, wanted: Preferences = UNEMPLOYMENT) -> None:
        changed = PreferencesChanged(wanted, "subscribed", "已订阅")
        async with self.bureau.store.write() as tx:
            told = [(Address("telegram", user), changed) for user in users]
            await preferences.change(tx, told, self.bureau.clock())

    async def write(self, **fields: str) -> str:
        """The page of a new draft."""
        done = await self.author.post("/desk/notices/new", "/desk/notices/new", **(WORDS | fields))
        assert done.status_code == 303, done.text
        return done.headers["location"]

    async def press(self, clerk: Clerk, page: str, action: str, **fields: str) -> httpx.Response:
        """Presses a button of the page; what it says then."""
        shown = await clerk.get(page)
        hidden = dict(re.findall(r'name="(read|token)" value="([^"]+)"', shown.text))
        done = await clerk.send(f"{page}/{action}", csrf_in(shown), **(hidden | fields))
        assert done.status_code == 303, done.text
        return await clerk.get(done.headers["location"])

    async def publish(self, **fields: str) -> str:
        page = await self.write(**fields)
        assert "已审批" in (await self.press(self.second, page, "approve")).text
        return page

    async def settle(self) -> None:
        clock = self.bureau.clock
        sender = Sender(self.bureau.store, [self.channel], clock, lambda: 0.5, sending=ONCE)
        while await step(self.bureau.host):
            await sender.drain(clock())
        await sender.drain(clock())

    def told(self) -> list[str]:
        return sorted(user for user, _ in self.channel.told)


@pytest.fixture
async def press(store: Store) -> Press:
    bureau = Bureau(store)
    author = await bureau.clerk("xiaowang", "supervisor")
    second = await bureau.clerk("laoli", "supervisor")
    return Press(bureau, author, second, FakeChannel("telegram"))


async def test_a_notice_is_written_looked_at_approved_by_another_and_sent(press: Press) -> None:
    await press.subscribe("awake")
    await press.subscribe(
        "asleep", wanted=Preferences(topics=("失业",), quiet_from="09:00", quiet_until="11:00")
    )
    page = await press.write(affects="正在领失业金的人", url="https://www.mohrss.gov.cn/")
    shown = (await press.author.get(page)).text
    assert "1 人，早上再送" in shown
    assert ">合计<" in shown
    assert "正在领失业金的人" in shown, "the sample"
    assert "/approve" not in shown, "the author does not approve"
    assert "自己写的" in (await press.press(press.author, page, "approve")).text
    assert "已审批" in (await press.press(press.second, page, "approve")).text
    await press.settle()
    assert press.told() == ["awake"]
    progress = (await press.author.get(f"{page}/lately?state=running")).text
    assert "已送达 <strong>1</strong> / 2" in progress
    assert "暂缓" in progress
    acts = [action for _, action, _ in await press.bureau.acts() if action.startswith("notice")]
    assert acts == ["notice_drafted", "notice_approved"]


BAD = (
    ({"title": ""}, "标题：要写"),
    ({"body": "字" * 1001}, "要点：要写"),
    ({"topics": "股票"}, "主题：至少选一个"),
    ({"regions": "长沙、火星"}, "没有“火星”"),
    ({"at": "2026-11-23T09:59"}, "已经过了"),
    ({"at": "下周"}, "没看懂"),
    ({"url": "javascript:alert(1)"}, "https://"),
)


async def test_what_nobody_could_get_is_named_and_what_was_typed_stays(press: Press) -> None:
    for fields, said in BAD:
        typed = WORDS | {"affects": "已经写好的"} | fields
        shown = await press.author.post("/desk/notices/new", "/desk/notices/new", **typed)
        assert shown.status_code == 200
        assert said in shown.text
        assert "已经写好的" in shown.text
    assert await press.bureau.notices.listed() == []


async def test_what_was_changed_while_it_was_read_is_not_approved(press: Press) -> None:
    page = await press.write()
    read = await press.second.get(page)
    seen = re.findall(r'name="read" value="([^"]+)"', read.text)
    await press.author.post(f"{page}/change", f"{page}/change", **(WORDS | {"title": "别的"}))
    done = await press.second.send(f"{page}/approve", csrf_in(read), read=seen[0])
    assert "内容改过了" in (await press.second.get(done.headers["location"])).text
    assert (await press.bureau.notices.listed())[0].state == "draft"


async def test_it_goes_at_its_time_and_can_be_taken_back_before(press: Press) -> None:
    await press.subscribe("a")
    page = await press.publish(at="2026-11-23T12:00")
    await press.settle()
    assert press.told() == []
    assert "已退回草稿" in (await press.press(press.author, page, "take-back")).text
    press.bureau.clock.turn(minutes=50)
    await press.press(press.second, page, "approve")
    press.bureau.clock.turn(minutes=50)
    await press.press(press.second, page, "pause")  # too early: nothing to pause
    press.bureau.clock.turn(minutes=30)
    await press.settle()
    assert press.told() == ["a"]


async def test_a_running_one_is_paused_resumed_and_cancelled(press: Press) -> None:
    await press.subscribe("a", "b")
    page = await press.publish()
    await step(press.bureau.host)
    assert "xiaowang 按的暂停" in (await press.press(press.author, page, "pause")).text
    await press.settle()
    assert press.told() == []
    refreshed = await press.author.get(f"{page}/lately?state=running")
    assert refreshed.headers["HX-Refresh"] == "true"
    await press.press(press.author, page, "resume")
    await step(press.bureau.host)
    assert "已取消" in (await press.press(press.author, page, "cancel")).text
    await press.settle()
    assert press.told() == []
    assert "没有生效" in (await press.press(press.author, page, "resume")).text


async def test_within_a_minute_it_is_undone_and_whoever_got_it_is_told(press: Press) -> None:
    await press.subscribe("a")
    page = await press.publish()
    await press.settle()
    assert "/undo" in (await press.author.get(page)).text
    await press.press(press.author, page, "undo")
    await press.settle()
    assert press.channel.told[0][1].split("\n")[0] == WORDS["title"]
    assert len(press.channel.told) == 2
    again = await press.publish()
    await press.settle()
    press.bureau.clock.turn(seconds=61)
    assert "/undo" not in (await press.author.get(again)).text
    assert "没有生效" in (await press.press(press.author, again, "undo")).text


async def test_each_ones_result_is_shown_and_only_the_failed_are_tried_again(press: Press) -> None:
    await press.subscribe("fine", "away", "odd")
    press.channel.refuse["odd"] = [ValueError("wrong")]
    press.channel.refuse["away"] = [Undeliverable("Forbidden: blocked", permanent=True)]
    page = await press.publish()
    await press.settle()
    table = (await press.author.get(f"{page}/people")).text
    for said in ("已送达", "未送达", "ValueError ", "已屏蔽或离开"):
        assert said in table
    assert ">odd<" not in table, "nobody's name"
    failed = (await press.author.get(f"{page}/people?fate=failed")).text
    assert failed.count("<tr>") == 2
    rows = (await press.author.get(f"{page}/people.csv")).text.splitlines()
    assert sorted(row.split(",")[3] for row in rows[1:]) == ["已屏蔽或离开", "已送达", "未送达"]
    press.channel.refuse.clear()
    assert "重发" in (await press.press(press.author, page, "retry")).text
    await press.settle()
    assert press.told() == ["fine", "odd"]
    assert ("xiaowang", "notice_exported", "notice:1") in await press.bureau.acts()


async def test_a_correction_goes_to_exactly_those_who_got_it(press: Press) -> None:
    await press.subscribe("a", "b")
    page = await press.publish()
    await press.settle()
    await press.subscribe("late")
    shown = await press.author.get(f"{page}/correct")
    assert "更正：失业金标准调整" in shown.text
    done = await press.author.send(
        f"{page}/correct", csrf_in(shown), title="更正", body="从 1 月起。"
    )
    correction = done.headers["location"]
    assert "收到过公告 1 的人" in (await press.author.get(correction)).text
    await press.author.post(
        f"{correction}/change", f"{correction}/change", title="更正", body="从 2027 年 1 月起。"
    )
    await press.press(press.second, correction, "approve")
    await press.settle()
    assert sorted(user for user, text in press.channel.told if text.startswith("更正")) == [
        "a",
        "b",
    ]


async def test_a_test_goes_to_oneself_by_a_code_from_ones_own_conversation(press: Press) -> None:
    page, me = await press.write(), Address("telegram", "myself")
    async with press.bureau.store.write() as tx:
        assert await links.make(tx, me, "123456", press.bureau.clock())
    assert "试发码不对" in (await press.press(press.author, page, "test", code="654321")).text
    assert "已试发" in (await press.press(press.author, page, "test", code="123456")).text
    assert "试发码不对" in (await press.press(press.author, page, "test", code="123456")).text
    await press.settle()
    assert press.told() == ["myself"]
    for _ in range(2):
        said = (await press.press(press.author, page, "test", code="000000")).text
    assert "明天再试" in said


async def test_an_agent_sends_nothing(press: Press) -> None:
    page = await press.write()
    agent = await press.bureau.clerk("xiaoli", "agent")
    for path in ("/desk/notices", "/desk/notices/new", page, f"{page}/people.csv"):
        assert (await agent.get(path)).status_code == 403
    assert (await press.author.get("/desk/notices/99")).status_code == 404


@pytest.mark.parametrize("regions", [("长沙",), ("湖南",), ("湖南", "深圳"), ("广东", "北京"), ()])
def test_regions_come_back_as_they_were_stated(regions: tuple[str, ...]) -> None:
    places = load_regions()
    assert set(stated(concerned(regions, places), places)) == set(regions)
