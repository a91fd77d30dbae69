"""Who comes to a lecture, and what they want to have answered there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address, LectureAsked
from bot.store.engine import on_both
from bot.store.tables import alarms, broadcasts, lecture_questions, sign_ups

_JOIN = on_both(lambda insert: insert(sign_ups).on_conflict_do_nothing())
_LEAVE = delete(sign_ups).where(
    sign_ups.c.broadcast == bindparam("of_broadcast"),
    sign_ups.c.channel == bindparam("of_channel"),
    sign_ups.c.user == bindparam("of_user"),
)
KIND = "lecture"  # how the `about` of its broadcast begins


async def one(tx: AsyncConnection, lecture: int) -> tuple[str, datetime, str] | None:
    """Title, time and place; None if there is no such lecture, or it was called off."""
    found = select(broadcasts.c.title, broadcasts.c.due, broadcasts.c.url).where(
        broadcasts.c.id == lecture,
        broadcasts.c.about.startswith(KIND),
        broadcasts.c.state != "cancelled",
    )
    row = (await tx.execute(found)).one_or_none()
    return (row.title, row.due, row.url) if row else None


async def join(tx: AsyncConnection, lecture: int, who: Address, now: datetime) -> None:
    row = {"broadcast": lecture, "channel": who.channel, "user": who.user, "at": now}
    await tx.execute(_JOIN[tx.dialect.name], row)


async def leave(tx: AsyncConnection, lecture: int, who: Address) -> None:
    of = {"of_broadcast": lecture, "of_channel": who.channel, "of_user": who.user}
    await tx.execute(_LEAVE, of)


async def ask(
    tx: AsyncConnection, asked: Sequence[tuple[Address, LectureAsked]], now: datetime
) -> None:
    rows = [
        {
            "broadcast": one.lecture,
            "channel": a.channel,
            "user": a.user,
            "text": one.text,
            "at": now,
        }
        for a, one in asked
    ]
    if rows:
        await tx.execute(insert(lecture_questions), rows)


async def questions(tx: AsyncConnection, lecture: int) -> list[str]:
    """In the order in which they were asked; who asked is nobody's matter."""
    found = (
        select(lecture_questions.c.text)
        .where(lecture_questions.c.broadcast == lecture)
        .order_by(lecture_questions.c.id)
    )
    return list((await tx.execute(found)).scalars())


async def silence(tx: AsyncConnection, about: str) -> None:
    """Nobody is reminded of it any more."""
    await tx.execute(delete(alarms).where(alarms.c.about == about))
