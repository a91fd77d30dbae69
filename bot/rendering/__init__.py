"""What a reply describes, as a file: `render(enclosure)` gives name, media type and bytes.

Rule 1: the same description is the same file, so it is kept for a while and may be made again.
Rule 2: it takes some tens of milliseconds: call it in a thread of its own (`rendered`).
Rule 3: what cannot be drawn raises `Undrawable`; its words (`enclosure.words()`) are shown instead.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache

from bot.engine.enclosures import Agenda, Chart, Enclosure, TextFile
from bot.engine.types import AttachmentKind

KEPT = 64  # files of this process, some 30 kB each


class Undrawable(ValueError):
    """A text of the picture has characters that our font lacks."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file to be sent or fetched."""

    name: str  # ASCII
    media: str
    data: bytes


@lru_cache(maxsize=KEPT)
def render(enclosure: Enclosure) -> Rendered:
    """Raises Undrawable."""
    # Half a second of imports that a process without pictures need not wait for.
    if isinstance(enclosure, Chart):
        from bot.rendering.chart import png

        return Rendered(f"{enclosure.name}.png", "image/png", png(enclosure))
    if isinstance(enclosure, TextFile):
        media = "application/json" if enclosure.ending == "json" else "text/plain; charset=utf-8"
        return Rendered(file_name(enclosure), media, enclosure.text.encode())
    from bot.rendering.agenda import ics

    return Rendered(f"{enclosure.name}.ics", "text/calendar; charset=utf-8", ics(enclosure))


async def rendered(enclosure: Enclosure) -> Rendered:
    """Raises Undrawable."""
    return await asyncio.to_thread(render, enclosure)


def enclosed_kind(enclosure: Enclosure) -> AttachmentKind:
    return "image" if isinstance(enclosure, Chart) else "file"


def file_name(enclosure: Enclosure) -> str:
    match enclosure:
        case Chart():
            ending = "png"
        case TextFile():
            ending = enclosure.ending
        case Agenda():
            ending = "ics"
    return f"{enclosure.name}.{ending}"
