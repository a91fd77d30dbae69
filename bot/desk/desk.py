"""Puts the desk together: every file of pages, the static files, and what is said when nothing fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from bot.casework import Casework
from bot.clock import Clock
from bot.desk import (
    account,
    audits,
    calls,
    canned,
    case,
    cases,
    enrolling,
    handoffs,
    home,
    knowledge,
    materials,
    notices,
    numbers,
    people,
    sign_in,
)
from bot.desk.door import Page, routes
from bot.desk.looks import looks as looks_of_process
from bot.desk.navigation import entries
from bot.desk.office import Citizens, Office, Options
from bot.desk.passwords import Passwords
from bot.engine.playbook import Playbook
from bot.engine.publications import Publication
from bot.evidence.gathering import Gatherer
from bot.keys import Keys
from bot.notices import Notices
from bot.store.engine import Store

# `home` comes last: it holds the page for every address that is none.
PAGES: tuple[Page, ...] = tuple(
    page
    for file in (
        *(sign_in, enrolling, cases, case, calls, materials, canned, handoffs, notices),
        *(knowledge, numbers, audits, people, account, home),
    )
    for page in file.pages.all
)


def desk(
    store: Store,
    citizens: Citizens,
    clock: Clock,
    keys: Keys,
    options: Options | None = None,
    passwords: Passwords | None = None,
    *,
    casework: Casework,
    notices: Notices,
    objections: Callable[[Publication], list[str]],
    book: Callable[[], Playbook],
    materials: Gatherer | None = None,
) -> Sequence[BaseRoute]:
    """The routes of /desk. `book` gives the playbook as it is now."""
    looks = looks_of_process()
    menu = entries({page.path for page in PAGES if "GET" in page.methods})
    office = Office(
        store=store,
        citizens=citizens,
        casework=casework,
        notices=notices,
        objections=objections,
        book=book,
        clock=clock,
        keys=keys,
        options=options or Options(),
        passwords=passwords or Passwords(),
        looks=looks,
        menu=menu,
        materials=materials,
    )

    async def fault(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return looks.response("fault.html", status)

    inside = Starlette(
        routes=[*looks.routes(), *routes(office, PAGES)],
        exception_handlers={Exception: fault, HTTPException: fault},
    )
    return [Route("/desk", home.moved), Mount("/desk", app=inside)]
