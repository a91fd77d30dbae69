"""One lane of one channel: takes what is due, has it delivered, settles it when its call ends.

Rule 1: what was taken counts as on the wire until it is settled: a crash repeats no more than the
        channel's calls at a time.
Rule 2: one transaction settles what has ended and takes what comes next; bulk gathers what goes in
        some seventieth of a second for it, and has its rows set aside beforehand (bot/outbox/stock.py).
Rule 3: a call holds up its own person only; a pause that a platform asks for holds up this lane only,
        in every process.
Rule 4: each goes at the moment that the pace has given it, and not at all if the lane rests by then.
Rule 5: what is given up about a consultation goes the next way (bot/passing.py).
Rule 6: a call that lasts keeps its lease; a lease runs out only when the process is gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import passing
from bot.channels.base import Channel, PaidChannel, Undeliverable
from bot.clock import Clock
from bot.engine.types import Address, Reply
from bot.logs import kind, where, who
from bot.outbox.pace import Pace, Slot
from bot.outbox.stock import Stock
from bot.outbox.verdict import Sending, unsent, verdict
from bot.store import outbox, paces, plain, unreachable
from bot.store.broadcasts import origin_is_broadcast
from bot.store.engine import Store
from bot.store.outbox import Lane, Settlement, Taken

LAST_CALLS = 5.0  # seconds that calls on the wire get when the process ends

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Call:
    """A row on the wire, ours until `until`."""

    one: Taken
    until: datetime
    task: asyncio.Task[Exception | None]


@dataclass(slots=True)
class Work:
    """What all lanes of a sender have in common. `chance` gives numbers from 0 to 1.

    `channels`: the names of those that it sends for.
    """

    store: Store
    clock: Clock
    chance: Callable[[], float]
    sending: Sending
    name: str | None  # the worker's
    channels: Collection[str]


class LaneSender:
    """`woken`: look now, something was put in or a call has ended."""

    def __init__(self, work: Work, channel: Channel, lane: Lane, pace: Pace) -> None:
        self.woken = asyncio.Event()
        self.paused_until: datetime | None = None
        self._work = work
        self._sending = work.sending
        self._channel = channel
        self.lane: Lane = lane
        self._pace = pace
        paid = channel.limits.paid_per_second > 0
        self._paying = channel if paid and isinstance(channel, PaidChannel) else None
        self._calls: list[Call] = []
        self._unsent: list[tuple[Taken, Settlement]] = []  # taken, not sent, to be settled
        self._stock = Stock(
            (channel.name, lane), channel.limits.per_second, work.sending.lease, work.name
        )
        self._denied = False  # the last look found no room
        self._stopping = False

    @property
    def _gathers(self) -> float:
        """Seconds from one look to the next."""
        return self._pace.round if self.lane == "bulk" and self.busy else 0.0

    @property
    def busy(self) -> bool:
        """Whether there is something on the wire or set aside."""
        return bool(self._calls) or len(self._stock) > 0

    async def run(self) -> None:
        """Until `stop`; what is on the wire then is finished."""
        while not self._stopping:
            self.woken.clear()
            gathered = monotonic() + self._gathers
            try:
                more = await self._step(self._work.clock())
            except Exception as error:  # the loop must live; the database may come back
                log.error("sender error=%s at=%s", kind(error), where(error))
                await self._rest(self._sending.poll)
            else:
                await self._rest(0.0 if more else self._quiet())
            if not self._stopping and (left := gathered - monotonic()) > 0:
                await asyncio.sleep(left)
        await self._finish()

    def stop(self) -> None:
        self._stopping = True
        self.woken.set()

    async def drain(self, now: datetime) -> bool:
        """Sends what is due at `now`, as fast as it goes; whether there was anything."""
        some = False
        while await self._step(now, paced=False) or self._calls:
            some = True
            if self._calls:
                await asyncio.wait([call.task for call in self._calls])
        return some

    # --- one step ------------------------------------------------------------------------------

    async def _step(self, now: datetime, paced: bool = True) -> bool:
        """Settles what has ended and takes what is due; whether there may be more."""
        async with self._pace.turn:
            done = [call for call in self._calls if call.task.done()]
            ended = [(call.one, self._verdict(call, now)) for call in done] + self._unsent
            room = self._room(now, paced, len(done))
            self._denied = room == 0
            leases = self._renewals(done, now)
            returns = self._rests(now) and len(self._stock) > 0
            if not (ended or room or leases or returns):
                return False
            async with self._work.store.write() as tx:
                await self._settle(tx, done, ended, now)
                await outbox.renew(tx, leases, now + timedelta(seconds=self._sending.lease))
                if returns:
                    await self._stock.release(tx, now)
                taken, more = await self._take(tx, room, now) if room else ([], False)
                refusing = await self._refusing(tx, taken)
            self._came_back(done, now)
            self._unsent = []
            for one in taken:
                self._begin(one, one.to in refusing, now, paced)
        return bool(self._unsent) or more

    def _room(self, now: datetime, paced: bool, back: int) -> int:
        if self._rests(now):
            return 0
        if not paced:
            return self._channel.limits.at_once
        return self._pace.room(self.lane, self.woken, back)

    async def _settle(
        self,
        tx: AsyncConnection,
        done: Sequence[Call],
        ended: Sequence[tuple[Taken, Settlement]],
        now: datetime,
    ) -> None:
        await unreachable.note(tx, _gone(done), now)
        await outbox.settle(tx, await passing.go_on(tx, ended, self._work.channels, now))
        if wait := max((_pause_asked(call) for call in done), default=0.0):
            rest = now + timedelta(seconds=wait)
            await paces.rest(tx, (self._channel.name, self.lane), rest)

    def _renewals(self, done: Sequence[Call], now: datetime) -> list[tuple[int, int]]:
        """The calls whose lease is half over; they are ours for longer now.

        What has ended since we looked is one of them: it is settled in the next step, and must
        not be taken again in this one.
        """
        half = now + timedelta(seconds=self._sending.lease / 2)
        until = now + timedelta(seconds=self._sending.lease)
        lasting = [call for call in self._calls if call not in done and call.until <= half]
        for call in lasting:
            call.until = until
        return [(call.one.id, call.one.attempts) for call in lasting]

    async def _take(
        self, tx: AsyncConnection, most: int, now: datetime
    ) -> tuple[list[Taken], bool]:
        """What goes now, and whether there may be more."""
        if self.lane == "bulk":
            taken = await self._stock.take(tx, most, now)
            return taken, len(self._stock) > 0 or self._stock.full
        until = now + timedelta(seconds=self._sending.lease)
        lane = self._channel.name, self.lane
        taken = await outbox.take(tx, lane, most, now, until, self._work.name)
        return taken, len(taken) == most

    async def _refusing(self, tx: AsyncConnection, taken: Sequence[Taken]) -> Collection[Address]:
        if self.lane == "bulk":
            return self._stock.refusing
        return await unreachable.among(tx, {one.to for one in taken}) if taken else ()

    def _verdict(self, call: Call, now: datetime) -> Settlement:
        return verdict(call.one, call.task.result(), now, self._sending, self._work.chance())

    def _came_back(self, done: Sequence[Call], now: datetime) -> None:
        for call in done:
            self._calls.remove(call)
            self._pace.came_back()
            error = call.task.result()
            _log(self._channel.name, call.one, error)
            if wait := _pause_asked(call):
                self._pace.refused()
                self.rest_until(now + timedelta(seconds=wait))

    def rest_until(self, until: datetime) -> None:
        self.paused_until = max(until, self.paused_until or until)

    def _rests(self, now: datetime) -> bool:
        return self.paused_until is not None and now < self.paused_until

    # --- calls ---------------------------------------------------------------------------------

    def _begin(self, one: Taken, refusing: bool, now: datetime, paced: bool) -> None:
        """Puts a taken row on the wire, unless it must not be sent, or not yet."""
        never = unsent(one, refusing, now, self._sending)
        paid = self._pays(one)
        wait = self._pace.row_waits(one.to, paid) if paced and self.lane == "bulk" else 0.0
        if never is not None:
            self._unsent.append((one, never))
        elif wait > 0:
            again = now + timedelta(seconds=wait)
            self._unsent.append((one, Settlement(one.id, one.attempts, "waiting", now, again)))
        else:
            slot = self._pace.reserve(one.to, self.lane, paid)
            task = asyncio.create_task(self._deliver(one, slot if paced else None))
            task.add_done_callback(lambda _: self.woken.set())
            until = now + timedelta(seconds=self._sending.lease)
            self._calls.append(Call(one, until, task))

    async def _deliver(self, one: Taken, slot: Slot | None) -> Exception | None:
        """The call itself, at its moment; what went wrong, or None."""
        try:
            if slot is not None:
                await self._moment(slot)
            reply = plain.loads(Reply, one.reply)
            async with asyncio.timeout(self._sending.call):
                await self._send(one, reply)
        except Exception as error:  # one send must not stop the others
            return error
        return None

    async def _moment(self, slot: Slot) -> None:
        """Raises Undeliverable if the lane is to rest by then."""
        if wait := self._pace.wait_for(slot):
            await asyncio.sleep(wait)
        now = self._work.clock()
        if self.paused_until is not None and now < self.paused_until:
            raise Undeliverable("lane rests", rest=(self.paused_until - now).total_seconds())
        self._pace.goes(slot)

    async def _send(self, one: Taken, reply: Reply) -> None:
        if self._paying is not None and self._pays(one):
            await self._paying.deliver_paid(one.to.user, reply, one.key)
        else:
            await self._channel.deliver(one.to.user, reply, one.key)

    def _pays(self, one: Taken) -> bool:
        return self._paying is not None and origin_is_broadcast(one.origin)

    # --- quiet and end -------------------------------------------------------------------------

    def _quiet(self) -> float:
        """Seconds until it is worth looking again, if nothing wakes us."""
        now, waits = self._work.clock(), [self._sending.poll]
        if self._calls:
            waits.append(self._sending.lease / 4)
        if self.paused_until is not None and self._rests(now):
            waits.append((self.paused_until - now).total_seconds())
        elif self._denied:
            free = self._pace.free(self.lane) > 0  # since the look
            waits.append(0.0 if free else self._pace.wait(self.lane) or self._sending.poll)
        return min(waits)

    async def _rest(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.woken.wait()

    async def _finish(self) -> None:
        """Lets the calls on the wire come back, and settles them; cuts what takes too long."""
        if self._calls:
            await asyncio.wait([call.task for call in self._calls], timeout=LAST_CALLS)
        now = self._work.clock()
        done = [call for call in self._calls if call.task.done()]
        for call in self._calls:
            call.task.cancel()
        ended = [(call.one, self._verdict(call, now)) for call in done] + self._unsent
        if ended or len(self._stock):
            async with self._work.store.write() as tx:
                await self._settle(tx, done, ended, now)
                await self._stock.release(tx, now)
        self._came_back(done, now)


def _pause_asked(call: Call) -> float:
    """Seconds for which the platform asks the lane to rest."""
    error = call.task.result()
    return (error.retry_after or 0.0) if isinstance(error, Undeliverable) else 0.0


def _gone(done: Sequence[Call]) -> dict[Address, str]:
    """Why people are not to be written to any more."""
    errors = {call.one.to: call.task.result() for call in done}
    return {
        to: error.reason
        for to, error in errors.items()
        if isinstance(error, Undeliverable) and error.permanent
    }


def _log(channel: str, one: Taken, error: Exception | None) -> None:
    """Warning: we will try again, or the person is gone. Error: the fault is ours."""
    if error is None:
        level, said = logging.INFO, "-"
    elif isinstance(error, Undeliverable):
        level, said = logging.WARNING, error.reason.replace(" ", "_")[:80]
    else:
        level, said = logging.ERROR, f"{kind(error)}@{where(error)}"
    log.log(
        level,
        "send channel=%s who=%s lane=%s attempts=%d error=%s",
        channel,
        who(one.to),
        one.lane,
        one.attempts,
        said,
    )
