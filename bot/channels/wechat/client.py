"""Calls to WeChat's API: words of ours go out, WeChat's codes come back as one kind of error.

Rule 1: JSON goes out as it is written: escaped, citizens would read \\u60a8 instead of 您.
Rule 2: the token is part of the address, and httpx logs addresses: its logger is silent.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import httpx

log = logging.getLogger(__name__)

ANSWER_SECONDS = 10.0


class WechatError(Exception):
    """WeChat answered with a code that is not 0. `words` are its own, without personal data.

    `told`: the whole answer.
    """

    def __init__(self, code: int, words: str = "", told: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.words = words[:120]
        self.told = told or {}


class Unanswered(Exception):
    """No answer, or none that can be read. `uncertain`: it may have arrived all the same."""

    def __init__(self, reason: str, *, uncertain: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.uncertain = uncertain


# A connection that never opened has carried nothing.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def _say_nothing(record: logging.LogRecord) -> bool:
    return False


class Client:
    """One account's way to the API. `transport`: another way to make HTTP requests."""

    def __init__(self, api_base: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        logging.getLogger("httpx").addFilter(_say_nothing)
        self._http = httpx.AsyncClient(
            base_url=api_base.rstrip("/"), timeout=ANSWER_SECONDS, transport=transport
        )

    async def post(
        self, path: str, body: Mapping[str, Any], token: str | None = None
    ) -> dict[str, Any]:
        """Raises WechatError or Unanswered."""
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return await self._ask("POST", path, token, content=content, headers=headers)

    async def get(self, path: str, token: str) -> dict[str, Any]:
        """Raises WechatError or Unanswered."""
        return await self._ask("GET", path, token)

    async def upload(self, path: str, token: str, name: str, data: bytes, kind: str) -> str:
        """The `media_id` of what was uploaded. Raises WechatError or Unanswered."""
        files = {"media": (name, data)}
        told = await self._ask("POST", path, token, files=files, params={"type": kind})
        media_id = told.get("media_id")
        if not isinstance(media_id, str):
            raise Unanswered("no media_id", uncertain=True)
        return media_id

    async def download(self, path: str, token: str, media_id: str, most: int) -> bytes:
        """The bytes of what somebody sent; more than `most` are cut off there.

        Raises WechatError or Unanswered.
        """
        params = {"access_token": token, "media_id": media_id}
        try:
            async with self._http.stream("GET", path, params=params) as answer:
                data = bytearray()
                async for chunk in answer.aiter_bytes():
                    data += chunk
                    if len(data) > most:
                        break
        except httpx.HTTPError as error:
            raise Unanswered(type(error).__name__, uncertain=False) from None
        kind = answer.headers.get("content-type", "")
        if answer.status_code >= 300 or "json" in kind or "text/plain" in kind:
            _told(httpx.Response(answer.status_code, content=bytes(data)))
            raise Unanswered("no file", uncertain=False)
        return bytes(data)

    async def close(self) -> None:
        await self._http.aclose()

    async def _ask(
        self,
        method: str,
        path: str,
        token: str | None,
        params: Mapping[str, str] | None = None,
        **sent: Any,
    ) -> dict[str, Any]:
        shown = {**(params or {}), **({"access_token": token} if token else {})}
        try:
            answer = await self._http.request(method, path, params=shown, **sent)
        except httpx.HTTPError as error:
            uncertain = not isinstance(error, UNSENT)
            raise Unanswered(type(error).__name__, uncertain=uncertain) from None
        return _told(answer)


def _told(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code >= 300:
        raise Unanswered(f"HTTP {answer.status_code}", uncertain=True)
    try:
        told = json.loads(answer.content)
    except (ValueError, RecursionError):
        raise Unanswered("not JSON", uncertain=True) from None
    if not isinstance(told, dict):
        raise Unanswered("no object", uncertain=True)
    code = told.get("errcode", 0)
    if type(code) is not int:
        raise Unanswered("no code", uncertain=True)
    if code != 0:
        raise WechatError(code, str(told.get("errmsg", "")), told)
    return told
