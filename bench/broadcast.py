"""A broadcast against a stand-in of the Bot API over HTTP: how fast, how strictly, at whose expense.

*Pace*: a minute at the platform's own pace: where nothing is refused, and where one more than 30 in any
second is refused with `retry_after`; by one worker, and by two that share the pace.
*Everybody*: 100,000 people (`--people`) with 429, 403, 400, 502, calls that hang and connections that
break before the answer, at random; the pace is scaled (`--scale`) so that it does not take an hour. What
the house says of each is compared with what the stand-in saw.
*Answers*: how long a citizen's message takes from hand-in to commit, with and without a broadcast.

Stand-in and workers are processes of their own; processor time is that of the workers, from ready to end.

    python -m bench.broadcast [pace] [answers] [everybody] [--people 100000] [--scale 8]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import random
from statistics import quantiles
from typing import Any

import httpx
from sqlalchemy import insert

from bench.broadcast_worker import telegram, telling
from bot.channels.telegram.channel import LIMITS
from bot.clock import wall_clock
from bot.engine.notice import Content
from bot.engine.types import Address, Message, Reply
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

MINUTE = 1_800  # messages at 30 a second


@contextmanager
def stand_in(*options: str) -> Iterator[str]:
    """Its address."""
    with _process("bench.bot_api", *options) as process:
        assert process.stdout
        yield process.stdout.readline().strip()


@dataclass
class Worker:
    process: subprocess.Popen[str]

    def end(self) -> float:
        """Processor seconds that it took."""
        assert self.process.stdout
        self.process.terminate()
        return float(self.process.stdout.readline())


@contextmanager
def worker(url: str, address: str, name: str, *options: str) -> Iterator[Worker]:
    with _process("bench.broadcast_worker", url, address, name, *options) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield Worker(process)


@contextmanager
def _process(module: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", module, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 — our own
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def database() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'bot.db'}"


async def seen(address: str) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False) as client:
        told: dict[str, Any] = (await client.get(f"{address}/seen")).json()
    return told


async def subscribed(store: Store, people: int) -> None:
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


def house(store: Store) -> Host:
    return Host(store, wall_clock, telling, lambda m: m, apology=Reply("error", "抱歉"))


async def begin(notices: Notices) -> int:
    draft = Draft(Content("失业保险金标准调整", "每月标准有变化。", topics=("失业",)))
    number = await notices.draft(draft, "小王")
    assert await notices.approve(number, "老李")
    return number


async def finished(store: Store, number: int) -> None:
    while True:
        await asyncio.sleep(0.5)
        async with store.read() as tx:
            said = await broadcasts.one(tx, number)
        if said and said.state == "done":
            return
        if said and said.state == "paused":
            raise SystemExit(f"paused itself: {said.why}")


async def pace(*, strict: bool, workers: int = 1, options: tuple[str, ...] = ()) -> None:
    refusing = ["--strict"] if strict else []
    with database() as url, stand_in(*refusing) as address, ExitStack() as stack:
        await migrate(url)
        async with Store(url) as store, house(store) as host:
            await subscribed(store, MINUTE)
            names = [f"worker{n}" for n in range(workers)]
            running = [stack.enter_context(worker(url, address, name, *options)) for name in names]
            if workers > 1:
                await asyncio.sleep(4)  # until they have agreed
            number = await begin(Notices(host, load_regions))
            await finished(store, number)
            worked = sum(one.end() for one in running)
        told = await seen(address)
    calls, got = told["calls"], Counter(told["seen"])
    where = "the 31st in any second is refused" if strict else "nothing is refused"
    rate = (len(got) - 1) / (calls[-1] - calls[0])
    print(
        f"pace, {where}, {workers} worker(s) {' '.join(options)}: {rate:.2f}/s, refused "
        f"{told['refused']}, most in any second {_most(calls)}, missed {MINUTE - len(got)}, double "
        f"{got.total() - len(got)}; {worked / MINUTE * 1000:.2f} ms of processor time a message; "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def _most(calls: list[float]) -> int:
    first = most = 0
    for last, at in enumerate(calls):
        while calls[first] <= at - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


async def everybody(people: int, scale: int) -> None:
    with database() as url, stand_in("--faulty", "--per-second", str(30 * scale)) as address:
        await migrate(url)
        async with Store(url) as store, house(store) as host:
            notices = Notices(host, load_regions)
            await subscribed(store, people)
            with worker(url, address, "one", "--scale", str(scale)) as one:
                began = time.perf_counter()
                number = await begin(notices)
                await finished(store, number)
                spent, worked = time.perf_counter() - began, one.end()
            await sweep(host)
            fates, twice = await _fates(notices, number)
        got = Counter((await seen(address))["seen"])
    missed = [u for u, fate in fates.items() if fate == "sent" and not got[u]]
    wrong = {u for u, fate in fates.items() if fate in ("blocked", "failed") and got[u]}
    double = {u for u, times in got.items() if times > 1}
    print(
        f"everybody: {people} people at {scale} times the pace, {spent:.0f} s, {people / spent:.0f}/s, "
        f"{worked / people * 1000:.2f} ms of processor time each; {dict(Counter(fates.values()))}; not "
        f"listed {people - len(fates)}, said sent but not seen {len(missed)}, said failed but seen "
        f"{len(wrong)}, double {len(double)} of which not marked {len(double - twice)}",
        flush=True,
    )


async def _fates(notices: Notices, number: int) -> tuple[dict[str, str], set[str]]:
    fates: dict[str, str] = {}
    twice: set[str] = set()
    after = 0
    while page := await notices.recipients(number, after, 5_000):
        fates |= {one.to.user: one.fate for one in page}
        twice |= {one.to.user for one in page if one.maybe_twice}
        after = page[-1].id
    return fates, twice


async def answers(seconds: float = 30.0, each: float = 0.05) -> None:
    """One message each 50 ms, by the process that sends the broadcast."""
    cuts = {}
    for during in ("without", "during"):
        with database() as url, stand_in() as address:
            await migrate(url)
            async with Store(url) as store:
                await subscribed(store, MINUTE)
                took = await _asked(store, address, during == "during", int(seconds / each), each)
        cuts[during] = quantiles(took, n=100)
    for name, cut in cuts.items():
        print(f"answers {name} a broadcast: p50 {cut[49]:.1f} ms, p99 {cut[98]:.1f} ms", flush=True)
    print(f"answers: p99 {cuts['during'][98] / cuts['without'][98]:.2f} times", flush=True)


async def _asked(store: Store, address: str, during: bool, most: int, each: float) -> list[float]:
    """Milliseconds of each."""
    channel, took = telegram(address), list[float]()
    sender = Sender(store, [channel], wall_clock, random, name="one")
    apology = Reply("error", "抱歉")
    async with Host(
        store, wall_clock, telling, lambda m: m, apology=apology, wake=sender.wake
    ) as host:
        tasks = [asyncio.create_task(sender.run()), asyncio.create_task(sending(host))]
        await asyncio.sleep(2)
        if during:
            await begin(Notices(host, load_regions))
            await asyncio.sleep(2)
        for n in range(most):
            began = time.perf_counter()
            asker = Address("telegram", str(900_000 + n % 50))
            await host.heard(Message(f"m{n}", asker, "问", wall_clock()))
            took.append((time.perf_counter() - began) * 1000)
            with suppress(TimeoutError):
                await asyncio.sleep(each)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await channel.close()
    return took


async def run(which: list[str], people: int, scale: int) -> None:
    if "pace" in which:
        await pace(strict=False)
        await pace(strict=True)
        await pace(strict=True, workers=2)
        await pace(strict=True, options=("--at-once", "4"))
    if "answers" in which:
        await answers()
    if "everybody" in which:
        await everybody(people, scale)


if __name__ == "__main__":
    ALL = ["pace", "answers", "everybody"]
    given = argparse.ArgumentParser()
    given.add_argument("which", nargs="*", choices=[*ALL, []])
    given.add_argument("--people", type=int, default=100_000)
    given.add_argument("--scale", type=int, default=8)
    chosen = given.parse_args()
    print(f"{wall_clock():%Y-%m-%d} load {os.getloadavg()[0]:.1f}, at once {LIMITS.at_once}")
    asyncio.run(run(chosen.which or ALL, chosen.people, chosen.scale))
