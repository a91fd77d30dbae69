"""A file that a visitor sends: read while it is small enough, kept, and heard as a message.

Rule 1: the body is the file and nothing else; a name serves to tell a list of contributions, never a path.
Rule 2: a list of contributions (xlsx, csv) is read and dropped; anything else goes to the evidence room.
Rule 3: the same id is one message: what came a second time is not kept.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from starlette.requests import ClientDisconnect, Request

from bot import records
from bot.channels.base import Inbox, Keeping, Unkept
from bot.channels.webchat.hearing import message_of
from bot.channels.webchat.refusing import Refused
from bot.engine.form import Unclear
from bot.engine.types import Attachment, Message

AT_ONCE = 8  # uploads in memory
PATIENCE = 120.0  # seconds for one
AGAIN_SOON, AGAIN_LATER = 2.0, 15.0  # seconds
_NAME_LENGTH = 100  # characters
_ZIP = b"PK\x03\x04"


class Uploads:
    """At most so many at a time: each is held in memory until it is kept."""

    def __init__(self, files: Keeping) -> None:
        self._files = files
        self._running = 0

    async def take(self, inbox: Inbox, request: Request, user: str, at: datetime) -> None:
        """Raises Refused."""
        told = request.query_params
        message = message_of(user, told.get("id"), "", at)
        if self._running >= AT_ONCE:
            raise Refused("crowded", AGAIN_LATER)
        self._running += 1
        try:
            async with asyncio.timeout(PATIENCE):
                data = await self._body(request)
            await self._keep(inbox, message, data, told.get("name", "")[-_NAME_LENGTH:])
        except TimeoutError:
            raise Refused("unreadable") from None
        except Unkept as error:
            raise Refused("not_kept", say=error.say) from None
        finally:
            self._running -= 1

    async def _keep(self, inbox: Inbox, message: Message, data: bytes, name: str) -> None:
        """Raises Refused or Unkept."""
        if data.startswith(_ZIP) or records.wanted(name):
            await committed(inbox, await _record(message, data, name))
            return
        piece = await self._files.keep(message.sender, data)
        heard = False
        try:
            sent = Message(message.id, message.sender, "", message.at, piece.attachment)
            heard = await committed(inbox, sent)
        finally:
            if not heard:
                await self._files.drop(piece.id)

    async def _body(self, request: Request) -> bytes:
        """Raises Unkept as soon as it is known to be too large, Refused if the visitor leaves."""
        most, announced = self._files.most_bytes, request.headers.get("content-length", "")
        if announced.isdecimal() and (len(announced) > 12 or int(announced) > most):
            raise self._files.refusal("size")
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise self._files.refusal("size")
        except ClientDisconnect:
            raise Refused("unreadable") from None
        return bytes(body)


async def _record(message: Message, data: bytes, name: str) -> Message:
    """Raises Refused."""
    named = Message(
        message.id, message.sender, "", message.at, Attachment("file", message.id, name)
    )
    try:
        return await asyncio.to_thread(records.heard, named, data)
    except Unclear as error:
        raise Refused("not_kept", say=str(error)) from None


async def committed(inbox: Inbox, message: Message) -> bool:
    """False if it was heard before. Raises Refused if it could not be kept."""
    try:
        return await inbox.heard(message)
    except OSError:  # the host has logged why; the page sends it again
        raise Refused("fault", AGAIN_SOON) from None
