"""The sender: takes what is due, delivers it, settles it; the only place from which anything leaves.

Rule 1: delivery is at least once. What is on the wire when the process dies is sent again: at most
        `Limits.at_once` messages a channel.
Rule 2: talk goes before bulk, and a pause of one lane is not the other's.
Rule 3: a row that raises is pushed forward, not tried in a circle, and given up in the end.
Each lane of each channel works by itself (bot/outbox/lane.py); the lanes of a channel share its pace, and the
workers of all processes agree on it (bot/outbox/shares.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from secrets import token_hex
from time import monotonic

from bot.channels.base import Channel
from bot.clock import Clock
from bot.outbox.lane import LaneSender, Work
from bot.outbox.pace import Pace
from bot.outbox.shares import Shares
from bot.outbox.verdict import Sending
from bot.store import outbox
from bot.store.engine import Store
from bot.store.outbox import Lane

LANES: tuple[Lane, ...] = ("talk", "bulk")

__all__ = ["Sender", "Sending"]


class Sender:
    """Sends for all `channels`. `chance` gives numbers from 0 to 1.

    `name`: a worker's own. When it starts it takes back at once what was on the wire under that
    name, without waiting for the leases: no two may run under one name at a time.
    """

    def __init__(
        self,
        store: Store,
        channels: Sequence[Channel],
        clock: Clock,
        chance: Callable[[], float],
        *,
        sending: Sending | None = None,
        name: str | None = None,
    ) -> None:
        names = frozenset(channel.name for channel in channels)
        self._work = Work(store, clock, chance, sending or Sending(), name, names)
        me = name or token_hex(8)
        self._lanes: dict[tuple[str, Lane], LaneSender] = {}
        self._shares: list[Shares] = []
        for channel in channels:
            pace = Pace(channel.limits, monotonic)
            lanes = {lane: LaneSender(self._work, channel, lane, pace) for lane in LANES}
            self._lanes |= {(channel.name, lane): one for lane, one in lanes.items()}
            if pace.paced:
                shares = Shares(self._work, channel.name, pace, list(lanes.values()), me)
                self._shares.append(shares)

    def wake(self, lanes: Iterable[tuple[str, Lane]]) -> None:
        """Something was put in: look at once."""
        for lane in lanes:
            if lane in self._lanes:
                self._lanes[lane].woken.set()

    async def run(self) -> None:
        """Send until cancelled; what is on the wire then is finished first."""
        await self._take_back()
        sharing = [asyncio.create_task(shares.run()) for shares in self._shares]
        tasks = [asyncio.create_task(lane.run()) for lane in self._lanes.values()]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for lane in self._lanes.values():
                lane.stop()
            await asyncio.gather(*tasks)
            for task in sharing:
                task.cancel()
            await asyncio.gather(*sharing, return_exceptions=True)

    async def drain(self, now: datetime) -> None:
        """Send all that is due at `now`, without waiting for anything (rehearsals)."""
        while any([await lane.drain(now) for lane in self._lanes.values()]):
            pass

    async def next_due(self) -> datetime | None:
        """When there is something to send again, later than now."""
        now = self._work.clock()
        async with self._work.store.read() as tx:
            found = [await outbox.next_due(tx, lane, now) for lane in self._lanes]
        found += [lane.paused_until for lane in self._lanes.values()]
        return min((due for due in found if due is not None and due > now), default=None)

    async def _take_back(self) -> None:
        if self._work.name is not None:
            async with self._work.store.write() as tx:
                await outbox.take_back(tx, self._work.name, self._work.clock())
