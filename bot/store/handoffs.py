"""Hand-overs to staff: waiting, joined, closed, never back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import and_, bindparam, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address
from bot.store.tables import conversations, handoffs

WEEK = timedelta(days=7)
FEWEST = 3  # from which a median is worth telling

_OPEN = handoffs.c.state != "closed"


@dataclass(frozen=True, slots=True)
class Handoff:
    """An open hand-over. `joined`: staff has said something."""

    id: int
    citizen: Address
    joined: bool


# Files the requests of a batch; one person has at most one in it.
_REQUEST = insert(handoffs).returning(handoffs.c.id, handoffs.c.channel, handoffs.c.user)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open hand-over as staff read it."""

    number: int
    state: str
    created_at: datetime
    capsule: str


# All that are open, the oldest first.
_OPEN_ONES = (
    select(handoffs.c.id, handoffs.c.state, handoffs.c.created_at, handoffs.c.capsule)
    .where(_OPEN)
    .order_by(handoffs.c.id)
)


@dataclass(frozen=True, slots=True)
class Filed:
    """A hand-over, open or not, as the desk shows it. `said`: the last line at that address."""

    number: int
    citizen: Address
    state: str
    capsule: str
    created_at: datetime
    joined_at: datetime | None
    closed_at: datetime | None
    said: int


# Hand-overs with how far the conversation has come.
_FILED = select(
    handoffs.c.id,
    handoffs.c.channel,
    handoffs.c.user,
    handoffs.c.state,
    handoffs.c.capsule,
    handoffs.c.created_at,
    handoffs.c.joined_at,
    handoffs.c.closed_at,
    func.coalesce(conversations.c.said, 0),
).outerjoin(
    conversations,
    and_(conversations.c.channel == handoffs.c.channel, conversations.c.user == handoffs.c.user),
)
_ONE_FILED = _FILED.where(handoffs.c.id == bindparam("of_id"))

# Those open, the one that waits longest first; then those closed lately, the last one first.
_OPEN_FILED = _FILED.where(_OPEN).order_by(
    case((handoffs.c.state == "waiting", 0), else_=1), handoffs.c.id
)
_LATELY_CLOSED = (
    _FILED.where(handoffs.c.state == "closed", handoffs.c.closed_at > bindparam("since"))
    .order_by(handoffs.c.closed_at.desc())
    .limit(50)
)

# More words of the citizen.
_APPEND = (
    update(handoffs)
    .where(handoffs.c.id == bindparam("of_id"))
    .values(capsule=handoffs.c.capsule + "\n" + bindparam("words"))
)

# The newest open hand-over of each of these people.
_NEWEST = (
    select(handoffs.c.channel, handoffs.c.user, func.max(handoffs.c.id))
    .where(
        handoffs.c.channel.in_(bindparam("channels", expanding=True)),
        handoffs.c.user.in_(bindparam("users", expanding=True)),
        _OPEN,
    )
    .group_by(handoffs.c.channel, handoffs.c.user)
)

# One open hand-over.
_FIND = select(handoffs.c.id, handoffs.c.channel, handoffs.c.user, handoffs.c.state).where(
    handoffs.c.id == bindparam("of_id"), _OPEN
)

# Staff's first words.
_JOIN = (
    update(handoffs)
    .where(handoffs.c.id == bindparam("of_id"), handoffs.c.state == "waiting")
    .values(state="joined", joined_at=bindparam("now"))
)

# Staff has ended it.
_CLOSE = (
    update(handoffs)
    .where(handoffs.c.id == bindparam("of_id"), _OPEN)
    .values(state="closed", closed_at=bindparam("now"))
)

# The citizen has ended it.
_DISMISS = (
    update(handoffs)
    .where(
        handoffs.c.channel == bindparam("of_channel"),
        handoffs.c.user == bindparam("of_user"),
        _OPEN,
    )
    .values(state="closed", closed_at=bindparam("now"))
)


