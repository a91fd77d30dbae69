"""A worker that is killed: sends the running broadcasts of a database until all is through.

    python -m tests.broadcast_child DATABASE JOURNAL

Every delivery is a line in JOURNAL, written before the call returns, as a platform would have it; some
calls are refused at random, each in a way that Telegram has.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from dataclasses import replace

from bot.channels.base import Undeliverable
from bot.clock import wall_clock
from bot.engine.types import Reply
from bot.host import Host
from bot.outbox import Sender, Sending
from bot.store import broadcasts
from bot.store.engine import Store
from scheduler import broadcasts as paging
from tests.notice_house import telling
from tests.stage import FAST, FakeChannel

AT_ONCE = 4
REFUSALS = (
    Undeliverable("too many requests", retry_after=0.05),
    Undeliverable("Bad Gateway"),
    Undeliverable("TimedOut", uncertain=True),
)


class Journal(FakeChannel):
    """Who is `blocked-…` refuses us for good; everybody else now and then."""

    def __init__(self, path: str) -> None:
        super().__init__("telegram", replace(FAST, at_once=AT_ONCE))
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._chance = random.Random(os.getpid())

    async def deliver(self, user: str, reply: Reply, key: str) -> None:
        await asyncio.sleep(0.001)
        if user.startswith("blocked"):
            raise Undeliverable("Forbidden: bot was blocked by the user", permanent=True)
        if self._chance.random() < 0.05:
            raise self._chance.choice(REFUSALS)
        os.write(self._file, f"{user}\n".encode())
        await asyncio.sleep(0.001)


async def main(database: str, journal: str) -> None:
    paging.PAGE, paging.AHEAD, paging.LOOK = 20, 60, 0.02
    async with Store(database) as store:
        sending = Sending(poll=0.02, lease=1.0, first_wait=0.02)
        sender = Sender(store, [Journal(journal)], wall_clock, lambda: 0.5, sending=sending)
        apology = Reply("error", "sorry")
        async with Host(store, wall_clock, telling, lambda m: m, apology=apology) as host:
            tasks = [asyncio.create_task(sender.run()), asyncio.create_task(paging.sending(host))]
            os.write(1, b"ready\n")
            while await _open(store):  # noqa: ASYNC110 — another process may end it
                await asyncio.sleep(0.02)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _open(store: Store) -> bool:
    async with store.read() as tx:
        return bool(await broadcasts.listed(tx, ("scheduled", "running")))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
