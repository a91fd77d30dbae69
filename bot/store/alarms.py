"""What is to ring: one row per person, name and subject; taking it removes it.

Rule 1: setting an alarm again moves it.
Rule 2: a taken alarm is gone with the transaction that rang it: it rings once, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address, AlarmsCancelled, AlarmSet, AlarmsHurried
from bot.store.engine import on_both
from bot.store.tables import alarms


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that is due."""

    to: Address
    name: str
    about: str
    note: str


NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # what is put off until somebody decides

AlarmChange = AlarmSet | AlarmsCancelled | AlarmsHurried

_SET = on_both(
    lambda insert: (row := insert(alarms)).on_conflict_do_update(
        index_elements=["channel", "user", "name", "about"],
        set_={"at": row.excluded.at, "note": row.excluded.note},
    )
)

_OF = (
    alarms.c.channel == bindparam("of_channel"),
    alarms.c.user == bindparam("of_user"),
    alarms.c.about == bindparam("of_about"),
)
_CANCEL = delete(alarms).where(*_OF)
_CANCEL_NAMED = delete(alarms).where(*_OF, alarms.c.name.in_(bindparam("names", expanding=True)))

# What waited for something that has happened.
_HURRY = (
    update(alarms)
    .where(
        alarms.c.channel == bindparam("of_channel"),
        alarms.c.user == bindparam("of_user"),
        alarms.c.name == bindparam("of_name"),
        alarms.c.at < NEVER,
    )
    .values(at=bindparam("to_at"))
)
_ALL_OF = (
    select(alarms.c.name, alarms.c.about, alarms.c.at, alarms.c.note)
    .where(alarms.c.channel == bindparam("of_channel"), alarms.c.user == bindparam("of_user"))
    .order_by(alarms.c.at, alarms.c.id)
)

# The first due alarm of each of so many people, held for us alone.
_DUE = (
    select(alarms.c.id)
    .where(
        alarms.c.id.in_(
            select(func.min(alarms.c.id))
            .where(alarms.c.at <= bindparam("now"))
            .group_by(alarms.c.channel, alarms.c.user)
            .limit(bindparam("most"))
        )
    )
    .with_for_update(skip_locked=True)
)
_TAKE = (
    delete(alarms)
    .where(alarms.c.id.in_(bindparam("ids", expanding=True)))
    .returning(alarms.c.channel, alarms.c.user, alarms.c.name, alarms.c.about, alarms.c.note)
)

_NEXT = select(func.min(alarms.c.at))


async def change(
    tx: AsyncConnection, changes: Sequence[tuple[Address, AlarmChange]], now: datetime
) -> None:
    """Sets and cancels, in order."""
    for to, change in changes:
        if isinstance(change, AlarmsHurried):
            hurried = {"of_channel": to.channel, "of_user": to.user, "of_name": change.name}
            await tx.execute(_HURRY, {**hurried, "to_at": now})
            continue
        of = {"of_channel": to.channel, "of_user": to.user, "of_about": change.about}
        if isinstance(change, AlarmSet):
            row = {
                "channel": to.channel,
                "user": to.user,
                "name": change.name,
                "about": change.about,
                "note": change.note,
                "at": change.at,
            }
            await tx.execute(_SET[tx.dialect.name], row)
        elif change.named:
            await tx.execute(_CANCEL_NAMED, {**of, "names": list(change.named)})
        else:
            await tx.execute(_CANCEL, of)


async def of(tx: AsyncConnection, to: Address, named: tuple[str, ...]) -> tuple[AlarmSet, ...]:
    """What is set for one person, of the names that begin like this; the soonest first."""
    rows = await tx.execute(_ALL_OF, {"of_channel": to.channel, "of_user": to.user})
    return tuple(
        AlarmSet(name, about, at, note) for name, about, at, note in rows if name.startswith(named)
    )


async def take(tx: AsyncConnection, now: datetime, most: int) -> list[Alarm]:
    """Takes what is due, at most one a person."""
    due = list((await tx.execute(_DUE, {"now": now, "most": most})).scalars())
    if not due:
        return []
    taken = await tx.execute(_TAKE, {"ids": due})
    return [
        Alarm(Address(channel, user), name, about, note)
        for channel, user, name, about, note in taken
    ]


async def next_due(tx: AsyncConnection) -> datetime | None:
    """When the next one rings, even if that is past."""
    moment: datetime | None = (await tx.execute(_NEXT)).scalar()
    return moment
