"""A whole durable turn at 32 people at once, against other ways of doing it, in one run.

Ours: dedupe, state, search over all entries, persist, enqueue; turns that arrive together share a
commit. *One by one*: the same turn, each in a transaction of its own, an await per statement.
*Without the bot*: ours, but the bot only counts: what host and store cost by themselves.
*python-telegram-bot*: an echo in `Application.process_update` that replies to nowhere, its
conversation persisted per update (PicklePersistence, flushed), without search, dedupe or outbox.

Everybody writes again as soon as their last message is committed, so a turn waits for 31 others;
processor time per turn (`cpu`) says more than `/s` on a machine that is shared. *Who read* are 32
people as they are: each takes one to three seconds over a reply before the next message.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from itertools import count, cycle
from pathlib import Path
from random import Random
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
from telegram.request import BaseRequest

from bot.clock import wall_clock
from bot.engine import words
from bot.engine.privacy import guard
from bot.engine.types import Address, Conversation, Event, Message, Reply, Turn
from bot.host import Host, Hosting
from bot.shelf import Shelf
from bot.store.engine import Store
from bot.store.migrate import migrate
from bot.turns import Advance
from handlers.contents import playbook

PEOPLE = 32
ROUNDS = 60
READING = (1.0, 3.0)  # seconds over a reply
READERS_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Measured:
    """`each`: milliseconds that each turn took, from hand-in to commit. `cpu`: seconds of all."""

    name: str
    seconds: float
    cpu: float
    each: list[float]

    @property
    def per_second(self) -> float:
        return len(self.each) / self.seconds

    def line(self, against: Measured) -> str:
        p50, p99 = median(self.each), quantiles(self.each, n=100)[98]
        ratio = self.per_second / against.per_second
        cpu = self.cpu / len(self.each) * 1e6
        return (
            f"{self.name:28} {self.per_second:6.0f}/s  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms"
            f"  cpu {cpu:5.0f} µs  ×{ratio:.2f}"
        )


def questions() -> Iterator[str]:
    """The entries' own questions, again and again."""
    return cycle([entry.question for entry in playbook().knowledge.entries.values()])


async def everybody(
    name: str, say: Callable[[int, str], Awaitable[object]], reading: bool = False
) -> Measured:
    """32 people, each writing the next message when the last was committed, or was read."""
    texts, each, pauses = questions(), [], Random(7)

    async def person(number: int) -> None:
        for _ in range(READERS_ROUNDS if reading else ROUNDS):
            if reading:
                await asyncio.sleep(pauses.uniform(*READING))
            began = time.perf_counter()
            await say(number, next(texts))
            each.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(say(number, next(texts)) for number in range(PEOPLE)))  # warm
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(person(number) for number in range(PEOPLE)))
    return Measured(name, time.perf_counter() - began, time.process_time() - cpu, each)


def counting(was: Conversation, event: Event, now: datetime) -> Turn:
    n = int(was.profile.get("n", "0")) + 1
    return Turn(replace(was, profile={"n": str(n)}), (Reply("answer", "好" * 100),))


async def ours(name: str, batch: int, advance: Advance, reading: bool = False) -> Measured:
    ids = count()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bot.db"
        await migrate(url)
        async with (
            Store(url) as store,
            Host(
                store,
                wall_clock,
                advance,
                guard,
                apology=Reply("error", words.APOLOGY),
                hosting=Hosting(batch=batch),
            ) as host,
        ):

            async def say(number: int, text: str) -> None:
                who = Address("webchat", f"p{number}")
                await host.heard(Message(f"m{next(ids)}", who, text, wall_clock()))

            return await everybody(name, say, reading)


class Nowhere(BaseRequest):
    """Answers as Telegram would, without a network."""

    read_timeout = 5.0

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self, url: str, method: str, *_: object, **__: object
    ) -> tuple[int, bytes]:
        if url.endswith("getMe"):
            result = '{"id":1,"is_bot":true,"first_name":"b","username":"b_bot"}'
        else:
            result = '{"message_id":1,"date":1,"chat":{"id":1,"type":"private"}}'
        return 200, f'{{"ok":true,"result":{result}}}'.encode()


async def python_telegram_bot() -> Measured:
    ids = count(1)
    with tempfile.TemporaryDirectory() as folder:
        kept = PicklePersistence(filepath=Path(folder) / "state", update_interval=3600)
        builder = Application.builder().token("1:" + "A" * 35).updater(None)
        nowhere = builder.request(Nowhere()).get_updates_request(Nowhere())
        app = nowhere.persistence(kept).build()

        async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> object:
            assert update.message
            await update.message.reply_text(update.message.text or "")
            return 1

        asks = MessageHandler(filters.TEXT, echo)
        app.add_handler(ConversationHandler([asks], {1: [asks]}, [], name="echo", persistent=True))

        async def say(number: int, text: str) -> None:
            await app.process_update(Update.de_json(_update(next(ids), number + 1, text), app.bot))
            await app.update_persistence()
            await kept.flush()

        async with app:
            return await everybody("python-telegram-bot echo", say)


def _update(id: int, user: int, text: str) -> dict[str, object]:
    person = {"id": user, "is_bot": False, "first_name": "p"}
    chat = {"id": user, "type": "private"}
    date = int(datetime.now(UTC).timestamp())
    message = {"message_id": id, "date": date, "chat": chat, "from": person, "text": text}
    return {"update_id": id, "message": message}


async def run() -> None:
    bot = Shelf(playbook).advance
    import_module("cn2an")  # as the app does, soon after its start
    gc.freeze()
    rows = [
        await ours("ours, turns share a commit", 32, bot),
        await ours("ours, one by one", 1, bot),
        await ours("ours, without the bot", 32, counting),
        await ours("ours, who read 1-3 s", 32, bot, reading=True),
        await python_telegram_bot(),
    ]
    print(f"{PEOPLE} people at once, {PEOPLE * ROUNDS} turns; × is against the last line")
    for row in rows:
        print(row.line(rows[-1]))
