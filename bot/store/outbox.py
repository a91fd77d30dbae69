"""What is to be sent: put in with a key, taken by lease, settled once.

Rule 1: a known key is dropped, so that whatever happens twice is sent once.
Rule 2: in a lane only a person's first unfinished row may be taken; first by `not_before`, then by
        id. A row of next month therefore blocks nothing of today, and a row that is tried again
        keeps its place.
Rule 3: `attempts` counts the takings and is the lease's name: who settles with an old one is late.
Rule 4: a row that was taken before and not settled may have arrived: it is `doubtful`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import CursorResult, bindparam, case, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address, Reply
from bot.store import conversations, plain
from bot.store.engine import on_both
from bot.store.tables import outbox

Lane = Literal["talk", "bulk"]
Settled = Literal["waiting", "sent", "failed", "uncertain", "elsewhere"]
UNTOLD = "waits, and nobody was told"  # the reason of a rest in which a person cannot be reached
BEHIND = timedelta(minutes=10)  # for so long a word may wait behind such a one


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply on its way into the outbox. `not_before` None: now. `line` None: not yet said."""

    to: Address
    reply: Reply
    origin: str
    key: str
    lane: Lane = "talk"
    not_before: datetime | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that is ours until the lease ends. `reply` is JSON as it was put in."""

    id: int
    key: str
    to: Address
    lane: Lane
    reply: str
    not_before: datetime
    attempts: int
    doubtful: bool
    line: int | None
    origin: str = "turn"


@dataclass(frozen=True, slots=True)
class Settlement:
    """How one taking ended. `waiting`: try again at `take_at`.

    `elsewhere`: the person gets it at another address. `unheard`: it waits, and they do not know.
    """

    id: int
    attempts: int
    state: Settled
    at: datetime
    take_at: datetime | None = None
    error: str | None = None
    doubtful: bool = False
    unheard: bool = False


# Puts rows in; a known key is dropped.
_PUT = on_both(lambda insert: insert(outbox).on_conflict_do_nothing())

_ROW = outbox.alias("one")
_EARLIER = outbox.alias("earlier")

# The rows of a lane that are due, but none behind another of the same person.
DUE = (
    select(_ROW.c.id)
    .where(
        _ROW.c.channel == bindparam("of_channel"),
        _ROW.c.lane == bindparam("of_lane"),
        _ROW.c.settled_at.is_(None),
        _ROW.c.take_at <= bindparam("now"),
        ~select(_EARLIER.c.id)
        .where(
            _EARLIER.c.channel == _ROW.c.channel,
            _EARLIER.c.user == _ROW.c.user,
            _EARLIER.c.lane == _ROW.c.lane,
            _EARLIER.c.settled_at.is_(None),
            tuple_(_EARLIER.c.not_before, _EARLIER.c.id) < tuple_(_ROW.c.not_before, _ROW.c.id),
        )
        .exists(),
    )
    .order_by(_ROW.c.take_at, _ROW.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=_ROW, skip_locked=True)  # nothing on SQLite, which has one writer
    .cte("due")
)

# What makes a `Taken`.
TAKEN = (
    outbox.c.id,
    outbox.c.key,
    outbox.c.channel,
    outbox.c.user,
    outbox.c.lane,
    outbox.c.reply,
    outbox.c.not_before,
    outbox.c.attempts,
    outbox.c.doubtful,
    outbox.c.line,
    outbox.c.origin,
)

# Takes them. The CTE keeps PostgreSQL from working out the limit again for each row.
_TAKE = (
    update(outbox)
    .where(outbox.c.id == DUE.c.id)
    .values(
        state="sending",
        doubtful=or_(outbox.c.doubtful, outbox.c.state == "sending"),
        attempts=outbox.c.attempts + 1,
        take_at=bindparam("lease_until"),
        worker=bindparam("by"),
    )
    .returning(*TAKEN)
)

# Ends takings, each only by whoever still has the lease.
_SETTLE = (
    update(outbox)
    .where(
        outbox.c.id == bindparam("of_id"),
        outbox.c.attempts == bindparam("of_attempts"),
        outbox.c.settled_at.is_(None),
    )
    .values(
        state=bindparam("to_state", type_=outbox.c.state.type),
        take_at=func.coalesce(
            bindparam("to_take_at", type_=outbox.c.take_at.type), outbox.c.take_at
        ),
        doubtful=or_(
            outbox.c.doubtful, bindparam("may_have_arrived", type_=outbox.c.doubtful.type)
        ),
        last_error=func.coalesce(
            bindparam("error", type_=outbox.c.last_error.type), outbox.c.last_error
        ),
        settled_at=bindparam("to_settled_at"),
        worker=case(
            (bindparam("to_state", type_=outbox.c.state.type) == "waiting", None),
            else_=outbox.c.worker,
        ),
    )
)

# Keeps what is still on the wire.
_RENEW = (
    update(outbox)
    .where(
        outbox.c.id == bindparam("of_id"),
        outbox.c.attempts == bindparam("of_attempts"),
        outbox.c.settled_at.is_(None),
    )
    .values(take_at=bindparam("lease_until"))
)

# Ends the leases and claims of a worker that died and is back under its name.
_TAKE_BACK = (
    update(outbox)
    .where(
        outbox.c.worker == bindparam("by"),
        outbox.c.state.in_(("sending", "waiting")),
        outbox.c.settled_at.is_(None),
    )
    .values(take_at=bindparam("now"))
)

# The next moment at which a row of a lane comes due.
_NEXT = select(func.min(outbox.c.take_at)).where(
    outbox.c.channel == bindparam("of_channel"),
    outbox.c.lane == bindparam("of_lane"),
    outbox.c.settled_at.is_(None),
    outbox.c.take_at > bindparam("after"),
)

# Where rows were to go.
_TRIED = select(outbox.c.channel, outbox.c.user).where(
    outbox.c.key.in_(bindparam("keys", expanding=True))
)

# Words about consultations that were never tried, because an earlier one of the same person rests
# without their knowing.
_BEHIND = (
    select(_ROW)
    .where(
        _ROW.c.origin != "turn",
        _ROW.c.origin.like("case:%"),
        _ROW.c.settled_at.is_(None),
        _ROW.c.state == "waiting",
        _ROW.c.attempts == 0,
        _ROW.c.not_before <= bindparam("since"),
        select(_EARLIER.c.id)
        .where(
            _EARLIER.c.channel == _ROW.c.channel,
            _EARLIER.c.user == _ROW.c.user,
            _EARLIER.c.lane == _ROW.c.lane,
            _EARLIER.c.settled_at.is_(None),
            _EARLIER.c.last_error == UNTOLD,
            tuple_(_EARLIER.c.not_before, _EARLIER.c.id) < tuple_(_ROW.c.not_before, _ROW.c.id),
        )
        .exists(),
    )
    .order_by(_ROW.c.id)
    .limit(100)
    .with_for_update(of=_ROW, skip_locked=True)
)

# Gives rows their place among what was said.
_PLACE = update(outbox).where(outbox.c.id == bindparam("of_id")).values(line=bindparam("to_line"))


async def put(tx: AsyncConnection, outgoing: Sequence[Outgoing], now: datetime) -> None:
    """Adds them in their order."""
    if outgoing:
        await tx.execute(_PUT[tx.dialect.name], [_row(one, now) for one in outgoing])


async def knows(tx: AsyncConnection, key: str) -> bool:
    return (await tx.execute(select(outbox.c.id).where(outbox.c.key == key))).first() is not None


async def take(
    tx: AsyncConnection,
    lane: tuple[str, Lane],
    most: int,
    now: datetime,
    until: datetime,
    by: str | None,
) -> list[Taken]:
    """At most `most` due rows of a channel's lane, ours until `until`, in their order."""
    wanted = {
        "of_channel": lane[0],
        "of_lane": lane[1],
        "most": most,
        "now": now,
        "lease_until": until,
        "by": by,
    }
    taken = [taken_of(row) for row in (await tx.execute(_TAKE, wanted)).all()]
    taken.sort(key=lambda one: (one.not_before, one.id))
    await number(tx, [one for one in taken if one.line is None], now)
    return taken


