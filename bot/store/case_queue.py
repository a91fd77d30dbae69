"""The queue as staff read it: filtered, the most pressing first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, Table, and_, case, func, literal, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.case import CaseKind, CaseState
from bot.engine.types import Address
from bot.store.tables import UNANSWERED, cases

Status = Literal["open", "needs_info", "answered", "closed", "all"]
MOST_COUNTED = 10_000  # beyond it nobody turns pages


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a staff member wants to see. Empty: whatever."""

    status: Status = "open"
    kind: str = ""
    region: str = ""
    assignee: str = ""
    department: str = ""
    overdue: bool = False
    unclaimed: bool = False
    for_head: bool = False
    unseen_by: str = ""  # leaves out the head's letters but those of this staff member
    text: str = ""  # a number's beginning, or words of the question


@dataclass(frozen=True, slots=True)
class Queued:
    """A row of the queue."""

    number: str
    kind: CaseKind
    state: CaseState
    title: str
    region: str | None
    urgent: bool
    for_head: bool
    created_at: datetime
    promised_at: datetime
    warn_at: datetime | None
    escalated_at: datetime | None
    urges: int
    rated: str | None
    assignee: str | None
    department: str | None
    asking: int  # cases merged into it


_followers = cases.alias("followers")
_ASKING = (
    select(func.count())
    .where(_followers.c.merged_into == cases.c.number)
    .correlate(cases)
    .scalar_subquery()
)
_SHOWN = [
    cases.c[name]
    for name in (
        *("number", "kind", "state", "title", "region", "urgent", "for_head", "created_at"),
        *("promised_at", "warn_at", "escalated_at", "urges", "rated", "assignee", "department"),
    )
]


async def listed(
    tx: AsyncConnection, wanted: Wanted, now: datetime, offset: int, most: int
) -> list[Queued]:
    """Escalated and urgent first, then by promise; what is done, the newest first."""
    query = select(*_SHOWN, _ASKING).where(*_conditions(wanted, now)).offset(offset).limit(most)
    return [Queued(*row) for row in await tx.execute(_ordered(query, wanted))]


def _ordered(query: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.status not in ("open", "needs_info"):
        return query.order_by(cases.c.number.desc())
    pressing = case((cases.c.escalated_at.is_not(None), 0), (cases.c.urgent, 1), else_=2)
    return query.order_by(pressing, cases.c.promised_at, cases.c.number)


async def counted(tx: AsyncConnection, wanted: Wanted, now: datetime) -> int:
    """How many there are, at most MOST_COUNTED."""
    some = select(literal(1)).select_from(cases).where(*_conditions(wanted, now))
    found = await tx.execute(select(func.count()).select_from(some.limit(MOST_COUNTED).subquery()))
    return found.scalar_one()


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    by_status: dict[Status, list[Any]] = {
        "open": [UNANSWERED, or_(cases.c.snoozed_until.is_(None), cases.c.snoozed_until <= now)],
        "needs_info": [UNANSWERED, cases.c.state == "needs_info"],
        "answered": [cases.c.state == "answered"],
        "closed": [cases.c.state.in_(("closed", "withdrawn"))],
        "all": [],
    }
    found = by_status[wanted.status]
    if wanted.status != "all":
        found.append(cases.c.merged_into.is_(None))
    for name in ("kind", "region", "assignee", "department"):
        if value := getattr(wanted, name):
            found.append(cases.c[name] == value)
    if wanted.unclaimed:
        found.append(cases.c.assignee.is_(None))
    if wanted.for_head:
        found.append(cases.c.for_head.is_(True))
    if wanted.unseen_by:
        found.append(seen_by(wanted.unseen_by))
    if wanted.overdue:
        found += [UNANSWERED, cases.c.promised_at < now]
    if wanted.text.isascii() and wanted.text.isdigit():
        found.append(and_(cases.c.number >= wanted.text, cases.c.number < wanted.text + ":"))
    elif wanted.text:
        found.append(_holds(cases, wanted.text))
    return found


def seen_by(name: str) -> ColumnElement[bool]:
    """Of the head's letters only those that this staff member has."""
    return or_(cases.c.for_head.is_(False), cases.c.assignee == name)


def _holds(table: Table, text: str) -> ColumnElement[bool]:
    return or_(
        table.c.title.contains(text, autoescape=True),
        table.c.text.contains(text, autoescape=True),
    )


async def regions(tx: AsyncConnection) -> list[str]:
    """The places that open cases are about."""
    found = await tx.execute(
        select(cases.c.region)
        .where(UNANSWERED, not_(cases.c.region.is_(None)))
        .distinct()
        .order_by(cases.c.region)
    )
    return [region for (region,) in found if region]


async def alike(
    tx: AsyncConnection, number: str, kind: str, since: datetime, unseen_by: str = ""
) -> list[tuple[str, str, str]]:
    """Number, title and answer of the newest answered cases of a kind, to compare with."""
    found = await tx.execute(
        select(cases.c.number, cases.c.title, cases.c.answer)
        .where(
            cases.c.kind == kind,
            cases.c.first_answered_at >= since,
            cases.c.number != number,
            cases.c.answer != "",
            *([seen_by(unseen_by)] if unseen_by else []),
        )
        .order_by(cases.c.first_answered_at.desc())
        .limit(300)
    )
    return [(number, title, answer) for number, title, answer in found]


async def asked_alike(
    tx: AsyncConnection, number: str, unseen_by: str = ""
) -> list[tuple[str, str, Address]]:
    """Number, title and asker of other open cases, the newest first."""
    found = await tx.execute(
        select(cases.c.number, cases.c.title, cases.c.channel, cases.c.user)
        .where(
            UNANSWERED,
            cases.c.number != number,
            cases.c.merged_into.is_(None),
            *([seen_by(unseen_by)] if unseen_by else []),
        )
        .order_by(cases.c.number.desc())
        .limit(300)
    )
    return [(number, title, Address(channel, user)) for number, title, channel, user in found]
