"""Forgetting: rows that nothing needs any more, table by table, older than a given time.

The audit log is not among them: the database refuses to delete from it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import (
    answer_ratings,
    calls,
    case_drafts,
    case_events,
    case_ratings,
    case_viewers,
    cases,
    conversations,
    handoffs,
    heard,
    missed_questions,
    outbox,
    served_answers,
    telegram_topics,
    wechat_media,
    wechat_parts,
    wechat_people,
)

# The column that says how old a row is; null (an open hand-over, an unfinished send) is never old.
_AGE = {
    "heard": heard.c.at,
    "outbox": outbox.c.settled_at,
    "conversations": conversations.c.updated_at,
    "handoffs": handoffs.c.closed_at,
    "missed": missed_questions.c.at,
    "ratings": answer_ratings.c.at,
    "served": served_answers.c.at,
    "wechat_people": wechat_people.c.updated_at,
    "wechat_parts": wechat_parts.c.at,
    "wechat_media": wechat_media.c.until,
}


async def forget_before(tx: AsyncConnection, before: datetime) -> dict[str, int]:
    """How many rows of each kind went."""
    return {
        name: (await tx.execute(delete(age.table).where(age < before))).rowcount
        for name, age in _AGE.items()
    }


async def close_answered(tx: AsyncConnection, before: datetime, now: datetime) -> int:
    """Answered cases that nobody asked about any more are closed, without a word."""
    done = await tx.execute(
        update(cases)
        .where(cases.c.state == "answered", cases.c.answered_at < before)
        .values(state="closed", closed_at=now)
    )
    return done.rowcount


async def forget_cases(tx: AsyncConnection, before: datetime) -> int:
    """Deletes closed and withdrawn cases with their history, their ratings and what is beside them."""
    old = select(cases.c.number).where(cases.c.closed_at < before)
    for table in (telegram_topics, case_events, case_ratings, case_drafts, case_viewers, calls):
        await tx.execute(delete(table).where(table.c.number.in_(old)))
    return (await tx.execute(delete(cases).where(cases.c.closed_at < before))).rowcount
