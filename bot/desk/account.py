"""My own account: password, where I am signed in, recovery codes."""

from __future__ import annotations

from starlette.responses import Response

from bot.desk import codes
from bot.desk.arriving import code_fits, code_key, locked, name_key, went_well
from bot.desk.door import Pages
from bot.desk.enrolling import new_password_error
from bot.desk.sign_in import LOCKED, WRONG_CODE
from bot.desk.visit import Visit
from bot.store import staff, staff_sessions

pages = Pages()

WRONG_PASSWORD = "现在的密码不对，请再填一次。"  # noqa: S105 - words for people


@pages.get("/account")
async def shown(visit: Visit) -> Response:
    return await _account(visit)


@pages.post("/account/password")
async def new_password(visit: Visit) -> Response:
    me = visit.me
    async with visit.office.store.write() as tx:
        wait = await locked(visit, tx, name_key(me.name))
        known = await staff.by_id(tx, me.staff)
    if wait:
        return await _account(visit, password=LOCKED.format(minutes=wait), status=429)
    if known is None or not await visit.office.passwords.fits(
        known.password, visit.secret("current")
    ):
        return await _account(visit, password=WRONG_PASSWORD)
    if error := new_password_error(visit, me.name):
        async with visit.office.store.write() as tx:
            await went_well(visit, tx, name_key(me.name))
        return await _account(visit, password=error)
    hashed = await visit.office.passwords.hash(visit.secret("password"))
    async with visit.office.store.write() as tx:
        now = await staff.by_id(tx, me.staff)
        if now is None or now.password != known.password:  # reset meanwhile
            return visit.go("/desk/sign-in")
        await went_well(visit, tx, name_key(me.name))
        await staff.set_password(tx, me.staff, hashed)
        await staff_sessions.end_all(tx, me.staff, but=me.id)
        await visit.note(tx, "password_changed")
    return visit.go("/desk/account", said="password_changed")


@pages.post("/account/sessions/{number:int}/end")
async def ended(visit: Visit) -> Response:
    async with visit.office.store.write() as tx:
        if await staff_sessions.end(tx, visit.number(), visit.me.staff):
            await visit.note(tx, "session_ended")
    return visit.go("/desk/account", said="session_ended")


@pages.post("/account/sessions/end")
async def others_ended(visit: Visit) -> Response:
    async with visit.office.store.write() as tx:
        if await staff_sessions.end_all(tx, visit.me.staff, but=visit.me.id):
            await visit.note(tx, "session_ended", detail="all but this one")
    return visit.go("/desk/account", said="sessions_ended")


@pages.post("/account/recovery-codes")
async def new_codes(visit: Visit) -> Response:
    me, fresh = visit.me, codes.new_recovery_codes()
    async with visit.office.store.write() as tx:
        wait = await locked(visit, tx, code_key(me.staff))
        known = None if wait else await staff.by_id(tx, me.staff)
        typed = visit.field("code").replace(" ", "")
        done = known is not None and await code_fits(visit, tx, known, typed)
        if done:
            await went_well(visit, tx, code_key(me.staff))
            await staff.renew_codes(tx, me.staff, codes.kept_codes(fresh))
            await visit.note(tx, "recovery_codes_renewed")
    if not done:
        return await _account(visit, code=LOCKED.format(minutes=wait) if wait else WRONG_CODE)
    return visit.page("recovery_codes.html", codes=fresh, first=False)


async def _account(
    visit: Visit, *, password: str = "", code: str = "", status: int = 0
) -> Response:
    """The page; `password` and `code`: what is wrong with what was filled in there."""
    me = visit.me
    async with visit.office.store.read() as tx:
        idle_since = visit.now - visit.office.options.idle
        sessions = await staff_sessions.of(tx, me.staff, visit.now, idle_since)
        left = await staff.codes_left(tx, me.staff)
    status = status or (422 if password or code else 200)
    errors = {"password": password, "code": code}
    return visit.page("account.html", status, sessions=sessions, left=left, errors=errors)
