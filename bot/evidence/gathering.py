"""Fetches what citizens sent on platforms into the evidence room, after the turn and beside it.

Rule 1: a platform keeps a file for days only, so it is fetched soon; staff who open it do not wait.
Rule 2: whoever fetches has taken the row first; what fails is tried again, later each time.
Rule 3: what is refused is told to its sender, in the transaction that notes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic

from bot.act import Acting
from bot.channels.base import Fetch, Unfetchable, Unkept
from bot.engine import words
from bot.engine.types import Reply
from bot.evidence import EvidenceRoom
from bot.evidence.harmless import Harmless
from bot.logs import kind, where
from bot.store import evidence
from bot.store.evidence import Piece

EVERY = 10.0  # seconds between looks
TIDY_EVERY = 3_600.0  # seconds
PATIENCE = 60.0  # seconds for one file
AT_A_LOOK = 20
# After each try; the last is followed by giving up. WeChat keeps a file for three days.
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720, 1_440))

log = logging.getLogger(__name__)


class Gatherer:
    """`fetch`: by channel; what came on another one is lost."""

    def __init__(self, room: EvidenceRoom, house: Acting, fetch: Mapping[str, Fetch]) -> None:
        self.room = room
        self._house = house
        self._fetch = fetch

    async def run(self) -> None:
        """Until cancelled."""
        tidied = -TIDY_EVERY
        while True:
            try:
                await self.gather()
                if monotonic() - tidied >= TIDY_EVERY:
                    tidied = monotonic()
                    done = await self.room.tidy()
                    log.info("evidence %s", " ".join(f"{k}={v}" for k, v in done.items()))
            except Exception as error:  # the loop must live; the database may come back
                log.error("evidence loop error=%s at=%s", kind(error), where(error))
            await asyncio.sleep(EVERY)

    async def gather(self) -> int:
        """Fetches what is due; so many were tried."""
        async with self.room.store.read() as tx:
            due = await evidence.due(tx, self.room.clock(), AT_A_LOOK)
        for piece in due:
            await self._bring(piece)
        return len(due)

    async def look(self, id: str) -> tuple[Piece | None, Harmless | None]:
        """The piece as it is now, fetched if it still waits; its bytes if they are here."""
        piece = await self._piece(id)
        if piece is not None and piece.state == "awaited":
            await self._bring(piece)
            piece = await self._piece(id)
        if piece is None or piece.state != "kept":
            return piece, None
        return piece, await self.room.open(piece)

    async def _piece(self, id: str) -> Piece | None:
        async with self.room.store.read() as tx:
            return await evidence.one(tx, id)

    async def _bring(self, piece: Piece) -> None:
        last = piece.tries + 1 >= len(PAUSES)
        again = self.room.clock() + PAUSES[min(piece.tries, len(PAUSES) - 1)]
        async with self.room.store.write() as tx:
            if not await evidence.take(tx, piece, again):
                return
        try:
            await self._keep(piece, await self._bytes(piece))
        except Unfetchable as error:
            log.warning("evidence unfetched channel=%s reason=%s", piece.sender.channel, error)
            if error.too_large:
                await self._refuse(piece, self.room.refusal("size"))
            elif error.permanent or last:
                async with self.room.store.write() as tx:
                    await evidence.settle(tx, piece.id, {"state": "lost", "why": "gone"})
        except Unkept as error:
            await self._refuse(piece, error)

    async def _bytes(self, piece: Piece) -> bytes:
        """Raises Unfetchable."""
        fetch = self._fetch.get(piece.sender.channel)
        if fetch is None:
            raise Unfetchable("no way to fetch", permanent=True)
        try:
            async with asyncio.timeout(PATIENCE):
                return await fetch(piece.ref, self.room.limits.most_bytes)
        except TimeoutError:
            raise Unfetchable("too slow") from None

    async def _keep(self, piece: Piece, data: bytes) -> None:
        """Raises Unkept."""
        async with self.room.store.read() as tx:
            await self.room.room_today(tx, piece.sender)
        known = await self.room.put_away(piece.id, data)
        async with self.room.store.write() as tx:
            settled = await evidence.settle(tx, piece.id, {"state": "kept", **known})
        if not settled:  # its person wished it gone meanwhile
            self.room.remove(piece.id)

    async def _refuse(self, piece: Piece, told: Unkept) -> None:
        async with self._house.act() as act:
            if await evidence.settle(act.tx, piece.id, {"state": "refused", "why": told.why}):
                said = words.FILE_NOT_KEPT_LATER.format(why=told.say)
                await act.say(
                    piece.sender, Reply("notice", said), f"evidence:{piece.id}", "evidence"
                )
