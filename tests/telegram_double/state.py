"""What the platform knows: who exists, what was said, what waits to be fetched."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_double.rules import Json, Uploaded

DEFAULT_UPDATES = frozenset({"message", "edited_message", "callback_query", "my_chat_member"})


@dataclass
class Made:
    """One call as it was made and answered; `result` is None if it was refused."""

    method: str
    params: Json
    result: Any = None
    description: str | None = None


@dataclass
class State:
    """The platform: who exists, what waits to be fetched, what was sent."""

    token: str = "123456789:AAE-strictly-for-tests_abcdefghijklm"
    username: str = "shebao_test_bot"
    calls: list[Made] = field(default_factory=list)
    chats: dict[int, Json] = field(default_factory=dict)
    blocked: dict[int, str] = field(default_factory=dict)  # chat: how the 403 goes on
    migrated: dict[int, int] = field(default_factory=dict)
    updates: deque[Json] = field(default_factory=deque)  # not confirmed, oldest first
    messages: dict[tuple[int, int], Json] = field(default_factory=dict)  # by chat and message id
    open_taps: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)  # file_id: the kind it is
    uploads: list[Uploaded] = field(default_factory=list)  # files of the bot's own, in order
    commands: list[Json] = field(default_factory=list)
    topics: dict[tuple[int, int], Json] = field(default_factory=dict)  # by chat and thread
    managers: set[int] = field(default_factory=set)  # forums whose topics the bot may manage
    offered: dict[int, int] = field(default_factory=lambda: defaultdict(int))  # update: how often

    def __post_init__(self) -> None:
        self.changed = asyncio.Condition()
        self.stopping = False
        self.allowed = DEFAULT_UPDATES
        self.next_update = 500_000_001
        self.longest_poll = 60.0  # seconds that a poll is held at most
        self._next_message = 1
        self.spoilt = False  # a test put in an update that Telegram would not send

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something is true; a minute is only to fail instead of hanging."""
        async with asyncio.timeout(60), self.changed:
            await self.changed.wait_for(holds)

    async def confirmed(self) -> None:
        """Wait until every update so far is confirmed."""
        newest = self.next_update
        await self.until(lambda: all(u["update_id"] >= newest for u in self.updates))

    async def put(self, kind: str, payload: Json) -> int:
        """Something happened: an update for the bot. Returns its number."""
        number = self.next_update
        self.next_update += 1
        if kind in self.allowed:
            await self._queue({"update_id": number, kind: payload})
        return number

    async def put_raw(self, update: Json) -> None:
        """An update just as it is, with whatever is wrong in it."""
        self.spoilt = True
        await self._queue(update)

    async def _queue(self, update: Json) -> None:
        self.updates.append(update)
        await self.tell()

    def new_message(self, chat: int, content: Json) -> Json:
        """A message in a chat, known by a fresh id."""
        message = {
            "message_id": self._next_message,
            "date": int(time.time()),
            "chat": self.chats[chat],
            **content,
        }
        self.messages[chat, self._next_message] = message
        self._next_message += 1
        return message

    def sent(self, chat: int | None = None) -> list[Json]:
        """Messages that the bot sent, in order (None: to anyone)."""
        mine = [m for m in self.messages.values() if m.get("from", {}).get("id") == self.me["id"]]
        return [m for m in mine if chat is None or m["chat"]["id"] == chat]

    def made(self, method: str) -> list[Made]:
        return [call for call in self.calls if call.method == method]

    @property
    def me(self) -> Json:
        number = int(self.token.partition(":")[0])
        return {"id": number, "is_bot": True, "first_name": "社保", "username": self.username}

    async def tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()
