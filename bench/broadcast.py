"""A broadcast against a stand-in of a platform: how fast, how strictly, and at whose expense.

*Pace*: a minute at the platform's own pace, 30 in any second: once where nothing is refused, once where
every 31st call in any second is refused with `retry_after`.
*Everybody*: 100,000 people (`--people`) with 429, 403, 400, 5xx, time-outs and calls that arrive but
whose answer is lost, at random; the pace is scaled (`--scale`) so that it does not take an hour. What the
house says of each is compared with what the stand-in saw.
*Answers*: how long a citizen's message takes from hand-in to commit, with and without a broadcast.

    python -m bench.broadcast [--people 100000] [--scale 10]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from statistics import quantiles

from sqlalchemy import insert

from bot.channels.base import Undeliverable
from bot.channels.telegram.channel import LIMITS
from bot.clock import wall_clock
from bot.engine.notice import Content
from bot.engine.types import Address, Conversation, Event, Message, NoticeGiven, Reply, Turn
from bot.host import Host
from bot.notices import Notices
from bot.outbox import Sender
from bot.store import broadcasts
from bot.store.broadcasts import Draft
from bot.store.engine import Store
from bot.store.migrate import migrate
from bot.store.tables import preferences, subscriptions
from handlers.files import load_regions
from scheduler.broadcasts import sending, sweep
from tests.stage import FakeChannel

LATENCY = 0.06  # seconds that the stand-in takes for a call
MINUTE = 1_800  # messages at 30 a second
FAULTS = {  # share of calls
    "blocked": 0.01,  # of people, not of calls
    "bad_request": 0.002,
    "bad_gateway": 0.01,
    "lost": 0.003,  # it arrived, the answer did not
    "timed_out": 0.003,  # it did not arrive
    "too_many": 0.0005,
}


@dataclass
class StandIn(FakeChannel):
    """Telegram as a broadcast meets it. `strict`: the 31st (scaled) in any second is refused."""

    strict: bool = False
    faulty: bool = False
    seen: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    calls: list[float] = field(default_factory=list)  # when each came in, in seconds
    _window: deque[float] = field(default_factory=deque)

    @property
    def rate(self) -> float:
        """Messages a second, from the first call to the last."""
        return (len(self.seen) - 1) / (self.calls[-1] - self.calls[0])

    async def deliver(self, user: str, reply: Reply, key: str) -> None:
        await asyncio.sleep(LATENCY / 2)
        self._count()
        lost = self._fault(user) if self.faulty else False
        self.seen[user] += 1
        await asyncio.sleep(LATENCY / 2)
        if lost:
            raise Undeliverable("TimedOut", uncertain=True)

    def _count(self) -> None:
        now = time.monotonic()
        self.calls.append(now)
        while self._window and self._window[0] <= now - 1.0:
            self._window.popleft()
        if self.strict and len(self._window) >= self.limits.per_second:
            self.refused += 1
            raise Undeliverable("too many requests", retry_after=1.0)
        self._window.append(now)

    def _fault(self, user: str) -> bool:
        """Whether the answer is to be lost. Raises Undeliverable."""
        if int(user) % 100 == 0:
            raise Undeliverable("Forbidden: bot was blocked by the user", permanent=True)
        roll = self.chance.random()
        for kind, error in (
            ("bad_request", Undeliverable("Bad Request: chat not found", permanent=True)),
            ("bad_gateway", Undeliverable("Bad Gateway")),
            ("timed_out", Undeliverable("TimedOut", uncertain=True)),
            ("too_many", Undeliverable("too many requests", retry_after=1.0)),
        ):
            if (roll := roll - FAULTS[kind]) < 0:
                raise error
        return roll < FAULTS["lost"]


def telling(was: Conversation, event: Event, now: datetime) -> Turn:
    match event:
        case NoticeGiven():
            return Turn(was, (event.reply,))
        case _:
            return Turn(was, (Reply("answer", "好的"),))


@dataclass
class Bench:
    store: Store
    host: Host
    notices: Notices
    channel: StandIn


@asynccontextmanager
async def opened(channel: StandIn, people: int) -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'bot.db'}"
        await migrate(url)
        async with Store(url) as store:
            await _subscribed(store, people)
            sender = Sender(store, [channel], wall_clock, random.random)
            apology = Reply("error", "抱歉")
            async with Host(
                store, wall_clock, telling, lambda m: m, apology=apology, wake=sender.wake
            ) as host:
                tasks = [asyncio.create_task(sender.run()), asyncio.create_task(sending(host))]
                yield Bench(store, host, Notices(host, load_regions), channel)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


async def _subscribed(store: Store, people: int) -> None:
    now = wall_clock()
    for begin in range(1, people + 1, 5_000):
        users = [
            {"channel": "telegram", "user": str(n)}
            for n in range(begin, min(begin + 5_000, people + 1))
        ]
        quiet = {"quiet_from": "00:00", "quiet_until": "00:00"}
        kept = {"region": "全国", "weekly": False, "off": "", "updated_at": now, **quiet}
        async with store.write() as tx:
            await tx.execute(insert(preferences), [{**user, **kept} for user in users])
            rows = [{**user, "topic": "失业", "since": now} for user in users]
            await tx.execute(insert(subscriptions), rows)


async def begin(bench: Bench) -> int:
    draft = Draft(Content("失业保险金标准调整", "每月标准有变化。", topics=("失业",)))
    number = await bench.notices.draft(draft, "小王")
    assert await bench.notices.approve(number, "老李")
    return number


async def finished(bench: Bench, number: int) -> float:
    """Seconds that it took."""
    began = time.perf_counter()
    while True:
        await asyncio.sleep(0.2)
        async with bench.store.read() as tx:
            said = await broadcasts.one(tx, number)
        if said and said.state == "done":
            return time.perf_counter() - began
        if said and said.state == "paused":
            raise SystemExit(f"paused itself: {said.why}")


async def pace(strict: bool) -> None:
    channel = StandIn("telegram", LIMITS, strict=strict)
    async with opened(channel, MINUTE) as bench:
        worked = time.process_time()
        await finished(bench, await begin(bench))
        worked = time.process_time() - worked
    missed = MINUTE - len(channel.seen)
    where = "the 31st in any second is refused" if strict else "nothing is refused"
    print(
        f"pace, {where}: {channel.rate:.1f}/s, refused {channel.refused}, missed {missed}, "
        f"double {channel.seen.total() - len(channel.seen)}; "
        f"{worked / MINUTE * 1000:.1f} ms of processor time a message",
        flush=True,
    )


async def everybody(people: int, scale: int) -> None:
    limits = replace(LIMITS, per_second=30.0 * scale, at_once=4 * scale)
    channel = StandIn("telegram", limits, faulty=True)
    async with opened(channel, people) as bench:
        number = await begin(bench)
        spent = await finished(bench, number)
        await sweep(bench.host)
        fates, twice = await _fates(bench, number)
    missed = [u for u, fate in fates.items() if fate == "sent" and not channel.seen[u]]
    wrong = {u for u, fate in fates.items() if fate in ("blocked", "failed") and channel.seen[u]}
    double = {u for u, times in channel.seen.items() if times > 1}
    print(
        f"everybody: {people} people at {scale} times the pace, {spent:.0f} s, {people / spent:.0f}/s; "
        f"{dict(Counter(fates.values()))}; not listed {people - len(fates)}, said sent but not seen "
        f"{len(missed)}, said failed but seen {len(wrong)}, double "
        f"{len(double)} of which not marked {len(double - twice)}",
        flush=True,
    )


async def _fates(bench: Bench, number: int) -> tuple[dict[str, str], set[str]]:
    fates: dict[str, str] = {}
    twice: set[str] = set()
    after = 0
    while page := await bench.notices.recipients(number, after, 5_000):
        fates |= {one.to.user: one.fate for one in page}
        twice |= {one.to.user for one in page if one.maybe_twice}
        after = page[-1].id
    return fates, twice


async def answers(seconds: float = 30.0, each: float = 0.05) -> None:
    """One message each 50 ms."""
    found: dict[str, list[float]] = {}
    for during in ("without", "during"):
        channel = StandIn("telegram", LIMITS)
        async with opened(channel, MINUTE) as bench:
            if during == "during":
                await begin(bench)
            took: list[float] = []
            for n in range(int(seconds / each)):
                began = time.perf_counter()
                sender = Address("telegram", f"asker{n % 50}")
                await bench.host.heard(Message(f"{during}{n}", sender, "问", wall_clock()))
                took.append((time.perf_counter() - began) * 1000)
                with suppress(TimeoutError):
                    await asyncio.sleep(each)
        found[during] = took
    cuts = {name: quantiles(took, n=100) for name, took in found.items()}
    for name, cut in cuts.items():
        print(f"answers {name} a broadcast: p50 {cut[49]:.1f} ms, p99 {cut[98]:.1f} ms", flush=True)
    print(f"answers: p99 {cuts['during'][98] / cuts['without'][98]:.2f} times", flush=True)


async def run(people: int, scale: int) -> None:
    await pace(strict=False)
    await pace(strict=True)
    await answers()
    await everybody(people, scale)


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("--people", type=int, default=100_000)
    given.add_argument("--scale", type=int, default=10)
    chosen = given.parse_args()
    asyncio.run(run(chosen.people, chosen.scale))
