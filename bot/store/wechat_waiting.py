"""What waits in the outbox for one person on WeChat, to be sent together or taken by a callback.

Rule 1: only rows that are on nobody's wire are taken (their state is `waiting`).
Rule 2: they come in the order in which the sender would send them: talk before bulk.
Rule 3: of a long reply it is kept how many parts have arrived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address
from bot.store import conversations
from bot.store.engine import on_both
from bot.store.outbox import Lane
from bot.store.tables import outbox
from bot.store.tables import wechat_parts as parts

CHANNEL = "wechat"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that nobody has on the wire. `reply` is JSON; `done`: parts that have arrived."""

    id: int
    user: str
    key: str
    lane: Lane
    reply: str
    not_before: datetime
    attempts: int
    line: int | None
    done: int


# What waits for these people, held until the transaction ends.
_WAITING = (
    select(
        outbox.c.id,
        outbox.c.user,
        outbox.c.key,
        outbox.c.lane,
        outbox.c.reply,
        outbox.c.not_before,
        outbox.c.attempts,
        outbox.c.line,
        func.coalesce(parts.c.done, 0).label("done"),
    )
    .outerjoin(parts, parts.c.key == outbox.c.key)
    .where(
        outbox.c.channel == CHANNEL,
        outbox.c.user.in_(bindparam("users", expanding=True)),
        outbox.c.settled_at.is_(None),
        outbox.c.state == "waiting",
        # One that is to come later (a reminder of next month) does not wait to be read.
        or_(outbox.c.not_before <= bindparam("soon"), outbox.c.attempts > 0),
    )
    .order_by(outbox.c.lane.desc(), outbox.c.not_before, outbox.c.id)
    .with_for_update(of=outbox, skip_locked=True)
)

# Makes them due.
_RELEASE = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)), outbox.c.state == "waiting")
    .values(take_at=bindparam("due"))
)

# Those that follow a row of the same person and lane go with it, until `lease_until`.
_LEASE = (
    update(outbox)
    .where(outbox.c.id == bindparam("of_id"))
    .values(
        state="sending",
        attempts=outbox.c.attempts + 1,
        take_at=bindparam("lease_until"),
        worker=None,
    )
)

_PLACE = update(outbox).where(outbox.c.id == bindparam("of_id")).values(line=bindparam("to_line"))

# How many parts of a row have arrived.
_DONE = on_both(
    lambda insert: (row := insert(parts)).on_conflict_do_update(
        index_elements=["key"], set_={"done": row.excluded.done, "at": row.excluded.at}
    )
)
_FORGET = delete(parts).where(parts.c.key.in_(bindparam("keys", expanding=True)))


async def waiting(
    tx: AsyncConnection, users: Collection[str], soon: datetime
) -> dict[str, list[Waiting]]:
    """`soon`: what may be sent until then waits already."""
    found: dict[str, list[Waiting]] = {user: [] for user in users}
    rows = await tx.execute(_WAITING, {"users": sorted(users), "soon": soon})
    for row in rows:
        found[row.user].append(Waiting(*row))
    return found


async def number(tx: AsyncConnection, rows: Collection[Waiting], now: datetime) -> None:
    """What belongs to no turn gets its place among what was said now that it is said."""
    unsaid = [row for row in rows if row.line is None]
    if not unsaid:
        return
    count = Counter(Address(CHANNEL, row.user) for row in unsaid)
    last = await conversations.say(tx, dict(count), now)
    places = []
    for row in unsaid:
        at = Address(CHANNEL, row.user)
        count[at] -= 1
        places.append({"of_id": row.id, "to_line": last[at] - count[at]})
    await tx.execute(_PLACE, places)


async def release(tx: AsyncConnection, rows: Collection[Waiting], due: datetime) -> None:
    if rows:
        await tx.execute(_RELEASE, {"ids": [row.id for row in rows], "due": due})


async def lease(tx: AsyncConnection, rows: Collection[Waiting], until: datetime) -> None:
    """Ours until then; their attempts are one more now."""
    values = [{"of_id": row.id, "lease_until": until} for row in rows]
    if values:
        await tx.execute(_LEASE, values)


async def done(tx: AsyncConnection, arrived: Mapping[str, int], now: datetime) -> None:
    """So many parts of each row (by its key) have arrived."""
    rows = [{"key": key, "done": arrived[key], "at": now} for key in sorted(arrived)]
    if rows:
        await tx.execute(_DONE[tx.dialect.name], rows)


async def parts_of(tx: AsyncConnection, key: str) -> int:
    """How many parts of a row have arrived."""
    found: Any = (await tx.execute(select(parts.c.done).where(parts.c.key == key))).scalar()
    return int(found or 0)


async def forget_parts(tx: AsyncConnection, keys: Collection[str]) -> None:
    if keys:
        await tx.execute(_FORGET, {"keys": sorted(keys)})


async def lane_of(tx: AsyncConnection, key: str) -> Lane | None:
    lane: Lane | None = (
        await tx.execute(select(outbox.c.lane).where(outbox.c.key == key))
    ).scalar()
    return lane


async def since(tx: AsyncConnection, key: str) -> datetime | None:
    """When a row was to be sent first."""
    at: datetime | None = (
        await tx.execute(select(outbox.c.not_before).where(outbox.c.key == key))
    ).scalar()
    return at
