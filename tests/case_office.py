"""A host on a clock that is moved by hand, with everything that people were told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from bot.casework import Casework
from bot.engine.advance import advance
from bot.engine.case import CaseDraft, CaseFiled
from bot.engine.playbook import Playbook
from bot.engine.promise import pledged, promised
from bot.engine.types import Address, Conversation, Event, Message, Reply, Turn
from bot.errands import Errands
from bot.host import Host
from bot.store.engine import Store
from scheduler.alarms import ring
from tests.small_world import small_book
from tests.talk import MONDAY

BOOK = small_book()
CODE = "246810"
ZHANG, LI = Address("webchat", "zhang"), Address("webchat", "li")
NUMBER = "20261123001"


@dataclass
class Office:
    """A host on a clock that is moved by hand, with everything that people were told."""

    store: Store
    host: Host
    casework: Casework
    clock: list[datetime] = field(default_factory=lambda: [MONDAY])
    _said: int = 0

    async def says(self, who: Address, text: str) -> list[str]:
        before = len(await self.told(who))
        self._said += 1
        await self.host.heard(Message(f"{who.user}{self._said}", who, text, self.clock[0]))
        return (await self.told(who))[before:]

    async def told(self, who: Address) -> list[str]:
        return [line.reply.text for line in await self.host.lines(who) if line.reply]

    async def passes(self, **time: float) -> None:
        self.clock[0] += timedelta(**time)
        await ring(self.host)


def filing(book: Playbook, was: Conversation, event: Event, now: datetime) -> Turn:
    """The bot, but that “file …” files at once."""
    if not isinstance(event, Message) or not event.text.startswith("file "):
        return advance(book, was, event, now)
    text = event.text.removeprefix("file ")
    target = book.service.target("procedure")
    pledge = pledged(book.office, book.service, now, target.answer)
    draft = CaseDraft(
        *("procedure", text, text, text, pledge.until),
        warn_at=pledge.warn_at,
        resolve_by=promised(book.office, now, target.resolve),
    )
    return Turn(was, (), errand=CaseFiled(draft))


@asynccontextmanager
async def opened(
    store: Store,
    staff: Address | None = None,
    guard: Callable[[Message], Message] = lambda message: message,
    book: Playbook = BOOK,
) -> AsyncIterator[Office]:
    clock = [MONDAY]
    async with Host(
        store,
        lambda: clock[0],
        partial(filing, book),
        guard,
        apology=Reply("error", "sorry"),
        office=lambda: BOOK.office,
        errands=Errands(lambda: CODE),
        staff=staff,
    ) as host:
        yield Office(store, host, host.casework, clock)
