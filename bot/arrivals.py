"""What has arrived and waits for its turn: a person's things in order, everybody in fairness.

Rule 1: a batch holds at most one thing a person.
Rule 2: so many may wait and no more; whoever hands in the next one waits until there is room.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from uuid import uuid4

from bot.engine.types import Address, Event, Message
from bot.store.wechat_nonces import Nonce


@dataclass(slots=True, eq=False)
class Arrival:
    """Something that happened at an address. `done` gets True, or False for a repeat.

    `spoiled`: it could not be kept as it is; only that it came is kept, and an apology sent.
    `key` and `origin` name what it says in the outbox; an event without a key happens as often as
    it is told.
    `grace`: for so long its replies are kept from the sender, for whoever handed it in.
    `nonce`: of what brought it; `replayed` says that it came before, with something else.
    """

    at: Address
    event: Event
    key: str = field(default_factory=lambda: f"event:{uuid4().hex}")
    done: asyncio.Future[bool] = field(default_factory=lambda: _future())
    spoiled: bool = False
    grace: timedelta | None = None
    origin: str = "turn"
    nonce: Nonce | None = None
    replayed: bool = False

    @property
    def message(self) -> Message | None:
        return self.event if isinstance(self.event, Message) else None

    def answer(self, new: bool) -> None:
        if not self.done.done():  # whoever asked may have gone
            self.done.set_result(new)

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Arrivals:
    """A bounded queue of queues, one for each person."""

    def __init__(self, most: int) -> None:
        self._waiting: dict[Address, deque[Arrival]] = {}
        self._room = asyncio.Semaphore(most)
        self._some = asyncio.Event()
        self.closed = False

    async def put(self, arrival: Arrival) -> None:
        """Waits for room. The person's earlier arrivals come first."""
        await self._room.acquire()
        self._waiting.setdefault(arrival.at, deque()).append(arrival)
        self._some.set()

    async def take(self, most: int) -> list[Arrival]:
        """At most `most` arrivals, whatever is there; none when closed and empty."""
        while not self._waiting and not self.closed:
            self._some.clear()
            await self._some.wait()
        return [self._pop(person) for person in list(islice(self._waiting, most))]

    def close(self) -> None:
        self.closed = True
        self._some.set()

    def _pop(self, person: Address) -> Arrival:
        queue = self._waiting.pop(person)
        arrival = queue.popleft()
        if queue:
            self._waiting[person] = queue  # at the end: everybody else goes first
        self._room.release()
        return arrival


def _future() -> asyncio.Future[bool]:
    return asyncio.get_running_loop().create_future()
