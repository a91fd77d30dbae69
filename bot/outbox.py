"""The sender: takes what is due, delivers it, settles it; the only place from which anything leaves.

Rule 1: delivery is at least once. What is on the wire when the process dies is sent again: at most
        `Limits.at_once` messages a channel.
Rule 2: talk goes before bulk; bulk leaves a slot free, and a pause of one lane is not the other's.
Rule 3: a slow send holds up its own person only: each row is settled when its call ends.
Rule 4: a row that raises is pushed forward, not tried in a circle, and given up in the end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from bot.channels.base import Channel, Undeliverable
from bot.clock import Clock
from bot.engine.types import Reply
from bot.logs import kind, where, who
from bot.pace import Pace
from bot.store import outbox, plain, unreachable
from bot.store.engine import Store
from bot.store.outbox import Lane, Settlement, Taken

log = logging.getLogger(__name__)

LANES: tuple[Lane, ...] = ("talk", "bulk")


@dataclass(frozen=True, slots=True)
class Sending:
    """Times in seconds."""

    lease: float = 120.0  # longer than any call; then the row is anybody's again
    poll: float = 2.0  # between looks for rows that another process has put in
    first_wait: float = 2.0  # before the second try; doubled each time
    longest_wait: float = 600.0
    tries: int = 20  # then it is given up and kept as failed
    repeat_doubtful_bulk: bool = True  # False: a mass message that may have arrived is not repeated


class Sender:
    """Sends for all `channels`. `chance` gives numbers from 0 to 1; `name` is the worker's."""

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
        self._store = store
        self._clock = clock
        self._chance = chance
        self._sending = sending or Sending()
        self._name = name
        self._lanes = {
            (channel.name, lane): _LaneSender(self, channel, lane, pace)
            for channel in channels
            for pace in [Pace(channel.limits.per_second, channel.limits.per_person, monotonic)]
            for lane in LANES
        }

    def wake(self, lanes: Iterable[tuple[str, Lane]]) -> None:
        """Something was put in: look at once."""
        for lane in lanes:
            if lane in self._lanes:
                self._lanes[lane].woken.set()

    async def run(self) -> None:
        """Send until cancelled; what is on the wire then is finished first."""
        if self._name is not None:
            async with self._store.write() as tx:
                await outbox.take_back(tx, self._name, self._clock())
        async with asyncio.TaskGroup() as group:
            for lane in self._lanes.values():
                group.create_task(lane.run(), name=f"sender {lane.channel.name} {lane.lane}")

    async def drain(self, now: datetime) -> None:
        """Send all that is due at `now`, without waiting for anything (rehearsals)."""
        while any([await lane.once(now) for lane in self._lanes.values()]):
            pass

    async def next_due(self) -> datetime | None:
        """When the next row comes due, later than now."""
        async with self._store.read() as tx:
            found = [await outbox.next_due(tx, lane, self._clock()) for lane in self._lanes]
        return min((due for due in found if due is not None), default=None)

    # --- what a lane asks of the whole ---------------------------------------------------------

    async def take(self, lane: tuple[str, Lane], most: int, now: datetime) -> list[Taken]:
        until = now + timedelta(seconds=self._sending.lease)
        async with self._store.write() as tx:
            return await outbox.take(tx, lane, most, now, until, self._name)

    async def settle(self, ended: Sequence[tuple[Taken, Settlement]], gone: dict[str, str]) -> None:
        """Writes how sends ended; `gone`: why people are not to be written to any more."""
        reasons = {one.to: gone[one.key] for one, _ in ended if one.key in gone}
        async with self._store.write() as tx:
            await outbox.settle(tx, [settlement for _, settlement in ended])
            await unreachable.note(tx, reasons, self._clock())

    async def refusing(self, taken: Sequence[Taken]) -> set[str]:
        """The keys of those whose people refuse us."""
        if not taken:
            return set()
        async with self._store.read() as tx:
            refusing = await unreachable.among(tx, {one.to for one in taken})
        return {one.key for one in taken if one.to in refusing}

    def ended(self, one: Taken, error: Exception | None) -> Settlement:
        """What becomes of a row after a call: sent, tried again later, uncertain, or given up."""
        now = self._clock()
        if error is None:
            return Settlement(one.id, one.attempts, "sent", now)
        known = error if isinstance(error, Undeliverable) else None
        reason = known.reason if known else f"{kind(error)} {where(error)}"
        doubtful = one.doubtful or bool(known and known.uncertain)
        if (known and known.permanent) or one.attempts >= self._sending.tries:
            return Settlement(one.id, one.attempts, "failed", now, error=reason, doubtful=doubtful)
        if doubtful and self._skips(one):
            return Settlement(one.id, one.attempts, "uncertain", now, error=reason, doubtful=True)
        again = now + timedelta(seconds=self._wait(one, known))
        return Settlement(one.id, one.attempts, "waiting", now, again, reason, doubtful)

    def skipped(self, one: Taken) -> Settlement | None:
        """For a mass message that a dead process may have sent: uncertain, if so chosen."""
        if one.doubtful and self._skips(one):
            return Settlement(one.id, one.attempts, "uncertain", self._clock(), doubtful=True)
        return None

    def _skips(self, one: Taken) -> bool:
        return one.lane == "bulk" and not self._sending.repeat_doubtful_bulk

    def _wait(self, one: Taken, known: Undeliverable | None) -> float:
        if known and known.retry_after is not None:
            return known.retry_after
        doubled = self._sending.first_wait * 2.0 ** min(one.attempts - 1, 20)
        return min(doubled, self._sending.longest_wait) * (0.75 + 0.5 * self._chance())

    @property
    def poll(self) -> float:
        return self._sending.poll


