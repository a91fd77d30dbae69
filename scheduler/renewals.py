"""Every morning: whoever kept a result that comes out otherwise by new figures is told once.

Rule 1: the newer outcome is what is kept from then on, in the transaction that says so.
Rule 2: whoever wants no notices is not told; 我的测算 says it when they look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.clock import Clock
from bot.engine import words
from bot.engine.playbook import Playbook
from bot.engine.renewing import Renewal
from bot.engine.types import Address, Reply
from bot.renewals import key_of, renewals, settle
from bot.store import outbox, preferences
from bot.store.engine import Store
from bot.store.outbox import Outgoing
from scheduler.runner import Job

AT = "30 9 * * *"
BATCH = 50  # results a transaction


def renewing(store: Store, book: Callable[[], Playbook], clock: Clock) -> Job:
    async def tick() -> Mapping[str, int]:
        return {"told": await renew(store, book(), clock())}

    return Job("renewals", AT, tick)


async def renew(store: Store, book: Playbook, now: datetime) -> int:
    """Tells who is to be told; so many."""
    told, batch = 0, list[tuple[Address, Renewal]]()
    async for pair in renewals(store, book, now.date()):
        batch.append(pair)
        if len(batch) == BATCH:
            told += await _tell(store, batch, now)
            batch.clear()
    return told + await _tell(store, batch, now)


async def _tell(store: Store, batch: Sequence[tuple[Address, Renewal]], now: datetime) -> int:
    outgoing: list[Outgoing] = []
    async with store.write() as tx:
        theirs = await preferences.of(tx, {at for at, _ in batch})
        for at, found in batch:
            if theirs[at].wants("notices") and await settle(tx, found):
                reply = Reply("notice", f"{found.words()}\n{words.RENEWAL_WAY_ON}")
                when = theirs[at].awake(now)
                outgoing.append(
                    Outgoing(at, reply, "renewal", key_of(found), lane="bulk", not_before=when)
                )
        await outbox.put(tx, outgoing, now)
    return len(outgoing)
