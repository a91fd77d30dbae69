"""A small inbox that talks back: lines are numbered at each address and kept, as the host does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channels.base import CaseAction, Line
from bot.clock import CHINA
from bot.engine.types import Address, Message, Reply

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=CHINA)


def echo(message: Message) -> Sequence[Reply]:
    return (Reply("answer", f"收到：{message.text}"),)


@dataclass
class TalkingInbox:
    """`down`: how many of the next calls fail as a database does that cannot be reached."""

    talks: Callable[[Message], Sequence[Reply]] = echo
    page: int = 200  # lines at a time
    down: int = 0
    heard_all: list[Message] = field(default_factory=list)
    said: dict[Address, list[Line]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    reads: int = 0

    async def heard(self, message: Message) -> bool:
        self._fail()
        if message.id in self.known:
            return False
        self.known.add(message.id)
        self.heard_all.append(message)
        self.add(message.sender, message.text)
        for reply in self.talks(message):
            self.add(message.sender, reply.text, reply)
        return True

    async def staff_worked(
        self, number: str, action: CaseAction, text: str, token: str, by: str
    ) -> bool:
        return False

    async def lines(self, address: Address, after: int = 0) -> Sequence[Line]:
        self.reads += 1
        self._fail()
        return [line for line in self.said.get(address, []) if line.id > after][: self.page]

    async def answer(self, message: Message, grace: timedelta, nonce: object = None) -> bool:
        return await self.heard(message)

    async def staff_said(self, request: int, text: str, token: str) -> bool:
        return False

    async def staff_closed(self, request: int) -> bool:
        return False

    async def rejected(self, channel: str, message_id: str, reason: str) -> None:
        """Nothing here is rejected."""

    def add(self, address: Address, text: str, reply: Reply | None = None) -> None:
        lines = self.said.setdefault(address, [])
        lines.append(Line(len(lines) + 1, NOON, text, reply))

    def _fail(self) -> None:
        if self.down:
            self.down -= 1
            raise ConnectionError("the database has gone, and the words 我的秘密 with it")

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.heard_all]

    @property
    def visitor(self) -> Address:
        """Whoever wrote last."""
        return self.heard_all[-1].sender
