"""Who is signed in at the desk, or on the way there: rows, so that they can be ended from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import staff, staff_sessions


@dataclass(frozen=True, slots=True)
class Session:
    """`stage`: code (the password was right), enrol (no telephone is set up yet), in."""

    id: int
    staff: int
    name: str
    role: str
    stage: str
    address: str
    agent: str
    created_at: datetime
    seen_at: datetime
    until: datetime


_COLUMNS = (
    staff_sessions.c.id,
    staff_sessions.c.staff,
    staff.c.name,
    staff.c.role,
    *(
        staff_sessions.c[name]
        for name in ("stage", "address", "agent", "created_at", "seen_at", "until")
    ),
)

# Those that still count, with the person as they are today.
_ALIVE = (
    select(*_COLUMNS)
    .join(staff, staff.c.id == staff_sessions.c.staff)
    .where(
        staff.c.disabled_at.is_(None),
        staff_sessions.c.until > bindparam("now"),
        staff_sessions.c.seen_at > bindparam("idle_since"),
    )
)
_BY_TOKEN = _ALIVE.where(staff_sessions.c.token == bindparam("of_token"))
_OF_STAFF = _ALIVE.where(
    staff_sessions.c.staff == bindparam("of_staff"), staff_sessions.c.stage == "in"
).order_by(staff_sessions.c.seen_at.desc())

_SEEN = (
    update(staff_sessions)
    .where(staff_sessions.c.id == bindparam("of_id"))
    .values(seen_at=bindparam("now"))
)
_END = delete(staff_sessions).where(
    staff_sessions.c.id == bindparam("of_id"), staff_sessions.c.staff == bindparam("of_staff")
)
_END_ALL = delete(staff_sessions).where(
    staff_sessions.c.staff == bindparam("of_staff"), staff_sessions.c.id != bindparam("but")
)
_FORGET = delete(staff_sessions).where(
    or_(
        staff_sessions.c.until <= bindparam("now"),
        staff_sessions.c.seen_at <= bindparam("idle_since"),
    )
)


async def begin(
    tx: AsyncConnection,
    token: str,
    member: int,
    stage: str,
    address: str,
    agent: str,
    now: datetime,
    until: datetime,
) -> None:
    """`token`: the hash of the cookie."""
    row = {
        "token": token,
        "staff": member,
        "stage": stage,
        "address": address,
        "agent": agent,
        "created_at": now,
        "seen_at": now,
        "until": until,
    }
    await tx.execute(insert(staff_sessions), row)


async def find(
    tx: AsyncConnection, token: str, now: datetime, idle_since: datetime
) -> Session | None:
    """None once it has ended, run out, or its person was disabled."""
    wanted = {"of_token": token, "now": now, "idle_since": idle_since}
    row = (await tx.execute(_BY_TOKEN, wanted)).one_or_none()
    return _session(row) if row else None


async def of(
    tx: AsyncConnection, member: int, now: datetime, idle_since: datetime
) -> list[Session]:
    """Where somebody is signed in, the one seen last first."""
    wanted = {"of_staff": member, "now": now, "idle_since": idle_since}
    return [_session(row) for row in await tx.execute(_OF_STAFF, wanted)]


async def seen(tx: AsyncConnection, number: int, now: datetime) -> None:
    await tx.execute(_SEEN, {"of_id": number, "now": now})


async def end(tx: AsyncConnection, number: int, member: int) -> bool:
    """False if this person has no such session."""
    return bool((await tx.execute(_END, {"of_id": number, "of_staff": member})).rowcount)


async def end_all(tx: AsyncConnection, member: int, but: int = 0) -> int:
    """How many ended; `but` is left as it is."""
    return (await tx.execute(_END_ALL, {"of_staff": member, "but": but})).rowcount


async def forget(tx: AsyncConnection, now: datetime, idle_since: datetime) -> None:
    """Deletes those that have run out."""
    await tx.execute(_FORGET, {"now": now, "idle_since": idle_since})


def _session(row: Row[Any]) -> Session:
    return Session(*tuple(row))
