"""Results that citizens keep, one row for the same inputs of the same calculator.

Rule: whose they are is the address at which they were kept; a person linked at several sees all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.saved import MOST, ResultDraft, ResultKept, ResultSaved, SavedResult
from bot.engine.types import Address
from bot.store import plain
from bot.store.engine import on_both
from bot.store.tables import saved_results

_PUT = on_both(
    lambda insert: (
        (row := insert(saved_results))
        .on_conflict_do_update(
            index_elements=["channel", "user", "form", "inputs"],
            set_={"draft": row.excluded.draft, "saved_at": row.excluded.saved_at},
        )
        .returning(saved_results.c.id)
    )
)


async def keep(
    tx: AsyncConnection, theirs: Sequence[Address], saved: ResultSaved, now: datetime
) -> ResultKept:
    """Kept at the first of their addresses; nothing if they keep `MOST` others."""
    digest = _digest(saved.draft)
    count = select(func.count()).where(_of(theirs), saved_results.c.inputs != digest)
    if (await tx.execute(count)).scalar_one() >= MOST:
        return ResultKept(saved)
    row = {
        "channel": theirs[0].channel,
        "user": theirs[0].user,
        "form": saved.draft.form,
        "inputs": digest,
        "draft": plain.dumps(saved.draft),
        "saved_at": now,
    }
    number = (await tx.execute(_PUT[tx.dialect.name], row)).scalar_one()
    return ResultKept(saved, SavedResult(number, saved.draft, now))


async def own(tx: AsyncConnection, theirs: Sequence[Address], number: int = 0) -> list[SavedResult]:
    """Theirs, the newest first, or only the one under `number`."""
    wanted = select(saved_results).where(_of(theirs)).order_by(saved_results.c.id.desc())
    if number:
        wanted = wanted.where(saved_results.c.id == number)
    return [_read(row.id, row.draft, row.saved_at) for row in await tx.execute(wanted.limit(MOST))]


async def drop(tx: AsyncConnection, theirs: Sequence[Address], number: int = 0) -> int:
    """Deletes theirs, or only the one under `number`; how many."""
    which = _of(theirs)
    if number:
        which = and_(which, saved_results.c.id == number)
    done: CursorResult[object] = await tx.execute(delete(saved_results).where(which))
    return done.rowcount


async def page(tx: AsyncConnection, after: int, most: int) -> list[tuple[Address, SavedResult]]:
    """Everybody's, in the order of their numbers, from `after` on."""
    wanted = select(saved_results).where(saved_results.c.id > after)
    rows = await tx.execute(wanted.order_by(saved_results.c.id).limit(most))
    return [(Address(r.channel, r.user), _read(r.id, r.draft, r.saved_at)) for r in rows]


async def renew(tx: AsyncConnection, number: int, was: ResultDraft, now: ResultDraft) -> bool:
    """Puts a newer outcome in the place of `was`; False if it is another one, or gone."""
    done: CursorResult[object] = await tx.execute(
        update(saved_results)
        .where(saved_results.c.id == number, saved_results.c.draft == plain.dumps(was))
        .values(draft=plain.dumps(now))
    )
    return done.rowcount == 1


def _of(theirs: Sequence[Address]) -> ColumnElement[bool]:
    return or_(
        *(
            and_(saved_results.c.channel == a.channel, saved_results.c.user == a.user)
            for a in theirs
        )
    )


def _digest(draft: ResultDraft) -> str:
    told = json.dumps(draft.answers, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _read(number: int, draft: str, saved_at: datetime) -> SavedResult:
    return SavedResult(number, plain.loads(ResultDraft, draft), saved_at)
