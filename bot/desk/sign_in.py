"""Signing in: name and password, then a code of the telephone; and signing out.

Rule 1: an attempt is counted before it is judged.
Rule 2: whoever is turned away reads the same, whether the name, the password or the person is wrong.
Rule 3: every stage has a session, and a cookie, of its own.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from bot.desk import codes
from bot.desk.arriving import (
    begin,
    begin_enrolment,
    clean_name,
    code_fits,
    code_key,
    locked,
    name_key,
    went_well,
)
from bot.desk.door import Pages
from bot.desk.visit import Visit
from bot.store import sign_in_failures, staff, staff_sessions
from bot.store.staff import Credentials

pages = Pages()

WRONG = "用户名或密码不对，请再试一次。忘了密码，请找管理员重设。"
WRONG_CODE = "动态码不对，或已用过。请等手机上换一个新的再填。"
LOCKED = "试得有点多，为了安全先停一停。请 {minutes} 分钟后再试，或找管理员重设。"


@pages.get("/sign-in", stage="any")
async def asked(visit: Visit) -> Response:
    if visit.session and visit.session.stage == "in":
        return visit.go("/desk/")
    return visit.page("sign_in.html", next=visit.wanted_path(), name="", error="")


@pages.post("/sign-in", stage="any")
async def told(visit: Visit) -> Response:
    name, password = clean_name(visit.field("name")), visit.secret("password")
    async with visit.office.store.write() as tx:
        wait = await locked(visit, tx, name_key(name))
        known = None if wait else await staff.by_name(tx, name)
        if wait:
            await visit.note_of(tx, "", "sign_in_locked")
    if wait:
        return _again(visit, LOCKED.format(minutes=wait), 429)
    fits = await visit.office.passwords.fits(known.password if known else None, password)
    async with visit.office.store.write() as tx:
        token = await _next_stage(visit, tx, name, known) if known and fits else None
        if token is None:
            subject = f"staff:{known.member.id}" if known else ""
            await visit.note_of(tx, known.member.name if known else "", "sign_in_failed", subject)
    if token is None:
        return _again(visit, WRONG, 422)
    return visit.go(f"/desk/sign-in/code?next={visit.wanted_path()}", token=token)


async def _next_stage(
    visit: Visit, tx: AsyncConnection, name: str, verified: Credentials
) -> str | None:
    """None if it was disabled, or got another password, while this one was being verified."""
    known = await staff.by_name(tx, name)
    if known is None or known.member.disabled_at or known.password != verified.password:
        return None
    await went_well(visit, tx, name_key(name))
    if known.member.enrolled:
        return await begin(visit, tx, known.member.id, "code")
    await begin_enrolment(visit.office, tx, known.member.id)
    return await begin(visit, tx, known.member.id, "enrol")


def _again(visit: Visit, error: str, status: int) -> Response:
    name = visit.field("name")
    return visit.page("sign_in.html", status, next=visit.wanted_path(), name=name, error=error)


# --- the second key ------------------------------------------------------------------------


@pages.get("/sign-in/code", stage="code")
async def asked_for_code(visit: Visit) -> Response:
    return visit.page("code.html", next=visit.wanted_path(), error="")


@pages.post("/sign-in/code", stage="code")
async def told_code(visit: Visit) -> Response:
    member = visit.me.staff
    async with visit.office.store.write() as tx:
        wait = await locked(visit, tx, code_key(member))
        known = None if wait else await staff.by_id(tx, member)
        how = await _how_it_fits(visit, tx, known) if known else None
        if how is None:
            await visit.note(tx, "sign_in_locked" if wait else "sign_in_failed", detail="code")
        else:
            await went_well(visit, tx)
            await sign_in_failures.clear(tx, code_key(member))
            await sign_in_failures.clear(tx, name_key(visit.me.name))
            await visit.note(tx, how)
            token = await begin(visit, tx, member, "in")
    if how is None:
        error = LOCKED.format(minutes=wait) if wait else WRONG_CODE
        status = 429 if wait else 422
        return visit.page("code.html", status, next=visit.wanted_path(), error=error)
    return visit.go(visit.wanted_path(), token=token)


async def _how_it_fits(visit: Visit, tx: AsyncConnection, known: Credentials) -> str | None:
    """The action to note; None if it does not."""
    typed = visit.field("code").replace(" ", "")
    if await code_fits(visit, tx, known, typed):
        return "signed_in"
    hashed = codes.kept_code(typed)
    if hashed and await staff.use_code(tx, known.member.id, hashed, visit.now):
        return "recovery_code_used"
    return None


@pages.post("/sign-out", stage="any")
async def left(visit: Visit) -> Response:
    if visit.session is not None:
        async with visit.office.store.write() as tx:
            await staff_sessions.end(tx, visit.session.id, visit.session.staff)
            await visit.note(tx, "signed_out")
    return visit.go("/desk/sign-in", said="signed_out")
