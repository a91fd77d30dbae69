"""What staff publish, brought into every process: a look every few seconds, a new playbook if it changed.

Rule 1: the playbook is made in a thread and put in the place of the old one between two turns.
Rule 2: a row that cannot be read is left out and logged; it stops nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.engine.parameters import BadData
from bot.engine.publications import Publication, read
from bot.logs import kind, where
from bot.store import published
from bot.store.engine import Store
from bot.store.published import Proposal

EVERY = 3.0  # seconds between looks

log = logging.getLogger(__name__)


class Published:
    """What is published, as this process knows it."""

    def __init__(self) -> None:
        self.now: tuple[Publication, ...] = ()
        self._version = ""

    async def refresh(self, store: Store) -> bool:
        """Whether there is something else than before."""
        async with store.read() as tx:
            version = await published.version(tx)
            if version == self._version:
                return False
            proposals = await published.in_force(tx)
        was, self.now = self.now, tuple(filter(None, map(_readable, proposals)))
        self._version = version
        return was != self.now


async def following(
    store: Store,
    known: Published,
    reload: Callable[[], Awaitable[object]],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Until cancelled."""
    while True:
        try:
            if await known.refresh(store):
                await reload()
        except Exception as error:  # the loop must live; the database may come back
            log.error("published error=%s at=%s", kind(error), where(error))
        await sleep(EVERY)


def publication(proposal: Proposal) -> Publication:
    """Raises BadData."""
    ended = read("published", proposal.replaces) if proposal.replaces else None
    return Publication(read("published", proposal.row), ended)


def _readable(proposal: Proposal) -> Publication | None:
    try:
        return publication(proposal)
    except BadData as problem:
        log.error("published id=%d left out problem=%r", proposal.id, str(problem))
        return None
