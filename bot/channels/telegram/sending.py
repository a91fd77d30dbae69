"""A reply as the calls of the Bot API that it takes: what it carries, then the words, then the buttons.

Rule 1: a message's words are split at 4,096 UTF-16 units; buttons hang below the last part.
Rule 2: what Telegram or our font cannot take as a picture or a file is said in words instead.
Rule 3: in the staff's group every part carries the hand-over's tag, so that each can be replied to.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

from telegram import InlineKeyboardMarkup
from telegram.error import BadRequest

from bot.channels.base import Limits
from bot.channels.telegram.attachments import send_again, sendable
from bot.channels.telegram.client import Client
from bot.channels.telegram.keyboard import MOST_BUTTONS, keyboard
from bot.channels.telegram.reading import request_tag
from bot.engine.enclosures import Chart, Enclosure
from bot.engine.splitting import split
from bot.engine.text import clean, with_numbers
from bot.engine.types import Attachment, Reply
from bot.rendering import Undrawable, rendered

log = logging.getLogger(__name__)

WORDLESS = "…"  # buttons cannot be sent without a text
CAPTION = 1024  # UTF-16 units below a picture or a file


class Call(Protocol):
    """One call."""

    @property
    def dispensable(self) -> bool:
        """Whether the rest is sent although Telegram finds this call bad."""

    async def make(self, bot: Client, chat: int) -> None:
        """Raises TelegramError."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text, with buttons or without. `paid`: beyond the free pace, for a fee."""

    text: str
    buttons: InlineKeyboardMarkup | None = None
    paid: bool = False
    dispensable: bool = False

    async def make(self, bot: Client, chat: int) -> None:
        await bot.say(chat, self.text, self.buttons, paid=self.paid)


@dataclass(frozen=True, slots=True)
class Again:
    """An attachment that Telegram already has; its `file_id` may have been withdrawn."""

    attachment: Attachment
    caption: str | None = None
    dispensable: bool = True

    async def make(self, bot: Client, chat: int) -> None:
        await send_again(bot, chat, self.attachment, self.caption)


@dataclass(frozen=True, slots=True)
class Made:
    """A picture of ours with its figures in words below it, or a calendar file: its days are said."""

    enclosure: Enclosure
    dispensable: bool = False

    async def make(self, bot: Client, chat: int) -> None:
        told = clean(self.enclosure.words())
        caption = split(told, CAPTION, "utf16")[0]
        try:
            file = await rendered(self.enclosure)
            if isinstance(self.enclosure, Chart):
                await bot.send_photo(chat, file.data, caption=caption, filename=file.name)
            else:
                await bot.send_document(chat, file.data, filename=file.name)
        except (Undrawable, BadRequest) as error:
            # A chat that cannot be written to refuses the words as well, and says so.
            log.warning("telegram took no %s error=%s", self.enclosure.name, type(error).__name__)
            await Words(told[: CAPTION * 2]).make(bot, chat)


def calls(reply: Reply, limits: Limits, *, to_staff: bool, paid: bool = False) -> list[Call]:
    """Empty if there is nothing to send. `paid`: its words are."""
    tag = request_tag(reply.text) if to_staff else None
    again: list[Call] = [Again(a, tag) for a in reply.attachments if sendable(a)]
    again += [Made(enclosure) for enclosure in reply.enclosures]
    buttons = keyboard(reply.choices)
    parts = _parts(reply, limits, tag) or ([WORDLESS] if buttons else [])
    said = [Words(part, paid=paid) for part in parts[:-1]]
    return [*again, *said, *(Words(part, buttons, paid) for part in parts[-1:])]


def _parts(reply: Reply, limits: Limits, tag: str | None) -> list[str]:
    text = clean(reply.text)
    if len(reply.choices) > MOST_BUTTONS:
        text = with_numbers(text, reply.choices)
    head = f"{tag}\n" if tag else ""
    parts = split(text, limits.text - len(head), limits.unit)
    return [part if head.rstrip() in part else head + part for part in parts]
