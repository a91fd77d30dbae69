"""What the workers of a channel have agreed on: shares of its pace, and lanes that rest.

Rule 1: whoever changes a channel's shares holds its row, so that nobody counts what another changes.
Rule 2: a lane that a platform asks to rest does so in every process, and after a new start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import plain
from bot.store.engine import on_both
from bot.store.outbox import Lane
from bot.store.tables import lane_rests, paces


@dataclass(frozen=True, slots=True)
class Worker:
    """`until`: its share holds so long. `held`: what it may have used until `held_until`.

    `share`, `talk` (answers) and `held` are messages a second; moments are Unix seconds.
    """

    name: str
    share: int = 0
    until: float = 0.0
    talk: int = 0
    bulk: bool = False
    held: int = 0
    held_until: float = 0.0
    wider: float = 0.0  # seconds that refusals have added to its window


@dataclass(frozen=True, slots=True)
class _Agreement:
    workers: tuple[Worker, ...] = ()


_BEGIN = on_both(lambda insert: insert(paces).on_conflict_do_nothing())
_KNOWN = select(paces.c.workers).where(paces.c.channel == bindparam("of_channel"))
_HOLD = _KNOWN.with_for_update()
_KEEP = (
    update(paces)
    .where(paces.c.channel == bindparam("of_channel"))
    .values(workers=bindparam("to_workers"))
)

# A lane rests until then, unless it was to rest longer.
_REST = on_both(
    lambda insert: (row := insert(lane_rests)).on_conflict_do_update(
        index_elements=["channel", "lane"],
        set_={"until": row.excluded.until},
        where=lane_rests.c.until < row.excluded.until,
    )
)
_RESTS = select(lane_rests.c.lane, lane_rests.c.until).where(
    lane_rests.c.channel == bindparam("of_channel")
)


async def known(tx: AsyncConnection, channel: str) -> tuple[Worker, ...]:
    """Without holding them."""
    return _read((await tx.execute(_KNOWN, {"of_channel": channel})).scalar())


async def held(tx: AsyncConnection, channel: str) -> tuple[Worker, ...]:
    """The channel's row is ours until the transaction ends."""
    row = {"channel": channel, "workers": plain.dumps(_Agreement())}
    await tx.execute(_BEGIN[tx.dialect.name], row)
    return _read((await tx.execute(_HOLD, {"of_channel": channel})).scalar_one())


async def keep(tx: AsyncConnection, channel: str, workers: Sequence[Worker]) -> None:
    told = plain.dumps(_Agreement(tuple(workers)))
    await tx.execute(_KEEP, {"of_channel": channel, "to_workers": told})


async def rest(tx: AsyncConnection, lane: tuple[str, Lane], until: datetime) -> None:
    row = {"channel": lane[0], "lane": lane[1], "until": until}
    await tx.execute(_REST[tx.dialect.name], row)


async def rests(tx: AsyncConnection, channel: str) -> dict[Lane, datetime]:
    """Until when its lanes rest, or have rested."""
    rows = await tx.execute(_RESTS, {"of_channel": channel})
    return {row.lane: row.until for row in rows}


def _read(text: str | None) -> tuple[Worker, ...]:
    return plain.loads(_Agreement, text).workers if text else ()
