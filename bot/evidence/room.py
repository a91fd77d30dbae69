"""The evidence room: files of citizens, checked, copied, sealed, and kept in a folder of their own.

Rule 1: the folder is no web root; a file's name is random and tells nothing; only we can read it.
Rule 2: each file has a key of its own, which stands sealed in its row: when the row is deleted, the
        bytes are gone at that moment, and the file follows.
Rule 3: what is kept is the harmless copy (`bot.evidence.harmless`), never the bytes that came.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import os
import re
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Unkept
from bot.clock import Clock
from bot.engine import words
from bot.engine.attachments import KEPT_DAYS
from bot.engine.types import Address
from bot.evidence.harmless import Harmful, Harmless, harmless
from bot.keys import KEY, NONCE, Keys, Unopenable
from bot.store import evidence
from bot.store.engine import Store
from bot.store.evidence import Piece, new_id

LONE = 600.0  # seconds after which a file without a row is swept up
BATCH = 500
_NAME = re.compile(r"[A-Za-z0-9_-]{22}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    most_bytes: int = 8_000_000  # of one file
    most_a_day: int = 10  # files of one person


def ref_of(id: str) -> str:
    """The handle of a file that was sent to ourselves; no platform takes it for one of its own."""
    return f"kept:{id}"


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


class EvidenceRoom:
    """`folder` is made when it is first needed."""

    def __init__(
        self, store: Store, keys: Keys, folder: Path, clock: Clock, limits: Limits | None = None
    ) -> None:
        self.store = store
        self.clock = clock
        self.limits = limits or Limits()
        self._keys = keys
        self._folder = folder
        self._one_at_a_time = asyncio.Semaphore(1)  # a large picture takes 200 MB to draw anew

    @property
    def most_bytes(self) -> int:
        return self.limits.most_bytes

    def refusal(self, why: str) -> Unkept:
        """With the sentence for whoever sent it."""
        megabytes = self.limits.most_bytes // 1_000_000
        say = words.FILE_NOT_KEPT[why].format(megabytes=megabytes, most=self.limits.most_a_day)
        return Unkept(why, say)

    # --- in -----------------------------------------------------------------------------------

    async def keep(self, sender: Address, data: bytes) -> Piece:
        """A file that was sent to us; its id is its handle. Raises Unkept."""
        async with self.store.read() as tx:
            await self.room_today(tx, sender)
        name = new_id()
        known = await self.put_away(name, data)
        piece = Piece(name, self.clock(), sender, ref_of(name), "kept", **known)
        try:
            async with self.store.write() as tx:
                await self.room_today(tx, sender)
                await evidence.keep(tx, piece)
        except BaseException:
            self.remove(name)
            raise
        return piece

    async def put_away(self, id: str, data: bytes) -> dict[str, Any]:
        """Writes the harmless copy; what the row says of it. Raises Unkept."""
        if len(data) > self.limits.most_bytes:
            raise self.refusal("size")
        try:
            async with self._one_at_a_time:
                safe = await asyncio.to_thread(harmless, data)
        except Harmful as error:
            raise self.refusal(error.why) from None
        key = secrets.token_bytes(KEY)
        await asyncio.to_thread(self._write, id, key, safe)
        return {
            "media": safe.media,
            "sha256": hashlib.sha256(safe.data).hexdigest(),
            "size": len(safe.data),
            "seal": self._keys.seal(base64.b64encode(key).decode(), _place(id)),
        }

    async def drop(self, id: str) -> None:
        """As if it had never come."""
        async with self.store.write() as tx:
            await evidence.drop(tx, id)
        self.remove(id)

    async def room_today(self, tx: AsyncConnection, sender: Address) -> None:
        """Raises Unkept."""
        if await evidence.count(tx, sender, _midnight(self.clock())) >= self.limits.most_a_day:
            raise self.refusal("day")

    # --- out ----------------------------------------------------------------------------------

    async def open(self, piece: Piece) -> Harmless | None:
        """The file; None if it is not there, or is not what was put there."""
        try:
            key = base64.b64decode(self._keys.open(piece.seal, _place(piece.id)))
            data = await asyncio.to_thread(self._read, piece.id, key)
        except (Unopenable, OSError, InvalidTag) as error:
            log.error("evidence unreadable error=%s", type(error).__name__)
            return None
        whole = hashlib.sha256(data).hexdigest() == piece.sha256
        return Harmless(piece.media, data) if whole else None

    # --- away ---------------------------------------------------------------------------------

    async def tidy(self) -> dict[str, int]:
        """Forgets what is old, sweeps up files without a row, seals anew what an old key sealed."""
        async with self.store.write() as tx:
            gone = await evidence.forget(tx, self.clock() - timedelta(days=KEPT_DAYS))
        for name in gone:
            self.remove(name)
        return {
            "forgotten": len(gone),
            "swept": await self._sweep(),
            "resealed": await self._reseal(),
        }

    def remove(self, id: str) -> None:
        self._path(id).unlink(missing_ok=True)

    async def _sweep(self) -> int:
        """A row may have gone with its person's wish, or have never come."""
        names, swept = await asyncio.to_thread(self._lone), 0
        for start in range(0, len(names), BATCH):
            part = names[start : start + BATCH]
            async with self.store.read() as tx:
                known = await evidence.known(tx, part)
            for name in set(part) - known:
                self.remove(name)
                swept += 1
        return swept

    async def _reseal(self) -> int:
        done, last = 0, ""
        while True:
            async with self.store.write() as tx:
                old = await evidence.sealed_before(tx, self._keys.mark, last, BATCH)
                for name, seal in old:
                    key = self._opened(name, seal)
                    if key is not None:
                        await evidence.seal_again(
                            tx, name, seal, self._keys.seal(key, _place(name))
                        )
                        done += 1
            if len(old) < BATCH:
                return done
            last = old[-1][0]

    def _opened(self, id: str, seal: str) -> str | None:
        try:
            return self._keys.open(seal, _place(id))
        except Unopenable:
            return None

    # --- the folder ---------------------------------------------------------------------------

    def _path(self, id: str) -> Path:
        if not _NAME.fullmatch(id):
            raise ValueError("not an id of ours")
        return self._folder / id

    def _write(self, id: str, key: bytes, safe: Harmless) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        nonce = secrets.token_bytes(NONCE)
        sealed = nonce + AESGCM(key).encrypt(nonce, safe.data, _place(id).encode())
        descriptor = os.open(self._path(id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(sealed)
            opened.flush()
            os.fsync(opened.fileno())

    def _read(self, id: str, key: bytes) -> bytes:
        sealed = self._path(id).read_bytes()
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], _place(id).encode())

    def _lone(self) -> list[str]:
        """Names of files that have had time to get a row."""
        if not self._folder.is_dir():
            return []
        since = time.time() - LONE
        files = (file for file in self._folder.iterdir() if _NAME.fullmatch(file.name))
        return [file.name for file in files if file.stat().st_mtime < since]


def _place(id: str) -> str:
    return f"evidence:{id}"
