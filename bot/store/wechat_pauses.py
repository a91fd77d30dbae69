"""Calls to WeChat whose quota is used up, and until when; all processes keep to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import on_both
from bot.store.tables import wechat_pauses as pauses

_PAUSE = on_both(
    lambda insert: (row := insert(pauses)).on_conflict_do_update(
        index_elements=["path"], set_={"until": row.excluded.until}
    )
)


async def pause(tx: AsyncConnection, path: str, until: datetime) -> None:
    await tx.execute(_PAUSE[tx.dialect.name], [{"path": path, "until": until}])


async def paused(tx: AsyncConnection, now: datetime) -> dict[str, datetime]:
    """What must not be called now."""
    rows = await tx.execute(select(pauses.c.path, pauses.c.until).where(pauses.c.until > now))
    return {row.path: row.until for row in rows}
