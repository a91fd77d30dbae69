"""One lane of one channel: takes what is due, has it delivered, settles it when its call ends.

Rule 1: what was taken goes on the wire at once and counts until it is settled: a crash repeats no
        more than the channel's calls at a time.
Rule 2: one transaction settles what has ended and takes what comes next.
Rule 3: a call holds up its own person only; a pause that a platform asks for holds up this lane only.
Rule 4: a mass message never breaks into a form: it is taken back and told by the host, later.
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

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import passing
from bot.channels.base import Channel, Undeliverable
from bot.clock import Clock
from bot.engine.notifying.notices import WAITS
from bot.engine.types import Address, AlarmSet, Reply
from bot.logs import kind, where, who
from bot.pace import Pace
from bot.store import alarms, conversations, outbox, plain, unreachable
from bot.store.engine import Store
from bot.store.outbox import Lane, Settlement, Taken
from bot.verdict import Sending, unsent, verdict

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
        self._lane: Lane = lane
        self._pace = pace
        self._calls: list[Call] = []
        self._unsent: list[tuple[Taken, Settlement]] = []  # taken, not sent, to be settled
        self._denied = False  # the last look found no room
        self._stopping = False

    async def run(self) -> None:
        """Until `stop`; what is on the wire then is finished."""
        while not self._stopping:
            self.woken.clear()
            try:
                more = await self._step(self._work.clock())
            except Exception as error:  # the loop must live; the database may come back
                log.error("sender error=%s at=%s", kind(error), where(error))
                await self._rest(self._sending.poll)
            else:
                await self._rest(0.0 if more else self._quiet())
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
            async with self._work.store.write() as tx:
                await self._settle(tx, done, ended, now)
                await outbox.renew(tx, *self._renewals(done, now))
                taken = await self._take(tx, room, now) if room else []
                more = room > 0 and len(taken) == room
                taken = await self._after_forms(tx, taken, now)
                refusing = await unreachable.among(tx, {one.to for one in taken}) if taken else ()
            self._came_back(done, now)
            self._unsent = []
            for one in taken:
                self._begin(one, one.to in refusing, now, paced)
        return bool(self._unsent) or more

    def _room(self, now: datetime, paced: bool, back: int) -> int:
        if self.paused_until is not None and now < self.paused_until:
            return 0
        if not paced:
            return self._channel.limits.at_once
        return self._pace.room(self._lane, self.woken, back)

    async def _settle(
        self,
        tx: AsyncConnection,
        done: Sequence[Call],
        ended: Sequence[tuple[Taken, Settlement]],
        now: datetime,
    ) -> None:
        await unreachable.note(tx, _gone(done), now)
        await outbox.settle(tx, await passing.go_on(tx, ended, self._work.channels, now))

    def _renewals(
        self, done: Sequence[Call], now: datetime
    ) -> tuple[list[tuple[int, int]], datetime]:
        """The calls whose lease is half over, and until when they are ours now.

        What has ended since we looked is one of them: it is settled in the next step, and must
        not be taken again in this one.
        """
        half = now + timedelta(seconds=self._sending.lease / 2)
        until = now + timedelta(seconds=self._sending.lease)
        lasting = [call for call in self._calls if call not in done and call.until <= half]
        for call in lasting:
            call.until = until
        return [(call.one.id, call.one.attempts) for call in lasting], until

    async def _take(self, tx: AsyncConnection, most: int, now: datetime) -> list[Taken]:
        until = now + timedelta(seconds=self._sending.lease)
        lane = self._channel.name, self._lane
        return await outbox.take(tx, lane, most, now, until, self._work.name)

    async def _after_forms(
        self, tx: AsyncConnection, taken: list[Taken], now: datetime
    ) -> list[Taken]:
        """Without those whose person is filling in a form: these wait for the host to tell them."""
        if self._lane != "bulk" or not taken:
            return taken
        busy = await conversations.in_a_form(tx, {one.to for one in taken}, now)
        waits = [one for one in taken if one.to in busy and not one.doubtful]
        if waits:
            await outbox.withdraw(tx, waits)
            again = [
                (one.to, AlarmSet(WAITS, one.origin, busy[one.to], one.reply)) for one in waits
            ]
            await alarms.change(tx, again, now)
        return [one for one in taken if one not in waits]

    def _verdict(self, call: Call, now: datetime) -> Settlement:
        return verdict(call.one, call.task.result(), now, self._sending, self._work.chance())

    def _came_back(self, done: Sequence[Call], now: datetime) -> None:
        for call in done:
            self._calls.remove(call)
            self._pace.came_back()
            error = call.task.result()
            _log(self._channel.name, call.one, error)
            if isinstance(error, Undeliverable) and error.retry_after is not None:
                self._pace.refused()
                self._pause(now + timedelta(seconds=error.retry_after))

    def _pause(self, until: datetime) -> None:
        self.paused_until = max(until, self.paused_until or until)

    # --- calls ---------------------------------------------------------------------------------

    def _begin(self, one: Taken, refusing: bool, now: datetime, paced: bool) -> None:
        """Puts a taken row on the wire, unless it must not be sent, or not yet."""
        never = unsent(one, refusing, now, self._sending)
        wait = self._pace.person_waits(one.to) if paced and self._lane == "bulk" else 0.0
        if never is not None:
            self._unsent.append((one, never))
        elif wait > 0:
            again = now + timedelta(seconds=wait)
            self._unsent.append((one, Settlement(one.id, one.attempts, "waiting", now, again)))
        else:
            self._pace.went(one.to, self._lane)
            task = asyncio.create_task(self._deliver(one))
            task.add_done_callback(lambda _: self.woken.set())
            until = now + timedelta(seconds=self._sending.lease)
            self._calls.append(Call(one, until, task))

    async def _deliver(self, one: Taken) -> Exception | None:
        """The call itself; what went wrong, or None."""
        try:
            reply = plain.loads(Reply, one.reply)
            async with asyncio.timeout(self._sending.call):
                await self._channel.deliver(one.to.user, reply, one.key)
        except Exception as error:  # one send must not stop the others
            return error
        return None

    # --- quiet and end -------------------------------------------------------------------------

    def _quiet(self) -> float:
        """Seconds until it is worth looking again, if nothing wakes us."""
        now, waits = self._work.clock(), [self._sending.poll]
        if self._calls:
            waits.append(self._sending.lease / 4)
        if self.paused_until is not None and now < self.paused_until:
            waits.append((self.paused_until - now).total_seconds())
        elif self._denied:
            free = self._pace.free(self._lane) > 0  # since the look
            waits.append(0.0 if free else self._pace.wait(self._lane) or self._sending.poll)
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
        if ended:
            async with self._work.store.write() as tx:
                await self._settle(tx, done, ended, now)
        self._came_back(done, now)


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
