"""Which nonces of WeChat's callbacks were seen, by all processes and over a restart.

Rule: a nonce is good for one message, three times within a minute: WeChat asks again, nobody else may.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import on_both
from bot.store.tables import wechat_nonces as nonces

AGAIN = timedelta(seconds=60)  # WeChat asks three times, five seconds apart
TRIES = 3


class Replayed(Exception):
    """This nonce came with another message, too late, or too often."""


@dataclass(frozen=True, slots=True)
class Nonce:
    """`key`: the timestamp and the nonce, as they were signed."""

    key: str
    message_id: str


# Counts a try; what may not be tried (any more) is not returned.
_USE = on_both(
    lambda insert: (
        (row := insert(nonces))
        .on_conflict_do_update(
            index_elements=["nonce"],
            set_={"tries": nonces.c.tries + 1},
            where=and_(
                nonces.c.message_id == row.excluded.message_id,
                nonces.c.tries < TRIES,
                nonces.c.at >= bindparam("since"),
            ),
        )
        .returning(nonces.c.nonce)
    )
)


async def passed(tx: AsyncConnection, used: Collection[Nonce], now: datetime) -> set[Nonce]:
    """Those that may be tried now; of two with the same key, one."""
    tried = {one.key: one for one in used}
    rows = [
        {"nonce": key, "message_id": tried[key].message_id, "at": now, "tries": 1}
        | {"since": now - AGAIN}
        for key in sorted(tried)
    ]
    if not rows:
        return set()
    return {tried[key] for key in (await tx.execute(_USE[tx.dialect.name], rows)).scalars()}


async def use(tx: AsyncConnection, nonce: Nonce, now: datetime) -> None:
    """Raises Replayed."""
    if not await passed(tx, [nonce], now):
        raise Replayed


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """Their timestamps are out of the window by now."""
    await tx.execute(delete(nonces).where(nonces.c.at < before))
