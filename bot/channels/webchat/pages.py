"""The files of `bot/channels/pages/`, read once, and what a browser may do with them.

Rule 1: the page loads nothing from elsewhere, and nothing in it runs or styles inline.
Rule 2: style and script are named with their hash and kept for a year; the page itself never is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent.parent / "pages"
FOR_A_YEAR = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600"  # the widget's address has no hash
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")
_NO_FILES = 'data-megabytes="0" hidden'
_MEDIA = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


class Pages:
    """`embed_origins`: sites that may show the page in a frame. Raises ValueError for a bad one.

    `megabytes`: of a file that may be sent; 0: none may.
    """

    def __init__(self, embed_origins: Sequence[str] = (), megabytes: int = 0) -> None:
        for origin in embed_origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"embed_origins: {origin!r}: as in https://rsj.example.gov.cn")
        self._policy = _policy(embed_origins)
        page = _named_with_hashes((FOLDER / "chat.html").read_text(encoding="utf-8"))
        allowed = f'data-megabytes="{megabytes}"'
        self._page = page.replace(_NO_FILES, allowed) if megabytes else page

    def page(self) -> Response:
        headers = {"Content-Security-Policy": self._policy, "Cache-Control": "no-store"}
        return Response(self._page, media_type="text/html", headers=headers)


def _policy(embed_origins: Sequence[str]) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "img-src 'self' data:",
            " ".join(["frame-ancestors 'self'", *embed_origins]),
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",  # no string ever becomes markup
            "trusted-types 'none'",
        ]
    )


def _named_with_hashes(page: str) -> str:
    for name in ("chat.css", "chat.js"):
        page = page.replace(f'"{name}"', f'"{name}?v={_hash(name)}"')
    return page


def _hash(name: str) -> str:
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]


class File:
    """One file of the folder, as a route's endpoint."""

    def __init__(self, name: str, cache: str, headers: dict[str, str] | None = None) -> None:
        self._body = (FOLDER / name).read_bytes()
        self._tag = f'"{_hash(name)}"'
        self._media = _MEDIA[Path(name).suffix]
        self._headers = {"Cache-Control": cache, "ETag": self._tag, **(headers or {})}

    async def answer(self, request: Request) -> Response:
        if request.headers.get("if-none-match") == self._tag:
            return Response(status_code=304, headers=self._headers)
        return Response(self._body, media_type=self._media, headers=self._headers)
