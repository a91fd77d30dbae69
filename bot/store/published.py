"""Entries that staff propose, and what of them is published.

Rule 1: whoever decides on a proposal holds its row; one decision counts.
Rule 2: `version` changes with everything that is published or withdrawn: whoever reads again asks it first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import published_entries

State = Literal["draft", "approved", "rejected", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`row`, `replaces`: `[[entry]]` tables, their days as text.

    `broken`: what speaks against it beside what `version` had published; None: nobody has looked yet.
    """

    id: int
    entry: str
    row: dict[str, Any]
    replaces: dict[str, Any] | None
    state: State
    author: str
    approver: str
    created_at: datetime
    decided_at: datetime | None
    broken: tuple[str, ...] | None
    version: str
    why: str


async def propose(
    tx: AsyncConnection,
    row: dict[str, Any],
    replaces: dict[str, Any] | None,
    author: str,
    now: datetime,
) -> int:
    made = await tx.execute(
        insert(published_entries).returning(published_entries.c.id),
        {
            **_texts(row, replaces),
            "state": "draft",
            "author": author,
            "approver": "",
            "created_at": now,
            "why": "",
        },
    )
    number: int = made.scalar_one()
    return number


async def rewrite(
    tx: AsyncConnection,
    id: int,
    row: dict[str, Any],
    replaces: dict[str, Any] | None,
    author: str,
) -> None:
    values = {**_texts(row, replaces), "author": author}
    await tx.execute(update(published_entries).where(published_entries.c.id == id).values(values))


async def decide(
    tx: AsyncConnection, id: int, state: State, by: str, now: datetime, why: str = ""
) -> None:
    values = {"state": state, "approver": by, "decided_at": now, "why": why}
    await tx.execute(update(published_entries).where(published_entries.c.id == id).values(values))


async def looked_at(
    tx: AsyncConnection, id: int, row: dict[str, Any], broken: Sequence[str], version: str
) -> None:
    """Keeps what speaks against it, unless it was changed meanwhile."""
    t = published_entries
    seen = json.dumps({"lines": broken, "version": version}, ensure_ascii=False)
    same = t.c.row == json.dumps(row, ensure_ascii=False)
    await tx.execute(update(t).where(t.c.id == id, same).values(broken=seen))


async def look_again(tx: AsyncConnection, id: int) -> None:
    t = published_entries
    await tx.execute(update(t).where(t.c.id == id).values(broken=""))


async def one(tx: AsyncConnection, id: int, hold: bool = False) -> Proposal | None:
    """`hold`: its row is ours until the transaction ends."""
    query = select(published_entries).where(published_entries.c.id == id)
    row = (await tx.execute(query.with_for_update() if hold else query)).one_or_none()
    return _proposal(row) if row else None


async def waiting(tx: AsyncConnection) -> list[Proposal]:
    """Drafts, the oldest first."""
    t = published_entries
    rows = await tx.execute(select(t).where(t.c.state == "draft").order_by(t.c.id).limit(200))
    return [_proposal(row) for row in rows]


async def of(tx: AsyncConnection, entry: str) -> list[Proposal]:
    """All about an entry, the newest first."""
    t = published_entries
    rows = await tx.execute(select(t).where(t.c.entry == entry).order_by(t.c.id.desc()).limit(50))
    return [_proposal(row) for row in rows]


async def taken_ids(tx: AsyncConnection) -> set[str]:
    """Of entries that were ever proposed."""
    return set((await tx.execute(select(published_entries.c.entry).distinct())).scalars())


async def in_force(tx: AsyncConnection) -> list[Proposal]:
    """What is published, in the order in which it was."""
    t = published_entries
    rows = await tx.execute(
        select(t).where(t.c.state == "approved").order_by(t.c.decided_at, t.c.id)
    )
    return [_proposal(row) for row in rows]


async def version(tx: AsyncConnection) -> str:
    t = published_entries
    found = await tx.execute(
        select(t.c.state, func.count(), func.max(t.c.decided_at))
        .where(t.c.state.in_(("approved", "withdrawn")))
        .group_by(t.c.state)
        .order_by(t.c.state)
    )
    return " ".join(f"{state}:{count}:{last.isoformat()}" for state, count, last in found)


def _texts(row: dict[str, Any], replaces: dict[str, Any] | None) -> dict[str, str]:
    return {
        "entry": row["id"],
        "row": json.dumps(row, ensure_ascii=False),
        "replaces": json.dumps(replaces, ensure_ascii=False) if replaces else "",
        "broken": "",
    }


def _proposal(row: Any) -> Proposal:
    seen = json.loads(row.broken) if row.broken else None
    return Proposal(
        row.id,
        row.entry,
        json.loads(row.row),
        json.loads(row.replaces) if row.replaces else None,
        row.state,
        row.author,
        row.approver,
        row.created_at,
        row.decided_at,
        tuple(seen["lines"]) if seen else None,
        seen["version"] if seen else "",
        row.why,
    )
