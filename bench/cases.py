"""Consultations: filing with 32 people at once, and the desk's pages over 100,000 cases.

The queue is read through the desk's own page, signed in, on SQLite; times are the server's, without
a network.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from sqlalchemy import insert

from bot.clock import wall_clock
from bot.engine.case import CASE_KINDS, CaseDraft, CaseFiled
from bot.engine.types import Address, Conversation, Event, Message, Reply, Turn
from bot.host import Host
from bot.store import tables
from bot.store.engine import Store
from bot.store.migrate import migrate
from tests.desk_house import Bureau, Clerk

PEOPLE = 32
EACH = 60
CASES = 100_000
OPEN = 2_000  # of them
LOOKS = 40


async def run() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'bot.db'}"
        await migrate(url)
        async with Store(url) as store:
            await _filing(store)
            await _queue(store)


async def _filing(store: Store) -> None:
    def file(was: Conversation, event: Event, now: datetime) -> Turn:
        if not isinstance(event, Message):
            return Turn(was, (Reply("receipt", "filed"),))
        draft = CaseDraft("policy", event.text, event.text, event.text, now + timedelta(days=3))
        return Turn(was, errand=CaseFiled(draft))

    took: list[float] = []

    async def person(host: Host, name: str) -> None:
        for n in range(EACH):
            began = perf_counter()
            who = Address("webchat", name)
            await host.heard(Message(f"{name}-{n}", who, "养老保险怎么转移", wall_clock()))
            took.append(perf_counter() - began)

    apology = Reply("error", "sorry")
    async with Host(store, wall_clock, file, lambda message: message, apology=apology) as host:
        began = perf_counter()
        await asyncio.gather(*(person(host, f"p{n}") for n in range(PEOPLE)))
        spent = perf_counter() - began
    _print("filing, 32 at once", took)
    print(f"  {len(took) / spent:,.0f} consultations a second")


async def _queue(store: Store) -> None:
    await _fill(store)
    bureau = Bureau(store)
    clerk = await bureau.clerk("bench", "supervisor")
    first = re.search(r"/desk/cases/(\d+)", (await clerk.get("/desk/cases")).text)
    assert first
    for name, path in {
        "queue page, open": "/desk/cases",
        "queue page, 领导信箱": "/desk/cases?head=1",
        "queue page, all": "/desk/cases?status=all",
        "queue page, words": "/desk/cases?text=转移",
        "case page": f"/desk/cases/{first[1]}",
        "numbers, 30 days": "/desk/numbers",
    }.items():
        _print(f"{name}, {CASES:,} cases", [await _look(clerk, path) for _ in range(LOOKS)])
    agent = await bureau.clerk("agent", "agent")
    looks = [await _look(agent, "/desk/cases") for _ in range(LOOKS)]
    _print(f"queue page, without letters, {CASES:,} cases", looks)


async def _look(clerk: Clerk, path: str) -> float:
    began = perf_counter()
    answer = await clerk.get(path)
    assert answer.status_code == 200, path
    return perf_counter() - began


async def _fill(store: Store) -> None:
    """A hundred thousand cases over a year, most of them answered."""
    chance, now = Random(20261123), Bureau(store).clock()
    kinds = list(CASE_KINDS)
    rows: list[dict[str, Any]] = []
    for n in range(CASES):
        unanswered = n < OPEN
        age = timedelta(days=5 if unanswered else 365) * chance.random()
        at = now - age
        rows.append(
            {
                "number": f"{at:%Y%m%d}{n:06d}",
                "person": f"webchat:{n}",
                "channel": "webchat",
                "user": str(n),
                "kind": chance.choice(kinds),
                "state": "received" if unanswered else "closed",
                "title": chance.choice(["养老保险怎么转移", "失业金没到账", "社保卡刷不了"]),
                "text": "我原在深圳参保，请问养老保险如何转移？需要哪些材料？",
                "original": "",
                "region": chance.choice(["长沙", "湘潭", "株洲"]),
                "slots": "{}",
                "contact": "",
                "anonymous": False,
                "urgent": chance.random() < 0.02,
                "for_head": chance.random() < 0.02,
                "evidence": "[]",
                "capsule": "",
                "code": "",
                "code_tries": 0,
                "created_at": at,
                "promised_at": at + timedelta(days=3),
                "warn_at": at + timedelta(days=2),
                "resolve_by": at + timedelta(days=14),
                "first_answered_at": None if unanswered else at + timedelta(days=1),
                "in_time": None if unanswered else True,
                "worked_minutes": None if unanswered else chance.randrange(30, 1_400),
                "answers": 0 if unanswered else 1,
                "answer": "" if unanswered else "可以网上办理。",
                "read": True,
                "urges": 0,
                "wanted": "",
            }
        )
    for start in range(0, CASES, 5_000):
        async with store.write() as tx:
            await tx.execute(insert(tables.cases), rows[start : start + 5_000])


def _print(name: str, took: list[float]) -> None:
    ms = [1_000 * one for one in took]
    p99 = quantiles(ms, n=100)[98]
    print(f"  {name:<40} median {median(ms):7.1f} ms   p99 {p99:7.1f} ms")