async def request(
    tx: AsyncConnection, capsules: Sequence[tuple[Address, str]], now: datetime
) -> list[tuple[int, str]]:
    """Files them; each with its number and capsule."""
    if not capsules:
        return []
    rows = [
        {
            "channel": address.channel,
            "user": address.user,
            "capsule": capsule,
            "state": "waiting",
            "created_at": now,
        }
        for address, capsule in capsules
    ]
    filed = await tx.execute(_REQUEST, rows)
    numbers = {Address(channel, user): number for number, channel, user in filed}
    return [(numbers[address], capsule) for address, capsule in capsules]


async def open_ones(tx: AsyncConnection) -> list[Waiting]:
    return [Waiting(*row) for row in await tx.execute(_OPEN_ONES)]


async def filed(tx: AsyncConnection, closed_since: datetime) -> list[Filed]:
    """Those open, and at most 50 that were closed since."""
    rows = [*await tx.execute(_OPEN_FILED)]
    rows += await tx.execute(_LATELY_CLOSED, {"since": closed_since})
    return [_filed(row) for row in rows]


async def read(tx: AsyncConnection, number: int) -> Filed | None:
    """The hand-over, open or not."""
    row = (await tx.execute(_ONE_FILED, {"of_id": number})).one_or_none()
    return _filed(row) if row else None


def _filed(row: Any) -> Filed:
    number, channel, user, *rest = row
    return Filed(number, Address(channel, user), *rest)


async def append(tx: AsyncConnection, said: Sequence[tuple[int, str]]) -> None:
    """Adds citizens' words to what staff read of their hand-overs, in order."""
    if said:
        await tx.execute(_APPEND, [{"of_id": number, "words": text} for number, text in said])


async def newest(tx: AsyncConnection, citizens: Collection[Address]) -> dict[Address, int]:
    """The newest open hand-over of each citizen who has one."""
    if not citizens:
        return {}
    wanted = {
        "channels": sorted({a.channel for a in citizens}),
        "users": sorted({a.user for a in citizens}),
    }
    found = await tx.execute(_NEWEST, wanted)
    return {Address(channel, user): number for channel, user, number in found}


async def find(tx: AsyncConnection, number: int) -> Handoff | None:
    """The hand-over if it is open."""
    row = (await tx.execute(_FIND, {"of_id": number})).one_or_none()
    if row is None:
        return None
    return Handoff(row.id, Address(row.channel, row.user), row.state == "joined")


async def join(tx: AsyncConnection, number: int, now: datetime) -> bool:
    """True for staff's first words only."""
    return bool((await tx.execute(_JOIN, {"of_id": number, "now": now})).rowcount)


async def close(tx: AsyncConnection, number: int, now: datetime) -> bool:
    """False if it was closed already."""
    return bool((await tx.execute(_CLOSE, {"of_id": number, "now": now})).rowcount)


async def dismiss(tx: AsyncConnection, citizens: Collection[Address], now: datetime) -> None:
    """Closes whatever these citizens have open."""
    rows = [
        {"of_channel": a.channel, "of_user": a.user, "now": now} for a in sorted(citizens, key=str)
    ]
    if rows:
        await tx.execute(_DISMISS, rows)


_LATELY = (
    select(handoffs.c.created_at, handoffs.c.joined_at)
    .where(handoffs.c.joined_at >= bindparam("since"))
    .order_by(handoffs.c.joined_at.desc())
    .limit(20)
)
_WAITING = select(func.count()).where(handoffs.c.state == "waiting")


async def queue(tx: AsyncConnection, now: datetime) -> tuple[int, int | None]:
    """How many wait, and the median of minutes that the last few of a week waited."""
    waiting = (await tx.execute(_WAITING)).scalar_one()
    lately = list(await tx.execute(_LATELY, {"since": now - WEEK}))
    if len(lately) < FEWEST:
        return waiting, None
    waited = [(joined - filed).total_seconds() / 60 for filed, joined in lately]
    return waiting, round(median(waited))
