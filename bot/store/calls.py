"""Consultations of which staff must tell by telephone, because nothing could be delivered.

Rule 1: one row for a case: a later word that does not arrive either takes the earlier one's place.
Rule 2: what has arrived meanwhile, or matters no more, is not on the list; nobody has to tidy it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.case import UNANSWERED as OPEN
from bot.engine.case import News
from bot.store.case_queue import seen_by
from bot.store.engine import on_both
from bot.store.tables import calls, cases, outbox


@dataclass(frozen=True, slots=True)
class Asked:
    """`key`: of the outbox row that did not arrive. `why`: in the platform's words."""

    number: str
    key: str
    news: News
    channel: str
    why: str


@dataclass(frozen=True, slots=True)
class ToCall:
    """A row of the list. `telephone`: whether there is a number to call."""

    number: str
    news: News
    channel: str
    why: str
    since: datetime
    tries: int
    tried_at: datetime | None
    title: str
    region: str | None
    assignee: str | None
    telephone: bool


_ASK = on_both(
    lambda insert: (
        (row := insert(calls))
        .on_conflict_do_update(
            index_elements=["number"],
            set_={
                **{name: row.excluded[name] for name in ("key", "news", "channel", "why")},
                "since": case((calls.c.done_at.is_(None), calls.c.since), else_=row.excluded.since),
                "tries": case((calls.c.done_at.is_(None), calls.c.tries), else_=0),
                "done_at": None,
            },
            where=calls.c.key != row.excluded.key,
        )
        .returning(calls.c.number)
    )
)

# What is still to be told.
_MATTERS: ColumnElement[bool] = and_(
    calls.c.done_at.is_(None),
    or_(outbox.c.state.is_(None), outbox.c.state != "sent"),
    or_(
        and_(calls.c.news == "answered", cases.c.read.is_(False)),
        and_(calls.c.news == "needs_info", cases.c.state == "needs_info"),
        and_(calls.c.news == "overdue", cases.c.state.in_(OPEN)),
        and_(calls.c.news == "closed", cases.c.state == "closed"),
    ),
)
_FROM = calls.join(cases, cases.c.number == calls.c.number).outerjoin(
    outbox, outbox.c.key == calls.c.key
)
_SHOWN = [
    *(calls.c[name] for name in ("number", "news", "channel", "why", "since", "tries", "tried_at")),
    *(cases.c.title, cases.c.region, cases.c.assignee, cases.c.contact != ""),
]


async def ask(tx: AsyncConnection, asked: Asked, now: datetime) -> bool:
    """Puts a case on the list; False if it was there for this word, also if it was done."""
    row = {
        "number": asked.number,
        "key": asked.key,
        "news": asked.news,
        "channel": asked.channel,
        "why": asked.why,
        "since": now,
        "tries": 0,
    }
    return (await tx.execute(_ASK[tx.dialect.name], [row])).first() is not None


async def listed(
    tx: AsyncConnection, offset: int, most: int, unseen_by: str = ""
) -> Sequence[ToCall]:
    """Those not called yet first; the oldest first. `unseen_by`: as in the queue."""
    query = select(*_SHOWN).select_from(_FROM).where(*_shown_to(unseen_by))
    ordered = query.order_by(func.coalesce(calls.c.tried_at, calls.c.since), calls.c.number)
    return [ToCall(*row) for row in await tx.execute(ordered.offset(offset).limit(most))]


async def counted(tx: AsyncConnection, unseen_by: str = "") -> int:
    count = select(func.count()).select_from(_FROM).where(*_shown_to(unseen_by))
    return (await tx.execute(count)).scalar_one()


def _shown_to(unseen_by: str) -> list[ColumnElement[bool]]:
    return [_MATTERS, seen_by(unseen_by)] if unseen_by else [_MATTERS]


async def wants(tx: AsyncConnection, number: str) -> bool:
    """Whether a case is on the list."""
    found = select(calls.c.number).select_from(_FROM).where(_MATTERS, calls.c.number == number)
    return (await tx.execute(found)).first() is not None


async def reached(tx: AsyncConnection, number: str, now: datetime) -> News | None:
    """They know now, of that; None if it was done already."""
    done = await tx.execute(
        update(calls)
        .where(calls.c.number == number, calls.c.done_at.is_(None))
        .values(done_at=now, tried_at=now)
        .returning(calls.c.news)
    )
    news: News | None = done.scalar()
    return news


async def missed(tx: AsyncConnection, number: str, now: datetime) -> bool:
    """Nobody took the call; False if it was done already."""
    done = await tx.execute(
        update(calls)
        .where(calls.c.number == number, calls.c.done_at.is_(None))
        .values(tries=calls.c.tries + 1, tried_at=now)
    )
    return bool(done.rowcount)
