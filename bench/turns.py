"""A whole durable turn at 32 people at once, against two other ways of doing it.

Ours: dedupe, state, search over all entries, persist, enqueue; turns that arrive together share a
commit. *One by one*: the same turn, each in a transaction of its own, an await per statement.
*python-telegram-bot*: a bare echo in `Application.process_update`, its conversation persisted per
update (PicklePersistence, `update_persistence`), without search, dedupe or outbox.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, cycle
from pathlib import Path
from statistics import median, quantiles

from telegram import Update
from telegram.ext import (
    Application,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

from bot.clock import wall_clock
from bot.engine import words
from bot.engine.privacy import guard
from bot.engine.types import Address, Message, Reply
from bot.host import Host, Hosting
from bot.shelf import Shelf
from bot.store.engine import Store
from bot.store.migrate import migrate
from handlers.contents import playbook

PEOPLE = 32
ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Measured:
    """`each`: milliseconds that each turn took, from hand-in to commit."""

    name: str
    seconds: float
    each: list[float]

    @property
    def per_second(self) -> float:
        return len(self.each) / self.seconds

    def line(self, against: Measured) -> str:
        p50, p99 = median(self.each), quantiles(self.each, n=100)[98]
        ratio = self.per_second / against.per_second
        return f"{self.name:34} {self.per_second:8.0f}/s  p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  ×{ratio:.2f}"


def questions() -> Iterator[str]:
    """The entries' own questions, again and again."""
    return cycle([entry.question for entry in playbook().knowledge.entries.values()])


async def everybody(name: str, say: Callable[[int, str], Awaitable[object]]) -> Measured:
    """32 people, each writing the next message when the last was committed."""
    texts, each = questions(), []

    async def person(number: int) -> None:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            await say(number, next(texts))
            each.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(person(number) for number in range(PEOPLE)))
    return Measured(name, time.perf_counter() - began, each)


async def ours(name: str, batch: int) -> Measured:
    ids = count()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bot.db"
        await migrate(url)
        shelf = Shelf(playbook)
        async with (
            Store(url) as store,
            Host(
                store,
                wall_clock,
                shelf.advance,
                guard,
                apology=Reply("error", words.APOLOGY),
                hosting=Hosting(batch=batch),
            ) as host,
        ):

            async def say(number: int, text: str) -> None:
                who = Address("webchat", f"p{number}")
                await host.heard(Message(f"m{next(ids)}", who, text, wall_clock()))

            return await everybody(name, say)


async def python_telegram_bot() -> Measured:
    ids = count(1)
    with tempfile.TemporaryDirectory() as folder:
        store = PicklePersistence(filepath=Path(folder) / "state", update_interval=3600)
        app = Application.builder().token("1:" + "A" * 35).updater(None).persistence(store).build()

        async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
            return 1

        asks = MessageHandler(filters.TEXT, echo)
        app.add_handler(ConversationHandler([asks], {1: [asks]}, [], name="echo", persistent=True))
        await app.bot._post_init() if hasattr(app.bot, "_post_init") else None
        app._initialized = True  # no network: `initialize` would ask Telegram who we are
        await app._initialize_persistence()

        async def say(number: int, text: str) -> None:
            n = next(ids)
            now = int(datetime.now(UTC).timestamp())
            person = {"id": number + 1, "is_bot": False, "first_name": "p"}
            chat = {"id": number + 1, "type": "private"}
            raw = {
                "update_id": n,
                "message": {
                    "message_id": n,
                    "date": now,
                    "chat": chat,
                    "from": person,
                    "text": text,
                },
            }
            await app.process_update(Update.de_json(raw, app.bot))
            await app.update_persistence()
            await store.flush()

        return await everybody("python-telegram-bot echo", say)


async def run() -> None:
    batched = await ours("ours, turns share a commit", 32)
    single = await ours("ours, one by one", 1)
    echo = await python_telegram_bot()
    print(f"{PEOPLE} people at once, {PEOPLE * ROUNDS} turns; × is against the echo")
    for measured in (batched, single, echo):
        print(measured.line(echo))
