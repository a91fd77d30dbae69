"""Until when the due times of each scheduled notice have been seen to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import on_both
from bot.store.tables import notice_clocks

_SEE = on_both(
    lambda insert: (row := insert(notice_clocks)).on_conflict_do_update(
        index_elements=["name"], set_={"until": row.excluded.until}
    )
)


async def seen(tx: AsyncConnection) -> dict[str, datetime]:
    rows = select(notice_clocks.c.name, notice_clocks.c.until).with_for_update()
    return {row.name: row.until for row in await tx.execute(rows)}


async def see(tx: AsyncConnection, name: str, until: datetime) -> None:
    await tx.execute(_SEE[tx.dialect.name], {"name": name, "until": until})
