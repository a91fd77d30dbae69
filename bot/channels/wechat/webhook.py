"""The route that WeChat calls: answered within five seconds, after the commit, with the turn's words.

Rule 1: who cannot show the signature gets 403 and nothing is parsed; a body over 64 KB gets 413.
Rule 2: what is signed and cannot be read gets `success`: asking again would not make it better.
Rule 3: at four seconds the answer is `success`, and the words go out by the sender. An account that
        may not write unasked lets WeChat ask again instead, and at the third time says so.
Rule 4: a nonce is used once, by all processes: in the turn's own transaction, or in that of the change.
Rule 5: words that were taken are told: to this try, or to the next one.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from wechatpy.replies import TextReply

from bot.channels.base import Inbox
from bot.channels.wechat.account import CHANNEL, Account
from bot.channels.wechat.envelope import Envelopes, Malformed, Nonces, Opened, Refused
from bot.channels.wechat.massing import Massing
from bot.channels.wechat.people import People
from bot.channels.wechat.reading import (
    Arrived,
    Consented,
    Left,
    MassEnded,
    Nothing,
    NoticeEnded,
    Said,
    Unreadable,
    read,
)
from bot.channels.wechat.taking import GRACE, Asked, Taking
from bot.clock import Clock
from bot.engine import words
from bot.engine.text import plain
from bot.store.wechat_nonces import Nonce, Replayed

log = logging.getLogger(__name__)

PATH = "/wechat"
MOST_BYTES = 64 * 1024
DEADLINE = 4.0  # seconds; at five WeChat cuts the connection
CUT = 5.5  # by then it has
TRIES = 3
SUCCESS = "success"  # WeChat's own word for: nothing to show, do not ask again
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True, eq=False)
class _Running:
    """A message in work. `taking`: its words are being taken, so they must be told."""

    task: asyncio.Task[str]
    tries: int = 0
    taking: bool = False
    given_up: bool = False


class Webhook:
    """What WeChat posts to one account. `deadline` and `cut` are in seconds."""

    def __init__(
        self,
        account: Account,
        inbox: Inbox,
        taking: Taking,
        people: People,
        massing: Massing,
        clock: Clock,
        deadline: float = DEADLINE,
        cut: float = CUT,
    ) -> None:
        self._account = account
        self._inbox = inbox
        self._taking = taking
        self._people = people
        self._massing = massing
        self._clock = clock
        self._deadline = deadline
        self._cut = cut
        self._envelopes = Envelopes(account)
        self._nonces = Nonces()
        self._running: dict[str, _Running] = {}
        self._refusals = 0

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route(PATH, self.verify, methods=["GET"]),
            Route(PATH, self.answer, methods=["POST"]),
        ]

    async def verify(self, request: Request) -> Response:
        """WeChat asks once whether the address is ours: it gets back what it sent."""
        try:
            self._envelopes.verify(request.query_params, self._clock())
        except Refused as refused:
            return self._refuse(refused)
        return PlainTextResponse(request.query_params.get("echostr", "")[:200])

    async def answer(self, request: Request) -> Response:
        now, query = self._clock(), request.query_params
        try:
            self._envelopes.verify(query, now)
            body = await _body(request)
            opened = self._envelopes.open(query, body)
            arrived = read(opened.fields, now)
            nonce = Nonce(f"{query['timestamp']}:{query.get('nonce', '')}", arrived.id)
            self._nonces.check(nonce, now)
        except Refused as refused:
            return self._refuse(refused)
        except _TooLarge:
            return Response(status_code=413, headers={"Connection": "close"})
        except ClientDisconnect:
            return Response(status_code=400)
        except (Malformed, Unreadable) as error:
            return await self._malformed(body, str(error))
        try:
            text = await self._told(arrived, nonce)
        except Replayed:  # another process has seen it, or this one before it was started again
            return self._refuse(Refused("replay"))
        if not text:
            return PlainTextResponse(SUCCESS)
        return _reply(opened, arrived, text, self._clock(), query.get("nonce", ""))

    async def _told(self, arrived: Arrived, nonce: Nonce) -> str:
        """The words to answer with; empty: none. Raises Replayed."""
        reading = arrived.reading
        try:
            match reading:
                case Said():
                    return await self._said(arrived, reading, nonce)
                case Left():
                    await self._people.left(arrived.user, nonce)
                case Consented(templates):
                    await self._people.consented(arrived.user, templates, nonce)
                case NoticeEnded(status):
                    await self._people.notice_ended(arrived.user, status, nonce)
                case MassEnded():
                    await self._massing.ended(reading, nonce)
                case Nothing(reason):
                    await self._people.seen(nonce)
                    log.info("wechat ignored reason=%s", reason)
                case _:
                    assert_never(reading)
        except Replayed:
            raise
        except Exception as error:  # the web edge: nothing of it was kept
            log.error("wechat unkept error=%s", type(error).__name__)
            return words.APOLOGY if isinstance(reading, Said) else ""
        return ""

    # --- words in time --------------------------------------------------------------------------

    async def _said(self, arrived: Arrived, said: Said, nonce: Nonce) -> str:
        running = self._running.get(arrived.id)
        if running is None:
            running = self._begin(arrived, said, nonce)
        running.tries += 1
        try:
            return await asyncio.wait_for(asyncio.shield(running.task), self._deadline)
        except TimeoutError:
            if not running.task.done():
                return await self._late(running)
            raise

    def _begin(self, arrived: Arrived, said: Said, nonce: Nonce) -> _Running:
        running = _Running(asyncio.create_task(self._work(arrived, said, nonce)))
        self._running[arrived.id] = running
        running.task.add_done_callback(lambda task: self._ended(arrived.id, task))
        return running

    def _ended(self, name: str, task: asyncio.Task[str]) -> None:
        self._running.pop(name, None)
        if not task.cancelled():
            task.exception()  # also when nobody waits for it any more

    async def _work(self, arrived: Arrived, said: Said, nonce: Nonce) -> str:
        message = said.message
        unseen: Nonce | None = nonce
        if said.choice is not None and (send := await self._people.meant(said.choice)):
            message = replace(message, text=send)
        asked = Asked(arrived.id, arrived.user, said.grant)
        if plain(message.text) in words.WECHAT_RELEASE:
            await self._people.seen(nonce)
            unseen = None
            waited = await self._taking.take(replace(asked, all_waiting=True))
            if waited is not None:
                return waited
        await self._inbox.answer(message, GRACE, unseen)
        running = self._running.get(arrived.id)
        if running is not None:
            if running.given_up:
                await self._people.wrote(arrived.user, said.grant)
                return ""
            running.taking = True
        return await self._taking.take(asked) or ""

    async def _late(self, running: _Running) -> str:
        """At the deadline: gives up, or waits until WeChat cuts, and is asked again."""
        last = running.tries >= TRIES
        if not running.taking and (self._account.may_push or last):
            running.given_up = True
            return "" if self._account.may_push else words.WECHAT_SLOW
        await asyncio.wait({running.task}, timeout=self._cut - self._deadline)
        return running.task.result() if running.task.done() else ""

    # --- what is not taken ----------------------------------------------------------------------

    async def _malformed(self, body: bytes, reason: str) -> Response:
        name = f"raw-{hashlib.sha256(body).hexdigest()[:16]}"
        try:
            await self._inbox.rejected(CHANNEL, name, f"malformed {reason}")
        except Exception as error:  # the web edge
            log.error("wechat unkept error=%s", type(error).__name__)
        return PlainTextResponse(SUCCESS)

    def _refuse(self, refused: Refused) -> Response:
        """The log tells the 1st, 2nd, 4th, 8th … so that a flood of guesses does not flood it."""
        self._refusals += 1
        if self._refusals & (self._refusals - 1) == 0:
            log.warning(
                "wechat callback refused reason=%s count=%d", refused.args[0], self._refusals
            )
        return Response(status_code=403, headers={"Connection": "close"})


class _TooLarge(Exception):
    """The body is over `MOST_BYTES`."""


async def _body(request: Request) -> bytes:
    """Raises _TooLarge as soon as it is known."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and (len(announced) > 12 or int(announced) > MOST_BYTES):
        raise _TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise _TooLarge
    return bytes(body)


def _reply(opened: Opened, arrived: Arrived, text: str, now: datetime, nonce: str) -> Response:
    rendered = TextReply(
        source=_inside(arrived.us),
        target=_inside(arrived.user),
        content=_inside(text),
        time=int(now.timestamp()),
    ).render()
    return Response(opened.close(rendered, now, nonce), media_type="application/xml")


def _inside(text: str) -> str:
    """As it may stand in CDATA: wechatpy puts it there as it is."""
    return _NOT_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")
