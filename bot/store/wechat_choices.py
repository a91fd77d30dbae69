"""Numbers for what a tapped link says; the same number means the same for ever."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import on_both
from bot.store.tables import wechat_choices as choices

_PUT = on_both(lambda insert: insert(choices).on_conflict_do_nothing())
_NUMBERS = select(choices.c.send, choices.c.id).where(
    choices.c.send.in_(bindparam("sends", expanding=True))
)
_SEND = select(choices.c.send).where(choices.c.id == bindparam("number"))


async def numbers(tx: AsyncConnection, sends: Collection[str]) -> dict[str, int]:
    """The number of each, given now if there is none yet."""
    if not sends:
        return {}
    found = await _known(tx, sends)
    new = [send for send in sorted(sends) if send not in found]
    if new:
        await tx.execute(_PUT[tx.dialect.name], [{"send": send} for send in new])
        found |= await _known(tx, new)
    return found


async def send_of(tx: AsyncConnection, number: int) -> str | None:
    send: str | None = (await tx.execute(_SEND, {"number": number})).scalar()
    return send


async def _known(tx: AsyncConnection, sends: Collection[str]) -> dict[str, int]:
    rows = await tx.execute(_NUMBERS, {"sends": sorted(sends)})
    return {row.send: row.id for row in rows}