async def tried(tx: AsyncConnection, keys: Collection[str]) -> set[Address]:
    """The addresses that rows of these keys were for."""
    return {Address(*row) for row in await tx.execute(_TRIED, {"keys": sorted(keys)})}


async def behind_untold(tx: AsyncConnection, now: datetime) -> list[Taken]:
    """Words about consultations that nobody tries, because an earlier one rests untold; ours now."""
    return [taken_of(row) for row in await tx.execute(_BEHIND, {"since": now - BEHIND})]


async def withdraw(tx: AsyncConnection, taken: Collection[Taken]) -> None:
    """Takes rows out again that are ours and never went."""
    await tx.execute(delete(outbox).where(outbox.c.id.in_([one.id for one in taken])))


async def settle(tx: AsyncConnection, ended: Collection[Settlement]) -> None:
    rows = [
        {
            "of_id": one.id,
            "of_attempts": one.attempts,
            "to_state": one.state,
            "to_take_at": one.take_at,
            "may_have_arrived": one.doubtful,
            "error": one.error,
            "to_settled_at": None if one.state == "waiting" else one.at,
        }
        for one in sorted(ended, key=lambda e: e.id)
    ]
    if rows:
        await tx.execute(_SETTLE, rows)


async def renew(tx: AsyncConnection, leases: Collection[tuple[int, int]], until: datetime) -> None:
    """Keeps rows, each by id and attempts, until then."""
    rows = [
        {"of_id": row, "of_attempts": attempts, "lease_until": until}
        for row, attempts in sorted(leases)
    ]
    if rows:
        await tx.execute(_RENEW, rows)


