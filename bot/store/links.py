"""Codes by which two addresses become one person's.

Rule 1: a code is kept as its digest, for ten minutes, and works once.
Rule 2: three wrong ones a day from one address, and that address is locked until tomorrow; so many
        wrong ones from all together, and the codes that are out are void.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address
from bot.store.engine import on_both
from bot.store.tables import cases, link_codes, link_tries, people

LIFE = timedelta(minutes=10)
TRIES = 3  # wrong ones a day, from one address
ALL_TRIES = 60  # wrong ones a day from all; a guess is one in a million

_TRIED = on_both(
    lambda insert: (
        (row := insert(link_tries))
        .on_conflict_do_update(
            index_elements=["channel", "user", "day"],
            set_={"tries": link_tries.c.tries + row.excluded.tries},
        )
        .returning(link_tries.c.tries)
    )
)
_JOIN = on_both(
    lambda insert: (row := insert(people)).on_conflict_do_update(
        index_elements=["channel", "user"], set_={"person": row.excluded.person}
    )
)


def _digest(code: str) -> str:
    return hashlib.sha256(f"link:{code}".encode()).hexdigest()


async def make(tx: AsyncConnection, at: Address, code: str, now: datetime) -> bool:
    """Puts a code out for `at`, its older one void; False if somebody has the same."""
    await tx.execute(delete(link_codes).where(link_codes.c.until < now))
    await tx.execute(
        delete(link_codes).where(link_codes.c.channel == at.channel, link_codes.c.user == at.user)
    )
    taken = await tx.execute(select(link_codes.c.code).where(link_codes.c.code == _digest(code)))
    if taken.first():
        return False
    row = {"code": _digest(code), "channel": at.channel, "user": at.user, "until": now + LIFE}
    await tx.execute(insert(link_codes), row)
    return True


async def use(tx: AsyncConnection, code: str, now: datetime) -> Address | None:
    """Whose code it is; it is void now."""
    used = await tx.execute(
        delete(link_codes)
        .where(link_codes.c.code == _digest(code), link_codes.c.until >= now)
        .returning(link_codes.c.channel, link_codes.c.user)
    )
    row = used.first()
    return Address(*row) if row else None


async def locked(tx: AsyncConnection, at: Address, now: datetime) -> bool:
    found = await tx.execute(
        select(link_tries.c.tries).where(
            link_tries.c.channel == at.channel,
            link_tries.c.user == at.user,
            link_tries.c.day == now.date(),
        )
    )
    return (found.scalar() or 0) >= TRIES


async def wrong(tx: AsyncConnection, at: Address, now: datetime) -> None:
    """Counts a wrong code."""
    await tx.execute(delete(link_tries).where(link_tries.c.day < now.date()))
    row = {"channel": at.channel, "user": at.user, "day": now.date(), "tries": 1}
    await tx.execute(_TRIED[tx.dialect.name], row)
    all_tries = await tx.execute(select(func.sum(link_tries.c.tries)))
    if (all_tries.scalar() or 0) >= ALL_TRIES:
        await tx.execute(delete(link_codes))


async def join(tx: AsyncConnection, one: Address, other: Address, person: str) -> None:
    """Both are `person` from now on, with everything that is `other`'s."""
    rows = [{"channel": at.channel, "user": at.user, "person": person} for at in (one, other)]
    await tx.execute(_JOIN[tx.dialect.name], rows)


async def merge(tx: AsyncConnection, was: str, person: str) -> None:
    """All that stood under `was` stands under `person`."""
    await tx.execute(update(people).where(people.c.person == was).values(person=person))
    await tx.execute(update(cases).where(cases.c.person == was).values(person=person))


async def cut(tx: AsyncConnection, at: Address) -> bool:
    """`at` stands alone; its own cases go with it. False if it was linked with nothing."""
    gone = await tx.execute(
        delete(people).where(people.c.channel == at.channel, people.c.user == at.user)
    )
    await tx.execute(
        update(cases)
        .where(cases.c.channel == at.channel, cases.c.user == at.user)
        .values(person=str(at))
    )
    return bool(gone.rowcount)
