"""Files of citizens: what is awaited, kept, submitted and forgotten. The bytes are elsewhere.

Rule 1: a row and its file go together; the file's key stands in the row alone, so that without the row
        the bytes mean nothing.
Rule 2: what was submitted stays as long as its consultation, the rest `KEPT_DAYS`.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.types import Address, Attachment
from bot.store.engine import on_both
from bot.store.tables import cases, evidence


@dataclass(frozen=True, slots=True)
class Piece:
    """One file. `number`: of the consultation that it was submitted with."""

    id: str
    at: datetime
    sender: Address
    ref: str
    state: str  # awaited | kept | refused | lost
    why: str = ""
    media: str = ""
    sha256: str = ""
    size: int = 0
    seal: str = ""
    number: str | None = None
    tries: int = 0

    @property
    def attachment(self) -> Attachment:
        """As a message carries it."""
        if self.media.startswith("image/"):
            return Attachment("image", self.ref)
        return Attachment("file", self.ref, f"file.{self.media.rpartition('/')[2]}")


_EXPECT = on_both(
    lambda insert: insert(evidence).on_conflict_do_nothing(index_elements=["channel", "ref"])
)
_COLUMNS = [
    evidence.c[name]
    for name in (
        *("id", "at", "channel", "user", "ref", "state", "why", "media", "sha256"),
        *("size", "seal", "number", "tries"),
    )
]


def new_id() -> str:
    """22 characters that nobody guesses."""
    return secrets.token_urlsafe(16)


async def expect(tx: AsyncConnection, pieces: Sequence[Piece], now: datetime) -> None:
    """Files that were heard of and are to be fetched, once each."""
    if pieces:
        rows = [_row(piece) | {"try_at": now} for piece in pieces]
        await tx.execute(_EXPECT[tx.dialect.name], rows)


async def keep(tx: AsyncConnection, piece: Piece) -> None:
    await tx.execute(insert(evidence), _row(piece) | {"try_at": None})


async def count(tx: AsyncConnection, sender: Address, since: datetime) -> int:
    """How many this person has sent since."""
    c = evidence.c
    theirs = (c.channel == sender.channel, c.user == sender.user, c.at >= since)
    counted = select(func.count()).select_from(evidence).where(*theirs, c.state == "kept")
    return int((await tx.execute(counted)).scalar_one())


async def due(tx: AsyncConnection, now: datetime, most: int) -> list[Piece]:
    """Those to be fetched now, the longest waiting first."""
    waiting = select(*_COLUMNS).where(evidence.c.try_at <= now).order_by(evidence.c.try_at)
    return [_piece(row) for row in await tx.execute(waiting.limit(most))]


async def take(tx: AsyncConnection, piece: Piece, again_at: datetime) -> bool:
    """Whether it is ours to fetch; whoever comes next waits until `again_at`."""
    done = await tx.execute(
        update(evidence)
        .where(
            evidence.c.id == piece.id,
            evidence.c.state == "awaited",
            evidence.c.tries == piece.tries,
        )
        .values(tries=piece.tries + 1, try_at=again_at)
    )
    return done.rowcount == 1


async def settle(tx: AsyncConnection, id: str, values: Mapping[str, Any]) -> bool:
    """What became of an awaited one; False if it was forgotten meanwhile, or settled."""
    done = await tx.execute(
        update(evidence)
        .where(evidence.c.id == id, evidence.c.state == "awaited")
        .values(**values, try_at=None)
    )
    return done.rowcount == 1


async def one(tx: AsyncConnection, id: str) -> Piece | None:
    row = (await tx.execute(select(*_COLUMNS).where(evidence.c.id == id))).one_or_none()
    return _piece(row) if row else None


async def of_case(tx: AsyncConnection, number: str) -> list[Piece]:
    """What was submitted with a consultation, the oldest first."""
    found = select(*_COLUMNS).where(evidence.c.number == number)
    return [_piece(row) for row in await tx.execute(found.order_by(evidence.c.at, evidence.c.id))]


async def of_person(tx: AsyncConnection, sender: Address, since: datetime) -> list[Piece]:
    """What one person has sent since, the oldest first."""
    c = evidence.c
    found = select(*_COLUMNS).where(
        c.channel == sender.channel, c.user == sender.user, c.at >= since
    )
    return [_piece(row) for row in await tx.execute(found.order_by(c.at, c.id))]


async def submit(tx: AsyncConnection, refs: Collection[str], number: str) -> None:
    """From now on they belong to the consultation."""
    if refs:
        await tx.execute(update(evidence).where(evidence.c.ref.in_(refs)).values(number=number))


async def forget(tx: AsyncConnection, before: datetime) -> list[str]:
    """Deletes what was not submitted since, and what belonged to a case that is gone; their ids."""
    held = exists().where(cases.c.number == evidence.c.number)
    old = evidence.c.number.is_(None) & (evidence.c.at < before)
    orphaned = evidence.c.number.is_not(None) & ~held
    gone = await tx.execute(delete(evidence).where(or_(old, orphaned)).returning(evidence.c.id))
    return list(gone.scalars())


async def drop(tx: AsyncConnection, id: str) -> None:
    await tx.execute(delete(evidence).where(evidence.c.id == id))


async def known(tx: AsyncConnection, ids: Collection[str]) -> set[str]:
    """Those of these that there are."""
    found = await tx.execute(select(evidence.c.id).where(evidence.c.id.in_(ids)))
    return set(found.scalars())


async def sealed_before(
    tx: AsyncConnection, mark: str, after: str, most: int
) -> list[tuple[str, str]]:
    """Ids and seals that do not begin with the mark of today's key, ids above `after`."""
    c = evidence.c
    old = ~c.seal.startswith(mark, autoescape=True)
    found = select(c.id, c.seal).where(c.state == "kept", c.id > after, old).order_by(c.id)
    return [(row.id, row.seal) for row in await tx.execute(found.limit(most))]


async def seal_again(tx: AsyncConnection, id: str, was: str, seal: str) -> None:
    await tx.execute(
        update(evidence).where(evidence.c.id == id, evidence.c.seal == was).values(seal=seal)
    )


def _row(piece: Piece) -> dict[str, Any]:
    return {
        "id": piece.id,
        "channel": piece.sender.channel,
        "user": piece.sender.user,
        "ref": piece.ref,
        "state": piece.state,
        "why": piece.why,
        "media": piece.media,
        "sha256": piece.sha256,
        "size": piece.size,
        "seal": piece.seal,
        "at": piece.at,
        "number": piece.number,
        "tries": piece.tries,
    }


def _piece(row: Any) -> Piece:
    held = dict(row._mapping)
    return Piece(sender=Address(held.pop("channel"), held.pop("user")), **held)
