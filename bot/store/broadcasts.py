"""Notices to many: drafted, approved, on their way, done. Who gets one: `audiences`; their rows in the
outbox: `broadcast_rows`.

Rule 1: whoever moves a broadcast holds its row; the rows of a page and the checkpoint that covers them
        are one transaction. A known key is dropped: `broadcast:<id>:<address>`.
Rule 2: recipients are never listed beforehand: they are who fits when their page is made.
Rule 3: what became of each is read from the outbox, and from the alarms of those who fill in a form.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    func,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.notice import Content, Part
from bot.engine.types import Choice
from bot.store import plain
from bot.store.engine import on_both
from bot.store.moment import Moment
from bot.store.tables import (
    broadcasts,
)

# Whom it goes to: subscribers of its topics, those who gather until Monday, those who got another
# one (`about`: its id), those who were served a version of an answer (`about`: entry:version), those
# who signed up (`about`: the id of the lecture).
Audience = Literal["topics", "weekly", "got", "served", "signed"]
State = Literal["draft", "scheduled", "running", "paused", "done", "cancelled"]
Fate = Literal["waiting", "held", "sent", "failed", "blocked", "uncertain", "cancelled"]


CALENDAR = "日程"  # the author of what comes from scheduler/notices/


@dataclass(frozen=True, slots=True)
class Draft:
    """What staff write. `regions` empty: everywhere; `urgent`: why people may be woken."""

    content: Content
    regions: tuple[str, ...] = ()  # every place whose subscribers it concerns
    channels: tuple[str, ...] = ()  # none: all
    urgent: str = ""
    at: datetime | None = None
    audience: Audience = "topics"
    about: str = ""
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A draft and its life. `after`: channel → the last user whose row is in the outbox."""

    id: int
    draft: Draft
    state: State
    author: str
    approver: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    why: str = ""
    after: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return origin_of(self.id)


def origin_of(id: int) -> str:
    return f"broadcast:{id}"


def origin_is_broadcast(origin: str) -> bool:
    return origin.startswith("broadcast:")


async def put(
    tx: AsyncConnection, draft: Draft, author: str, now: datetime, state: State = "draft"
) -> int | None:
    """Its id; None if one `about` this with that due time is there already."""
    row = {
        **_row(draft),
        "state": state,
        "author": author,
        "approver": "",
        "created_at": now,
        "after": "{}",
        "why": "",
    }
    made = await tx.execute(_PUT[tx.dialect.name], row)
    number: int | None = made.scalar()
    return number


_PUT = on_both(
    lambda insert: insert(broadcasts).on_conflict_do_nothing().returning(broadcasts.c.id)
)


async def rewrite(tx: AsyncConnection, id: int, draft: Draft, author: str) -> None:
    values = {**_row(draft), "author": author}
    await tx.execute(update(broadcasts).where(broadcasts.c.id == id).values(values))


async def one(tx: AsyncConnection, id: int) -> Broadcast | None:
    row = (await tx.execute(select(broadcasts).where(broadcasts.c.id == id))).one_or_none()
    return _broadcast(row) if row else None


async def held(tx: AsyncConnection, id: int, skip: bool = False) -> Broadcast | None:
    """The broadcast, its row ours until the transaction ends. `skip`: None if somebody else has it."""
    found = select(broadcasts).where(broadcasts.c.id == id).with_for_update(skip_locked=skip)
    row = (await tx.execute(found)).one_or_none()
    return _broadcast(row) if row else None


async def listed(
    tx: AsyncConnection, states: Collection[State] = (), most: int = 100
) -> list[Broadcast]:
    """The newest first."""
    found = select(broadcasts).order_by(broadcasts.c.id.desc()).limit(most)
    if states:
        found = found.where(broadcasts.c.state.in_(states))
    return [_broadcast(row) for row in await tx.execute(found)]


async def change(tx: AsyncConnection, id: int, **values: Any) -> None:
    if "after" in values:
        values["after"] = json.dumps(values["after"])
    await tx.execute(update(broadcasts).where(broadcasts.c.id == id).values(values))


async def start_due(tx: AsyncConnection, now: datetime) -> list[int]:
    """Begins what is scheduled and due."""
    begun = await tx.execute(
        update(broadcasts)
        .where(broadcasts.c.state == "scheduled", broadcasts.c.at <= now)
        .values(
            state="running",
            started_at=func.coalesce(broadcasts.c.started_at, literal(now, Moment())),
        )
        .returning(broadcasts.c.id)
    )
    return list(begun.scalars())


async def next_due(tx: AsyncConnection) -> datetime | None:
    """When the next scheduled one begins, even if that is past."""
    due = select(func.min(broadcasts.c.at)).where(broadcasts.c.state == "scheduled")
    moment: datetime | None = (await tx.execute(due)).scalar()
    return moment


async def fired(tx: AsyncConnection, since: datetime, until: datetime) -> list[Broadcast]:
    """Policy notices that began in between and still hold: what a digest is made of."""
    wrong = select(broadcasts.c.about).where(broadcasts.c.audience == "got")
    found = (
        select(broadcasts)
        .where(
            broadcasts.c.started_at > since,
            broadcasts.c.started_at <= until,
            broadcasts.c.audience == "topics",
            broadcasts.c.about == "",
            broadcasts.c.urgent == "",
            broadcasts.c.state.in_(("running", "done", "paused")),
        )
        .order_by(broadcasts.c.id)
    )
    taken_back = set((await tx.execute(wrong)).scalars())
    return [
        b for row in await tx.execute(found) if str((b := _broadcast(row)).id) not in taken_back
    ]


async def last_due(tx: AsyncConnection, name: str) -> datetime | None:
    """When a scheduled notice was due the last time that it was fired."""
    found = select(func.max(broadcasts.c.due)).where(broadcasts.c.about == name)
    moment: datetime | None = (await tx.execute(found)).scalar()
    return moment


def _row(draft: Draft) -> dict[str, Any]:
    content = draft.content
    return {
        "audience": draft.audience,
        "title": content.title,
        "body": content.body,
        "affects": content.affects,
        "url": content.url,
        "topics": json.dumps(content.topics, ensure_ascii=False),
        "regions": json.dumps(draft.regions, ensure_ascii=False),
        "channels": json.dumps(draft.channels),
        "parts": plain.dumps(_Parts(content.parts, content.choices)),
        "urgent": draft.urgent,
        "about": draft.about,
        "due": draft.due,
        "at": draft.at,
    }


@dataclass(frozen=True, slots=True)
class _Parts:
    parts: tuple[Part, ...] = ()
    choices: tuple[Choice, ...] = ()


def _broadcast(row: Any) -> Broadcast:
    more = plain.loads(_Parts, row.parts)
    content = Content(
        row.title,
        row.body,
        row.affects,
        row.url,
        tuple(json.loads(row.topics)),
        more.parts,
        more.choices,
    )
    draft = Draft(
        content,
        tuple(json.loads(row.regions)),
        tuple(json.loads(row.channels)),
        row.urgent,
        row.at,
        row.audience,
        row.about,
        row.due,
    )
    return Broadcast(
        row.id,
        draft,
        row.state,
        row.author,
        row.approver,
        row.created_at,
        row.started_at,
        row.ended_at,
        row.why,
        json.loads(row.after),
    )
