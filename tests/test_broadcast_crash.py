"""`kill -9` in the middle of a broadcast, two workers at once: nobody missed, nobody twice but for the
calls that were in flight, and what the house says of each is what the platform saw.

TEST_KILLS=50 kills more often; the suite kills a few times.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

from bot.clock import wall_clock
from bot.engine.preferences import Preferences
from bot.store import broadcast_rows, broadcasts
from bot.store.engine import Store
from tests.broadcast_child import AT_ONCE
from tests.notice_house import House

KILLS = int(os.environ.get("TEST_KILLS", "1"))
PEOPLE = [f"p{n:04}" for n in range(max(200, KILLS * 40))]
BLOCKED = [f"blocked-{n}" for n in range(5)]
NEVER_QUIET = Preferences(topics=("失业",), quiet_from="00:00", quiet_until="00:00")


async def test_killed_and_resumed_it_reaches_everybody(store_url: str, tmp_path: Path) -> None:
    journal, chance = tmp_path / "journal", random.Random(20261126)
    async with Store(store_url) as store, House(store, wall_clock()).open() as house:
        await house.subscribe([*PEOPLE, *BLOCKED], NEVER_QUIET)
        number = await house.publish(topics=("失业",))
        workers = [_start(store_url, journal) for _ in range(2)]
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.05, 0.3))
            doomed = workers.pop(0)
            doomed.kill()
            doomed.wait()
            _close(doomed)
            workers.append(_start(store_url, journal))
        for worker in workers:
            assert worker.wait(timeout=120) == 0
            _close(worker)
        async with store.read() as tx:
            told = await broadcast_rows.recipients(tx, number, wall_clock(), most=10_000)
            done = await broadcasts.one(tx, number)
    assert done
    assert done.state == "done"
    fates = {one.to.user: one for one in told}
    assert {user for user, one in fates.items() if one.fate == "blocked"} == set(BLOCKED)
    assert {user for user, one in fates.items() if one.fate == "sent"} == set(PEOPLE), "missed"
    seen = Counter(journal.read_text().split())
    assert set(seen) == set(PEOPLE), "said to be sent, but the platform never saw it"
    twice = {user for user, times in seen.items() if times > 1}
    assert twice <= {user for user, one in fates.items() if one.maybe_twice}, "twice, unmarked"
    assert seen.total() - len(PEOPLE) <= KILLS * AT_ONCE, "more repeats than were in flight"


def _start(url: str, journal: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.broadcast_child", url, str(journal)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout
    assert child.stdout.readline() == b"ready\n"
    return child


def _close(child: subprocess.Popen[bytes]) -> None:
    if child.stdout:
        with suppress(BrokenPipeError):
            child.stdout.close()
