"""What a WeChat callback was answered with, so that a repeat gets the same words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import on_both
from bot.store.tables import wechat_answers as answers

# Says which messages are answered for the first time; whoever else asks waits for our commit.
_BEGIN = on_both(
    lambda insert: insert(answers).on_conflict_do_nothing().returning(answers.c.message_id)
)

# What was answered.
_GIVEN = select(answers.c.message_id, answers.c.text).where(
    answers.c.message_id.in_(bindparam("ids", expanding=True))
)

# Keeps what is answered now.
_KEEP = (
    update(answers)
    .where(answers.c.message_id == bindparam("of_id"))
    .values(text=bindparam("to_text"))
)

# Lets a message be answered by somebody else.
_DROP = delete(answers).where(answers.c.message_id.in_(bindparam("ids", expanding=True)))


async def begin(tx: AsyncConnection, ids: Collection[str], now: datetime) -> dict[str, str]:
    """What these were answered with before; those that are not there are ours to answer."""
    rows = [{"message_id": one, "text": "", "at": now} for one in sorted(ids)]
    new = set((await tx.execute(_BEGIN[tx.dialect.name], rows)).scalars())
    old = [one for one in ids if one not in new]
    if not old:
        return {}
    return {row.message_id: row.text for row in await tx.execute(_GIVEN, {"ids": old})}


async def keep(tx: AsyncConnection, given: Mapping[str, str]) -> None:
    if given:
        await tx.execute(_KEEP, [{"of_id": i, "to_text": given[i]} for i in sorted(given)])


async def drop(tx: AsyncConnection, ids: Collection[str]) -> None:
    if ids:
        await tx.execute(_DROP, {"ids": list(ids)})


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """Nobody asks again after so long."""
    await tx.execute(delete(answers).where(answers.c.at < before))
