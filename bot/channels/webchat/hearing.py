"""What a visitor says: read strictly from the wire, handed in, and only then called received.

Rule 1: the page gives each message an id; the same id is one message, however often it is sent.
Rule 2: 202 is said after the commit. Whatever hears nothing, or 5xx, is sent again with its id.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import datetime
from typing import Any

from starlette.requests import ClientDisconnect, Request

from bot.channels.webchat.refusing import Refused
from bot.engine.text import clean
from bot.engine.types import Address, Message

log = logging.getLogger(__name__)

CHANNEL = "webchat"
MOST_BYTES = 64 * 1024
_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


async def read_message(request: Request, user: str, at: datetime) -> Message:
    """The message that a page posts: `{"id": …, "text": …}`. Raises Refused."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused("not_json")
    told = _object(await _body(request))
    text = told.get("text")
    if not isinstance(text, str) or not _is_text(text):
        raise Refused("unreadable")
    return message_of(user, told.get("id"), text, at)


def message_of(user: str, number: object, text: str, at: datetime) -> Message:
    """`number`: the page's id for it. Raises Refused."""
    if not isinstance(number, str) or not _ID.fullmatch(number):
        raise Refused("unreadable")
    return Message(f"{user}:{number}", Address(CHANNEL, user), clean(text), at)


async def _body(request: Request) -> bytes:
    """Raises Refused as soon as it is known to be too long."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 12 or int(announced) > MOST_BYTES):
        raise Refused("too_long")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise Refused("too_long")
    except ClientDisconnect:
        raise Refused("unreadable") from None
    return bytes(body)


def _object(body: bytes) -> dict[str, Any]:
    """Raises Refused."""
    try:
        told = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused("unreadable") from None
    if not isinstance(told, dict):
        raise Refused("unreadable")
    return told


def _is_text(text: str) -> bool:
    """Whether it is Unicode: JSON lets half a character (a lone surrogate) through."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
