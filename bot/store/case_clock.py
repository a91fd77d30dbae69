"""Which cases the clock is about: pressing, over a target, near a red line; each told once.

Rule: what was told is a line of the case's history, so that a restart tells nothing again. A new
      promise (a follow-up question, a review) is a new round: it is told of anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.case import CaseKind
from bot.store.moment import Moment
from bot.store.tables import UNANSWERED, case_events, cases


@dataclass(frozen=True, slots=True)
class Pressing:
    number: str
    title: str
    kind: CaseKind
    region: str | None
    for_head: bool
    promised_at: datetime
    assignee: str | None
    department: str | None


_SHOWN = [
    cases.c[name]
    for name in (
        *("number", "title", "kind", "region", "for_head", "promised_at", "assignee"),
        "department",
    )
]


async def pressing(tx: AsyncConnection, now: datetime) -> list[Pressing]:
    """Most of the time of their promise is used, and it is not over yet."""
    return await _untold(
        tx, "warned", cases.c.warn_at, cases.c.warn_at <= now, cases.c.promised_at > now
    )


async def breached(tx: AsyncConnection, now: datetime) -> list[Pressing]:
    """Over their promise, or escalated for a bad mark, and not given to the owner yet."""
    since = func.coalesce(cases.c.escalated_at, cases.c.promised_at, type_=Moment())
    over = or_(cases.c.promised_at <= now, cases.c.escalated_at.is_not(None))
    return await _untold(tx, "to_owner", since, over)


async def unresolved(tx: AsyncConnection, now: datetime) -> list[Pressing]:
    """Still open after the day by which all should be done."""
    return await _untold(tx, "unresolved", cases.c.resolve_by, cases.c.resolve_by <= now)


async def beyond(tx: AsyncConnection, filed_before: datetime, line: str) -> list[Pressing]:
    """Unanswered since `filed_before`; `line` names the red line."""
    return await _untold(tx, line, cases.c.created_at, cases.c.created_at <= filed_before)


async def _untold(
    tx: AsyncConnection,
    kind: str,
    since: ColumnElement[datetime] | ColumnElement[datetime | None],
    *conditions: ColumnElement[bool],
) -> list[Pressing]:
    """Those of which nothing of the kind was told since that moment."""
    told = (
        select(case_events.c.id)
        .where(
            case_events.c.number == cases.c.number,
            case_events.c.kind == kind,
            case_events.c.at >= since,
        )
        .exists()
    )
    found = await tx.execute(
        select(*_SHOWN)
        .where(UNANSWERED, cases.c.merged_into.is_(None), *conditions, ~told)
        .order_by(cases.c.number)
        .limit(200)
        .with_for_update(skip_locked=True)
    )
    return [Pressing(*row) for row in found]
