"""Questions without a sure answer, for staff to curate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert
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
