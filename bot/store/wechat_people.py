"""When, and how often, a person on WeChat may be written to unasked, and what they were told of.

Their message allows so many messages for 48 hours, their tap so many for a minute; the platform
counts them, and so do we, across all processes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import on_both
from bot.store.tables import wechat_people as people

Grant = Literal["message", "event"]

ALLOWED: Mapping[Grant, tuple[timedelta, int]] = {
    "message": (timedelta(hours=48), 5),
    "event": (timedelta(minutes=1), 3),
}


@dataclass(frozen=True, slots=True)
class Person:
    """`left`: messages that may still be sent now. `noticed`: they know that words wait."""

    left: int
    noticed: bool


def _allow(grant: Grant) -> dict[str, object]:
    return on_both(
        lambda insert: (row := insert(people)).on_conflict_do_update(
            index_elements=["user"],
            set_={
                f"{grant}_until": row.excluded[f"{grant}_until"],
                f"{grant}_left": row.excluded[f"{grant}_left"],
                "noticed_at": None,
                "updated_at": row.excluded.updated_at,
            },
        )
    )  # type: ignore[return-value]  # Executable by dialect


# They have written or tapped: opens their window anew; what they were told of is over.
_ALLOW = {"message": _allow("message"), "event": _allow("event")}

_ONE = select(people).where(people.c.user == bindparam("of_user"))
_HELD = _ONE.with_for_update()  # nothing on SQLite, which has one writer

# Takes from a budget, or empties it.
_SPEND = {
    "message": update(people)
    .where(people.c.user == bindparam("of_user"))
    .values(message_left=bindparam("to")),
    "event": update(people)
    .where(people.c.user == bindparam("of_user"))
    .values(event_left=bindparam("to")),
}

# They are told only once that words wait, until they write.
_NOTICE = on_both(
    lambda insert: (
        (row := insert(people))
        .on_conflict_do_update(
            index_elements=["user"],
            set_={"noticed_at": row.excluded.noticed_at},
            where=or_(people.c.noticed_at.is_(None), people.c.noticed_at < bindparam("long_ago")),
        )
        .returning(people.c.user)
    )
)

_UNNOTICE = update(people).where(people.c.user == bindparam("of_user")).values(noticed_at=None)

# Adds or ends what they allowed us to send.
_CONSENT = on_both(
    lambda insert: (row := insert(people)).on_conflict_do_update(
        index_elements=["user"],
        set_={"consents": people.c.consents + row.excluded.consents},
    )
)
_REFUSE = update(people).where(people.c.user == bindparam("of_user")).values(consents=0)
_USE = (
    update(people)
    .where(people.c.user == bindparam("of_user"), people.c.consents > 0)
    .values(consents=people.c.consents - 1)
    .returning(people.c.user)
)


async def wrote(tx: AsyncConnection, grants: Mapping[str, Grant], now: datetime) -> None:
    """These people have just written or tapped."""
    for grant, (span, most) in ALLOWED.items():
        rows = [
            _row(user, now) | {f"{grant}_until": now + span, f"{grant}_left": most}
            for user in sorted(grants)
            if grants[user] == grant
        ]
        if rows:
            await tx.execute(_ALLOW[grant][tx.dialect.name], rows)  # type: ignore[call-overload]  # as above


async def known(tx: AsyncConnection, user: str, now: datetime) -> Person:
    row = (await tx.execute(_ONE, {"of_user": user})).first()
    if row is None:
        return Person(0, False)
    return Person(sum(left for _, left in _open(row, now)), row.noticed_at is not None)


async def spend(tx: AsyncConnection, user: str, now: datetime) -> bool:
    """Takes one message from the budget that ends first; False if there is none."""
    row = (await tx.execute(_HELD, {"of_user": user})).first()
    budgets = [(grant, left) for grant, left in _open(row, now) if left > 0] if row else []
    if not budgets:
        return False
    grant, left = budgets[0]
    await tx.execute(_SPEND[grant], {"of_user": user, "to": left - 1})
    return True


async def closed(tx: AsyncConnection, user: str) -> None:
    """The platform says that nothing may be sent any more."""
    for statement in _SPEND.values():
        await tx.execute(statement, {"of_user": user, "to": 0})


async def notice(tx: AsyncConnection, user: str, now: datetime, again_after: timedelta) -> bool:
    """True if they are to be told now that words wait; False if they were told already."""
    row = _row(user, now) | {"noticed_at": now, "long_ago": now - again_after}
    return (await tx.execute(_NOTICE[tx.dialect.name], row)).first() is not None


async def unnotice(tx: AsyncConnection, user: str) -> None:
    """They were not told after all."""
    await tx.execute(_UNNOTICE, {"of_user": user})


async def consented(tx: AsyncConnection, user: str, times: int, now: datetime) -> None:
    """They allow so many more notices."""
    row = _row(user, now) | {"consents": times}
    await tx.execute(_CONSENT[tx.dialect.name], [row])


async def refused(tx: AsyncConnection, user: str) -> None:
    """They allow no more notices."""
    await tx.execute(_REFUSE, {"of_user": user})


async def use_consent(tx: AsyncConnection, user: str) -> bool:
    """Uses up one; False if there is none."""
    return (await tx.execute(_USE, {"of_user": user})).first() is not None


def _open(row: object, now: datetime) -> Collection[tuple[Grant, int]]:
    """The budgets whose time has not ended, the shorter one first."""
    event_until, message_until = row.event_until, row.message_until  # type: ignore[attr-defined]  # a Row
    found: list[tuple[Grant, int]] = []
    if event_until is not None and now < event_until:
        found.append(("event", row.event_left))  # type: ignore[attr-defined]  # a Row
    if message_until is not None and now < message_until:
        found.append(("message", row.message_left))  # type: ignore[attr-defined]  # a Row
    return found


def _row(user: str, now: datetime) -> dict[str, object]:
    return {
        "user": user,
        "message_left": 0,
        "event_left": 0,
        "consents": 0,
        "updated_at": now,
    }
