"""A worker's part in what the workers of a platform agree on, looked at every second.

Rule 1: it is written only when something changes or the share is half run out: a worker that has
        nothing to do writes once in some seconds.
Rule 2: where a platform has refused one of them, all keep more apart.
Rule 3: who cannot look (the database is gone) has no share any more when it has run out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from bot.logs import kind, where
from bot.outbox.lane import LaneSender, Work
from bot.outbox.pace import Pace
from bot.outbox.sharing import LEASE, agreed
from bot.store import paces
from bot.store.paces import Worker

LOOK = 1.0  # seconds
STEP = 5  # answers a second; so that the row is not written for each one more

log = logging.getLogger(__name__)


class Shares:
    """For one channel. `me`: this worker's name."""

    def __init__(
        self, work: Work, channel: str, pace: Pace, lanes: Sequence[LaneSender], me: str
    ) -> None:
        self._work = work
        self._channel = channel
        self._pace = pace
        self._lanes = lanes
        self._me = me
        self._until = 0.0

    async def run(self) -> None:
        """Until cancelled; then the share is given back."""
        self._pace.grant(0)
        try:
            while True:
                try:
                    await self.look()
                except Exception as error:  # the loop must live; the database may come back
                    log.error("shares error=%s at=%s", kind(error), where(error))
                    if self._now() > self._until:
                        self._pace.grant(0)
                await asyncio.sleep(LOOK)
        finally:
            await self._leave()

    async def look(self) -> None:
        async with self._work.store.read() as tx:
            known = await paces.known(tx, self._channel)
            rests = await paces.rests(tx, self._channel)
        for lane in self._lanes:
            if lane.lane in rests:
                lane.rest_until(rests[lane.lane])
        was = next((one for one in known if one.name == self._me), None)
        mine = self._mine(known)
        if was is None or _changed(was, mine) or was.until < self._now() + LEASE / 2:
            async with self._work.store.write() as tx:
                rows = self._agreed(await paces.held(tx, self._channel))
                await paces.keep(tx, self._channel, rows)
            mine = _of(rows, self._me)
            self._until = mine.until
        self._pace.grant(mine.share)
        self._pace.warned(max((one.wider for one in known if one.name != self._me), default=0.0))

    def _mine(self, known: Sequence[Worker]) -> Worker:
        return _of(self._agreed(known), self._me)

    def _agreed(self, known: Sequence[Worker]) -> tuple[Worker, ...]:
        talk = self._pace.answers // STEP * STEP
        bulk = any(lane.lane == "bulk" and lane.busy for lane in self._lanes)
        rows = agreed(known, self._me, talk, bulk, self._pace.most, self._now())
        wider = self._pace.wider
        return tuple(replace(one, wider=wider) if one.name == self._me else one for one in rows)

    async def _leave(self) -> None:
        """What it sent is still in others' seconds."""
        self._pace.grant(0)
        async with self._work.store.write() as tx:
            known = await paces.held(tx, self._channel)
            now = self._now()
            rows = [replace(one, until=now) if one.name == self._me else one for one in known]
            await paces.keep(tx, self._channel, rows)

    def _now(self) -> float:
        return self._work.clock().timestamp()


def _of(rows: Sequence[Worker], name: str) -> Worker:
    return next(one for one in rows if one.name == name)


def _changed(was: Worker, now: Worker) -> bool:
    told = attrgetter("share", "talk", "bulk", "wider")
    return bool(told(was) != told(now))
