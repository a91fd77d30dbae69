"""Pictures that WeChat has; it keeps them for three days."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import on_both
from bot.store.tables import wechat_media as media

_KEEP = on_both(
    lambda insert: (row := insert(media)).on_conflict_do_update(
        index_elements=["digest"],
        set_={"media_id": row.excluded.media_id, "until": row.excluded.until},
    )
)


async def known(tx: AsyncConnection, digest: str, now: datetime) -> str | None:
    found: str | None = (
        await tx.execute(
            select(media.c.media_id).where(media.c.digest == digest, media.c.until > now)
        )
    ).scalar()
    return found


async def keep(tx: AsyncConnection, digest: str, media_id: str, until: datetime) -> None:
    row = {"digest": digest, "media_id": media_id, "until": until}
    await tx.execute(_KEEP[tx.dialect.name], [row])
