"""Notices to many followers in one call: where the account may, within the quotas, each counted once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from bot.channels.wechat import Account
from bot.channels.wechat.check import KEPT, MISSING, UNUSED, check
from bot.channels.wechat.massing import common
from bot.desk.notice_words import why
from bot.engine.notice import Content
from bot.engine.notifying.subscribing import LEAVE, MINE
from bot.engine.preferences import Preferences, PreferencesChanged
from bot.engine.types import Address, Choice, Reply
from bot.notices import Notices
from bot.store import preferences, tables
from bot.store.broadcasts import Draft
from bot.store.engine import Store
from scheduler.broadcasts import step
from tests.small_world import REGIONS
from tests.wechat_double import Phone
from tests.wechat_double.bench import SERVICE, UNVERIFIED, Bench, connected

MASS, TAG, TEMPLATE = (
    f"/cgi-bin/{path}"
    for path in ("message/mass/sendall", "tags/members/batchtagging", "message/template/send")
)
SEND = "/cgi-bin/message/custom/send"
MASSING = replace(SERVICE, mass=True)
DAILY = replace(SERVICE, kind="subscription", template=None, mass=True)
UNEMPLOYMENT = Preferences(topics=("失业",))


@dataclass
class Town:
    """Followers who subscribed, and an office that publishes."""

    bench: Bench

    def __post_init__(self) -> None:
        self.notices = Notices(self.bench.host, lambda: REGIONS)
        self.phones: dict[str, Phone] = {}

    async def follow(self, *people: str, wanted: Preferences = UNEMPLOYMENT) -> None:
        changed = PreferencesChanged(wanted, "subscribed", "已订阅")
        to = [(Address("wechat", openid), changed) for openid in people]
        async with self.bench.store.write() as tx:
            await preferences.change(tx, to, self.bench.now)
        for openid in people:
            self.phones[openid] = Phone(self.bench.platform, openid)

    async def publish(self, title: str = "失业金标准调整", urgent: str = "") -> int:
        content = Content(title, "从下月起执行。", topics=("失业",))
        number = await self.notices.draft(Draft(content, urgent=urgent), "小王")
        assert await self.notices.approve(number, "老李")
        await self.settle()
        return number

    async def settle(self) -> None:
        while await step(self.bench.host):
            await self.bench.sender.drain(self.bench.now)
        await self.bench.sender.drain(self.bench.now)

    async def goes(self, minutes: float = 3) -> None:
        """What has gathered is sent."""
        self.bench.now += timedelta(minutes=minutes)
        await self.bench.channel.upkeep()
        await self.settle()

    async def fates(self, number: int) -> dict[str, tuple[str, str]]:
        found = await self.notices.recipients(number)
        return {one.to.user: (one.fate, one.why) for one in found}

    def seen(self) -> dict[str, list[str]]:
        return {openid: phone.look() for openid, phone in self.phones.items()}


@asynccontextmanager
async def town(store: Store, account: Account = MASSING) -> AsyncIterator[Town]:
    async with connected(store, account) as bench:
        yield Town(bench)


@pytest.fixture
async def light(sqlite_url: str) -> AsyncIterator[Store]:
    async with Store(sqlite_url) as opened:
        yield opened


async def test_a_notice_goes_to_many_in_one_call_and_is_told_of_each(store: Store) -> None:
    async with town(store) as one:
        people = [f"o{n:03}" for n in range(120)]
        await one.follow(*people)
        number = await one.publish()
        assert set((await one.fates(number)).values()) == {("waiting", "mass gathering")}
        await one.goes()
        calls = one.bench.api.calls
        assert (calls[MASS], calls[TAG], calls[TEMPLATE], calls[SEND]) == (1, 3, 0, 0)
        assert set((await one.fates(number)).values()) == {("uncertain", "mass accepted")}
        assert await one.bench.platform.reports() == 1
        assert set((await one.fates(number)).values()) == {("sent", "mass")}
        for texts in one.seen().values():
            (text,) = texts
            assert text.startswith("失业金标准调整\n从下月起执行。")
            assert text.endswith("所以收到这条。回复“退订”不再收。）")
        await one.goes()
        assert one.bench.api.tags == {}
        assert calls[MASS] == 1


async def test_who_may_be_written_to_gets_it_at_once_and_is_not_in_the_mass(light: Store) -> None:
    async with town(light) as one:
        await one.follow("o1", "o2")
        await one.phones["o1"].says("你好")
        await one.publish()
        assert [len(texts) for texts in one.seen().values()] == [1, 0]
        await one.goes()
        assert [mass.people for mass in one.bench.api.masses] == [{"o2"}]


async def test_who_writes_before_it_goes_reads_it_then_and_once(store: Store) -> None:
    async with town(store) as one:
        await one.follow("o1", "o2")
        number = await one.publish()
        assert "失业金标准调整" in await one.phones["o1"].says("查看")
        await one.goes()
        assert [mass.people for mass in one.bench.api.masses] == [{"o2"}]
        await one.bench.platform.reports()
        assert {fate for fate, _ in (await one.fates(number)).values()} == {"sent"}
        assert not any("失业金标准调整" in text for text in one.seen()["o1"])


async def test_what_is_taken_back_in_its_minute_reaches_nobody(store: Store) -> None:
    async with town(store) as one:
        await one.follow("o1", "o2")
        number = await one.publish()
        assert await one.notices.undo(number, "小王")
        await one.settle()
        await one.goes()
        assert one.bench.api.masses == []
        assert {fate for fate, _ in (await one.fates(number)).values()} == {"cancelled"}


async def test_a_paused_one_waits_and_goes_when_it_is_resumed(store: Store) -> None:
    async with town(store) as one:
        await one.follow("o1", "o2")
        number = await one.publish()
        assert await one.notices.pause(number, "小王")
        await one.settle()
        await one.goes()
        assert one.bench.api.masses == []
        assert await one.notices.resume(number, "小王")
        await one.settle()
        await one.goes()
        assert [mass.people for mass in one.bench.api.masses] == [{"o1", "o2"}]


async def test_the_fifth_of_a_month_goes_by_template_and_the_next_month_begins_anew(
    light: Store,
) -> None:
    async with town(light) as one:
        await one.follow("o1")
        for n in range(5):
            await one.publish(f"通知{n}")
            await one.goes(minutes=31)
            await one.bench.platform.reports()
        assert one.bench.api.calls[MASS] == 4
        assert [text for text in one.seen()["o1"] if text == "[template]"] == ["[template]"]
        one.bench.now += timedelta(days=10)  # December
        await one.phones["o1"].says("你好")
        one.bench.now += timedelta(days=3)
        await one.publish("通知5")
        await one.goes()
        assert one.bench.api.calls[MASS] == 5


async def test_who_got_four_on_the_platforms_own_page_is_counted_not_named(store: Store) -> None:
    async with town(store) as one:
        await one.follow("o1", "o2", "o3")
        one.bench.api.elsewhere["o2"] = 4
        number = await one.publish()
        await one.goes()
        await one.bench.platform.reports()
        fates = await one.fates(number)
        assert set(fates.values()) == {("uncertain", "mass 2/3")}
        assert why("mass 2/3") == "群发给 3 人，微信只说送达 2 人，不说是谁"


async def test_a_subscription_account_sends_one_a_day(light: Store) -> None:
    async with town(light, DAILY) as one:
        await one.follow("o1")
        await one.publish("通知1")
        await one.goes()
        await one.publish("通知2")
        await one.goes(minutes=40)
        assert one.bench.api.calls[MASS] == 1
        one.bench.now += timedelta(days=1)
        await one.goes()
        assert one.bench.api.calls[MASS] == 2


@pytest.mark.parametrize("code", [48001, 45028, 45002])
async def test_what_the_platform_refuses_goes_by_template(store: Store, code: int) -> None:
    async with town(store) as one:
        await one.follow("o1", "o2")
        number = await one.publish()
        one.bench.api.faults[MASS] = [code]
        await one.goes()
        await one.settle()
        assert set(map(tuple, one.seen().values())) == {("[template]",)}
        assert {fate for fate, _ in (await one.fates(number)).values()} == {"waiting"}
        await one.goes()
        assert one.bench.api.calls[MASS] == 1
        assert one.bench.api.tags == {}


async def test_words_that_the_platform_rejects_afterwards_go_by_template(store: Store) -> None:
    async with town(store) as one:
        await one.follow("o1")
        await one.publish()
        await one.goes()
        (mass,) = one.bench.api.masses
        mass.people.clear()  # nobody gets it
        await one.bench.platform.reports(Status="err(20001)", TotalCount="0")
        await one.settle()
        assert one.seen() == {"o1": ["[template]"]}


async def test_an_answer_that_was_lost_sends_nothing_twice(store: Store) -> None:
    async with town(store) as one:
        await one.follow("o1", "o2")
        number = await one.publish()
        lost = one.bench.api._mass

        def arrived(body: object) -> object:
            lost(body)  # type: ignore[arg-type]  # the body of a call
            raise TimeoutError

        one.bench.api._mass = arrived  # type: ignore[method-assign, assignment]  # once
        await one.goes()
        one.bench.api._mass = lost  # type: ignore[method-assign]  # as it was
        await one.goes(minutes=11)
        assert len(one.bench.api.masses) == 1
        await one.bench.platform.reports()
        assert {fate for fate, _ in (await one.fates(number)).values()} == {"sent"}
        assert all(len(texts) == 1 for texts in one.seen().values())


async def test_two_workers_send_it_once(store: Store, store_url: str) -> None:
    async with town(store) as one, Store(store_url) as other, connected(other, MASSING) as second:
        await one.follow("o1", "o2")
        await one.publish()
        second.channel.api._client = one.bench.channel.api._client  # one platform
        one.bench.now += timedelta(minutes=3)
        second.now = one.bench.now
        await one.bench.channel.upkeep()
        await second.channel.upkeep()
        assert one.bench.api.calls[MASS] == 1


async def test_whom_the_platform_does_not_take_is_left_out_alone(light: Store) -> None:
    async with town(light) as one:
        people = [f"o{n:02}" for n in range(60)]
        await one.follow(*people)
        number = await one.publish()
        one.bench.api.people["o07"].follows = False
        await one.goes()
        (mass,) = one.bench.api.masses
        assert mass.people == set(people) - {"o07"}
        assert (await one.fates(number))["o07"][0] == "blocked"


async def test_nobody_is_woken_by_it_unless_it_is_urgent(light: Store) -> None:
    async with town(light) as one:
        awake = replace(UNEMPLOYMENT, quiet_from="08:00")
        await one.follow("o1", wanted=awake)
        one.bench.now += timedelta(hours=12)  # ten at night
        await one.publish()
        await one.goes()
        assert one.bench.api.masses == []
        await one.follow("o2", wanted=awake)
        await one.publish("紧急", urgent="系统停机")
        await one.goes()
        assert [mass.words.split("\n")[0] for mass in one.bench.api.masses] == ["紧急"]
        one.bench.now += timedelta(hours=10)
        await one.goes()
        assert len(one.bench.api.masses) == 2


async def test_what_nobody_reports_stays_uncertain(light: Store) -> None:
    async with town(light) as one:
        await one.follow("o1")
        number = await one.publish()
        await one.goes()
        await one.goes(minutes=25 * 60)
        assert (await one.fates(number))["o1"] == ("uncertain", "mass unreported")
        assert one.bench.api.tags == {}


@pytest.mark.parametrize("account", [SERVICE, replace(UNVERIFIED, mass=True)])
async def test_without_the_setting_or_the_right_nothing_gathers(
    light: Store, account: Account
) -> None:
    async with town(light, account) as one:
        await one.follow("o1")
        await one.publish()
        await one.goes()
        assert one.bench.api.calls[MASS] == 0
        async with light.read() as tx:
            assert (await tx.execute(select(tables.wechat_masses.c.id))).first() is None


async def test_a_hundred_who_wait_to_be_read_do_not_stop_a_notice(light: Store) -> None:
    async with town(light, SERVICE) as one:
        await one.follow(*(f"o{n:03}" for n in range(100)))
        number = await one.publish()
        one.bench.now += timedelta(minutes=1)
        await one.settle()
        async with light.read() as tx:
            state = (await tx.execute(select(tables.broadcasts.c.state))).scalar_one()
        assert state == "running"
        assert len(await one.fates(number)) == 100


def test_only_plain_words_go_to_many() -> None:
    said = "标题\n内容\n（您订阅了“失业 · 长沙”，所以收到这条。回复“退订”不再收。）"
    other = said.replace("长沙", "株洲")
    assert common(Reply("notice", said, (MINE, LEAVE))) == common(Reply("notice", other))
    assert common(Reply("notice", said, (Choice("报名", "/join 1"), MINE, LEAVE))) is None
    assert common(Reply("notice", "长" * 700)) is None


async def test_the_check_says_what_is_left_of_today(light: Store) -> None:
    async def said(account: Account, code: int = 0) -> str:
        async with light.write() as tx:
            await tx.execute(delete(tables.wechat_tokens))  # of another platform
        async with connected(light, account) as bench:
            bench.api.faults["/cgi-bin/tags/get"] = [code]
            lines: list[str] = []
            await check(account, bench.channel.api, "https://x.example", lines.append)
            (line,) = [line for line in lines if "群发" in line]
            return line

    assert (await said(MASSING)).startswith(KEPT)
    assert "今天还能调用 100 次；每位关注者每月 4 条" in await said(MASSING)
    assert "还能调用 1 次；每天 1 次" in await said(DAILY)
    assert (await said(MASSING, 48001)).startswith(MISSING)
    assert (await said(SERVICE)).startswith(UNUSED)
    assert (await said(replace(UNVERIFIED, mass=True))).startswith(UNUSED)
