"""A staff group with topics: each consultation has one of its own, open as long as the case is.

Rule 1: only in a forum in which the bot may manage topics; else cases are answered by replying, as
        in any group, and the log says once what is missing.
Rule 2: the topic is found again by rows, never by its name; one that somebody deleted is made anew.
Rule 3: a topic follows its case: opened before something is said in it, closed once the case is over.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from telegram.error import BadRequest, Forbidden, TelegramError

from bot.channels.base import Undeliverable
from bot.channels.telegram.client import Client
from bot.channels.telegram.faults import asked, described
from bot.channels.telegram.place import HERE
from bot.channels.telegram.reading import case_tag
from bot.clock import Clock
from bot.store.telegram_topics import Topic

log = logging.getLogger(__name__)

ASK_AGAIN = timedelta(minutes=10)  # whether the bot may manage topics by now
NAME = 128  # characters of a topic's
AT_ONCE = 5  # topics that are closed after one message
_HEAD = re.compile(r"【([^】]{1,100})】")
# Parts of `description`.
_GONE = ("message thread not found", "topic_deleted", "topic_id_invalid")
_ALREADY = ("topic_not_modified",)
_MAY_NOT = ("not enough rights", "chat_admin_required", "not a forum", "topics are disabled")


class Shelf(Protocol):
    """Where the topics are kept; `bot.store.telegram_topics` is one."""

    async def of(self, chat: int, number: str) -> Topic | None: ...

    async def number(self, chat: int, thread: int) -> str | None: ...

    async def left_open(self, chat: int, most: int) -> list[Topic]: ...

    async def keep(self, chat: int, number: str, thread: int) -> None: ...

    async def mark(self, chat: int, number: str, *, closed: bool) -> None: ...

    async def forget(self, chat: int, number: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """What the group is. `may`: the bot may open and close topics in it."""

    forum: bool = False
    may: bool = False


class Topics:
    """`shelf` None: there are no topics. `hint`: what staff read first in a new one."""

    def __init__(self, client: Client, shelf: Shelf | None, clock: Clock, hint: str = "") -> None:
        self._client = client
        self._shelf = shelf
        self._clock = clock
        self._hint = hint
        self._standing: Standing | None = None
        self._asked_at: datetime | None = None
        self._told = False

    async def number(self, chat: int, thread: int) -> str | None:
        """The case of a topic."""
        return await self._shelf.number(chat, thread) if self._shelf else None

    @asynccontextmanager
    async def about(self, chat: int, text: str) -> AsyncIterator[None]:
        """What is sent inside goes to the topic of the case that `text` is about, if there is one.

        Raises TelegramError.
        """
        number = case_tag(text)
        topic = await self._opened(chat, number, text) if number else None
        if topic is None:
            yield
            return
        mark = HERE.set(topic.thread)
        try:
            yield
        except Undeliverable as failure:
            if self._shelf and any(part in failure.reason.lower() for part in _GONE):
                await self._shelf.forget(chat, topic.number)
            raise
        finally:
            HERE.reset(mark)
        await self._tidy(chat)

    async def look(self, chat: int) -> None:
        """At the start: whoever runs the bot learns at once what is missing."""
        if self._shelf is not None:
            await self.standing(chat)

    async def standing(self, chat: int) -> Standing:
        """Asked once; again after a while as long as topics cannot be used. Raises TelegramError."""
        now = self._clock()
        if self._standing is not None and self._asked_at is not None:
            known = self._standing.may or now - self._asked_at < ASK_AGAIN
            if known:
                return self._standing
        self._standing, self._asked_at = await standing(self._client, chat), now
        if self._standing.forum and not self._standing.may:
            self._say_once()
        return self._standing

    def _say_once(self) -> None:
        if not self._told:
            log.error(
                "telegram staff group has topics, but the bot may not manage them: make it an "
                "administrator who may; until then staff answer by replying"
            )
        self._told = True

    async def _opened(self, chat: int, number: str, text: str) -> Topic | None:
        """The case's topic, made or opened if need be; None: there are no topics here."""
        if self._shelf is None or not (await self.standing(chat)).may:
            return None
        topic = await self._shelf.of(chat, number)
        if topic is None:
            return await self._made(chat, number, text)
        if topic.closed and not topic.over:
            await self._switched(chat, topic, closed=False)
        return topic

    async def _made(self, chat: int, number: str, text: str) -> Topic | None:
        assert self._shelf is not None
        try:
            made = await asked(self._client.create_forum_topic(chat, name_of(number, text)))
        except BadRequest as error:
            if not any(part in described(error).lower() for part in _MAY_NOT):
                raise
            self._standing = Standing(forum=True)  # the right was taken away
            self._say_once()
            return None
        thread = made.message_thread_id
        await self._shelf.keep(chat, number, thread)
        if self._hint:
            await asked(self._client.send_message(chat, self._hint, message_thread_id=thread))
        return Topic(number, thread, closed=False, over=False)

    async def _switched(self, chat: int, topic: Topic, *, closed: bool) -> None:
        """Raises TelegramError, but not if it was so already, or is gone."""
        assert self._shelf is not None
        switch = self._client.close_forum_topic if closed else self._client.reopen_forum_topic
        try:
            await asked(switch(chat, topic.thread))
        except BadRequest as error:
            said = described(error).lower()
            if any(part in said for part in _GONE):
                await self._shelf.forget(chat, topic.number)
                return
            if not any(part in said for part in _ALREADY):
                raise
        await self._shelf.mark(chat, topic.number, closed=closed)

    async def _tidy(self, chat: int) -> None:
        """Closes topics of cases that are over; what fails is tried with the next message."""
        assert self._shelf is not None
        try:
            for topic in await self._shelf.left_open(chat, AT_ONCE):
                await self._switched(chat, topic, closed=True)
        except TelegramError as error:
            log.warning("telegram topic not closed reason=%r", described(error))


async def standing(client: Client, chat: int) -> Standing:
    """What a group is to the bot. Raises TelegramError, but not if the group cannot be seen."""
    try:
        shown = await client.told("getChat", chat_id=chat)
        if not shown.get("is_forum"):
            return Standing()
        me = await client.told("getChatMember", chat_id=chat, user_id=client.number)
    except (BadRequest, Forbidden):
        return Standing()
    creator = me.get("status") == "creator"
    return Standing(forum=True, may=creator or bool(me.get("can_manage_topics")))


def name_of(number: str, text: str) -> str:
    """`#C20261123001 政策解读 长沙`."""
    head = _HEAD.search(text)
    return " ".join([f"#C{number}", *(head[1].split("·") if head else ())])[:NAME]
