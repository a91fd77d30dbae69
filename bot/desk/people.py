"""人员: who works at the desk; add, reset, disable, and what role they have."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.desk import members
from bot.desk.arriving import clean_name
from bot.desk.door import Pages
from bot.desk.members import BadMember, LastAdmin
from bot.desk.visit import Visit
from bot.store import audit, staff, staff_sessions
from bot.store.staff import Member

pages = Pages()

LATELY = 20  # acts shown of one person


@pages.get("/people", may="people.manage")
async def listed(visit: Visit) -> Response:
    return await _list(visit, "", 200)


@pages.post("/people", may="people.manage")
async def added(visit: Visit) -> Response:
    name, role = visit.field("name"), visit.field("role")
    try:
        async with visit.office.store.write() as tx:
            options = visit.office.options
            token = await members.add(tx, name, role, visit.now, options, visit.note)
    except BadMember as error:
        return await _list(visit, str(error), 422)
    return _link(visit, clean_name(name), token)


@pages.get("/people/{number:int}", may="people.manage")
async def opened(visit: Visit) -> Response:
    return await _one(visit, "", 200)


@pages.post("/people/{number:int}/role", may="people.manage")
async def got_role(visit: Visit) -> Response:
    member = await _other(visit)
    if member is None:
        return visit.go(_here(visit), said="not_yourself")
    try:
        async with visit.office.store.write() as tx:
            await members.set_role(tx, member, visit.field("role"), visit.note)
    except LastAdmin:
        return visit.go(_here(visit), said="last_admin")
    except BadMember as error:
        return await _one(visit, str(error), 422)
    return visit.go(_here(visit), said="role_changed")


@pages.post("/people/{number:int}/reset", may="people.manage")
async def was_reset(visit: Visit) -> Response:
    member = await _other(visit)
    if member is None:
        return visit.go(_here(visit), said="not_yourself")
    try:
        async with visit.office.store.write() as tx:
            options = visit.office.options
            token = await members.reset(tx, member, visit.now, options, visit.note)
    except BadMember as error:
        return await _one(visit, str(error), 422)
    return _link(visit, member.name, token)


@pages.post("/people/{number:int}/disable", may="people.manage")
async def was_disabled(visit: Visit) -> Response:
    member = await _other(visit)
    if member is None:
        return visit.go(_here(visit), said="not_yourself")
    try:
        async with visit.office.store.write() as tx:
            await members.disable(tx, member, visit.now, visit.note)
    except LastAdmin:
        return visit.go(_here(visit), said="last_admin")
    return visit.go(_here(visit), said="member_disabled")


@pages.post("/people/{number:int}/enable", may="people.manage")
async def was_enabled(visit: Visit) -> Response:
    async with visit.office.store.write() as tx:
        await members.enable(tx, await _known(tx, visit), visit.note)
    return visit.go(_here(visit), said="member_enabled")


async def _list(visit: Visit, error: str, status: int) -> Response:
    async with visit.office.store.read() as tx:
        rows = await staff.members(tx)
    told = {"name": visit.field("name"), "role": visit.field("role")}
    return visit.page("people.html", status, rows=rows, error=error, told=told)


async def _one(visit: Visit, error: str, status: int) -> Response:
    async with visit.office.store.read() as tx:
        member = await _known(tx, visit)
        idle_since = visit.now - visit.office.options.idle
        sessions = await staff_sessions.of(tx, member.id, visit.now, idle_since)
        acts = await audit.page(tx, audit.Wanted(name=member.name), 0, LATELY)
    return visit.page(
        "person.html", status, member=member, sessions=sessions, acts=acts, error=error
    )


def _link(visit: Visit, name: str, token: str) -> Response:
    """The one-time link, shown once."""
    here = visit.request.url
    base = visit.office.options.public_url or f"{here.scheme}://{here.netloc}"
    hours = round(visit.office.options.invite_for.total_seconds() / 3600)
    link = f"{base}/desk/welcome/{token}"
    return visit.page("person_link.html", name=name, link=link, hours=hours)


async def _other(visit: Visit) -> Member | None:
    """None: it is oneself."""
    async with visit.office.store.read() as tx:
        member = await _known(tx, visit)
    return member if member.id != visit.me.staff else None


async def _known(tx: AsyncConnection, visit: Visit) -> Member:
    member = await staff.get(tx, visit.number())
    if member is None:
        raise HTTPException(404)
    return member


def _here(visit: Visit) -> str:
    return f"/desk/people/{visit.number()}"
