"""`kill -9` at random points: nothing confirmed is lost, no turn is done twice, no number is skipped.

TEST_KILLS=200 kills more often; the suite kills a few times.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.engine.types import Address
from bot.store import conversations, tables
from bot.store.engine import Store
from tests.crash_child import AT_ONCE, CHANNEL

KILLS = int(os.environ.get("TEST_KILLS", "5"))
PEOPLE = [f"p{n}" for n in range(12)]
EACH = 12  # messages a person
LIMIT = 120.0  # seconds, only to fail instead of hanging


class Platform:
    """Offers every message until it is confirmed, each person's in order."""

    def __init__(self, url: str, journal: Path) -> None:
        self._command = [sys.executable, "-m", "tests.crash_child", url, str(journal)]
        self.confirmed = dict.fromkeys(PEOPLE, 0)
        self._child = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert child.stdout
        assert child.stdout.readline() == b"ready\n"
        return child

    @property
    def left(self) -> int:
        return len(PEOPLE) * EACH - sum(self.confirmed.values())

    def offer(self, most: int) -> None:
        """Hands the next messages in; reads what is confirmed of them."""
        assert self._child.stdin
        assert self._child.stdout
        open_ones = [who for who in PEOPLE if self.confirmed[who] < EACH][:most]
        for who in open_ones:
            self._child.stdin.write(f"{who} {self.confirmed[who]}\n".encode())
        self._child.stdin.flush()
        for _ in open_ones:
            line = self._child.stdout.readline().split()
            assert line, "the child ended by itself"
            self.confirmed[line[1].decode()] += 1

    def hand_in_and_kill(self, chance: random.Random) -> None:
        """Hands messages in without waiting for any, and kills it somewhere in between."""
        assert self._child.stdin
        for who in PEOPLE:
            if self.confirmed[who] < EACH:
                self._child.stdin.write(f"{who} {self.confirmed[who]}\n".encode())
        self._child.stdin.flush()
        time.sleep(chance.uniform(0.0, 0.03))
        self.kill()
        self._child = self._start()

    def kill(self) -> None:
        """Whatever it confirmed before it died counts."""
        self._child.kill()
        assert self._child.stdout
        for line in self._child.stdout.read().splitlines():
            _, who, number = line.decode().split()
            self.confirmed[who] = max(self.confirmed[who], int(number) + 1)
        self._child.wait()
        self._close()

    def _close(self) -> None:
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()

    def end(self) -> None:
        assert self._child.stdin
        self._child.stdin.close()
        self._child.wait(timeout=20)
        self._close()


async def test_nothing_confirmed_is_lost_and_no_turn_is_done_twice(
    store_url: str, tmp_path: Path
) -> None:
    chance, journal = random.Random(20261123), tmp_path / "journal"
    platform = Platform(store_url, journal)
    kills = 0
    while platform.left or kills < KILLS:
        if kills < KILLS:
            platform.hand_in_and_kill(chance)
            kills += 1
        platform.offer(chance.randrange(1, len(PEOPLE) + 1))
    await _all_sent(store_url)
    platform.end()
    async with Store(store_url) as store, store.write() as tx:
        known = await conversations.recall(tx, [Address(CHANNEL, who) for who in PEOPLE])
    counts = {a.user: r.conversation.profile["count"] for a, r in known.items()}
    assert counts == dict.fromkeys(PEOPLE, str(EACH)), "a turn was lost or done twice"
    async with Store(store_url) as store, store.read() as tx:
        rows = list(await tx.execute(select(tables.cases.c.number, tables.cases.c.user)))
    assert Counter(user for _, user in rows) == dict.fromkeys(PEOPLE, EACH), "a case was lost"
    by_day: dict[str, list[int]] = {}
    for number, _ in sorted(rows):
        by_day.setdefault(number[:8], []).append(int(number[8:]))
    assert all(numbers == [*range(1, len(numbers) + 1)] for numbers in by_day.values())
    delivered = Counter(journal.read_text().splitlines())
    wanted = {f"{who} {n}" for who in PEOPLE for n in range(EACH)}
    assert set(delivered) == wanted, "a reply was lost"
    assert delivered.total() - len(wanted) <= kills * AT_ONCE, "more repeats than were in flight"


async def _all_sent(url: str) -> None:
    box, began = tables.outbox, time.monotonic()
    async with Store(url) as store:
        while True:
            async with store.read() as tx:
                wanted = select(func.count()).where(box.c.settled_at.is_(None))
                if not (await tx.execute(wanted)).scalar_one():
                    return
            if time.monotonic() - began > LIMIT:
                pytest.fail("replies are still waiting")
