"""An inbox that keeps what it is given, once for each message id, as the host does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.channels.base import CaseAction, Line
from bot.engine.types import Address, Message


@dataclass
class KeptInbox:
    """`failures` says how many of the next commits of a text fail; -1: every one."""

    messages: list[Message] = field(default_factory=list)
    staff: list[tuple[int, str]] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    rejections: list[tuple[str, str]] = field(default_factory=list)  # message id, reason
    failures: dict[str, int] = field(default_factory=dict)
    open_requests: set[int] = field(default_factory=set)
    open_cases: set[str] = field(default_factory=set)
    worked: list[tuple[str, str, str, str]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def heard(self, message: Message) -> bool:
        self._fail(message.text)
        if message.id in self.known:
            return False
        self.known.add(message.id)
        self.messages.append(message)
        async with self._more:
            self._more.notify_all()
        return True

    async def holds(self, count: int) -> None:
        """Wait for that many messages; ten seconds are only to fail instead of hanging."""
        async with asyncio.timeout(60), self._more:
            await self._more.wait_for(lambda: len(self.messages) >= count)

    async def answer(self, message: Message, grace: timedelta, nonce: object = None) -> bool:
        return await self.heard(message)

    async def staff_said(self, request: int, text: str, token: str) -> bool:
        self._fail(text)
        if request not in self.open_requests:
            return False
        if token not in self.known:
            self.known.add(token)
            self.staff.append((request, text))
        return True

    async def staff_closed(self, request: int) -> bool:
        if request not in self.open_requests:
            return False
        self.open_requests.discard(request)
        self.closed.append(request)
        return True

    async def staff_worked(
        self, number: str, action: CaseAction, text: str, token: str, by: str
    ) -> bool:
        self.worked.append((number, action, text, by))
        return number in self.open_cases

    async def lines(self, address: Address, after: int = 0) -> Sequence[Line]:
        return ()

    async def rejected(self, channel: str, message_id: str, reason: str) -> None:
        self.rejections.append((message_id, reason))

    def _fail(self, text: str) -> None:
        left = self.failures.get(text, 0)
        if left:
            self.failures[text] = left - 1
            raise OSError(f"disk full while writing {text}")

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages]
