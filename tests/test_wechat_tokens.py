"""One access token for all processes, renewed before its end, replaced once, never in a stampede."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.channels.base import Undeliverable
from bot.channels.wechat.client import Client, WechatError
from bot.channels.wechat.tokens import PATH, Tokens
from bot.engine.types import Reply
from bot.keys import Keys, new_key, read_keys
from bot.store import wechat_tokens
from bot.store.engine import Store
from tests.wechat_double.bench import SERVICE, Bench, connected

SEND = "/cgi-bin/message/custom/send"


@pytest.fixture
async def bench(store: Store) -> AsyncIterator[Bench]:
    async with connected(store) as made:
        yield made


@asynccontextmanager
async def processes(
    bench: Bench, count: int, keys: Sequence[Keys | None] = ()
) -> AsyncIterator[list[Tokens]]:
    """Each with its own memory, its own connections and the same database."""
    rings = keys or [None] * count
    made = []
    for ring in rings:
        client = Client("https://api.weixin.qq.com", bench.api.transport)
        store = Store(str(bench.store.url.render_as_string(hide_password=False)))
        tokens = Tokens(SERVICE, client, store, bench.clock, brief, ring)
        made.append((client, store, tokens))
    try:
        yield [tokens for _, _, tokens in made]
    finally:
        for client, store, _ in made:
            await client.close()
            await store.close()


async def brief(_: float) -> None:
    await asyncio.sleep(0.005)


async def slow(path: str) -> None:
    await asyncio.sleep(0.05)


async def test_a_hundred_at_once_on_four_processes_ask_for_one_token(bench: Bench) -> None:
    bench.api.before = slow
    async with processes(bench, 4) as four:
        told = await asyncio.gather(*(tokens.get() for tokens in four for _ in range(25)))
    assert len(set(told)) == 1
    assert bench.api.calls[PATH] == 1


async def test_it_is_renewed_five_minutes_before_its_end_and_the_old_one_serves_meanwhile(
    bench: Bench,
) -> None:
    async with processes(bench, 2) as (first, second):
        old = await first.get()
        bench.now += timedelta(seconds=7200 - 301)
        assert await first.get() == old
        assert bench.api.calls[PATH] == 1
        bench.now += timedelta(seconds=2)
        bench.api.before = slow
        told = await asyncio.gather(*(t.get() for t in (first, second) for _ in range(20)))
        new = await second.get()
        assert new != old
        assert set(told) <= {old, new}
        assert bench.api.calls[PATH] == 2


async def test_the_worker_renews_it_before_anybody_needs_it(bench: Bench) -> None:
    await bench.channel.upkeep()
    bench.now += timedelta(seconds=7200 - 299)
    await bench.channel.upkeep()
    assert bench.api.calls[PATH] == 2


async def test_a_restart_costs_no_call(bench: Bench) -> None:
    async with processes(bench, 1) as (before,):
        await before.get()
    async with processes(bench, 1) as (after,):
        await after.get()
    assert bench.api.calls[PATH] == 1


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_replaced_once_for_all_who_hold_it(
    bench: Bench, code: int
) -> None:
    await bench.phone.says("好")
    await bench.channel.deliver("o1", Reply("staff", "一"), "k0")
    bench.api.end_tokens()
    await asyncio.gather(
        *(bench.channel.deliver("o1", Reply("staff", f"{n}"), f"k{n}") for n in range(1, 5))
    )
    assert bench.api.calls[PATH] == 2
    assert len(bench.phone.look()) == 5


async def test_a_token_that_is_refused_again_and_again_is_no_storm(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.phone.says("好")
    bench.api.faults[SEND] = [40001] * 50
    for n in range(3):
        with pytest.raises(Undeliverable) as failed:
            await bench.channel.deliver("o1", Reply("staff", f"{n}"), f"k{n}")
        assert failed.value.retry_after == 60
        assert not failed.value.permanent
    assert bench.api.calls[PATH] <= 2
    assert bench.api.calls[SEND] <= 4
    assert "BOT_WECHAT_SECRET" in caplog.text


async def test_a_process_that_died_while_asking_holds_nobody_up(bench: Bench) -> None:
    bench.api.faults[PATH] = ["cut"]
    async with processes(bench, 2) as (first, second):
        with pytest.raises(Exception, match="ReadTimeout"):
            await first.get()
        assert await second.get()
        bench.now += timedelta(seconds=7200)
        asking = asyncio.create_task(first.get())
        bench.api.before = never
        await asyncio.sleep(0.05)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        bench.api.before = None
        bench.now += timedelta(seconds=16)
        assert await second.get()


async def never(path: str) -> None:
    await asyncio.Event().wait()


async def test_a_wrong_secret_is_told_and_people_wait(bench: Bench) -> None:
    await bench.phone.says("好")
    bench.api.secret = "another"
    with pytest.raises(Undeliverable) as failed:
        await bench.channel.deliver("o1", Reply("staff", "一"), "k")
    assert not failed.value.permanent
    with pytest.raises(WechatError):
        await bench.channel.api.ask("/cgi-bin/get_api_domain_ip")


async def in_the_database(bench: Bench) -> str:
    async with bench.store.read() as tx:
        known = await wechat_tokens.known(tx, SERVICE.app_id)
    assert known
    return known.value


async def test_with_a_key_ring_it_lies_sealed_and_all_who_have_the_key_share_it(
    bench: Bench,
) -> None:
    key = new_key("k1")
    async with processes(bench, 2, [read_keys(key), read_keys(key)]) as (one, two):
        told = await one.get()
        assert told not in await in_the_database(bench)
        assert await two.get() == told
    assert bench.api.calls[PATH] == 1
    newer = read_keys(f"{new_key('k2')},{key}")
    async with processes(bench, 1, [newer]) as (three,):
        assert await three.get() == told, "the old key opens during a change"


@pytest.mark.parametrize("other", [None, read_keys(new_key("k9"))])
async def test_who_cannot_open_it_asks_for_it_and_both_go_on(
    bench: Bench, other: Keys | None
) -> None:
    async with processes(bench, 2, [read_keys(new_key("k1")), other]) as (one, two):
        told = await one.get()
        assert await two.get() == told
        assert await one.get() == told
    assert bench.api.calls[PATH] == 2


async def test_one_in_clear_from_before_serves_and_the_next_is_sealed(bench: Bench) -> None:
    async with processes(bench, 2, [None, read_keys(new_key("k1"))]) as (before, now):
        told = await before.get()
        assert await in_the_database(bench) == told
        assert await now.get() == told
        bench.now += timedelta(hours=2)
        newer = await now.get()
        assert newer not in await in_the_database(bench)
    assert bench.api.calls[PATH] == 2
