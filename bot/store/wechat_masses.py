"""Words that go to many followers of a WeChat account in one call: who, how far, what came of it.

Rule 1: a mass is gathered from rows of the outbox with the same words; only rows that still wait when
        it goes are in it, and from then on they are nobody else's.
Rule 2: one process takes it on, by compare-and-set; a mass that it left half done is taken on again.
Rule 3: the platform tells counts, not names: what is not true of all is said of none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.alarms import NEVER
from bot.store.engine import on_both
from bot.store.tables import outbox
from bot.store.tables import wechat_mass_people as people
from bot.store.tables import wechat_mass_rows as rows
from bot.store.tables import wechat_masses as masses

State = Literal["gathering", "sending", "accepted", "ended", "refused"]
LEASE = timedelta(hours=1)
SOME = 400  # values in one statement
NONE = 0  # the mass of those who were left out of theirs


@dataclass(frozen=True, slots=True)
class Mass:
    """`tag`: the platform's number for those who get it, once they have one."""

    id: int
    origin: str
    text: str
    state: State
    since: datetime
    touched: datetime
    tag: int | None
    msg_id: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """A follower in it, with the key of their row in the outbox."""

    key: str
    user: str


_JOIN = on_both(lambda insert: insert(rows).on_conflict_do_nothing())
_COUNT = on_both(
    lambda insert: (row := insert(people)).on_conflict_do_update(
        index_elements=["user", "month"], set_={"sent": people.c.sent + row.excluded.sent}
    )
)
_SEEN = ("id", "origin", "text", "state", "since", "added_at", "tag", "msg_id")
_MASS = select(*[masses.c[name] for name in _SEEN])
# Rows of the outbox in a mass that still wait to go (a pause has not put them off).
_MEMBERS = (
    select(outbox.c.key, outbox.c.user)
    .join(rows, rows.c.key == outbox.c.key)
    .where(
        rows.c.mass == bindparam("of_mass"),
        outbox.c.settled_at.is_(None),
        outbox.c.state.in_(bindparam("states", expanding=True)),
        outbox.c.take_at < NEVER,
    )
    .order_by(outbox.c.user)
)

# The others: they have got it, it was called off, or it is put off.
_OTHERS = delete(rows).where(
    rows.c.mass == bindparam("of_mass"),
    rows.c.key.not_in(_MEMBERS.with_only_columns(outbox.c.key).order_by(None).correlate(None)),
)


def month_of(now: datetime) -> str:
    return f"{now:%Y-%m}"


async def sent_to(tx: AsyncConnection, user: str, now: datetime) -> int:
    """How many they got this month, as far as we sent them."""
    found = await tx.execute(
        select(people.c.sent).where(people.c.user == user, people.c.month == month_of(now))
    )
    return found.scalar() or 0


async def gather(
    tx: AsyncConnection, origin: str, digest: str, text: str, member: Member, now: datetime
) -> bool:
    """Puts a row into the mass of its words, the notice being held; False if it must not be in one:
    the platform has refused these words, or has not taken this follower."""
    known = await tx.execute(
        select(masses.c.id, masses.c.state)
        .where(masses.c.origin == origin, masses.c.digest == digest)
        .order_by(masses.c.id.desc())
    )
    found = known.all()
    if any(one.state == "refused" for one in found):
        return False
    mine = (await tx.execute(select(rows.c.mass).where(rows.c.key == member.key))).scalar()
    if mine is not None:
        return any(one.id == mine and one.state in ("gathering", "sending") for one in found)
    open_ones = [one.id for one in found if one.state == "gathering"]
    if open_ones:
        mass = open_ones[0]
        await tx.execute(update(masses).where(masses.c.id == mass).values(added_at=now))
    else:
        new = {"origin": origin, "digest": digest, "text": text, "state": "gathering"}
        made = insert(masses).values(**new, since=now, added_at=now, why="").returning(masses.c.id)
        mass = (await tx.execute(made)).scalar_one()
    await tx.execute(
        _JOIN[tx.dialect.name], [{"key": member.key, "mass": mass, "user": member.user}]
    )
    return True


async def due(
    tx: AsyncConnection, quiet_since: datetime, begun_before: datetime, left_since: datetime
) -> list[Mass]:
    """Those that nobody joins any more or that gather for long, and those left half done."""
    found = await tx.execute(
        _MASS.where(
            or_(
                and_(
                    masses.c.state == "gathering",
                    or_(masses.c.added_at <= quiet_since, masses.c.since <= begun_before),
                ),
                and_(masses.c.state == "sending", masses.c.added_at <= left_since),
            )
        ).order_by(masses.c.id)
    )
    return [Mass(*row) for row in found]


