"""The playbook in use. Reloading puts a new one in its place between two turns: nobody waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from time import perf_counter

from bot.engine.advance import advance
from bot.engine.parameters import BadData
from bot.engine.playbook import Playbook
from bot.engine.types import Conversation, Event, Turn

log = logging.getLogger(__name__)


class Shelf:
    """`read` makes a playbook from the files; it may take a second, in a thread of its own."""

    def __init__(self, read: Callable[[], Playbook]) -> None:
        self._read = read
        self._one_at_a_time = asyncio.Lock()  # or an older reading could come last
        self.book = read()

    def advance(self, was: Conversation, event: Event, now: datetime) -> Turn:
        return advance(self.book, was, event, now)

    async def reload(self) -> bool:
        """False if the files are wrong: the old playbook stays, and the log says what is wrong."""
        began = perf_counter()
        async with self._one_at_a_time:
            try:
                book = await asyncio.to_thread(self._read)
            except BadData as problem:
                log.error("reload refused problem=%r", str(problem))
                return False
            self.book = book
        entries = len(book.knowledge.entries)
        log.info("reloaded entries=%d s=%.1f", entries, perf_counter() - began)
        return True
