"""Files for people on WeChat, which takes none from us: a link that opens one for a day.

Rule 1: the link is sealed with the key ring: it names the row and the time, shows neither, and nobody
        can make one. Without a ring or a public address there are no links, and the words must do.
Rule 2: whoever has the link reads the file: it stands in one person's chat only, lasts a day, and
        nothing keeps what it opens; what was erased since is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clock import Clock
from bot.engine import words
from bot.engine.types import Reply
from bot.keys import Keys, Unopenable
from bot.rendering import Rendered, Undrawable, file_name, rendered
from bot.store import plain
from bot.store.engine import Store
from bot.store.tables import outbox

PATH = "/wechat/files"
LASTS = timedelta(days=1)
PLACE = "wechat/file"

log = logging.getLogger(__name__)


class Files:
    """Makes links and opens them."""

    def __init__(self, keys: Keys | None, public_url: str, store: Store, clock: Clock) -> None:
        self._keys = keys
        self._base = public_url.rstrip("/")
        self._store = store
        self._clock = clock

    def links(self, key: str, reply: Reply) -> Mapping[int, str]:
        """Addresses of the enclosures of the row `key`, by their place."""
        if self._keys is None or not self._base:
            return {}
        until = int((self._clock() + LASTS).timestamp())
        return {
            n: f"{self._base}{PATH}/{self._keys.seal(f'{until} {n} {key}', PLACE)}/{file_name(one)}"
            for n, one in enumerate(reply.enclosures)
        }

    def routes(self) -> Sequence[BaseRoute]:
        return [Route(PATH + "/{link}/{name}", self.answer)] if self._keys else []

    async def answer(self, request: Request) -> Response:
        """The file; 404 for whatever is no link, too old, or gone."""
        file = await self._file(request.path_params["link"])
        if file is None:
            return PlainTextResponse(words.WECHAT_LINK_OVER, 404, {"Cache-Control": "no-store"})
        headers = {
            "Cache-Control": "no-store",
            "X-Robots-Tag": "noindex",
            "Content-Disposition": f'inline; filename="{file.name}"',
        }
        return Response(file.data, media_type=file.media, headers=headers)

    async def _file(self, link: str) -> Rendered | None:
        assert self._keys
        try:
            until, number, key = self._keys.open(link, PLACE).split(" ", 2)
        except (Unopenable, ValueError):
            return None
        if self._clock() > datetime.fromtimestamp(int(until), self._clock().tzinfo):
            return None
        async with self._store.read() as tx:
            row = (await tx.execute(select(outbox.c.reply).where(outbox.c.key == key))).scalar()
        try:
            return await rendered(plain.loads(Reply, row).enclosures[int(number)]) if row else None
        except (plain.Unreadable, IndexError, Undrawable) as error:
            log.error("wechat file unreadable error=%s", type(error).__name__)
            return None