async def take_back(tx: AsyncConnection, by: str, now: datetime) -> int:
    """Makes due what a dead worker of this name had taken; how many rows."""
    result: CursorResult[object] = await tx.execute(_TAKE_BACK, {"by": by, "now": now})
    return result.rowcount


async def next_due(tx: AsyncConnection, lane: tuple[str, Lane], after: datetime) -> datetime | None:
    """When the next row of a lane comes due, later than `after`."""
    wanted = {"of_channel": lane[0], "of_lane": lane[1], "after": after}
    due: datetime | None = (await tx.execute(_NEXT, wanted)).scalar()
    return due


async def number(tx: AsyncConnection, unsaid: Sequence[Taken], now: datetime) -> None:
    """A reply that belongs to no turn is said when it first goes."""
    if not unsaid:
        return
    # Taken rows are one a person, so the last number is the row's own.
    last = await conversations.say(tx, {one.to: 1 for one in unsaid}, now)
    await tx.execute(_PLACE, [{"of_id": one.id, "to_line": last[one.to]} for one in unsaid])


def taken_of(row: Any) -> Taken:
    return Taken(
        row.id,
        row.key,
        Address(row.channel, row.user),
        row.lane,
        row.reply,
        row.not_before,
        row.attempts,
        row.doubtful,
        row.line,
        row.origin,
    )


def _row(one: Outgoing, now: datetime) -> dict[str, object]:
    return {
        "key": one.key,
        "channel": one.to.channel,
        "user": one.to.user,
        "lane": one.lane,
        "origin": one.origin,
        "reply": plain.dumps(one.reply),
        "line": one.line,
        "state": "waiting",
        "not_before": one.not_before or now,
        "take_at": one.not_before or now,
        "attempts": 0,
        "created_at": now,
    }
