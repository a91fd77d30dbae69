"""Who a visitor is: an unguessable cookie, and an address made from it.

Rule 1: the address is a hash of the cookie. Whoever reads the database cannot speak for a visitor.
Rule 2: the cookie is for our pages only: HttpOnly, SameSite=Lax, Secure and `__Host-` over https.
Rule 3: inside a frame on another site browsers keep back such a cookie. When sites may embed the
        chat, its framed page (over https only) gets `SameSite=None; Secure; Partitioned`: browsers
        keep one for each embedding site, so that a citizen has one conversation per site and no
        site can follow them to another. Forged requests are refused by `bot.origin`, not by SameSite.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from starlette.requests import Request

DAYS = 180  # a visitor who comes back within these days finds the conversation
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # as token_urlsafe(32) makes them


def new_token() -> str:
    return secrets.token_urlsafe(32)


def user_of(token: str) -> str:
    """The visitor's id at this channel: 32 hexadecimal digits."""
    return hashlib.sha256(b"webchat:" + token.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Cookies:
    """`https`: people reach us over https, whatever the proxy says. `embedded`: sites may frame us."""

    https: bool = False
    embedded: bool = False

    def token(self, request: Request) -> str | None:
        """None if the visitor has none, or one that we never gave."""
        told = request.cookies.get(self._name(request), "")
        return told if _TOKEN.fullmatch(told) else None

    def user(self, request: Request) -> str | None:
        token = self.token(request)
        return user_of(token) if token else None

    def given(self, request: Request, token: str) -> str:
        """The `Set-Cookie` by which the visitor keeps `token` for another 180 days."""
        framed = "embed" in request.query_params
        kept = f"{token}; Max-Age={DAYS * 86_400}"
        return self._cookie(request, kept, framed=framed)

    def taken(self, request: Request) -> list[str]:
        """The `Set-Cookie`s by which the visitor forgets it, framed or not."""
        return [self._cookie(request, "; Max-Age=0", framed=framed) for framed in (False, True)]

    def _cookie(self, request: Request, value: str, *, framed: bool) -> str:
        # Written by hand: Python's http.cookies learns `Partitioned` only in 3.14.
        secure = self._secure(request)
        site = "None; Partitioned" if framed and secure and self.embedded else "Lax"
        ending = "; Secure" if secure else ""
        return f"{self._name(request)}={value}; Path=/; HttpOnly; SameSite={site}{ending}"

    def _name(self, request: Request) -> str:
        return "__Host-chat" if self._secure(request) else "chat"

    def _secure(self, request: Request) -> bool:
        return self.https or request.url.scheme == "https"
