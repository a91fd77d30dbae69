"""Whether answers helped: one word a person and entry, the last one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address, AnswerRated
from bot.store.engine import on_both
from bot.store.tables import answer_ratings

# Puts down a rating, or changes the one that was given before.
_RATE = on_both(
    lambda insert: (row := insert(answer_ratings)).on_conflict_do_update(
        index_elements=["channel", "user", "entry"],
        set_={"solved": row.excluded.solved, "at": row.excluded.at},
    )
)


async def rate(
    tx: AsyncConnection, ratings: Sequence[tuple[Address, AnswerRated]], now: datetime
) -> None:
    # The last word of one turn, sorted: PostgreSQL takes a row once per statement, in our order.
    last = {(a.channel, a.user, r.entry): r.solved for a, r in ratings}
    rows = [
        {"channel": channel, "user": user, "entry": entry, "solved": last[key], "at": now}
        for key in sorted(last)
        for channel, user, entry in (key,)
    ]
    if rows:
        await tx.execute(_RATE[tx.dialect.name], rows)


async def unsolved(tx: AsyncConnection, since: datetime, most: int) -> list[tuple[str, int, int]]:
    """Entry, how many said that it did not help, how many said anything; the worst first."""
    t = answer_ratings
    bad = func.sum(case((t.c.solved, 0), else_=1))
    found = await tx.execute(
        select(t.c.entry, bad, func.count())
        .where(t.c.at >= since)
        .group_by(t.c.entry)
        .having(bad > 0)
        .order_by(bad.desc(), t.c.entry)
        .limit(most)
    )
    return [(entry, int(bad), total) for entry, bad, total in found]
