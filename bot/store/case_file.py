"""One consultation with everything on it, as staff see it; and what they write beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.case import UNANSWERED, CaseKind, CaseState, Rating
from bot.engine.types import Address
from bot.store.engine import on_both
from bot.store.tables import canned_replies, case_drafts, case_events, case_viewers, cases

LOOKING = timedelta(seconds=20)  # a page asks every few seconds; then it was closed


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case in full. `contact` is sealed; whoever opens it is noted."""

    number: str
    person: str
    channel: str
    user: str
    kind: CaseKind
    state: CaseState
    title: str
    text: str
    original: str
    region: str | None
    slots: dict[str, str]
    contact: str
    anonymous: bool
    urgent: bool
    for_head: bool
    evidence: list[dict[str, str]]
    capsule: str
    created_at: datetime
    promised_at: datetime
    resolve_by: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    answers: int
    answer: str
    read: bool
    rated: Rating | None
    urges: int
    wanted: str
    escalated_at: datetime | None
    assignee: str | None
    department: str | None
    merged_into: str | None
    snoozed_until: datetime | None

    @property
    def at(self) -> Address:
        return Address(self.channel, self.user)

    @property
    def unanswered(self) -> bool:
        return self.state in UNANSWERED


_COLUMNS = [cases.c[field.name] for field in fields(CaseFile)]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a case's history."""

    id: int
    at: datetime
    by: str
    kind: str
    text: str
    evidence: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Canned:
    id: int
    title: str
    text: str
    by: str


_WRITE_DRAFT = on_both(
    lambda insert: (row := insert(case_drafts)).on_conflict_do_update(
        index_elements=["number", "staff"],
        set_={"text": row.excluded.text, "at": row.excluded.at},
    )
)
_LOOK = on_both(
    lambda insert: (row := insert(case_viewers)).on_conflict_do_update(
        index_elements=["number", "staff"], set_={"at": row.excluded.at}
    )
)


async def whole(tx: AsyncConnection, number: str) -> CaseFile | None:
    row = (await tx.execute(select(*_COLUMNS).where(cases.c.number == number))).one_or_none()
    if row is None:
        return None
    held = dict(row._mapping)
    read = {name: json.loads(held[name]) for name in ("slots", "evidence")}
    return CaseFile(**(held | read))


async def history(tx: AsyncConnection, number: str) -> list[Entry]:
    """Oldest first."""
    found = await tx.execute(
        select(case_events).where(case_events.c.number == number).order_by(case_events.c.id)
    )
    return [
        Entry(row.id, row.at, row.by, row.kind, row.text, json.loads(row.evidence)) for row in found
    ]


async def last_text(tx: AsyncConnection, number: str, kind: str) -> str:
    """What was said the last time that this happened."""
    found = await tx.execute(
        select(case_events.c.text)
        .where(case_events.c.number == number, case_events.c.kind == kind)
        .order_by(case_events.c.id.desc())
        .limit(1)
    )
    return found.scalar() or ""


async def followers(tx: AsyncConnection, number: str) -> list[str]:
    """The numbers of those merged into it."""
    found = await tx.execute(
        select(cases.c.number).where(cases.c.merged_into == number).order_by(cases.c.number)
    )
    return list(found.scalars())


async def draft(tx: AsyncConnection, number: str, staff: str) -> str:
    found = await tx.execute(
        select(case_drafts.c.text).where(
            case_drafts.c.number == number, case_drafts.c.staff == staff
        )
    )
    return found.scalar() or ""


async def write_draft(
    tx: AsyncConnection, number: str, staff: str, text: str, now: datetime
) -> None:
    """Keeps it; an empty one goes."""
    if text:
        row = {"number": number, "staff": staff, "text": text, "at": now}
        await tx.execute(_WRITE_DRAFT[tx.dialect.name], row)
    else:
        await tx.execute(
            delete(case_drafts).where(case_drafts.c.number == number, case_drafts.c.staff == staff)
        )


async def looks(tx: AsyncConnection, number: str, staff: str, now: datetime) -> None:
    """`staff` has it on their screen."""
    row = {"number": number, "staff": staff, "at": now}
    await tx.execute(_LOOK[tx.dialect.name], row)


async def others(tx: AsyncConnection, number: str, staff: str, now: datetime) -> Sequence[str]:
    """Who else has it on their screen."""
    found = await tx.execute(
        select(case_viewers.c.staff)
        .where(
            case_viewers.c.number == number,
            case_viewers.c.staff != staff,
            case_viewers.c.at > now - LOOKING,
        )
        .order_by(case_viewers.c.staff)
    )
    return list(found.scalars())


async def canned(tx: AsyncConnection) -> list[Canned]:
    c = canned_replies.c
    found = await tx.execute(select(c.id, c.title, c.text, c.by).order_by(c.title))
    return [Canned(*row) for row in found]


async def keep_canned(tx: AsyncConnection, title: str, text: str, by: str, now: datetime) -> bool:
    """False if there is one of that title."""
    taken = await tx.execute(select(canned_replies.c.id).where(canned_replies.c.title == title))
    if taken.first():
        return False
    row = {"title": title, "text": text, "by": by, "at": now}
    await tx.execute(insert(canned_replies), row)
    return True


async def change_canned(
    tx: AsyncConnection, id: int, title: str, text: str, by: str, now: datetime
) -> bool:
    """False if another one has that title."""
    c = canned_replies.c
    taken = await tx.execute(select(c.id).where(c.title == title, c.id != id))
    if taken.first():
        return False
    values = {"title": title, "text": text, "by": by, "at": now}
    await tx.execute(update(canned_replies).where(c.id == id).values(values))
    return True


async def drop_canned(tx: AsyncConnection, id: int) -> None:
    await tx.execute(delete(canned_replies).where(canned_replies.c.id == id))
