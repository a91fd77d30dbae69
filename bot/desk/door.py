"""The door of every page: who comes in, what they may, and that a form comes from a page of ours.

Rule 1: a page says at which stage of signing in it is for, and which permission it needs; there is
        no page without a stage, and the default is the strictest: signed in.
Rule 2: whatever changes something is a POST, sent by a page of ours (`bot.origin`) with the token of
        the session that the page was shown to.
Rule 3: what is refused for want of a permission is noted.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.desk.office import Office
from bot.desk.roles import Permission
from bot.desk.tokens import csrf_of, is_token, kept, new_token
from bot.desk.visit import Visit, cookie_name
from bot.origin import from_our_page
from bot.store import staff_sessions

Stage = Literal["any", "code", "enrol", "in"]
Endpoint = Callable[[Visit], Awaitable[Response]]

SEEN_EVERY = timedelta(minutes=1)  # a click is written down at most so often
WAITING_AT = {"code": "/desk/sign-in/code", "enrol": "/desk/sign-in/enrol", "in": "/desk/"}


@dataclass(frozen=True, slots=True)
class Page:
    path: str
    methods: tuple[str, ...]
    stage: Stage
    permission: Permission | None  # None: whoever is at that stage
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one file: `@pages.get("/audit", may="audit.read")`."""

    all: list[Page] = field(default_factory=list)

    def get(
        self, path: str, *, may: Permission | None = None, stage: Stage = "in"
    ) -> Callable[[Endpoint], Endpoint]:
        return self._page(path, ("GET",), may, stage)

    def post(
        self, path: str, *, may: Permission | None = None, stage: Stage = "in"
    ) -> Callable[[Endpoint], Endpoint]:
        return self._page(path, ("POST",), may, stage)

    def _page(
        self, path: str, methods: tuple[str, ...], may: Permission | None, stage: Stage
    ) -> Callable[[Endpoint], Endpoint]:
        def put(endpoint: Endpoint) -> Endpoint:
            self.all.append(Page(path, methods, stage, may, endpoint))
            return endpoint

        return put


def routes(office: Office, pages: Iterable[Page]) -> Sequence[Route]:
    return [Route(page.path, _Door(office, page).answer, methods=page.methods) for page in pages]


class _Door:
    """One page's."""

    def __init__(self, office: Office, page: Page) -> None:
        self._office = office
        self._page = page

    async def answer(self, request: Request) -> Response:
        visit = await self._visit(request)
        try:
            if turned := self._elsewhere(visit):
                return turned
            visit = await self._let_in(visit)
            return await self._page.endpoint(visit)
        except HTTPException as error:
            return visit.page("error.html", error.status_code, status_code=error.status_code)

    async def _visit(self, request: Request) -> Visit:
        office, now = self._office, self._office.clock()
        told = request.cookies.get(cookie_name(request, office), "")
        if not is_token(told):
            return Visit(office, request, new_token(), True, None, FormData(), now)
        async with office.store.read() as tx:
            idle_since = now - office.options.idle
            session = await staff_sessions.find(tx, kept(told), now, idle_since)
        return Visit(office, request, told, False, session, FormData(), now)

    def _elsewhere(self, visit: Visit) -> Response | None:
        """Where somebody must go who is at another stage than the page is for."""
        here = visit.session.stage if visit.session else "out"
        if self._page.stage in ("any", here):
            return None
        path = WAITING_AT.get(here, "/desk/sign-in")
        if visit.request.method == "GET" and not visit.polls and here == "out":
            path += f"?next={quote(visit.request.url.path)}"
        answer = visit.go(path, said="session_over" if here == "out" and not visit.fresh else "")
        if visit.polls:  # a browser would follow the redirection and put that page into this one
            answer.status_code = 401
            answer.headers["HX-Redirect"] = path
            del answer.headers["location"]
        return answer

    async def _let_in(self, visit: Visit) -> Visit:
        """Raises HTTPException. The visit with what was sent."""
        if visit.request.method == "POST":
            visit = await self._with_form(visit)
        permission = self._page.permission
        if permission is not None and not visit.may(permission):
            async with self._office.store.write() as tx:
                await visit.note(tx, "refused", detail=f"{permission} {visit.request.url.path}")
            raise HTTPException(403)
        await self._seen(visit)
        return visit

    async def _with_form(self, visit: Visit) -> Visit:
        request = visit.request
        if not from_our_page(request.headers, self._office.options.public_url):
            raise HTTPException(403)
        form = await request.form(max_files=0, max_fields=200)
        sent = form.get("csrf", "")
        if not isinstance(sent, str) or not hmac.compare_digest(
            sent.encode(), csrf_of(visit.token).encode()
        ):
            raise HTTPException(409)  # most often: the page is from before they signed in again
        return Visit(
            visit.office, request, visit.token, visit.fresh, visit.session, form, visit.now
        )

    async def _seen(self, visit: Visit) -> None:
        session = visit.session
        if session is None or visit.polls or visit.now - session.seen_at < SEEN_EVERY:
            return
        async with self._office.store.write() as tx:
            await staff_sessions.seen(tx, session.id, visit.now)
