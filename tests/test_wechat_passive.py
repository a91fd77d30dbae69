"""A callback is answered in time with the turn's words; a repeat gets the same; nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.engine import words
from bot.engine.text import clean
from bot.engine.types import Address, Choice, Message, Reply
from bot.store import wechat_people
from bot.store.engine import Store
from tests.wechat_double.bench import UNVERIFIED, Bench, connected

LONG = "".join(f"第{n}步，请准备好身份证和申请表，到窗口办理。" for n in range(1, 121))


@pytest.fixture
async def light(sqlite_url: str) -> AsyncIterator[Store]:
    """A store where nothing depends on the database's ways."""
    async with Store(sqlite_url) as opened:
        yield opened


async def test_the_words_of_the_turn_come_with_the_answer(store: Store) -> None:
    async with connected(store) as bench:
        assert await bench.phone.says("失业金怎么领") == "收到：失业金怎么领"
        await bench.later(seconds=60)
        assert bench.phone.look() == []


async def test_a_repeat_gets_the_same_words_and_is_one_turn(store: Store) -> None:
    heard: list[str] = []

    def counting(message: Message) -> Sequence[Reply]:
        heard.append(message.id)
        return (Reply("answer", f"第 {len(heard)} 次"),)

    async with connected(store, talk=counting) as bench:
        xml = bench.phone.message("text", Content="好")
        query, body = bench.platform.sealed(xml)
        answers = [await bench.platform.post(query, body) for _ in range(3)]
        told = [bench.platform._seen(answer) for answer in answers if answer]
        assert told == ["第 1 次"] * 3
        assert len(heard) == 1


async def test_a_repeat_while_the_first_is_in_work_waits_for_it(light: Store) -> None:
    async with connected(light) as bench:
        query, body = bench.platform.sealed(bench.phone.message("text", Content="好"))
        answers = await asyncio.gather(*(bench.platform.post(query, body) for _ in range(3)))
        assert [bench.platform._seen(answer) for answer in answers if answer] == ["收到：好"] * 3


async def test_an_event_is_known_by_its_sender_time_and_key(store: Store) -> None:
    async with connected(store) as bench:
        same = bench.phone.event("CLICK", EventKey="菜单")
        first, second = await bench.platform.bring(same), await bench.platform.bring(same)
        other = await bench.phone.taps_menu("转人工")
        assert [first, second, other] == ["收到：菜单", "收到：菜单", "收到：转人工"]
        told = [line.text for line in await bench.host.lines(address(bench), 0)]
        assert told == ["菜单", "收到：菜单", "转人工", "收到：转人工"]


async def test_the_rest_of_a_long_reply_follows_in_order_and_nothing_is_lost(store: Store) -> None:
    async with connected(store, talk=lambda _: (Reply("answer", LONG),)) as bench:
        first = await bench.phone.says("全部步骤")
        await bench.later(seconds=1)
        rest = bench.phone.look()
        assert all(len(text.encode()) <= 2048 and text.endswith("。") for text in [first, *rest])
        assert len(rest) == 3
        assert "".join([first, *rest]) == LONG


async def test_an_unverified_account_tells_how_to_go_on(store: Store) -> None:
    async with connected(store, UNVERIFIED, lambda _: (Reply("answer", LONG),)) as bench:
        told = [await bench.phone.says("全部步骤")]
        await bench.later(seconds=60)
        while told[-1].endswith(words.WECHAT_CONTINUE):
            told.append(await bench.phone.says("继续"))
        assert len(told) == 4
        assert "".join(t.removesuffix("\n\n" + words.WECHAT_CONTINUE) for t in told) == LONG
        assert bench.phone.look() == []
        assert bench.api.calls == {}


async def test_continue_and_read_are_ordinary_words_when_nothing_waits(light: Store) -> None:
    async with connected(light) as bench:
        assert await bench.phone.says("继续") == "收到：继续"
        assert await bench.phone.says("查看") == "收到：查看"