class _LaneSender:
    """One channel's lane: as many calls at once as the channel allows, settled as they end."""

    def __init__(self, sender: Sender, channel: Channel, lane: Lane, pace: Pace) -> None:
        self.channel = channel
        self.lane: Lane = lane
        self.woken = asyncio.Event()
        self._sender = sender
        self._pace = pace
        self._paused_until = 0.0  # monotonic seconds
        at_once = channel.limits.at_once
        self._slots = at_once if lane == "talk" else max(1, at_once - 1)
        self._running: dict[asyncio.Task[Exception | None], Taken] = {}

    async def run(self) -> None:
        try:
            while True:
                self.woken.clear()
                try:
                    started = await self._start(self._sender._clock())
                except Exception as error:  # the loop must live; the database may come back
                    log.error("sender error=%s at=%s", kind(error), where(error))
                    started = 0
                await self._wait_for_something(started)
        finally:
            await self._finish()

    async def once(self, now: datetime) -> bool:
        """Start what is due and wait for it to end; whether there was anything."""
        started = await self._start(now)
        while self._running:
            done, _ = await asyncio.wait(self._running)
            await self._settle(done)
        return started > 0

    async def _start(self, now: datetime) -> int:
        """Takes what is due and has a slot; how many were taken."""
        free = min(self._slots - len(self._running), self._pace.room())
        if free <= 0 or monotonic() < self._paused_until:
            return 0
        taken = await self._sender.take((self.channel.name, self.lane), free, now)
        refusing = await self._sender.refusing(taken)
        ended: list[tuple[Taken, Settlement]] = []
        for one in taken:
            if one.key in refusing:
                refused = Undeliverable("unreachable", permanent=True)
                ended.append((one, self._sender.ended(one, refused)))
            elif (skipped := self._sender.skipped(one)) is not None:
                ended.append((one, skipped))
            else:
                self._pace.went(one.to)
                task = asyncio.create_task(self._deliver(one))
                self._running[task] = one
        if ended:
            await self._sender.settle(ended, {})
        return len(taken)

    async def _deliver(self, one: Taken) -> Exception | None:
        """The call itself; what went wrong, or None."""
        try:
            if self.lane == "bulk" and (wait := self._pace.person_waits(one.to)) > 0:
                await asyncio.sleep(min(wait, 1.0))
            await self.channel.deliver(one.to.user, plain.loads(Reply, one.reply), one.key)
        except Exception as error:  # one send must not stop the others
            return error
        return None

    async def _wait_for_something(self, started: int) -> None:
        """Until a call ends, something is put in, or it is time to look again."""
        if started and len(self._running) < self._slots:
            await asyncio.sleep(0)  # there may be more
        else:
            pause = self._paused_until - monotonic()
            timeout = max(0.01, pause) if pause > 0 else self._pace.wait() or self._sender.poll
            woken = asyncio.create_task(self.woken.wait())
            try:
                await asyncio.wait(
                    [woken, *self._running], timeout=timeout, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                woken.cancel()
        await self._settle({task for task in self._running if task.done()})

    async def _settle(self, done: Iterable[asyncio.Task[Exception | None]]) -> None:
        ended: list[tuple[Taken, Settlement]] = []
        gone: dict[str, str] = {}
        for task in done:
            one, error = self._running.pop(task), task.result()
            settlement = self._sender.ended(one, error)
            ended.append((one, settlement))
            if isinstance(error, Undeliverable):
                self._heed(one, error, gone)
            self._log(one, settlement, error)
        if ended:
            await self._settle_surely(ended, gone)

    def _heed(self, one: Taken, error: Undeliverable, gone: dict[str, str]) -> None:
        if error.permanent:
            gone[one.key] = error.reason
        if error.retry_after is not None:
            self._paused_until = max(self._paused_until, monotonic() + error.retry_after)

    async def _settle_surely(
        self, ended: Sequence[tuple[Taken, Settlement]], gone: dict[str, str]
    ) -> None:
        """What is not settled is sent again when its lease ends: try a little before."""
        for pause in (0.1, 1.0, 5.0, None):
            try:
                return await self._sender.settle(ended, gone)
            except Exception as error:  # the database may come back
                log.error("unsettled rows=%d error=%s", len(ended), kind(error))
                if pause is not None:
                    await asyncio.sleep(pause)
        return None

    async def _finish(self) -> None:
        """At the end: let the calls on the wire come back, and settle them."""
        if self._running:
            done, _ = await asyncio.wait(self._running, timeout=5.0)
            await self._settle(done)

    def _log(self, one: Taken, ended: Settlement, error: Exception | None) -> None:
        level = logging.INFO if error is None else logging.WARNING
        if error is not None and not isinstance(error, Undeliverable):
            level = logging.ERROR
        log.log(
            level,
            "send channel=%s who=%s lane=%s state=%s attempts=%d error=%s",
            self.channel.name,
            who(one.to),
            one.lane,
            ended.state,
            one.attempts,
            (ended.error or "-").replace(" ", "_")[:80],
        )
