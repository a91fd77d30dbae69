"""Nonces of the callback: a replay is refused by every process, and after a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from bot.channels.wechat import Account, Notice
from bot.engine.types import Message, Reply
from bot.store import tables, wechat_nonces
from bot.store.engine import Store
from bot.store.wechat_nonces import Nonce
from tests.talk import MONDAY
from tests.wechat_double.bench import FIELDS, SERVICE, Bench, connected

SECOND = timedelta(seconds=1)
PLAIN = replace(SERVICE, aes_keys=())


async def passed(store: Store, *nonces: Nonce, after: float = 0.0) -> set[Nonce]:
    async with store.write() as tx:
        return await wechat_nonces.passed(tx, nonces, MONDAY + after * SECOND)


async def test_a_nonce_is_good_for_one_message_three_times_within_a_minute(store: Store) -> None:
    mine, other = Nonce("1:a", "m1"), Nonce("1:a", "m2")
    assert await passed(store, mine) == {mine}
    assert await passed(store, other) == set()
    assert await passed(store, mine, after=59) == {mine}
    assert await passed(store, mine, after=61) == set()
    assert await passed(store, mine, after=59) == {mine}
    assert await passed(store, mine, after=59) == set()


async def test_many_are_looked_at_together_and_of_two_alike_one_passes(store: Store) -> None:
    many = [Nonce(f"1:{n}", f"m{n}") for n in range(40)]
    assert await passed(store, *many) == set(many)
    mixed = [replace(one, message_id="another") if n % 2 else one for n, one in enumerate(many)]
    assert await passed(store, *mixed) == set(many[::2])
    twins = [Nonce("2:a", "m1"), Nonce("2:a", "m2")]
    assert len(await passed(store, *twins)) == 1


@asynccontextmanager
async def processes(url: str, account: Account) -> AsyncIterator[tuple[Bench, Bench, list[str]]]:
    """Two that share the database, and what both heard."""
    heard: list[str] = []

    def talk(message: Message) -> Sequence[Reply]:
        heard.append(message.text)
        return (Reply("answer", f"收到：{message.text}"),)

    async with AsyncExitStack() as stack:
        benches = []
        for _ in range(2):
            store = await stack.enter_async_context(Store(url))
            key = None if not account.aes_keys else account.aes_keys[0]
            made = connected(store, account, talk, seal_key=key)
            benches.append(await stack.enter_async_context(made))
        yield benches[0], benches[1], heard


async def codes(bench: Bench, query: dict[str, str], *bodies: str) -> list[int]:
    answers = [await bench.platform.post(query, body) for body in bodies]
    return [answer.status_code for answer in answers if answer]


async def test_a_signature_is_good_for_no_other_message_at_any_process(store_url: str) -> None:
    async with processes(store_url, PLAIN) as (one, two, heard):
        query, body = one.platform.sealed(one.phone.message("text", Content="一"))
        forged = [one.phone.message("text", Content=text) for text in ("二", "查看", "三")]
        assert await codes(one, query, body) == [200]
        assert await codes(two, query, *forged, body) == [403, 403, 403, 403]
        assert heard == ["一"]


async def test_wechat_may_ask_another_process_again(store_url: str) -> None:
    async with processes(store_url, SERVICE) as (one, two, heard):
        query, body = one.platform.sealed(one.phone.message("text", Content="一"))
        assert await codes(one, query, body) == [200]
        assert await codes(two, query, body) == [200]
        assert heard == ["一"]
        two.now += timedelta(seconds=61)
        assert await codes(two, query, body) == [403]


async def test_a_replay_after_a_restart_is_refused(store_url: str) -> None:
    async with processes(store_url, SERVICE) as (one, two, _):
        query, body = one.platform.sealed(one.phone.message("text", Content="一"))
        assert await codes(one, query, body, body, body) == [200, 200, 200]
        two.now += timedelta(seconds=61)  # started a minute later
        assert await codes(two, query, body) == [403]


async def test_words_that_wait_are_not_told_to_a_forger(store_url: str) -> None:
    async with processes(store_url, PLAIN) as (one, two, _):
        await one.phone.says("转人工")
        one.now += timedelta(hours=49)
        two.now = one.now
        await one.staff_says("您的材料齐了。", "s1")
        query, event = one.platform.sealed(one.phone.event("LOCATION", EventKey=""))
        assert await codes(one, query, event) == [200]
        for bench in (one, two):
            assert await codes(bench, query, bench.phone.message("text", Content="查看")) == [403]
        assert await two.phone.says("查看") == "您的材料齐了。"


async def test_a_consent_is_counted_once(store_url: str) -> None:
    lasting = replace(SERVICE, template=None, subscription=Notice("S1", FIELDS))
    inside = (
        "<SubscribeMsgPopupEvent><List><TemplateId>S1</TemplateId>"
        "<SubscribeStatusString>accept</SubscribeStatusString></List></SubscribeMsgPopupEvent>"
    )
    async with processes(store_url, lasting) as (one, two, _):
        popup = one.phone.event("subscribe_msg_popup_event", inside)
        query, body = one.platform.sealed(popup)
        assert await codes(one, query, body) == [200]
        two.now += timedelta(seconds=61)
        assert await codes(two, query, body) == [403]
        async with one.store.read() as tx:
            counted = await tx.execute(select(tables.wechat_people.c.consents))
        assert counted.scalar_one() == 1


async def test_what_is_out_of_the_window_is_forgotten(store: Store) -> None:
    async with connected(store) as bench:
        await bench.phone.says("一")
        await bench.channel.upkeep()
        count = select(func.count()).select_from(tables.wechat_nonces)
        async with store.read() as tx:
            assert (await tx.execute(count)).scalar_one() == 1
        bench.now += timedelta(minutes=16)
        await bench.channel.upkeep()
        async with store.read() as tx:
            assert (await tx.execute(count)).scalar_one() == 0
