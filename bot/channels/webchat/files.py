"""A picture or a calendar that a line of the conversation carries, drawn when a page fetches it.

Rule: the visitor's cookie opens it, as it opens the line; nobody else's does, and no cache keeps it.
"""

from __future__ import annotations

import logging

from starlette.responses import Response

from bot.channels.base import Inbox
from bot.channels.webchat.refusing import Refused
from bot.engine.types import Address
from bot.rendering import Undrawable, enclosed_kind, rendered

log = logging.getLogger(__name__)


async def file_of(inbox: Inbox, address: Address, line: int, number: int) -> Response:
    """The file, or 404: no such line, nothing in it, or nothing that can be drawn."""
    said = await inbox.lines(address, line - 1)
    reply = said[0].reply if said and said[0].id == line else None
    if reply is None or number >= len(reply.enclosures):
        return Refused("not_found").response()
    enclosure = reply.enclosures[number]
    try:
        file = await rendered(enclosure)
    except Undrawable as error:  # the page shows its words instead
        log.warning("webchat file undrawable name=%s reason=%s", enclosure.name, error)
        return Refused("not_found").response()
    shown = "inline" if enclosed_kind(enclosure) == "image" else "attachment"
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'{shown}; filename="{file.name}"',
    }
    return Response(file.data, media_type=file.media, headers=headers)
