"""One request at the desk: who it is, what they sent, and the ways to answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.desk.actions import ACTIONS
from bot.desk.navigation import for_role
from bot.desk.office import Office
from bot.desk.roles import Permission, may
from bot.desk.said import SAID
from bot.desk.tokens import csrf_of
from bot.store import audit
from bot.store.staff_sessions import Session

_INSIDE = re.compile(r"/desk(/[A-Za-z0-9_/-]*)?")
_FLASH = "desk-said"


@dataclass(frozen=True, slots=True)
class Visit:
    """`token`: of the cookie. `fresh`: it was made just now, the answer must set it."""

    office: Office
    request: Request
    token: str
    fresh: bool
    session: Session | None
    form: FormData
    now: datetime

    # --- who and what ------------------------------------------------------------------------

    @property
    def me(self) -> Session:
        """Only on pages for people who are known."""
        if self.session is None:
            raise LookupError("nobody is signed in")
        return self.session

    def may(self, permission: Permission) -> bool:
        return self.session is not None and may(self.session.role, permission)

    def field(self, name: str) -> str:
        """What was typed into a field, without blanks around it; empty if it was not there."""
        return self.secret(name).strip()

    def secret(self, name: str) -> str:
        """The same as it stands: passwords may begin with a blank."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    def asked(self, name: str) -> str:
        """A parameter of the address; empty if it is not there."""
        return self.request.query_params.get(name, "").strip()

    def number(self, name: str = "number") -> int:
        """A number in the path."""
        number: int = self.request.path_params[name]
        if number >= 2**63:
            raise HTTPException(404)
        return number

    @property
    def address(self) -> str:
        """Where the request came from; a proxy on this machine may say so."""
        return self.request.client.host if self.request.client else ""

    @property
    def polls(self) -> bool:
        """A page asks by itself; nobody has clicked."""
        return self.request.method == "GET" and "hx-request" in self.request.headers

    @property
    def poll(self) -> str:
        """How often a page asks for what is new, as htmx wants it."""
        return f"{self.office.options.poll // timedelta(milliseconds=1)}ms"

    async def note(
        self, tx: AsyncConnection, action: str, subject: str = "", detail: str = ""
    ) -> None:
        """Into the audit log, in the transaction of what was done. No citizen's words."""
        who = self.session
        await self.note_of(tx, who.name if who else "", action, subject, detail)

    async def note_of(
        self, tx: AsyncConnection, name: str, action: str, subject: str = "", detail: str = ""
    ) -> None:
        """The same while nobody is signed in yet."""
        assert action in ACTIONS, action
        staff = self.session.staff if self.session else None
        act = audit.Act(self.now, name, action, subject, detail, self.address, staff)
        await audit.note(tx, act)

    # --- ways to answer -----------------------------------------------------------------------

    def page(self, template: str, status: int = 200, *, token: str = "", **more: Any) -> Response:
        """A whole page. `token`: the new session's, if one was begun."""
        said = self.request.cookies.get(_FLASH, "")
        answer = self._rendered(template, status, said=SAID.get(said, ""), **more)
        if said:
            answer.headers.append("Set-Cookie", self._cookie(_FLASH, "", " Max-Age=0;"))
        if self.fresh or token:
            cookie = self._cookie(self.cookie_name, token or self.token)
            answer.headers.append("Set-Cookie", cookie)
        return answer

    def part(self, template: str, **more: Any) -> Response:
        """A part of a page that asks for itself."""
        return self._rendered(template, 200, said="", **more)

    def go(self, path: str, said: str = "", token: str = "") -> Response:
        """To another page of the desk, which says `said` once. `token`: the new session's."""
        answer = RedirectResponse(path, 303, {"Cache-Control": "no-store"})
        if said:
            assert said in SAID, said
            answer.headers.append("Set-Cookie", self._cookie(_FLASH, said, " Max-Age=60;"))
        if token:
            answer.headers.append("Set-Cookie", self._cookie(self.cookie_name, token))
        return answer

    def link(self, **changed: object) -> str:
        """This page's address with other parameters; None takes one away."""
        told = dict(self.request.query_params) | changed
        kept = {name: value for name, value in told.items() if value not in (None, "")}
        return self.request.url.path + (f"?{urlencode(kept)}" if kept else "")

    def wanted_path(self) -> str:
        """Where somebody wanted to go before they had to sign in; never out of the desk."""
        path = self.field("next") or self.asked("next")
        return path if _INSIDE.fullmatch(path) else "/desk/"

    def _rendered(self, template: str, status: int, **more: Any) -> Response:
        context = {
            "visit": self,
            "me": self.session if self.session and self.session.stage == "in" else None,
            "menu": for_role(self.office.menu, self.session.role) if self.session else [],
            "csrf": csrf_of(self.token),
            "now": self.now,
            "path": self.request.url.path,
        }
        return self.office.looks.response(template, status, **(context | more))

    # --- the cookie ---------------------------------------------------------------------------

    @property
    def cookie_name(self) -> str:
        return cookie_name(self.request, self.office)

    def _cookie(self, name: str, value: str, age: str = "") -> str:
        """Until the browser is closed, unless `age` says otherwise."""
        secure = "; Secure" if is_secure(self.request, self.office) else ""
        return f"{name}={value};{age} Path=/; HttpOnly; SameSite=Lax{secure}"


def is_secure(request: Request, office: Office) -> bool:
    return bool(office.options.public_url) or request.url.scheme == "https"


def cookie_name(request: Request, office: Office) -> str:
    """`__Host-` binds it to this host, but browsers take it over https only."""
    return "__Host-desk" if is_secure(request, office) else "desk"
