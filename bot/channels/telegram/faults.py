"""What Telegram's errors mean for a reply.

Beware: `BadRequest` and `TimedOut` are subclasses of `NetworkError`, so the order of cases matters.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.base import Undeliverable
from bot.engine.text import clean

# Parts of `description` after which this chat cannot be written to; each seen in the wild.
PERMANENT = (
    "bot was blocked by the user",
    "user is deactivated",
    "bot was kicked from the",
    "bot is not a member of the",
    "bot can't initiate conversation with a user",
    "bot can't send messages to bots",
    "the group chat was deleted",
    "group chat was deactivated",
    "chat not found",
    "user not found",
    "have no rights to send a message",
    "not enough rights to send",
    "chat_write_forbidden",
    "channel_private",
    "peer_id_invalid",
)
# A connection that never opened has carried nothing.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
REASON_LENGTH = 120  # characters of a description that are kept
_UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)

T = TypeVar("T")


class Unreadable(TelegramError):
    """The Bot API said 200, and the library could not read what came with it."""


async def asked(call: Awaitable[T]) -> T:
    """What a call of the library comes to. Raises TelegramError and nothing else."""
    try:
        return await call
    except _UNREADABLE as error:
        raise Unreadable(type(error).__name__) from error


def undeliverable(error: TelegramError) -> Undeliverable:
    """What the outbox must know about `error`."""
    match error:
        case RetryAfter():
            return Undeliverable("too many requests", retry_after=pause_asked(error))
        case ChatMigrated():
            return Undeliverable("chat migrated", permanent=True)
        case Forbidden() | BadRequest():
            reason = described(error)
            return Undeliverable(reason, permanent=any(p in reason.lower() for p in PERMANENT))
        case InvalidToken():
            return Undeliverable("token refused")
        case _:
            return Undeliverable(type(error).__name__, uncertain=may_have_arrived(error))


def described(error: TelegramError) -> str:
    """Telegram's own words in one short line; they hold no words of people."""
    return " ".join(clean(error.message).split())[:REASON_LENGTH]


def pause_asked(error: RetryAfter) -> float:
    """Seconds."""
    asked = error.retry_after
    return float(asked) if isinstance(asked, int) else asked.total_seconds()


def may_have_arrived(error: TelegramError) -> bool:
    """False if nothing was sent, or if the Bot API itself answered that it failed.

    A time-out, a cut connection or a page of a gateway in between leaves it open.
    """
    cause = error.__cause__
    answered = cause is None and not isinstance(error, TimedOut)
    return not answered and not isinstance(cause, UNSENT)
