"""What bulk sets aside, on both databases: it still waits, and a crash leaves none of it in doubt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic

import pytest
from sqlalchemy import select

from bot.channels.base import Limits, Undeliverable
from bot.clock import wall_clock
from bot.engine.types import Address, Reply
from bot.outbox import Sender, shares
from bot.outbox.lane import Work
from bot.outbox.pace import Pace
from bot.outbox.shares import Shares
from bot.outbox.verdict import Sending
from bot.store import broadcast_rows, claims, outbox, paces, rights, tables
from bot.store.engine import Store
from bot.store.outbox import Lane, Outgoing, Taken
from tests.stage import FAST, FakeChannel
from tests.talk import MONDAY

BULK: tuple[str, Lane] = ("telegram", "bulk")
SOON, LATER = MONDAY + timedelta(seconds=20), MONDAY + timedelta(seconds=40)


def news(user: str, origin: str = "broadcast:1") -> Outgoing:
    to = Address("telegram", user)
    return Outgoing(to, Reply("notice", "news"), origin, f"{origin}:{to}", "bulk")


async def put(store: Store, *outgoing: Outgoing, now: datetime = MONDAY) -> None:
    async with store.write() as tx:
        await outbox.put(tx, outgoing, now)


async def claimed(
    store: Store, most: int = 5, now: datetime = MONDAY, by: str | None = "w"
) -> dict[Taken, datetime]:
    until = now + timedelta(seconds=20)
    async with store.write() as tx:
        return dict.fromkeys(await claims.claim(tx, BULK, most, now, until, by), until)


async def marked(
    store: Store, ours: dict[Taken, datetime], now: datetime = MONDAY
) -> Sequence[Taken]:
    async with store.write() as tx:
        return await claims.mark(tx, ours, now, now + timedelta(seconds=20))


async def test_a_claimed_row_is_numbered_and_counted_when_it_goes(store: Store) -> None:
    await put(store, news("1"), news("2"))
    ours = await claimed(store)
    assert await _lines(store) == []
    assert [one.attempts for one in ours] == [0, 0]
    assert [one.attempts for one in await marked(store, ours)] == [1, 1]
    assert await _lines(store) == [1, 1]
    assert await claimed(store) == {}


async def _lines(store: Store) -> list[int]:
    async with store.read() as tx:
        box = tables.outbox
        return list((await tx.execute(select(box.c.line).where(box.c.line.is_not(None)))).scalars())


async def test_what_is_cancelled_put_off_or_erased_meanwhile_does_not_go(store: Store) -> None:
    await put(store, news("1"), news("2", "broadcast:2"), news("3", "broadcast:3"), news("4"))
    ours = await claimed(store)
    async with store.write() as tx:
        await broadcast_rows.put_off(tx, "broadcast:2", 10)
        await broadcast_rows.call_off(tx, "broadcast:3", MONDAY, 10)
        await rights.erase(tx, {Address("telegram", "4")}, "")
    assert [one.to.user for one in await marked(store, ours)] == ["1"]


async def test_a_crash_leaves_only_what_was_marked_in_doubt(store: Store) -> None:
    await put(store, *(news(str(n)) for n in range(4)))
    ours = await claimed(store)
    first = dict(list(ours.items())[:2])
    await marked(store, first)
    assert await claimed(store, now=SOON - timedelta(seconds=1)) == {}
    again = await claimed(store, now=LATER)
    assert {one.to.user: one.doubtful for one in again} == {
        "0": True, "1": True, "2": False, "3": False
    }  # fmt: skip


async def test_a_claim_that_another_has_taken_over_marks_nothing(store: Store) -> None:
    await put(store, news("1"))
    late = await claimed(store)
    heir = await claimed(store, now=LATER, by="heir")
    assert await marked(store, late, LATER) == []
    assert len(await marked(store, heir, LATER)) == 1


async def test_what_is_given_back_is_anybodys(store: Store) -> None:
    await put(store, news("1"))
    ours = await claimed(store)
    async with store.write() as tx:
        await claims.release(tx, ours, MONDAY)
    assert await marked(store, ours) == []
    assert len(await claimed(store, by="heir")) == 1


async def test_a_worker_back_under_its_name_frees_its_claims_and_wakes_nothing_else(
    store: Store,
) -> None:
    await put(store, news("1"), news("2", "broadcast:2"))
    await claimed(store)
    async with store.write() as tx:
        await broadcast_rows.put_off(tx, "broadcast:2", 10)
        assert await outbox.take_back(tx, "w", MONDAY) == 1
    assert [one.to.user for one in await claimed(store)] == ["1"]


# --- several workers ---------------------------------------------------------------------------


@asynccontextmanager
async def running(*senders: Sender) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in senders]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: object) -> None:
    async with asyncio.timeout(60):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110 — a database has no event
            await asyncio.sleep(0.01)


@dataclass
class Counting(FakeChannel):
    """Notes when each call came in."""

    name: str = "telegram"
    at: list[float] = field(default_factory=list)

    async def deliver(self, user: str, reply: Reply, key: str) -> None:
        self.at.append(monotonic())
        await super().deliver(user, reply, key)


async def test_two_workers_keep_to_one_pace_together(
    store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "LOOK", 0.1)
    limits = Limits(4096, per_second=100.0, per_person=0.0, at_once=8)
    one, two = Counting(limits=limits), Counting(limits=limits)
    async with Store(store_url) as second:
        senders = [
            Sender(s, [c], wall_clock, lambda: 0.5) for s, c in ((store, one), (second, two))
        ]
        async with running(*senders):
            async with asyncio.timeout(30):
                while await _shares(store) != [50, 50]:  # noqa: ASYNC110 — a database has no event
                    await asyncio.sleep(0.05)
            await put(store, *(news(str(n)) for n in range(150)), now=wall_clock())
            for sender in senders:
                sender.wake([BULK])
            await until(lambda: len(one.told) + len(two.told) == 150)
    assert min(len(one.told), len(two.told)) > 30
    went = sorted(one.at + two.at)
    assert max(sum(at <= other < at + 1.0 for other in went) for at in went) <= 100
    assert await _shares(store) == []


async def test_where_one_worker_was_refused_the_other_keeps_more_apart(store: Store) -> None:
    limits = Limits(4096, per_second=30.0)
    paced = [Pace(limits, monotonic) for _ in "ab"]
    work = Work(store, wall_clock, lambda: 0.5, Sending(), None, frozenset())
    one, two = (
        Shares(work, "telegram", pace, [], name) for pace, name in zip(paced, "ab", strict=True)
    )
    await one.look()
    paced[0].refused()
    await one.look()
    await two.look()
    assert paced[1].wider == 0.0
    alone = Pace(limits, monotonic)
    for pace in (paced[1], alone):
        pace.grant(1)
        pace.reserve(Address("t", "1"), "talk")
    assert paced[1].wait("talk") > alone.wait("talk") + 0.02


async def _shares(store: Store) -> list[int]:
    """Of those that live."""
    async with store.read() as tx:
        known = await paces.known(tx, "telegram")
    return [worker.share for worker in known if worker.until > wall_clock().timestamp()]


async def test_a_lane_that_is_to_rest_does_so_in_every_worker(store: Store, store_url: str) -> None:
    refusal = Undeliverable("too many requests", retry_after=30.0)
    one = FakeChannel("telegram", FAST, refuse={"1": [refusal]})
    two = FakeChannel("telegram", FAST)
    await put(store, news("1"), now=wall_clock())
    async with Store(store_url) as second:
        async with running(Sender(store, [one], wall_clock, lambda: 0.5)):
            await until(lambda: not one.refuse["1"])
        await put(store, news("2"), now=wall_clock())
        async with running(Sender(second, [two], wall_clock, lambda: 0.5)):
            await asyncio.sleep(0.3)
            assert two.told == []
            async with second.write() as tx:
                await paces.rest(tx, BULK, wall_clock())  # shorter: changes nothing
                assert (await paces.rests(tx, "telegram"))["bulk"] > wall_clock()


# --- what is paid for --------------------------------------------------------------------------


@dataclass
class Paying(FakeChannel):
    name: str = "telegram"
    paid: list[str] = field(default_factory=list)

    async def deliver_paid(self, user: str, reply: Reply, key: str) -> None:
        self.paid.append(user)
        await self.deliver(user, reply, key)


async def test_only_broadcasts_are_paid_for_and_only_if_so_chosen(store: Store) -> None:
    free, paying = Paying(limits=FAST), Paying(limits=replace(FAST, paid_per_second=1000))
    answer = Outgoing(Address("telegram", "3"), Reply("answer", "好"), "turn", "a")
    for n, channel in enumerate((free, paying)):
        origin = f"broadcast:{n}"
        await put(store, news("1", origin), news("2", f"reminder:{n}"), replace(answer, key=str(n)))
        await Sender(store, [channel], lambda: MONDAY, lambda: 0.5).drain(MONDAY)
        assert len(channel.told) == 3
    assert (free.paid, paying.paid) == ([], ["1"])


def test_what_is_paid_for_leaves_the_common_pace_to_the_others() -> None:
    pace = Pace(Limits(4096, per_second=30.0, per_person=0.0, paid_per_second=600), lambda: 0.0)
    for n in range(60):
        pace.reserve(Address("t", str(n)), "bulk", paid=True)
    assert pace.row_waits(Address("t", "x"), paid=False) == 0.0
    for n in range(30):
        pace.reserve(Address("t", f"answer{n}"), "talk")
    assert pace.row_waits(Address("t", "x"), paid=False) > 0.5
    assert pace.row_waits(Address("t", "x"), paid=True) == 0.0
