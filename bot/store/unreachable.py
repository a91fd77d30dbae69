"""Addresses that refuse us for good, until the person writes again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address
from bot.store.engine import on_both
from bot.store.tables import unreachable

# Notes a refusal; the first reason is kept.
_NOTE = on_both(lambda insert: insert(unreachable).on_conflict_do_nothing())

# Forgets it: the person has written.
_FORGET = delete(unreachable).where(
    unreachable.c.channel == bindparam("of_channel"), unreachable.c.user == bindparam("of_user")
)

# Which of these refuse us.
_AMONG = select(unreachable.c.channel, unreachable.c.user).where(
    unreachable.c.channel.in_(bindparam("channels", expanding=True)),
    unreachable.c.user.in_(bindparam("users", expanding=True)),
)


async def note(tx: AsyncConnection, reasons: Mapping[Address, str], now: datetime) -> None:
    rows = [
        {"channel": a.channel, "user": a.user, "reason": reasons[a], "since": now}
        for a in sorted(reasons, key=str)
    ]
    if rows:
        await tx.execute(_NOTE[tx.dialect.name], rows)


async def forget(tx: AsyncConnection, addresses: Collection[Address]) -> None:
    rows = [{"of_channel": a.channel, "of_user": a.user} for a in sorted(addresses, key=str)]
    if rows:
        await tx.execute(_FORGET, rows)


async def reason(tx: AsyncConnection, address: Address) -> str | None:
    """In the platform's words, the first time."""
    found = select(unreachable.c.reason).where(
        unreachable.c.channel == address.channel, unreachable.c.user == address.user
    )
    why: str | None = (await tx.execute(found)).scalar()
    return why


async def among(tx: AsyncConnection, addresses: Collection[Address]) -> set[Address]:
    """Those of `addresses` that refuse us."""
    wanted = {
        "channels": sorted({a.channel for a in addresses}),
        "users": sorted({a.user for a in addresses}),
    }
    found = {Address(channel, user) for channel, user in await tx.execute(_AMONG, wanted)}
    return found & set(addresses)
