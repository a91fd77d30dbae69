"""Passwords: argon2, off the event loop, two at a time, and the same work whether a name exists or not."""

from __future__ import annotations

import asyncio
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 12, 200  # characters
DIFFERENT = 5  # characters
AT_ONCE = 2  # each takes 64 MiB for some tens of milliseconds


class Passwords:
    """`hasher`: how much work one guess is."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody: str | None = None
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def fits(self, hashed: str | None, password: str) -> bool:
        """None: there is no such person, or no password; it takes as long as a wrong one."""
        if self._nobody is None:
            self._nobody = await self.hash("nobody has this one")
        async with self._turn:
            fitting = await asyncio.to_thread(self._verify, hashed or self._nobody, password)
        return fitting and hashed is not None

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    """The same keys pressed on another machine give the same password."""
    return unicodedata.normalize("NFKC", password)


def what_is_wrong(password: str, name: str) -> str | None:
    """Why it cannot be a password, for people; None if it can."""
    if len(password) < LEAST:
        return f"密码至少 {LEAST} 个字，可以用一句好记的话。"
    if len(password) > MOST:
        return f"密码最长 {MOST} 个字，请短一些。"
    if len(set(password)) < DIFFERENT:
        return f"密码里至少要有 {DIFFERENT} 个不同的字。"
    if name.casefold() in password.casefold():
        return "密码里不要带自己的名字，请换一个。"
    return None
