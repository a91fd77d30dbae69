"""The sender on both databases: order, lanes, leases, backoff, and what is given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from time import monotonic

import pytest
from sqlalchemy import func, select, text, update

from bot.channels.base import Limits, Undeliverable
from bot.clock import wall_clock
from bot.engine.types import Address, Reply
from bot.outbox import Sender, Sending
from bot.outbox.pace import Pace
from bot.outbox.verdict import verdict
from bot.store import outbox, tables, unreachable
from bot.store.engine import Store
from bot.store.lines import lines
from bot.store.outbox import Lane, Outgoing, Settlement, Taken
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
    words: str,
    lane: Lane = "talk",
    key: str | None = None,
    not_before: datetime | None = None,
) -> Outgoing:
    to = Address("webchat", user)
    return Outgoing(to, Reply("notice", words), "test", key or f"{user}:{words}", lane, not_before)


async def put(store: Store, *outgoing: Outgoing) -> None:
    async with store.write() as tx:
        await outbox.put(tx, outgoing, MONDAY)


async def states(store: Store) -> dict[str, str]:
    box = tables.outbox
    async with store.read() as tx:
        rows = await tx.execute(select(box.c.key, box.c.state))
        return {row.key: row.state for row in rows}


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
    """A minute is only to fail instead of hanging."""
    async with asyncio.timeout(60):
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


async def test_an_order_to_wait_holds_the_lane_and_is_kept_to_the_second(store: Store) -> None:
    channel = FakeChannel(refuse={"zhang": [Undeliverable("429", retry_after=30.0)]})
    now = Now()
    await put(store, out("zhang", "hi"), out("zhang", "news", lane="bulk"))
    one = sender(store, channel, now)
    await one.drain(now.at)
    assert channel.to("zhang") == ["news"]
    await put(store, out("li", "hi"))
    await one.drain(now.later(seconds=29))
    assert channel.to("li") == []
    assert await one.next_due() == MONDAY + timedelta(seconds=30)
    await one.drain(now.later(seconds=1))
    assert channel.told[1:] == [("zhang", "hi"), ("li", "hi")]


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


async def test_a_row_that_raises_holds_up_nobody_and_is_given_up_soon(store: Store) -> None:
    channel = FakeChannel(refuse={"zhang": [ValueError("odd")] * 3})
    now = Now()
    await put(store, out("zhang", "odd"), out("zhang", "next"), out("li", "hi"))
    one = sender(store, channel, now, Sending(faults=3, first_wait=1.0))
    for _ in range(6):
        await one.drain(now.later(minutes=1))
    assert channel.told == [("li", "hi"), ("zhang", "next")]
    assert (await states(store))["zhang:odd"] == "failed"


async def test_a_row_that_cannot_be_read_holds_up_its_person_only_for_seconds(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    channel, now = FakeChannel(), Now()
    await put(store, out("zhang", "secret"), out("zhang", "next"), out("li", "hi"))
    async with store.write() as tx:
        first = tables.outbox.c.key == "zhang:secret"
        await tx.execute(update(tables.outbox).where(first).values(reply='{"kind":"secret"'))
    one = sender(store, channel, now)
    for _ in range(4):
        await one.drain(now.later(seconds=10))
    assert channel.told == [("li", "hi"), ("zhang", "next")]
    assert "secret" not in caplog.text


async def test_a_platform_that_is_down_for_hours_loses_nothing(store: Store) -> None:
    channel = FakeChannel(refuse={"zhang": [Undeliverable("502")] * 15})
    now = Now()
    await put(store, out("zhang", "hi"))
    one = sender(store, channel, now)
    for _ in range(16):
        await one.drain(now.later(minutes=15))
    assert channel.to("zhang") == ["hi"]


async def test_the_waits_between_tries_grow_to_a_limit_and_differ_by_chance() -> None:
    sending = Sending(first_wait=2.0, longest_wait=100.0)
    one = Taken(1, "k", Address("webchat", "zhang"), "talk", "{}", MONDAY, 1, False, None)

    def wait(attempts: int, chance: float) -> float:
        error = Undeliverable("502")
        ended = verdict(replace(one, attempts=attempts), error, MONDAY, sending, chance)
        assert ended.take_at
        return (ended.take_at - MONDAY).total_seconds()

    assert [wait(n, 0.5) for n in (1, 2, 3, 7)] == [2.0, 4.0, 8.0, 100.0]
    assert wait(1, 0.0) == 1.5
    assert wait(1, 1.0) == 2.5


async def test_a_call_that_never_ends_is_cut_and_repeated_as_doubtful(store: Store) -> None:
    channel, now = FakeChannel(gate={"zhang": asyncio.Event()}), Now()
    await put(store, out("zhang", "hi"))
    one = sender(store, channel, now, Sending(call=0.05))
    await one.drain(now.at)
    channel.gate.clear()
    await one.drain(now.later(seconds=5))
    assert channel.to("zhang") == ["hi"]
    async with store.read() as tx:
        doubtful = (await tx.execute(select(tables.outbox.c.doubtful))).scalar_one()
    assert doubtful is True


async def test_a_call_that_lasts_keeps_its_lease(store: Store, store_url: str) -> None:
    gate = asyncio.Event()
    channel, other = FakeChannel(gate={"zhang": gate}), FakeChannel()
    await put(store, out("zhang", "hi"))
    lease = Sending(lease=0.4, poll=0.05)
    async with (
        Store(store_url) as second,
        running(Sender(store, [channel], wall_clock, lambda: 0.5, sending=lease)),
    ):
        await until(lambda: channel.busy)
        async with running(Sender(second, [other], wall_clock, lambda: 0.5, sending=lease)):
            await asyncio.sleep(1.0)
            gate.set()
            await until(lambda: channel.told)
    assert other.told == []


async def test_a_call_that_ends_while_the_database_is_busy_is_not_made_again(
    store: Store, store_url: str
) -> None:
    gates = {"li": asyncio.Event(), "zhang": asyncio.Event()}
    channel, now = FakeChannel(gate=gates), Now()
    await put(store, out("li", "hi"), out("zhang", "hi"))
    async with Store(store_url) as other, running(sender(store, channel, now)):
        await until(lambda: channel.busy == 2)
        now.later(hours=1)  # the leases are long over
        async with other.write() as tx:
            box = tables.outbox
            await tx.execute(update(box).where(box.c.key == "li:hi").values(last_error="held"))
            gates["li"].set()
            await until(lambda: channel.busy == 1)
            await asyncio.sleep(0.1)  # the sender is waiting to settle it
            gates["zhang"].set()
            await until(lambda: channel.busy == 0)
        async with asyncio.timeout(10):
            while set((await states(store)).values()) != {"sent"}:  # noqa: ASYNC110 — a database has no event
                await asyncio.sleep(0.01)
    assert sorted(channel.told) == [("li", "hi"), ("zhang", "hi")]


async def test_calls_on_the_wire_are_finished_when_the_process_ends(store: Store) -> None:
    gate = asyncio.Event()
    channel, now = FakeChannel(gate={"zhang": gate}), Now()
    await put(store, out("zhang", "hi"))
    task = asyncio.create_task(sender(store, channel, now).run())
    await until(lambda: channel.busy)
    task.cancel()
    await asyncio.sleep(0.01)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await states(store) == {"zhang:hi": "sent"}


async def test_a_mass_message_of_a_dead_process_is_left_uncertain_if_so_chosen(
    store: Store,
) -> None:
    now, channel = Now(), FakeChannel()
    await put(store, out("zhang", "news", lane="bulk"), out("li", "news", lane="bulk"))
    async with store.write() as tx:
        await outbox.take(tx, ("webchat", "bulk"), 1, now.at, now.at, "dead")
    await sender(store, channel, now, Sending(repeat_doubtful_bulk=False)).drain(now.at)
    assert channel.told == [("li", "news")]
    assert (await states(store))["zhang:news"] == "uncertain"


async def test_who_settles_after_the_lease_went_on_changes_nothing(store: Store) -> None:
    now = Now()
    await put(store, out("zhang", "hi"))
    async with store.write() as tx:
        [late] = await outbox.take(tx, ("webchat", "talk"), 1, now.at, now.at, None)
        [again] = await outbox.take(tx, ("webchat", "talk"), 1, now.at, now.at, None)
        assert (late.doubtful, again.doubtful) == (False, True)
        await outbox.settle(tx, [Settlement(late.id, late.attempts, "failed", now.at)])
    assert await states(store) == {"zhang:hi": "sending"}


async def test_a_reply_that_belongs_to_no_turn_gets_its_line_when_it_is_taken(
    store: Store,
) -> None:
    now, zhang = Now(), Address("webchat", "zhang")
    later = MONDAY + timedelta(days=1)
    await put(store, out("zhang", "later", not_before=later), out("zhang", "today", lane="bulk"))
    one = sender(store, FakeChannel(), now)
    await one.drain(now.at)
    async with store.read() as tx:
        assert [said[:3:2] for said in await lines(tx, zhang, 0)] == [(1, "today")]
    await one.drain(now.later(days=1))
    async with store.read() as tx:
        assert [said[:3:2] for said in await lines(tx, zhang, 0)] == [(1, "today"), (2, "later")]


async def test_the_sender_lives_through_a_database_that_fails(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    channel, now = FakeChannel(), Now()
    async with store.write() as tx:
        await tx.execute(text("ALTER TABLE outbox RENAME TO gone"))
    one = Sender(store, [channel], now, lambda: 0.5, sending=Sending(poll=0.05))
    async with running(one):
        await until(lambda: any("sender error" in message for message in caplog.messages))
        async with store.write() as tx:
            await tx.execute(text("ALTER TABLE gone RENAME TO outbox"))
        await put(store, out("zhang", "hi"))
        await until(lambda: channel.told)


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


async def test_a_crash_at_any_moment_repeats_no_more_than_the_calls_at_a_time(
    store: Store,
) -> None:
    """What stands as `sending` is what the next process sends again."""
    channel, now = FakeChannel(limits=replace(FAST, at_once=4)), Now()
    lanes: list[Lane] = ["talk", "bulk"]
    await put(store, *(out(f"p{n}", lane, lane=lane) for n in range(60) for lane in lanes))
    sending, most = tables.outbox.c.state == "sending", 0
    async with running(sender(store, channel, now)):
        while len(channel.told) < 120:
            async with store.read() as tx:
                unsettled = await tx.execute(select(func.count()).where(sending))
                most = max(most, unsettled.scalar_one())
    assert 0 < most <= 4


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
    assert before < 100


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


# --- pace --------------------------------------------------------------------------------------


class Tick:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


NOBODY = asyncio.Event()


def send_all(pace: Pace, tick: Tick, lane: Lane, most: int, until: float) -> list[float]:
    """Goes as fast as the pace allows, each look and call taking some time."""
    went: list[float] = []
    while tick.at < until:
        room = min(pace.room(lane, NOBODY), most)
        for n in range(room):
            slot = pace.reserve(Address("t", f"{lane}{len(went)}-{n}"), lane)
            pace.came_back()
            went.append(slot.at)
        tick.at += 0.003 if room else max(pace.wait(lane), 0.0005)
    return [at for at in went if at < until]


@pytest.mark.parametrize("lane", ["talk", "bulk"])
def test_never_more_than_thirty_go_in_any_second_and_hardly_less(lane: Lane) -> None:
    tick = Tick()
    went = send_all(Pace(Limits(4096, per_second=30.0), tick), tick, lane, 4, until=20.0)
    assert all(sum(t <= u < t + 1.0 for u in went) <= 30 for t in went)
    assert len(went) >= 29.5 * 20


def test_bulk_goes_evenly_so_that_an_answer_finds_room_soon() -> None:
    tick = Tick()
    pace = Pace(Limits(4096, per_second=30.0), tick)
    went = send_all(pace, tick, "bulk", 4, until=5.0)
    assert max(b - a for a, b in pairwise(went)) < 0.07  # two thirtieths
    assert pace.wait("talk") < 0.07


def test_when_talk_finds_no_room_bulk_leaves_it_the_next() -> None:
    tick = Tick()
    pace = Pace(Limits(4096, per_second=1.0), tick)
    pace.reserve(Address("t", "1"), "bulk")
    assert pace.room("talk", NOBODY) == 0
    tick.at += 2.0
    assert pace.room("bulk", NOBODY) == 0
    assert pace.room("talk", NOBODY) == 1
    assert pace.room("bulk", NOBODY) == 1


def test_both_lanes_together_keep_to_the_calls_and_bulk_leaves_one_free() -> None:
    pace = Pace(Limits(4096, per_second=1e6, at_once=4), Tick())
    assert pace.room("bulk", NOBODY) == 3
    for n in range(3):
        pace.reserve(Address("t", str(n)), "bulk")
    assert (pace.room("bulk", NOBODY), pace.room("talk", NOBODY)) == (0, 1)


def test_a_channel_with_one_call_at_a_time_sends_bulk_too() -> None:
    assert Pace(Limits(4096, at_once=1), Tick()).room("bulk", NOBODY) == 1


def test_who_found_no_room_is_told_when_a_call_comes_back() -> None:
    pace, told = Pace(Limits(4096, at_once=1), Tick()), asyncio.Event()
    pace.reserve(Address("t", "1"), "talk")
    assert pace.room("talk", told) == 0
    pace.came_back()
    assert told.is_set()


def test_a_platform_that_refuses_gets_a_wider_window_up_to_a_limit() -> None:
    tick = Tick()
    pace = Pace(Limits(4096, per_second=30.0), tick)
    for _ in range(100):
        pace.refused()
    went = send_all(pace, tick, "talk", 4, until=22.0)
    assert 27 * 20 <= len(went) <= 28 * 22


def test_a_slow_platform_may_take_less_than_one_a_second() -> None:
    tick = Tick()
    went = send_all(Pace(Limits(4096, per_second=0.5), tick), tick, "bulk", 4, until=20.0)
    assert min(b - a for a, b in pairwise(went)) >= 2.0
    assert len(went) == 10


def test_one_person_is_not_flooded() -> None:
    tick = Tick()
    pace = Pace(Limits(4096, per_person=1.0), tick)
    pace.reserve(Address("t", "zhang"), "bulk")
    assert pace.row_waits(Address("t", "zhang"), paid=False) == 1.0
    assert pace.row_waits(Address("t", "li"), paid=False) == 0.0
    tick.at = 1.0
    assert pace.row_waits(Address("t", "zhang"), paid=False) == 0.0


async def test_a_broadcast_does_not_wait_for_each_persons_second(store: Store) -> None:
    limits = Limits(4096, per_second=1000.0, per_person=3600.0)
    channel, now = FakeChannel(limits=limits), Now()
    await put(store, *(out(f"p{n}", "news", lane="bulk") for n in range(50)))
    await put(store, out("p0", "more news", lane="bulk"))
    async with running(sender(store, channel, now)):
        await until(lambda: len(channel.told) == 50)
    assert channel.to("p0") == ["news"]
    assert (await states(store))["p0:more news"] == "waiting"


async def test_a_platform_that_refuses_the_thirty_first_in_a_second_refuses_none(
    store: Store,
) -> None:
    strict = Strict()
    everybody = [out(f"p{n}", "news", lane="bulk") for n in range(70)]
    await put(store, *everybody, *(out(f"q{n}", "answer") for n in range(10)))
    async with running(Sender(store, [strict], wall_clock, lambda: 0.5)):
        await until(lambda: len(strict.told) == 80)
    assert strict.refusals == 0


class Strict(FakeChannel):
    """Refuses what comes too fast, as the strictest reading of Telegram's rule would."""

    def __init__(self) -> None:
        super().__init__(limits=Limits(4096, per_second=30.0, per_person=1.0))
        self.refusals = 0
        self._went: list[float] = []

    async def deliver(self, user: str, reply: Reply, key: str) -> None:
        now = monotonic()
        self._went = [at for at in self._went if at > now - 1.0]
        if len(self._went) >= 30:
            self.refusals += 1
            raise Undeliverable("429", retry_after=1.0)
        self._went.append(now)
        await super().deliver(user, reply, key)
