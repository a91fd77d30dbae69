"""Where one arrives, and the page for addresses that are none."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.desk.door import Pages
from bot.desk.navigation import for_role
from bot.desk.visit import Visit

pages = Pages()


async def moved(request: Request) -> Response:
    return RedirectResponse("/desk/", 308)


@pages.get("/")
async def arrived(visit: Visit) -> Response:
    """The first page of the menu that this person may see."""
    mine = for_role(visit.office.menu, visit.me.role)
    return visit.go(f"/desk{mine[0].path}" if mine else "/desk/account")


@pages.get("/{rest:path}", stage="any")
async def nowhere(visit: Visit) -> Response:
    raise HTTPException(404)
