"""What bulk has set aside, so that one look at the database serves many messages.

Rule 1: about half a second's worth: whom a form keeps busy, or who refuses us, is seen when a row is
        set aside, and must not be old when it goes.
Rule 2: a mass message never breaks into a form: it is taken out again and told by the host, later.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.notifying.notices import WAITS
from bot.engine.types import Address, AlarmSet
from bot.store import alarms, claims, conversations, outbox, unreachable
from bot.store.outbox import Lane, Taken

PART = 0.5  # seconds' worth of the pace
MOST = 100  # rows


class Stock:
    """Of one lane. `lease`: seconds for which a row is set aside."""

    def __init__(
        self, lane: tuple[str, Lane], per_second: float, lease: float, by: str | None
    ) -> None:
        self._lane = lane
        self._size = max(1, min(MOST, int(per_second * PART)))
        self._lease = timedelta(seconds=lease)
        self._by = by
        self._rows: dict[Taken, datetime] = {}  # in their order, each with its claim
        self.refusing: set[Address] = set()  # of those that were set aside
        self.full = False  # the last look found as much as was asked for

    def __len__(self) -> int:
        return len(self._rows)

    async def take(self, tx: AsyncConnection, most: int, now: datetime) -> list[Taken]:
        """At most `most` that go now; they are marked and ours."""
        await self._drop_old(tx, now)
        if len(self._rows) < most:
            await self._fill(tx, max(most, self._size) - len(self._rows), now)
        first = dict(islice(self._rows.items(), most))
        if not first:
            return []
        for one in first:
            del self._rows[one]
        going = await claims.mark(tx, first, now, now + self._lease)
        if len(going) < len(first):
            marked = {one.id for one in going}
            left = {one: claim for one, claim in first.items() if one.id not in marked}
            await claims.release(tx, left, now)
        return going

    async def release(self, tx: AsyncConnection, now: datetime) -> None:
        """Gives everything back."""
        await claims.release(tx, self._rows, now)
        self._rows.clear()

    async def _fill(self, tx: AsyncConnection, most: int, now: datetime) -> None:
        found = await claims.claim(tx, self._lane, most, now, now + self._lease, self._by)
        self.full = len(found) == most
        kept = await _without_forms(tx, found, now)
        if not self._rows:
            self.refusing.clear()
        if kept:
            self.refusing |= await unreachable.among(tx, {one.to for one in kept})
        self._rows |= dict.fromkeys(kept, now + self._lease)

    async def _drop_old(self, tx: AsyncConnection, now: datetime) -> None:
        half = now + self._lease / 2
        old = {one: claim for one, claim in self._rows.items() if claim < half}
        if old:
            await claims.release(tx, old, now)
            self._rows = {one: claim for one, claim in self._rows.items() if one not in old}


async def _without_forms(tx: AsyncConnection, found: list[Taken], now: datetime) -> list[Taken]:
    """Without those whose person is filling in a form: these wait for the host to tell them."""
    busy = await conversations.in_a_form(tx, {one.to for one in found}, now)
    waits = [one for one in found if one.to in busy and not one.doubtful]
    if waits:
        await outbox.withdraw(tx, waits)
        again = [(one.to, AlarmSet(WAITS, one.origin, busy[one.to], one.reply)) for one in waits]
        await alarms.change(tx, again, now)
    return [one for one in found if one not in waits]
