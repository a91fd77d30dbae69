"""Forgetting: rows that nothing needs any more, table by table, older than a given time.

The audit log is not among them: the database refuses to delete from it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import (
    answer_ratings,
    conversations,
    handoffs,
    heard,
    missed_questions,
    outbox,
    served_answers,
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
