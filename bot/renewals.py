"""Kept results that come out otherwise on a day, in the order of their numbers.

async for at, found in renewals(store, book, day):  # nothing is changed yet
    async with store.write() as tx:
        if await settle(tx, found):  # once, whoever else is at it
            …  # tell `found.words()` under the key `key_of(found)`
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.playbook import Playbook
from bot.engine.renewing import Renewal, renewal
from bot.engine.types import Address
from bot.store import saved_results
from bot.store.engine import Store

PAGE = 200  # rows read at a time; each takes about a millisecond to work out again


async def renewals(
    store: Store, book: Playbook, day: date, after: int = 0
) -> AsyncIterator[tuple[Address, Renewal]]:
    """Whose results changed, and by how much, in the order of their numbers above `after`."""
    while True:
        async with store.read() as tx:
            rows = await saved_results.page(tx, after, PAGE)
        if not rows:
            return
        for at, saved in rows:
            after = saved.number
            if found := renewal(book, saved, day):
                yield at, found


async def settle(tx: AsyncConnection, found: Renewal) -> bool:
    """The newer outcome is what is kept; False if it was changed meanwhile: say nothing."""
    return await saved_results.renew(tx, found.saved.number, found.saved.draft, found.draft)


def key_of(found: Renewal) -> str:
    """Names the message: the same change of the same result is told once."""
    return f"renewal:{found.saved.number}:{found.draft.worked_on}"
