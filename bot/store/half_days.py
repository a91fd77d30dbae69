"""How busy the half-days of the week were: what it is measured from, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.offpeak import HalfDay
from bot.store.tables import cases, half_days, handoffs

_COLUMNS = [
    half_days.c[name] for name in ("weekday", "half", "open_days", "arrivals", "waited", "answered")
]


async def filed(
    tx: AsyncConnection, since: datetime, until: datetime
) -> list[tuple[datetime, int | None]]:
    """When each consultation came, and the working minutes until its first answer."""
    found = await tx.execute(
        select(cases.c.created_at, cases.c.worked_minutes).where(
            cases.c.created_at >= since, cases.c.created_at < until
        )
    )
    return [(at, minutes) for at, minutes in found]


async def asked(
    tx: AsyncConnection, since: datetime, until: datetime
) -> list[tuple[datetime, datetime | None]]:
    """When each hand-over was asked for, and when staff spoke."""
    found = await tx.execute(
        select(handoffs.c.created_at, handoffs.c.joined_at).where(
            handoffs.c.created_at >= since, handoffs.c.created_at < until
        )
    )
    return [(at, joined) for at, joined in found]


async def keep(tx: AsyncConnection, days: Sequence[HalfDay], now: datetime) -> None:
    """In the place of what was measured before."""
    await tx.execute(delete(half_days))
    if days:
        rows = [
            {column.name: getattr(day, column.name) for column in _COLUMNS} | {"measured_at": now}
            for day in days
        ]
        await tx.execute(insert(half_days), rows)


async def read(tx: AsyncConnection) -> tuple[HalfDay, ...]:
    found = await tx.execute(select(*_COLUMNS).order_by(half_days.c.weekday, half_days.c.half))
    return tuple(HalfDay(*row) for row in found)


async def measured_at(tx: AsyncConnection) -> datetime | None:
    found = await tx.execute(select(half_days.c.measured_at).limit(1))
    return found.scalar()
