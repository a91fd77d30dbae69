"""Who may see a consultation: the head's letters only those who see them all, and who has one.

Rule: what somebody may not see is not listed, not counted, and refused by its address.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException

from bot.desk.visit import Visit
from bot.store import case_file


class Seen(Protocol):
    @property
    def for_head(self) -> bool: ...

    @property
    def assignee(self) -> str | None: ...


def unseen_by(visit: Visit) -> str:
    """The name of whoever sees only their own of the head's letters; empty: sees them all."""
    return "" if visit.may("cases.head") else visit.me.name


def hidden(visit: Visit, one: Seen) -> bool:
    me = unseen_by(visit)
    return bool(me) and one.for_head and one.assignee != me


async def allowed(visit: Visit, tx: AsyncConnection, number: str) -> None:
    """Raises HTTPException."""
    one = await case_file.whole(tx, number)
    if one is not None and hidden(visit, one):
        raise HTTPException(403)
