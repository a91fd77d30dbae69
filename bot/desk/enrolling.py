"""The first sign-in: the one-time link, a password of one's own, the telephone, recovery codes."""

from __future__ import annotations

from starlette.responses import Response

from bot.desk import codes
from bot.desk.arriving import (
    begin,
    begin_enrolment,
    code_key,
    locked,
    totp_place,
    went_well,
)
from bot.desk.door import Pages
from bot.desk.passwords import what_is_wrong
from bot.desk.sign_in import LOCKED, WRONG_CODE
from bot.desk.tokens import kept
from bot.desk.visit import Visit
from bot.store import sign_in_failures, staff, staff_sessions

pages = Pages()

NOT_ALIKE = "两次填的密码不一样，请再填一次。"


@pages.get("/welcome/{token}", stage="any")
async def arrived(visit: Visit) -> Response:
    token = kept(visit.request.path_params["token"])
    async with visit.office.store.read() as tx:
        member = await staff.invited(tx, token, visit.now)
    if member is None:
        return visit.page("link_gone.html", 410)
    return visit.page("welcome.html", name=member.name, error="")


@pages.post("/welcome/{token}", stage="any")
async def chose_password(visit: Visit) -> Response:
    token = kept(visit.request.path_params["token"])
    async with visit.office.store.read() as tx:
        member = await staff.invited(tx, token, visit.now)
    if member is None:
        return visit.page("link_gone.html", 410)
    if error := new_password_error(visit, member.name):
        return visit.page("welcome.html", 422, name=member.name, error=error)
    hashed = await visit.office.passwords.hash(visit.secret("password"))
    async with visit.office.store.write() as tx:
        member = await staff.use_invitation(tx, token, hashed, visit.now)
        if member is not None:
            await begin_enrolment(visit.office, tx, member.id)
            await visit.note_of(tx, member.name, "invitation_used", f"staff:{member.id}")
            cookie = await begin(visit, tx, member.id, "enrol")
    if member is None:
        return visit.page("link_gone.html", 410)
    return visit.go("/desk/sign-in/enrol", token=cookie)


def new_password_error(visit: Visit, name: str) -> str | None:
    if visit.secret("password") != visit.secret("again"):
        return NOT_ALIKE
    return what_is_wrong(visit.secret("password"), name)


@pages.get("/sign-in/enrol", stage="enrol")
async def shown(visit: Visit) -> Response:
    return await _scan(visit, "", 200)


@pages.post("/sign-in/enrol", stage="enrol")
async def enrolled(visit: Visit) -> Response:
    """A first code shows that the telephone has the secret."""
    member = visit.me.staff
    fresh = codes.new_recovery_codes()
    async with visit.office.store.write() as tx:
        wait = await locked(visit, tx, code_key(member))
        known = None if wait else await staff.by_id(tx, member)
        sealed = known.totp if known else None
        done = False
        if sealed:
            secret = visit.office.keys.open(sealed, totp_place(member))
            step = codes.step_of(secret, visit.field("code").replace(" ", ""), visit.now)
            done = step is not None and await staff.use_step(tx, member, step)
            done = done and await staff.enrol(
                tx, member, sealed, codes.kept_codes(fresh), visit.now
            )
        if done:
            await went_well(visit, tx)
            await sign_in_failures.clear(tx, code_key(member))
            await visit.note(tx, "telephone_enrolled")
            await staff_sessions.end_all(tx, member)
            token = await begin(visit, tx, member, "in")
    if not done:
        return await _scan(visit, LOCKED.format(minutes=wait) if wait else WRONG_CODE, 422)
    return visit.page("recovery_codes.html", codes=fresh, token=token, first=True)


async def _scan(visit: Visit, error: str, status: int) -> Response:
    member = visit.me.staff
    async with visit.office.store.read() as tx:
        known = await staff.peek(tx, member)
    if known is None or known.totp is None:
        return visit.go("/desk/sign-in")
    secret = visit.office.keys.open(known.totp, totp_place(member))
    return visit.page(
        "enrol.html",
        status,
        picture=codes.picture(secret, known.member.name),
        secret=codes.in_groups(secret),
        error=error,
    )