async def take(tx: AsyncConnection, mass: Mass, now: datetime) -> list[Member] | None:
    """Who is in it, their rows ours; None: another process has it."""
    taken = await tx.execute(
        update(masses)
        .where(
            masses.c.id == mass.id,
            masses.c.state == mass.state,
            masses.c.added_at == mass.touched,
        )
        .values(state="sending", added_at=now)
    )
    if taken.rowcount == 0:
        return None
    states = ["waiting"] if mass.state == "gathering" else ["waiting", "sending"]
    wanted = {"of_mass": mass.id, "states": states}
    found = [Member(*row) for row in await tx.execute(_MEMBERS, wanted)]
    await tx.execute(_OTHERS, {"of_mass": mass.id, "states": states})
    for some in _some([one.key for one in found]):
        await tx.execute(
            update(outbox)
            .where(outbox.c.key.in_(some), outbox.c.settled_at.is_(None))
            .values(state="sending", attempts=outbox.c.attempts + 1, take_at=now + LEASE)
        )
    return found


async def tagged(tx: AsyncConnection, mass: int, tag: int) -> None:
    await tx.execute(update(masses).where(masses.c.id == mass).values(tag=tag))


async def let_go(tx: AsyncConnection, members: Collection[Member], why: str, now: datetime) -> None:
    """These are not in it after all: they go another way, and join no other."""
    for some in _some([one.key for one in members]):
        await tx.execute(update(rows).where(rows.c.key.in_(some)).values(mass=NONE))
        await tx.execute(
            update(outbox)
            .where(outbox.c.key.in_(some), outbox.c.state == "sending")
            .values(state="waiting", take_at=now, last_error=why)
        )


async def accepted(
    tx: AsyncConnection,
    mass: Mass,
    members: Sequence[Member],
    msg_id: str | None,
    why: str,
    now: datetime,
) -> None:
    """The platform has taken it over; what becomes of it, it tells later."""
    await tx.execute(
        update(masses)
        .where(masses.c.id == mass.id)
        .values(state="accepted", msg_id=msg_id, sent_at=now)
    )
    for some in _some([one.key for one in members]):
        await tx.execute(
            update(outbox)
            .where(outbox.c.key.in_(some), outbox.c.settled_at.is_(None))
            .values(state="uncertain", settled_at=now, last_error=why)
        )
    month = month_of(now)
    for users in _some([one.user for one in members]):
        counted = [{"user": user, "month": month, "sent": 1} for user in sorted(set(users))]
        await tx.execute(_COUNT[tx.dialect.name], counted)


async def refused(tx: AsyncConnection, mass: int, why: str, now: datetime) -> None:
    await tx.execute(
        update(masses).where(masses.c.id == mass).values(state="refused", why=why, ended_at=now)
    )


async def by_msg_id(tx: AsyncConnection, msg_id: str) -> Mass | None:
    """The one that the platform speaks of, if its end is not known yet."""
    found = await tx.execute(_MASS.where(masses.c.msg_id == msg_id, masses.c.state == "accepted"))
    row = found.first()
    return Mass(*row) if row else None


async def unreported(tx: AsyncConnection, before: datetime) -> list[Mass]:
    """Accepted before then; nothing was told of it since."""
    found = await tx.execute(_MASS.where(masses.c.state == "accepted", masses.c.sent_at <= before))
    return [Mass(*row) for row in found]


async def size(tx: AsyncConnection, mass: int) -> int:
    count = select(func.count()).select_from(rows).where(rows.c.mass == mass)
    return (await tx.execute(count)).scalar_one()


async def ended(
    tx: AsyncConnection,
    mass: int,
    state: Literal["sent", "uncertain", "waiting"],
    why: str,
    now: datetime,
) -> None:
    """All its rows are `state`, for the reason `why`; `waiting`: they go another way."""
    end: State = "refused" if state == "waiting" else "ended"
    await tx.execute(
        update(masses).where(masses.c.id == mass).values(state=end, why=why, ended_at=now)
    )
    theirs = outbox.c.key.in_(select(rows.c.key).where(rows.c.mass == mass))
    values: dict[str, Any] = {"state": state, "last_error": why}
    if state == "waiting":
        values |= {"settled_at": None, "take_at": now}
    await tx.execute(update(outbox).where(theirs, outbox.c.state == "uncertain").values(**values))


async def spare_tags(tx: AsyncConnection) -> list[tuple[int, int]]:
    """Masses that are over, each with its tag."""
    over: tuple[State, ...] = ("ended", "refused")
    found = await tx.execute(
        select(masses.c.id, masses.c.tag).where(masses.c.state.in_(over), masses.c.tag.is_not(None))
    )
    return [(mass, tag) for mass, tag in found]


async def untagged(tx: AsyncConnection, mass: int) -> None:
    await tx.execute(update(masses).where(masses.c.id == mass).values(tag=None))


async def sent_since(tx: AsyncConnection, since: datetime) -> int:
    """How many were handed over since then."""
    count = select(func.count()).select_from(masses).where(masses.c.sent_at >= since)
    return (await tx.execute(count)).scalar_one()


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """What ended before then, and counts of months before that one."""
    old = select(masses.c.id).where(masses.c.ended_at < before)
    gone = rows.c.key.not_in(select(outbox.c.key))
    await tx.execute(delete(rows).where(or_(rows.c.mass.in_(old), and_(rows.c.mass == NONE, gone))))
    await tx.execute(delete(masses).where(masses.c.ended_at < before))
    await tx.execute(delete(people).where(people.c.month < month_of(before)))


def _some(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[n : n + SOME] for n in range(0, len(values), SOME)]
