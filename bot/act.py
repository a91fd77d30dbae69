"""What the house does by itself in one transaction: rows change, and people are told after the commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.arrivals import Arrival
from bot.engine.case import CaseNews
from bot.engine.types import Address, Event, Reply
from bot.passing import PUSHED, origin_of
from bot.store import conversations, outbox, preferences
from bot.store.outbox import Outgoing
from bot.turns import Outcome, Turns

Along = Callable[[AsyncConnection], Awaitable[None]]  # written in the same transaction


class Act:
    """What the house does in one transaction. Make it by `Host.act`."""

    def __init__(self, tx: AsyncConnection, turns: Turns, now: datetime) -> None:
        self.tx = tx
        self.now = now
        self.told: set[Address] = set()
        self._turns = turns

    async def happened(self, to: Address, event: Event, key: str | None = None) -> None:
        """Tells one person's conversation; `key` names what it says in the outbox."""
        await self.all_happened([Arrival(to, event, key=key) if key else Arrival(to, event)])

    async def all_happened(self, arrivals: Sequence[Arrival]) -> list[Outcome]:
        """Tells many, at most one thing a person."""
        self.told |= {arrival.at for arrival in arrivals}
        return await self._turns.work_out(self.tx, await self._as_wished(arrivals), self.now)

    async def _as_wished(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """What staff did is told as its asker wants it, and must not be lost."""
        askers = {arrival.at for arrival in arrivals if isinstance(arrival.event, CaseNews)}
        wanted = await preferences.of(self.tx, askers)
        for arrival in arrivals:
            if isinstance(arrival.event, CaseNews):
                news = arrival.event
                arrival.event = replace(news, preferences=wanted[arrival.at])
                if news.news in PUSHED:
                    arrival.origin = origin_of(news.case.number, news.news)
        return list(arrivals)

    async def once(self, key: str) -> bool:
        """False if this key's words were put in before."""
        return not await outbox.knows(self.tx, f"{key}:0")

    async def say(self, to: Address, reply: Reply, key: str, origin: str = "staff") -> None:
        """Words that are not the bot's, as the next line of that person's conversation."""
        line = (await conversations.say(self.tx, {to: 1}, self.now))[to]
        await outbox.put(self.tx, [Outgoing(to, reply, origin, key, line=line)], self.now)
        self.told.add(to)


class Acting(Protocol):
    """Whoever can act; the host is one."""

    def act(self) -> AbstractAsyncContextManager[Act]: ...
