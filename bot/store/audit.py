"""What staff did, row after row. The database itself refuses to change or delete one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import audit

BATCH = 1_000  # rows of an export at a time


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done. `staff` None: by nobody we know. `detail`: no citizen's words."""

    at: datetime
    name: str
    action: str
    subject: str = ""
    detail: str = ""
    address: str = ""
    staff: int | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    id: int
    act: Act


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter; what is empty does not count. `since` and `until`: from and before."""

    name: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


_COLUMNS = [
    audit.c[name] for name in ("at", "name", "action", "subject", "detail", "address", "staff")
]


async def note(tx: AsyncConnection, act: Act) -> None:
    row = {
        "at": act.at,
        "staff": act.staff,
        "name": act.name,
        "action": act.action,
        "subject": act.subject,
        "detail": act.detail,
        "address": act.address,
    }
    await tx.execute(insert(audit), row)


async def count(tx: AsyncConnection, wanted: Wanted) -> int:
    counted = select(func.count()).select_from(audit).where(*_where(wanted))
    return int((await tx.execute(counted)).scalar_one())


async def page(tx: AsyncConnection, wanted: Wanted, offset: int, most: int) -> list[Noted]:
    """The newest first."""
    return await _read(tx, _newest(wanted).offset(offset).limit(most))


async def export(tx: AsyncConnection, wanted: Wanted) -> AsyncIterator[Noted]:
    """All of them, the newest first."""
    rest = _newest(wanted).limit(BATCH)
    rows = await _read(tx, rest)
    while rows:
        for row in rows:
            yield row
        rows = await _read(tx, rest.where(audit.c.id < rows[-1].id))


def _newest(wanted: Wanted) -> Select[Any]:
    return select(audit.c.id, *_COLUMNS).where(*_where(wanted)).order_by(audit.c.id.desc())


def _where(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.name:
        found.append(audit.c.name == wanted.name)
    if wanted.action:
        found.append(audit.c.action == wanted.action)
    if wanted.subject:
        found.append(audit.c.subject == wanted.subject)
    if wanted.since:
        found.append(audit.c.at >= wanted.since)
    if wanted.until:
        found.append(audit.c.at < wanted.until)
    return found


async def _read(tx: AsyncConnection, query: Select[Any]) -> list[Noted]:
    return [Noted(row[0], Act(*row[1:])) for row in await tx.execute(query)]
