"""Questions without a sure answer, for staff to curate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address, QuestionMissed
from bot.store.tables import missed_questions


async def miss(
    tx: AsyncConnection, missed: Sequence[tuple[Address, QuestionMissed]], now: datetime
) -> None:
    rows = [
        {
            "channel": address.channel,
            "user": address.user,
            "text": question.text,
            "outcome": question.outcome,
            "at": now,
        }
        for address, question in missed
    ]
    if rows:
        await tx.execute(insert(missed_questions), rows)


@dataclass(frozen=True, slots=True)
class Missed:
    """A question as it was asked, how often, and the last time."""

    text: str
    times: int
    last: datetime


async def often(tx: AsyncConnection, since: datetime, most: int) -> list[Missed]:
    """The most frequent first, then the newest."""
    t = missed_questions
    times, last = func.count(), func.max(t.c.at)
    found = await tx.execute(
        select(t.c.text, times, last)
        .where(t.c.at >= since)
        .group_by(t.c.text)
        .order_by(times.desc(), last.desc())
        .limit(most)
    )
    return [Missed(*row) for row in found]


async def forget(tx: AsyncConnection, text: str) -> None:
    """Staff have seen to it."""
    await tx.execute(delete(missed_questions).where(missed_questions.c.text == text))
