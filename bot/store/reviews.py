"""Answers that wait for a person to compare them with their source again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import StaleAnswerGiven
from bot.store.engine import on_both
from bot.store.tables import entry_reviews

# Asks for a review once; who asks again changes nothing.
_ASK = on_both(lambda insert: insert(entry_reviews).on_conflict_do_nothing())


async def ask(tx: AsyncConnection, stale: Sequence[StaleAnswerGiven], now: datetime) -> None:
    rows = [{"entry": entry, "asked_at": now} for entry in sorted({s.entry for s in stale})]
    if rows:
        await tx.execute(_ASK[tx.dialect.name], rows)


async def asked(tx: AsyncConnection) -> list[tuple[str, datetime]]:
    """Entries that wait, the longest first."""
    t = entry_reviews
    found = await tx.execute(select(t.c.entry, t.c.asked_at).order_by(t.c.asked_at).limit(100))
    return [(entry, at) for entry, at in found]


async def done(tx: AsyncConnection, entry: str) -> None:
    await tx.execute(delete(entry_reviews).where(entry_reviews.c.entry == entry))
