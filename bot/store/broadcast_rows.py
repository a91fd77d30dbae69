"""A notice's rows in the outbox: put off, let go, called off, tried again; and what became of each.

Whoever fills in a form has an alarm instead of a row until the host tells them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address
from bot.store.alarms import NEVER
from bot.store.broadcasts import Fate, origin_of
from bot.store.tables import (
    NOT_A_TURN,
    alarms,
    outbox,
    unreachable,
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """What became of it for one. `maybe_twice`: it was on the wire when a process died."""

    id: int  # its place in lists
    to: Address
    fate: Fate
    why: str = ""
    at: datetime | None = None
    maybe_twice: bool = False


async def due_rows(tx: AsyncConnection, channel: str, now: datetime, most: int) -> int:
    """Mass messages of a channel that could go now, counted up to `most`."""
    some = (
        select(literal_column("1"))
        .select_from(outbox)
        .where(
            outbox.c.channel == channel,
            outbox.c.lane == "bulk",
            outbox.c.settled_at.is_(None),
            outbox.c.take_at <= now,
        )
        .limit(most)
        .subquery()
    )
    return (await tx.execute(select(func.count()).select_from(some))).scalar_one()


async def unfinished(tx: AsyncConnection, origin: str) -> bool:
    """Whether somebody has neither got it nor failed to."""
    rows = select(outbox.c.id).where(
        NOT_A_TURN, outbox.c.origin == origin, outbox.c.settled_at.is_(None)
    )
    waits = select(alarms.c.id).where(alarms.c.about == origin)
    return (await tx.execute(rows.limit(1))).first() is not None or (
        await tx.execute(waits.limit(1))
    ).first() is not None


_WAITING = (
    select(outbox.c.id, outbox.c.channel, outbox.c.user)
    .where(
        NOT_A_TURN,
        outbox.c.origin == bindparam("of_origin"),
        outbox.c.state == "waiting",
        outbox.c.settled_at.is_(None),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_MOVE = (
    update(outbox)
    .where(outbox.c.id == bindparam("of_id"), outbox.c.state == "waiting")
    .values(not_before=bindparam("to_at"), take_at=bindparam("to_at"), worker=None)
)


async def put_off(tx: AsyncConnection, origin: str, most: int) -> int:
    """Rows of a paused one wait until it goes on; how many were moved."""
    some = _WAITING.where(outbox.c.take_at < NEVER)
    rows = (await tx.execute(some, {"of_origin": origin, "most": most})).all()
    if rows:
        await tx.execute(_MOVE, [{"of_id": row.id, "to_at": NEVER} for row in rows])
    await tx.execute(update(alarms).where(alarms.c.about == origin).values(at=NEVER))
    return len(rows)


async def put_back(tx: AsyncConnection, origin: str, most: int) -> Sequence[tuple[int, Address]]:
    """Rows that were put off, for `release`."""
    some = _WAITING.where(outbox.c.take_at >= NEVER)
    rows = await tx.execute(some, {"of_origin": origin, "most": most})
    return [(row.id, Address(row.channel, row.user)) for row in rows]


async def release(tx: AsyncConnection, moments: Mapping[int, datetime]) -> None:
    """Rows may go from then on."""
    if moments:
        await tx.execute(_MOVE, [{"of_id": row, "to_at": at} for row, at in moments.items()])


async def wake_waiting(tx: AsyncConnection, origin: str, now: datetime) -> None:
    """Those who fill in a form are looked at again."""
    await tx.execute(update(alarms).where(alarms.c.about == origin).values(at=now))


async def call_off(tx: AsyncConnection, origin: str, now: datetime, most: int) -> int:
    """Rows of a cancelled one never go; how many."""
    rows = (await tx.execute(_WAITING, {"of_origin": origin, "most": most})).all()
    if rows:
        await tx.execute(
            update(outbox)
            .where(outbox.c.id == bindparam("of_id"), outbox.c.state == "waiting")
            .values(state="cancelled", settled_at=bindparam("at")),
            [{"of_id": row.id, "at": now} for row in rows],
        )
    await tx.execute(delete(alarms).where(alarms.c.about == origin))
    return len(rows)


async def sleepers(
    tx: AsyncConnection, origin: str, now: datetime, after: int, most: int
) -> Sequence[tuple[int, Address]]:
    """Waiting rows that could go now, to see whose quiet hours have begun meanwhile."""
    some = _WAITING.where(outbox.c.take_at <= now, outbox.c.id > after)
    rows = await tx.execute(some, {"of_origin": origin, "most": most})
    return [(row.id, Address(row.channel, row.user)) for row in rows]


_FAILED = and_(
    NOT_A_TURN,
    outbox.c.origin == bindparam("of_origin"),
    outbox.c.state == "failed",
    ~exists().where(unreachable.c.channel == outbox.c.channel, unreachable.c.user == outbox.c.user),
)


async def failed(tx: AsyncConnection, origin: str, most: int) -> Sequence[tuple[int, Address]]:
    """Those that may be tried again: nobody who has left."""
    rows = await tx.execute(
        select(outbox.c.id, outbox.c.channel, outbox.c.user)
        .where(_FAILED)
        .order_by(outbox.c.id)
        .limit(most),
        {"of_origin": origin},
    )
    return [(row.id, Address(row.channel, row.user)) for row in rows]


async def again(tx: AsyncConnection, moments: Mapping[int, datetime]) -> None:
    """Failed rows are tried again, from then on."""
    rows = [{"of_id": row, "to_at": at} for row, at in moments.items()]
    await tx.execute(
        update(outbox)
        .where(outbox.c.id == bindparam("of_id"), outbox.c.state == "failed")
        .values(
            state="waiting",
            settled_at=None,
            attempts=0,
            worker=None,
            last_error=None,
            not_before=bindparam("to_at"),
            take_at=bindparam("to_at"),
        ),
        rows,
    )


async def last_tries(tx: AsyncConnection, origin: str, most: int) -> list[str | None]:
    """The errors of the rows that were tried last, None for what was sent.

    What waits for its person, or for many others, is no error.
    """
    rows = await tx.execute(
        select(outbox.c.state, outbox.c.last_error)
        .where(
            NOT_A_TURN,
            outbox.c.origin == origin,
            outbox.c.attempts > 0,
            outbox.c.state != "sending",
            or_(
                outbox.c.last_error.is_(None),
                and_(
                    outbox.c.last_error != "unreachable",
                    outbox.c.last_error.not_like("waits%"),
                    outbox.c.last_error.not_like("mass%"),
                ),
            ),
        )
        .order_by(outbox.c.id.desc())
        .limit(most)
    )
    return [None if state == "sent" else error or state for state, error in rows]


_BLOCKED = exists().where(
    unreachable.c.channel == outbox.c.channel,
    unreachable.c.user == outbox.c.user,
)


def _fate() -> ColumnElement[str]:
    return case(
        (and_(outbox.c.state == "failed", _BLOCKED), "blocked"),
        (outbox.c.state == "sending", "waiting"),
        (
            and_(outbox.c.state == "waiting", outbox.c.not_before > bindparam("now")),
            "held",
        ),
        else_=outbox.c.state,
    )


async def progress(tx: AsyncConnection, id: int, now: datetime) -> dict[str, int]:
    """How many have come to what, and how many of the sent ones may have arrived twice."""
    origin, fate = origin_of(id), _fate()
    counted = await tx.execute(
        select(fate, outbox.c.doubtful, func.count())
        .where(NOT_A_TURN, outbox.c.origin == origin)
        .group_by(literal_column("1"), outbox.c.doubtful),
        {"now": now},
    )
    found: dict[str, int] = {}
    for name, doubtful, count in counted:
        found[name] = found.get(name, 0) + count
        if doubtful and name == "sent":
            found["maybe_twice"] = found.get("maybe_twice", 0) + count
    waits = select(func.count()).select_from(alarms).where(alarms.c.about == origin)
    if in_forms := (await tx.execute(waits)).scalar_one():
        found["held"] = found.get("held", 0) + in_forms
    return found


async def recipients(
    tx: AsyncConnection,
    id: int,
    now: datetime,
    after: int = 0,
    most: int = 500,
    fate: Fate | None = None,
) -> list[Recipient]:
    """One page in the order in which they were put in; those in a form stand on the first."""
    origin, is_fate = origin_of(id), _fate()
    rows = select(
        outbox.c.id,
        outbox.c.channel,
        outbox.c.user,
        is_fate.label("fate"),
        outbox.c.last_error,
        outbox.c.settled_at,
        outbox.c.doubtful,
    ).where(NOT_A_TURN, outbox.c.origin == origin, outbox.c.id > after)
    if fate:
        rows = rows.where(is_fate == fate)
    found = [
        Recipient(
            row.id,
            Address(row.channel, row.user),
            row.fate,
            row.last_error or "",
            row.settled_at,
            row.doubtful,
        )
        for row in await tx.execute(rows.order_by(outbox.c.id).limit(most), {"now": now})
    ]
    if after == 0 and fate in (None, "held"):
        waits = select(alarms.c.channel, alarms.c.user).where(alarms.c.about == origin)
        in_forms = [
            Recipient(0, Address(channel, user), "held", "form")
            for channel, user in await tx.execute(waits)
        ]
        found = in_forms + found
    return found
