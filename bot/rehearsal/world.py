"""A world for rehearsals: the real host, store and sender on a temporary database and a turned clock.

Only the platforms are replaced: a stage for each channel that keeps what it is told to deliver, in
the shape in which the platform would show it.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from starlette.routing import BaseRoute

from bot.channels.base import Channel, Inbox, Limits
from bot.engine import words
from bot.engine.advance import advance
from bot.engine.notice import Notice
from bot.engine.playbook import Playbook
from bot.engine.splitting import split
from bot.engine.text import with_numbers
from bot.engine.types import Address, Attachment, Message, Reply
from bot.host import Host
from bot.keys import new_key, read_keys
from bot.notices import Notices
from bot.outbox import Sender
from bot.rehearsal.publishing import approve_calendar, publish, supersede, with_entry
from bot.sealing import sealing
from bot.store import alarms, broadcasts, handoffs
from bot.store.engine import Store
from bot.store.migrate import migrate
from scheduler.alarms import ring
from scheduler.broadcasts import step
from scheduler.noticing import fire, load, next_due

FAST = 1e6  # nobody is behind it
LIMITS = {
    "webchat": Limits(text=10_000, per_second=FAST, at_once=256),
    "telegram": Limits(text=4096, unit="utf16", per_second=FAST, at_once=256),
    "wechat": Limits(text=2048, unit="bytes", buttons=False, per_second=FAST, at_once=256),
    "terminal": Limits(text=100_000, buttons=False, per_second=FAST, at_once=256),
}
STAFF = Address("staff", "room")
A_WHILE = timedelta(hours=6)  # a shorter wait does not look at the calendar's notices


@dataclass(frozen=True, slots=True)
class Told:
    """A message as the platform showed it. `asked`: it answers what the citizen just said."""

    to: str
    reply: Reply
    asked: bool


@dataclass
class Stage:
    """A platform that delivers everything at once."""

    name: str
    limits: Limits
    told: list[Told] = field(default_factory=list)

    async def deliver(self, user: str, reply: Reply, key: str) -> None:
        asked = key.startswith("turn:")
        self.told += [Told(user, part, asked) for part in shown(reply, self.limits)]

    async def run(self, inbox: Inbox) -> None:
        """Nobody is listened to."""

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        return []


def shown(reply: Reply, limits: Limits) -> list[Reply]:
    """A reply in the messages that the platform would show; the choices stand under the last."""
    text = reply.text if limits.buttons else with_numbers(reply.text, reply.choices)
    parts = split(text, limits.text, limits.unit) or [""]
    lone = replace(reply, choices=(), attachments=(), charts=(), agenda=None)
    bare = [replace(lone, text=part) for part in parts[:-1]]
    return [*bare, replace(reply, text=parts[-1])]


class World:
    """Citizens and staff on one bot. Make it by `world(…)`."""

    def __init__(
        self, book: Playbook, url: str, now: datetime, real: Sequence[Channel] = ()
    ) -> None:
        self.now = now
        self._book = book
        self._url = url
        self._stages = {name: Stage(name, limits) for name, limits in LIMITS.items()}
        self._stages[STAFF.channel] = Stage(STAFF.channel, LIMITS["terminal"])
        self._real = real
        self._open = AsyncExitStack()
        self._ids = count(1)
        self._last: dict[Address, Message] = {}
        self._published = False
        self._notices: list[Notice] = []

    async def start(self) -> None:
        self._open = AsyncExitStack()
        store = await self._open.enter_async_context(Store(self._url))
        self._store = store
        real = {channel.name: channel for channel in self.platforms(store)}
        channels: dict[str, Channel] = {**self._stages, **real}
        self._sender = Sender(store, list(channels.values()), self._clock, Random(1).random)  # noqa: S311 — jitter
        apology = Reply("error", words.APOLOGY)
        self._host = await self._open.enter_async_context(
            Host(
                store,
                self._clock,
                lambda was, event, now: advance(self._book, was, event, now),
                sealing(_KEYS, self._book.sealed_on),
                apology=apology,
                staff=STAFF,
                office=lambda: self._book.office,
            )
        )

    def platforms(self, store: Store) -> Sequence[Channel]:
        """Channels in the place of their stages."""
        return self._real

    async def stop(self) -> None:
        await self._open.aclose()

    async def restart(self) -> None:
        """The process dies and starts again on the same database."""
        await self.stop()
        await self.start()

    def _clock(self) -> datetime:
        return self.now

    # --- citizens ----------------------------------------------------------------------------

    async def says(
        self, who: Address, text: str, attachment: Attachment | None = None
    ) -> list[Told]:
        """A new message; what came of it, for everybody."""
        message = Message(f"m{next(self._ids)}", who, text, self.now, attachment)
        self._last[who] = message
        return await self._heard(message)

    async def repeats(self, who: Address) -> list[Told]:
        """The last message once more, with the same id. Raises KeyError if there was none."""
        return await self._heard(self._last[who])

    async def _heard(self, message: Message) -> list[Told]:
        await self._host.heard(message)
        return await self.settle()

    # --- staff -------------------------------------------------------------------------------

    async def staff_works(self, number: str, action: str, text: str) -> bool:
        """`reply`, `ask`, `note`, `close` or `transfer` a consultation; False if refused."""
        token, by = f"rehearsal:{next(self._ids)}", "小王"
        match action:
            case "reply":
                return await self._host.casework.answer(number, text, token, by)
            case "ask":
                return await self._host.casework.need(number, text, token, by)
            case "transfer":
                return await self._host.casework.transfer(number, text, token, by)
            case "close":
                return await self._host.casework.close(number, token, by)
            case _:
                return await self._host.casework.note(number, text, by)

    async def staff_replies(self, who: Address, text: str) -> bool:
        """False if that citizen has no open hand-over."""
        token = f"rehearsal:{next(self._ids)}"
        number = await self._request(who)
        return number is not None and await self._host.staff_said(number, text, token)

    async def staff_closes(self, who: Address) -> bool:
        number = await self._request(who)
        return number is not None and await self._host.staff_closed(number)

    async def staff_publishes(self, given: Mapping[str, Any]) -> bool:
        """A notice, approved by a second person; False if it is refused."""
        self._published = True
        return await publish(Notices(self._host, lambda: self._book.regions), given)

    async def staff_adds_entry(self, given: Mapping[str, Any]) -> bool:
        """False if it is refused."""
        return self._use(with_entry(self._book, given, self.now.date()))

    async def staff_supersedes(self, given: Mapping[str, Any]) -> bool:
        """A new version of an answer; False if it is refused."""
        self._published = True
        notices = Notices(self._host, lambda: self._book.regions)
        return self._use(await supersede(notices, self._book, given, self.now.date()))

    def _use(self, book: Playbook | None) -> bool:
        self._book = book or self._book
        return book is not None

    async def _request(self, who: Address) -> int | None:
        async with self._store.read() as tx:
            return (await handoffs.newest(tx, [who])).get(who)

    # --- time --------------------------------------------------------------------------------

    async def settle(self) -> list[Told]:
        """Rings and sends what is due now; what was delivered since the last time."""
        await ring(self._host)
        if self._notices and await fire(self._host, self._notices):
            self._published = True
            await approve_calendar(Notices(self._host, lambda: self._book.regions))
        await self._sender.drain(self.now)
        while self._published and await step(self._host):
            await self._sender.drain(self.now)
            await ring(self._host)
            await self._sender.drain(self.now)
        told = [one for stage in self._stages.values() for one in stage.told]
        for stage in self._stages.values():
            stage.told.clear()
        return told

    async def wait_until(self, until: datetime) -> list[Told]:
        """Moves the clock; everything due in between happens in order."""
        told: list[Told] = []
        await self._look_at_calendar(until)
        while (due := await self._next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            told += await self.settle()
        self.now = max(self.now, until)
        return told + await self.settle()

    async def _look_at_calendar(self, until: datetime) -> None:
        """Scheduled notices count from when somebody first waits for so long that one may be due."""
        if until - self.now >= A_WHILE:
            self._notices = load(self._book)
            await fire(self._host, self._notices)

    async def _next_due(self) -> datetime | None:
        async with self._store.read() as tx:
            rings = await alarms.next_due(tx)
            begins = await broadcasts.next_due(tx)
        calendar = [next_due(notice, self.now) for notice in self._notices]
        dues = (rings, begins, await self._sender.next_due(), *calendar)
        return min((due for due in dues if due is not None), default=None)


_KEYS = read_keys(new_key("rehearsal"))  # of this process

_EMPTY: list[bytes] = []  # a migrated database without a row, made once a process


async def _empty_database(path: Path) -> None:
    if not _EMPTY:
        await migrate(f"sqlite:///{path}")
        _EMPTY.append(await asyncio.to_thread(path.read_bytes))
    await asyncio.to_thread(path.write_bytes, _EMPTY[0])


@asynccontextmanager
async def world(
    book: Playbook, now: datetime, real: Sequence[Channel] = (), kind: type[World] = World
) -> AsyncIterator[World]:
    """A fresh database, gone afterwards. `real`: channels in the place of their stages."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        path = Path(folder) / "bot.db"
        await _empty_database(path)
        made = kind(book, f"sqlite:///{path}", now, real)
        await made.start()
        try:
            yield made
        finally:
            await made.stop()
