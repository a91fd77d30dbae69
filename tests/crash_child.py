"""A bot that is killed: hears what stands on its input, says `ok <id>` when it is committed.

    python -m tests.crash_child DATABASE JOURNAL

Every delivery is a line in JOURNAL, written before the call returns, as a platform would have it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from datetime import datetime

from bot.clock import wall_clock
from bot.engine.case import CaseDraft, CaseFiled, CaseOpened
from bot.engine.types import Address, Conversation, Event, Message, Reply, Turn
from bot.host import Host
from bot.outbox import Sender, Sending
from bot.store.engine import Store
from tests.stage import FAST, FakeChannel

CHANNEL = "webchat"
AT_ONCE = 4


def counting(was: Conversation, event: Event, now: datetime) -> Turn:
    """Every message is filed as a consultation, and answered once that has its number."""
    if isinstance(event, CaseOpened):
        return Turn(was, (Reply("receipt", event.case.title),))
    assert isinstance(event, Message)
    said = int(was.profile.get("count", "0")) + 1
    draft = CaseDraft("policy", event.text, event.text, event.text, now)
    return Turn(replace(was, profile={"count": str(said)}), errand=CaseFiled(draft))


class Journal(FakeChannel):
    def __init__(self, path: str) -> None:
        super().__init__(CHANNEL, replace(FAST, at_once=AT_ONCE))
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def deliver(self, user: str, reply: Reply, key: str) -> None:
        await asyncio.sleep(0.002)
        os.write(self._file, f"{user} {reply.text}\n".encode())
        await asyncio.sleep(0.002)


async def main(database: str, journal: str) -> None:
    async with Store(database) as store:
        sending = Sending(poll=0.05, lease=2.0)
        sender = Sender(store, [Journal(journal)], wall_clock, lambda: 0.5, sending=sending)
        apology = Reply("error", "sorry")
        async with Host(
            store, wall_clock, counting, lambda m: m, apology=apology, wake=sender.wake
        ) as host:
            sending_task = asyncio.create_task(sender.run())
            hearing = set()
            os.write(1, b"ready\n")
            while line := await asyncio.to_thread(sys.stdin.readline):
                task = asyncio.create_task(_hear(host, *line.split()))
                hearing.add(task)
                task.add_done_callback(hearing.discard)
            sending_task.cancel()


async def _hear(host: Host, user: str, number: str) -> None:
    message = Message(f"{user}-{number}", Address(CHANNEL, user), number, wall_clock())
    await host.heard(message)
    os.write(1, f"ok {user} {number}\n".encode())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
