"""Long polling: an update is confirmed by the next call's offset, so that call waits for the commit.

Rule 1: the offset passes an update only after it was committed, and all before it.
Rule 2: messages of different people at the same time, those of one person in order.
Rule 3: whatever goes wrong is waited out.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

from telegram.error import TelegramError

from bot.channels.telegram.client import Client
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.patience import Patience
from bot.channels.telegram.reading import Arrived

log = logging.getLogger(__name__)


class Poller:
    """The one listener of a bot that is not called by webhook."""

    def __init__(self, client: Client, intake: Intake, patience: Patience) -> None:
        self._client = client
        self._intake = intake
        self._patience = patience
        self.offset: int | None = None  # None: from the oldest that is not confirmed

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                batch = await self._client.updates(self.offset)
            except TelegramError as error:
                await self._patience.after(error)
                continue
            if await self.take(batch):
                self._patience.restored()
            else:
                await self._patience.after()

    async def take(self, batch: Sequence[object]) -> bool:
        """True if the offset has passed the whole batch."""
        arrived = [self._intake.read(raw) for raw in batch]
        stuck = await self._commit(arrived)
        self.offset = _next(arrived, stuck)
        if arrived and self.offset is None:
            log.error("telegram sent updates without numbers: is the address that of a Bot API?")
            return False
        return not stuck

    async def _commit(self, arrived: Iterable[Arrived]) -> list[Arrived]:
        """The first of each lane that could not be committed."""
        lanes = defaultdict(list)
        for update in arrived:
            lanes[update.lane].append(update)
        stuck = await asyncio.gather(*map(self._commit_in_order, lanes.values()))
        return [update for update in stuck if update is not None]

    async def _commit_in_order(self, lane: list[Arrived]) -> Arrived | None:
        """The update that stopped it: it comes again, and those behind it."""
        for update in lane:
            try:
                await self._intake.take(update)
            except Exception:  # was logged there
                return update
        return None


def _next(arrived: list[Arrived], stuck: list[Arrived]) -> int | None:
    """The next offset: the lowest number that is still to be committed.

    Without news it is None: all before was confirmed by the call, and after a quiet week Telegram
    starts counting anew, perhaps lower.
    """
    missing = [update.number for update in stuck if update.number is not None]
    numbers = [update.number for update in arrived if update.number is not None]
    if missing:
        return min(missing)
    return max(numbers) + 1 if numbers else None