async def test_several_replies_share_one_message_and_only_the_last_choices_are_numbered(
    light: Store,
) -> None:
    both = (
        Reply("answer", "甲", (Choice("解决了", "/solved ZY01"),)),
        Reply("question", "乙？", (Choice("是", "是"), Choice("否", "否"))),
    )
    async with connected(light, talk=lambda _: both) as bench:
        told = await bench.phone.says("问")
        assert told.count("msgmenuid") == 3
        assert "· <a" in told
        assert "1 <a" in told
        assert "2 <a" in told
        assert told.index("甲") < told.index("解决了") < told.index("乙？")


async def test_who_answers_late_says_success_and_pushes_the_words(light: Store) -> None:
    async with connected(light, over_http=True, deadline=0.1) as bench:
        bench.platform.cut = 5.0
        async with light.write():  # whoever writes now has the only connection
            assert await bench.phone.says("好") == ""
            assert bench.platform.posts == 1
        await until_heard(bench, 1)
        await bench.later(seconds=7)
        assert bench.phone.look() == ["收到：好"]


async def test_an_unverified_account_is_asked_again_until_it_has_the_words(sqlite_url: str) -> None:
    async with unverified(sqlite_url, deadline=0.1, cut=0.4) as bench:
        bench.platform.cut = 0.3
        async with bench.store.write():
            saying = asyncio.create_task(bench.phone.says("好"))
            while bench.platform.posts < 2:  # noqa: ASYNC110 — WeChat's count
                await asyncio.sleep(0.01)
        assert await saying == "收到：好"


async def test_an_unverified_account_that_is_slow_says_so_the_third_time(sqlite_url: str) -> None:
    async with unverified(sqlite_url, deadline=0.1, cut=0.4) as bench:
        bench.platform.cut = 0.3
        async with bench.store.write():
            assert await bench.phone.says("好") == words.WECHAT_SLOW
        await until_heard(bench, 1)
        bench.now += timedelta(seconds=10)
        assert await bench.phone.says("查看") == "收到：好"


async def test_what_cannot_be_kept_is_told_and_nothing_is_pretended(light: Store) -> None:
    async with connected(light) as bench:
        await bench.host.__aexit__()  # it takes nothing any more
        assert await bench.phone.says("好") == words.APOLOGY


async def test_words_that_nobody_fetched_are_pushed_when_the_grace_is_over(light: Store) -> None:
    async with connected(light) as bench:
        bench.api.acted("o1", (timedelta(hours=48), 5), "message")
        await bench.host.answer(
            Message("o1:1", Address("wechat", "o1"), "好", bench.now), timedelta(seconds=6)
        )
        async with light.write() as tx:
            await wechat_people.wrote(tx, {"o1": "message"}, bench.now)
        await bench.later(seconds=5)
        assert bench.phone.look() == []
        await bench.later(seconds=2)
        assert bench.phone.look() == ["收到：好"]


@asynccontextmanager
async def unverified(url: str, deadline: float, cut: float) -> AsyncIterator[Bench]:
    async with (
        Store(url) as store,
        connected(store, UNVERIFIED, over_http=True, deadline=deadline, cut=cut) as bench,
    ):
        yield bench


HOSTILE = [
    "a]]></Content><MsgType><![CDATA[image]]></MsgType><Content><![CDATA[x",
    "]]>",
    "]]]>>",
    "<xml>&amp;&#x41;<![CDATA[",
    "\u202eabc\ufffe",
    "😀" * 2500,
    "<a href='x'>" * 300,
]


@pytest.mark.parametrize("words_back", HOSTILE)
async def test_whatever_is_echoed_arrives_literally(words_back: str, light: Store) -> None:
    def talk(_: Message) -> Sequence[Reply]:
        return (Reply("answer", words_back),)

    async with connected(light, talk=talk) as bench:
        told = await bench.phone.says("好")
        await bench.later(seconds=1)
        whole = "".join([told, *bench.phone.look()]).replace(" ", "")
        assert whole == clean(words_back).replace("\ufffe", "").replace(" ", "")


def address(bench: Bench) -> Address:
    return Address("wechat", bench.phone.openid)


async def until_heard(bench: Bench, count: int) -> None:
    async with asyncio.timeout(30):
        while len(await bench.host.lines(address(bench))) < count:  # noqa: ASYNC110 — another task's
            await asyncio.sleep(0.01)
