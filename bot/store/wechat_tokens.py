"""The access token of an account, one for all processes; only one of them asks for a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import on_both
from bot.store.tables import wechat_tokens as tokens


@dataclass(frozen=True, slots=True)
class Token:
    """`until` is when the platform ends it."""

    value: str
    until: datetime


_BEGIN = on_both(lambda insert: insert(tokens).on_conflict_do_nothing())
_CLAIM = (
    update(tokens)
    .where(
        tokens.c.app == bindparam("of_app"),
        tokens.c.until.is_not_distinct_from(bindparam("seen", type_=tokens.c.until.type)),
        or_(tokens.c.fetching_until.is_(None), tokens.c.fetching_until <= bindparam("now")),
    )
    .values(fetching_until=bindparam("fetching"))
    .returning(tokens.c.app)
)
_KEEP = (
    update(tokens)
    .where(tokens.c.app == bindparam("of_app"))
    .values(token=bindparam("value"), until=bindparam("ends"), fetching_until=None)
)
_GIVE_UP = update(tokens).where(tokens.c.app == bindparam("of_app")).values(fetching_until=None)


async def known(tx: AsyncConnection, app: str) -> Token | None:
    row = (
        await tx.execute(select(tokens.c.token, tokens.c.until).where(tokens.c.app == app))
    ).first()
    return Token(row.token, row.until) if row is not None and row.until is not None else None


async def claim(
    tx: AsyncConnection, app: str, seen: Token | None, now: datetime, fetching: datetime
) -> bool:
    """True if it is ours to fetch another than `seen` until `fetching`; False: somebody else does,
    or has done."""
    await tx.execute(_BEGIN[tx.dialect.name], [{"app": app, "token": ""}])
    until = seen.until if seen else None
    wanted = {"of_app": app, "seen": until, "now": now, "fetching": fetching}
    return (await tx.execute(_CLAIM, wanted)).first() is not None


async def keep(tx: AsyncConnection, app: str, token: Token) -> None:
    await tx.execute(_KEEP, {"of_app": app, "value": token.value, "ends": token.until})


async def give_up(tx: AsyncConnection, app: str) -> None:
    """Nothing was fetched; somebody else may try."""
    await tx.execute(_GIVE_UP, {"of_app": app})
