"""Which cases the clock is about: soon due, escalated, near a red line; each told once.

Rule: what was told is a line of the case's history, so that a restart tells nothing again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import UNANSWERED, case_events, cases


@dataclass(frozen=True, slots=True)
class Pressing:
    number: str
    title: str
    promised_at: datetime
    created_at: datetime
    assignee: str | None


async def soon_due(tx: AsyncConnection, until: datetime) -> list[Pressing]:
    """Promised before `until`, not escalated yet."""
    return await _untold(tx, "warned", cases.c.promised_at <= until, cases.c.escalated_at.is_(None))


async def escalated(tx: AsyncConnection) -> list[Pressing]:
    """Over their promise, or rated badly, and not given to the owner yet."""
    return await _untold(tx, "to_owner", cases.c.escalated_at.is_not(None))


async def beyond(tx: AsyncConnection, filed_before: datetime, line: str) -> list[Pressing]:
    """Unanswered since `filed_before`; `line` names the red line."""
    return await _untold(tx, line, cases.c.created_at <= filed_before)


async def _untold(
    tx: AsyncConnection, kind: str, *conditions: ColumnElement[bool]
) -> list[Pressing]:
    told = (
        select(case_events.c.id)
        .where(case_events.c.number == cases.c.number, case_events.c.kind == kind)
        .exists()
    )
    found = await tx.execute(
        select(
            cases.c.number,
            cases.c.title,
            cases.c.promised_at,
            cases.c.created_at,
            cases.c.assignee,
        )
        .where(UNANSWERED, cases.c.merged_into.is_(None), *conditions, ~told)
        .order_by(cases.c.number)
        .limit(200)
        .with_for_update(skip_locked=True)
    )
    return [Pressing(*row) for row in found]
