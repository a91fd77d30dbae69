"""The route that Telegram calls: nobody else may, and 200 is said only after the commit.

Telegram sends an update again until it hears 200. So what cannot be read is noted and gets 200 as
well, and what could not be committed gets 500.
"""

from __future__ import annotations

import hmac
import json
import logging
import re

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bot.channels.telegram.intake import Intake

log = logging.getLogger(__name__)

PATH = "/telegram"
SHOWN_BY = "X-Telegram-Bot-Api-Secret-Token"
SECRET_FORM = re.compile(r"[A-Za-z0-9_-]{16,256}")  # Telegram takes 1–256; short ones are guessed
MOST_BYTES = 1_000_000


class TooLarge(Exception):
    """The body is over `MOST_BYTES`."""


class Webhook:
    """Hands in what Telegram posts."""

    def __init__(self, intake: Intake, secret: str) -> None:
        self._intake = intake
        self._secret = secret.encode()
        self._refused = 0

    async def answer(self, request: Request) -> Response:
        if not self._is_telegram(request):
            return self._refuse()
        try:
            raw = _parsed(await _body(request))
        except TooLarge:
            return Response(status_code=413, headers={"Connection": "close"})
        except ClientDisconnect:
            return Response(status_code=400)
        try:
            await self._intake.take(self._intake.read(raw))
        except Exception:  # the web edge; was logged there, and Telegram sends it again
            return Response(status_code=500)
        return Response(status_code=200)

    def _is_telegram(self, request: Request) -> bool:
        told = request.headers.get(SHOWN_BY, "").encode("utf-8", "replace")
        return hmac.compare_digest(told, self._secret)

    def _refuse(self) -> Response:
        """The log tells the 1st, 2nd, 4th, 8th … so that a flood of guesses does not flood it."""
        self._refused += 1
        if self._refused & (self._refused - 1) == 0:
            log.warning("telegram webhook refused reason=secret count=%d", self._refused)
        return Response(status_code=401, headers={"Connection": "close"})


async def _body(request: Request) -> bytes:
    """Raises TooLarge as soon as it is known."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and (len(announced) > 12 or int(announced) > MOST_BYTES):
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise TooLarge
    return bytes(body)


def _parsed(body: bytes) -> object:
    """The body itself if it is not JSON: it is then noted as malformed."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body
