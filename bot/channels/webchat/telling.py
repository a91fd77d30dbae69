"""What a visitor's page is told: the lines of the conversation as server-sent events.

Rule 1: the row in the database is the message; a stream reads "lines after N", and N is the event's
        id. So a reload, a second tab and a lost connection need nothing of their own.
Rule 2: it reads again every two seconds even if nobody wakes it: the line may have been written by
        another process.
Rule 3: `ready` says that what was said before has all been told; `ping` that the line still stands;
        `moved` that the conversation goes on in another page.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.channels.base import Inbox, Line
from bot.channels.webchat.streams import Stream
from bot.engine.types import Address
from bot.rendering import enclosed_kind, file_name

log = logging.getLogger(__name__)

REREAD = 2.0  # seconds
PING = 15.0  # seconds; proxies cut a silent connection after 60
RETRY = 3_000  # milliseconds until the browser connects again
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """A stream of events that calls `ended` however it ends, even before its first event."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[str], ended: Callable[[], None]) -> None:
        super().__init__(events, headers=STREAM_HEADERS)
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except Exception as error:  # the web edge: the page connects again
            log.warning("webchat stream broke error=%s", type(error).__name__)
        finally:
            self._ended()


async def told(
    stream: Stream, inbox: Inbox, address: Address, after: int, reread: float = REREAD
) -> AsyncIterator[str]:
    """Events until the stream ends, from line `after` on."""
    now = asyncio.get_running_loop().time
    yield f"retry: {RETRY}\n\n"
    ready, spoke = False, now()
    while not stream.over:
        lines = await inbox.lines(address, after)
        for line in lines:
            yield encoded(line)
            after = line.id
        if lines:
            spoke = now()
            continue  # `lines` gives so many at a time
        if not ready:
            ready = True
            yield named("ready")
        if stream.moved:
            yield named("moved")
            return
        if now() - spoke >= PING:
            spoke = now()
            yield ": ping\n" + named("ping")  # the page cannot see a comment
        await stream.wait(reread)


def encoded(line: Line) -> str:
    told = json.dumps(as_object(line), ensure_ascii=False, separators=(",", ":"))
    return f"id: {line.id}\ndata: {told}\n\n"


def named(event: str) -> str:
    return f"event: {event}\ndata: {event}\n\n"


def as_object(line: Line) -> dict[str, Any]:
    """A line as the page reads it (stable: other pages may be built on it)."""
    reply = line.reply
    return {
        "id": line.id,
        "at": line.at.isoformat(),
        "who": "bot" if reply else "me",
        "kind": reply.kind if reply else None,
        "text": reply.text if reply else line.text,
        "choices": [{"label": c.label, "send": c.send} for c in (reply.choices if reply else ())],
        "entry": reply.entry if reply else None,
        "files": [
            {"kind": enclosed_kind(one), "name": file_name(one), "words": one.words()}
            | {"href": f"chat/files/{line.id}/{n}"}
            for n, one in enumerate(reply.enclosures if reply else ())
        ],
    }
