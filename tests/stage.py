"""A platform of our own for tests: keeps what it is told, and refuses when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.routing import BaseRoute

from bot.channels.base import Inbox, Limits
from bot.engine.types import Reply

FAST = Limits(text=10_000, per_second=1e6, per_person=0.0)


@dataclass
class FakeChannel:
    """`refuse`: what the next calls to a person raise, in order. `gate`: whom a call waits for."""

    name: str = "webchat"
    limits: Limits = FAST
    told: list[tuple[str, str]] = field(default_factory=list)
    refuse: dict[str, list[Exception]] = field(default_factory=dict)
    gate: dict[str, asyncio.Event] = field(default_factory=dict)
    on_call: Callable[[str], None] = lambda user: None
    busy: int = 0
    most_busy: int = 0

    async def deliver(self, user: str, reply: Reply, key: str) -> None:
        self.on_call(user)
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            if user in self.gate:
                await self.gate[user].wait()
            else:
                await asyncio.sleep(0)
            if self.refuse.get(user):
                raise self.refuse[user].pop(0)
            self.told.append((user, reply.text))
        finally:
            self.busy -= 1

    async def run(self, inbox: Inbox) -> None:
        """Nobody is listened to."""

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        return []

    def to(self, user: str) -> list[str]:
        return [text for who, text in self.told if who == user]
