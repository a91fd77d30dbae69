"""The sender on both databases: order, lanes, leases, backoff, and what is given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.channels.base import Undeliverable
from bot.engine.types import Address, Reply
from bot.outbox import Sender, Sending
from bot.pace import Pace
from bot.store import outbox, tables, unreachable
from bot.store.engine import Store
from bot.store.outbox import Lane, Outgoing
from tests.stage import FAST, FakeChannel
from tests.talk import MONDAY


class Now:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.at = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def later(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


def out(
    user: str,
    text: str,
    lane: Lane = "talk",
    key: str | None = None,
    not_before: datetime | None = None,
) -> Outgoing:
    to = Address("webchat", user)
    return Outgoing(to, Reply("notice", text), "test", key or f"{user}:{text}", lane, not_before)


async def put(store: Store, *outgoing: Outgoing) -> None:
    async with store.write() as tx:
        await outbox.put(tx, outgoing, MONDAY)


async def states(store: Store) -> dict[str, str]:
    box = tables.outbox
    async with store.read() as tx:
        return dict((await tx.execute(select(box.c.key, box.c.state))).tuples().all())


def sender(
    store: Store, channel: FakeChannel, now: Now, sending: Sending | None = None, name: str = "w"
) -> Sender:
    return Sender(store, [channel], now, lambda: 0.5, sending=sending, name=name)


@asynccontextmanager
async def running(one: Sender) -> AsyncIterator[None]:
    task = asyncio.create_task(one.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: object) -> None:
    """Ten seconds are only to fail instead of hanging."""
    async with asyncio.timeout(10):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110 — a database has no event
            await asyncio.sleep(0.01)


async def test_a_person_gets_their_messages_in_order(store: Store) -> None:
    channel, now = FakeChannel(), Now()
    await put(store, *(out("zhang", f"m{n}") for n in range(5)), out("li", "hi"))
    await sender(store, channel, now).drain(now.at)
    assert channel.to("zhang") == [f"m{n}" for n in range(5)]
    assert set((await states(store)).values()) == {"sent"}


async def test_a_known_key_is_dropped(store: Store) -> None:
    channel, now = FakeChannel(), Now()
    await put(store, out("zhang", "one", key="k"))
    await put(store, out("zhang", "two", key="k"))
    await sender(store, channel, now).drain(now.at)
    assert channel.to("zhang") == ["one"]


async def test_a_message_of_next_month_holds_up_nothing_of_today(store: Store) -> None:
    channel, now = FakeChannel(), Now()
    later = MONDAY + timedelta(days=30)
    await put(store, out("zhang", "later", not_before=later), out("zhang", "today"))
    one = sender(store, channel, now)
    await one.drain(now.at)
    assert channel.to("zhang") == ["today"]
    assert await one.next_due() == later
    await one.drain(now.later(days=30))
    assert channel.to("zhang") == ["today", "later"]


async def test_a_failed_try_waits_keeps_its_place_and_is_tried_again(store: Store) -> None:
    channel, now = FakeChannel(refuse={"zhang": [Undeliverable("502")]}), Now()
    await put(store, out("zhang", "first"), out("zhang", "second"))
    one = sender(store, channel, now)
    await one.drain(now.at)
    assert channel.to("zhang") == []
    await one.drain(now.later(seconds=3))
    assert channel.to("zhang") == ["first", "second"]


async def test_an_order_to_wait_is_kept_to_the_second(store: Store) -> None:
    channel = FakeChannel(refuse={"zhang": [Undeliverable("429", retry_after=0.05)]})
    now = Now()
    await put(store, out("zhang", "hi"))
    one = sender(store, channel, now)
    await one.drain(now.at)
    assert await one.next_due() == MONDAY + timedelta(seconds=0.05)
    await asyncio.sleep(0.06)  # the lane's own pause is in real seconds
    await one.drain(now.later(seconds=0.05))
    assert channel.to("zhang") == ["hi"]


async def test_who_refuses_us_for_good_is_not_written_to_again(store: Store) -> None:
    channel = FakeChannel(refuse={"zhang": [Undeliverable("blocked", permanent=True)]})
    now = Now()
    await put(store, out("zhang", "one"), out("zhang", "two"), out("li", "hi"))
    await sender(store, channel, now).drain(now.at)
    assert channel.told == [("li", "hi")]
    assert (await states(store))["zhang:two"] == "failed"
    async with store.read() as tx:
        zhang = Address("webchat", "zhang")
        assert await unreachable.among(tx, {zhang}) == {zhang}


async def test_a_mass_message_that_may_have_arrived_is_not_repeated_if_so_chosen(
    store: Store,
) -> None:
    doubt = Undeliverable("timed out", uncertain=True)
    channel, now = FakeChannel(refuse={"zhang": [doubt]}), Now()
    await put(store, out("zhang", "news", lane="bulk"))
    one = sender(store, channel, now, Sending(repeat_doubtful_bulk=False))
    await one.drain(now.at)
    await one.drain(now.later(hours=1))
    assert channel.told == []
    assert await states(store) == {"zhang:news": "uncertain"}


async def test_an_answer_that_may_have_arrived_is_repeated(store: Store) -> None:
    doubt = Undeliverable("timed out", uncertain=True)
    channel, now = FakeChannel(refuse={"zhang": [doubt]}), Now()
    await put(store, out("zhang", "answer"))
    one = sender(store, channel, now)
    await one.drain(now.at)
    await one.drain(now.later(seconds=5))
    assert channel.to("zhang") == ["answer"]


async def test_a_row_that_raises_holds_up_nobody_and_is_given_up_in_the_end(store: Store) -> None:
    channel = FakeChannel(refuse={"zhang": [ValueError("odd")] * 10})
    now = Now()
    await put(store, out("zhang", "odd"), out("li", "hi"))
    one = sender(store, channel, now, Sending(tries=3, first_wait=1.0))
    for _ in range(6):
        await one.drain(now.later(minutes=1))
    assert channel.told == [("li", "hi")]
    assert (await states(store))["zhang:odd"] == "failed"


async def test_a_lease_that_ran_out_is_taken_over(store: Store) -> None:
    now, dead = Now(), FakeChannel(gate={"zhang": asyncio.Event()})
    await put(store, out("zhang", "hi"))
    crashed = asyncio.create_task(sender(store, dead, now, name="dead").drain(now.at))
    await until(lambda: dead.busy)
    channel = FakeChannel()
    heir = sender(store, channel, now, name="heir")
    await heir.drain(now.at)
    assert channel.told == []
    await heir.drain(now.later(seconds=121))
    assert channel.to("zhang") == ["hi"]
    crashed.cancel()


async def test_a_worker_that_comes_back_takes_its_own_rows_at_once(store: Store) -> None:
    now, dead = Now(), FakeChannel(gate={"zhang": asyncio.Event()})
    await put(store, out("zhang", "hi"))
    crashed = asyncio.create_task(sender(store, dead, now).drain(now.at))
    await until(lambda: dead.busy)
    crashed.cancel()
    channel = FakeChannel()
    async with running(sender(store, channel, now)):
        await until(lambda: channel.told)


async def test_no_more_calls_are_on_the_wire_than_the_channel_allows(store: Store) -> None:
    channel, now = FakeChannel(limits=replace(FAST, at_once=3)), Now()
    await put(store, *(out(f"p{n}", "hi") for n in range(30)))
    async with running(sender(store, channel, now)):
        await until(lambda: len(channel.told) == 30)
    assert channel.most_busy <= 3


async def test_a_slow_call_holds_up_only_its_own_person(store: Store) -> None:
    slow = asyncio.Event()
    channel, now = FakeChannel(gate={"slow": slow}), Now()
    await put(
        store, out("slow", "one"), out("slow", "two"), *(out(f"p{n}", "hi") for n in range(20))
    )
    async with running(sender(store, channel, now)):
        await until(lambda: len(channel.told) == 20)
        slow.set()
        await until(lambda: len(channel.told) == 22)
    assert channel.to("slow") == ["one", "two"]


async def test_answers_overtake_a_broadcast(store: Store) -> None:
    channel, now = FakeChannel(limits=replace(FAST, at_once=2)), Now()
    await put(store, *(out(f"p{n}", "news", lane="bulk") for n in range(200)))
    one = sender(store, channel, now)
    async with running(one):
        await until(lambda: channel.told)
        await put(store, out("zhang", "answer"))
        one.wake([("webchat", "talk")])
        await until(lambda: channel.to("zhang"))
        before = len(channel.told)
        await until(lambda: len(channel.told) == 201)
    assert before < 201


async def test_two_workers_send_everything_once(store: Store, store_url: str) -> None:
    channel, now = FakeChannel(), Now()
    await put(store, *(out(f"p{n % 40}", f"m{n:03}") for n in range(200)))
    async with (
        Store(store_url) as second,
        running(sender(store, channel, now, name="a")),
        running(sender(second, channel, now, name="b")),
    ):
        await until(lambda: len(channel.told) >= 200)
    assert len(channel.told) == 200
    for n in range(40):
        texts = channel.to(f"p{n}")
        assert texts == sorted(texts)


def test_the_window_never_lets_more_than_its_number_through_in_any_second() -> None:
    at = [0.0]
    pace = Pace(30, 0.0, lambda: at[0])
    went: list[float] = []
    while len(went) < 300:
        if pace.room() > 0:
            pace.went(Address("t", str(len(went))))
            went.append(at[0])
        else:
            at[0] += max(pace.wait(), 0.001)
    assert all(sum(t <= u < t + 1.0 for u in went) <= 30 for t in went)
    assert went[-1] < 300 / 25


def test_one_person_is_not_flooded() -> None:
    at = [0.0]
    pace = Pace(30, 1.0, lambda: at[0])
    pace.went(Address("t", "zhang"))
    assert pace.person_waits(Address("t", "zhang")) == 1.0
    assert pace.person_waits(Address("t", "li")) == 0.0
    at[0] = 1.0
    assert pace.person_waits(Address("t", "zhang")) == 0.0
