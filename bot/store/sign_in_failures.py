"""Attempts to sign in, counted before they are judged, so that many at once gain nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import on_both
from bot.store.moment import Moment
from bot.store.tables import sign_in_failures as table

_OLD = table.c.last_at < bindparam("forgotten", type_=Moment)
_FULL = table.c.failures >= bindparam("most")


def _count(statement: Any) -> Any:
    """Counts on; what is full keeps its moment, so that trying on does not lengthen the lock."""
    return statement.on_conflict_do_update(
        index_elements=["of"],
        set_={
            "failures": case((_OLD, 1), else_=table.c.failures + 1),
            "last_at": case(
                (_OLD, statement.excluded.last_at),
                (_FULL, table.c.last_at),
                else_=statement.excluded.last_at,
            ),
        },
    )


_ATTEMPT = on_both(
    lambda insert: _count(
        insert(table).values(
            of=bindparam("key"), failures=1, last_at=bindparam("now", type_=Moment)
        )
    ).returning(table.c.failures, table.c.last_at)
)
_TAKE_BACK = (
    update(table)
    .where(table.c.of == bindparam("key"), table.c.failures > 0)
    .values(failures=table.c.failures - 1)
)
_CLEAR = delete(table).where(table.c.of == bindparam("key"))
_FORGET = delete(table).where(table.c.last_at < bindparam("forgotten"))


async def attempt(
    tx: AsyncConnection, key: str, most: int, now: datetime, window: timedelta
) -> datetime | None:
    """Counts an attempt as failed; until when the key is locked, if it is.

    `most` failures are allowed, each within `window` of the one before.
    """
    wanted = {"key": key, "most": most, "now": now, "forgotten": now - window}
    row = (await tx.execute(_ATTEMPT[tx.dialect.name], wanted)).one()
    locked: datetime | None = row.last_at + window if row.failures > most else None
    return locked


async def take_back(tx: AsyncConnection, keys: Collection[str]) -> None:
    """The attempt went well after all."""
    await tx.execute(_TAKE_BACK, [{"key": key} for key in keys])


async def clear(tx: AsyncConnection, key: str) -> None:
    await tx.execute(_CLEAR, {"key": key})


async def forget(tx: AsyncConnection, before: datetime) -> None:
    await tx.execute(_FORGET, {"forgotten": before})
