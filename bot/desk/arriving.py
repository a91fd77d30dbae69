"""What the ways into the desk have in common: counting failures, and beginning a session."""

from __future__ import annotations

import ipaddress
import math
import unicodedata
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.desk import codes
from bot.desk.office import Office
from bot.desk.tokens import failure_key, kept, new_token
from bot.desk.visit import Visit
from bot.store import sign_in_failures, staff, staff_sessions
from bot.store.staff import Credentials

HALFWAY = timedelta(minutes=10)  # between the password and the code
MOST_AGENT = 200  # characters of a browser's name


def clean_name(typed: str) -> str:
    """Names as they are kept: full-width letters and capitals are the same to a person."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def totp_place(member: int) -> str:
    """Where a secret is sealed."""
    return f"staff:{member}/totp"


async def locked(visit: Visit, tx: AsyncConnection, *accounts: str) -> int | None:
    """Counts an attempt by account and by address; minutes to wait if one of them is locked."""
    options = visit.office.options
    limits = {address_key(visit.address): options.lock_after_address}
    limits |= dict.fromkeys(accounts, options.lock_after)
    for key, most in limits.items():
        until = await sign_in_failures.attempt(tx, key, most, visit.now, options.lock_for)
        if until is not None:
            return max(1, math.ceil((until - visit.now) / timedelta(minutes=1)))
    return None


async def went_well(visit: Visit, tx: AsyncConnection, *accounts: str) -> None:
    """The attempt that `locked` counted does not count."""
    await sign_in_failures.take_back(tx, [address_key(visit.address), *accounts])


def name_key(name: str) -> str:
    return failure_key("name", name)


def code_key(member: int) -> str:
    return failure_key("code", str(member))


def address_key(address: str) -> str:
    """A household of IPv6 is one address: whoever has one has all of its 2^64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return failure_key("address", address)
    if parsed.version == 6:
        parsed = ipaddress.ip_network((parsed, 64), strict=False).network_address
    return failure_key("address", str(parsed))


async def begin(visit: Visit, tx: AsyncConnection, member: int, stage: str) -> str:
    """A new session in place of the one there was, if any; its token for the cookie."""
    now, options = visit.now, visit.office.options
    if visit.session is not None:
        await staff_sessions.end(tx, visit.session.id, visit.session.staff)
    token = new_token()
    until = now + (options.longest if stage == "in" else HALFWAY)
    agent = visit.request.headers.get("user-agent", "")[:MOST_AGENT]
    await staff_sessions.begin(tx, kept(token), member, stage, visit.address, agent, now, until)
    await staff_sessions.forget(tx, now, now - options.idle)
    await sign_in_failures.forget(tx, now - options.lock_for)
    return token


async def begin_enrolment(office: Office, tx: AsyncConnection, member: int) -> None:
    """A fresh secret, sealed, that does not count yet."""
    sealed = office.keys.seal(codes.new_secret(), totp_place(member))
    await staff.begin_enrolment(tx, member, sealed)


async def code_fits(visit: Visit, tx: AsyncConnection, known: Credentials, typed: str) -> bool:
    """Uses up a code of the telephone."""
    if known.totp is None or not known.member.enrolled:
        return False
    place = totp_place(known.member.id)
    secret = visit.office.keys.open(known.totp, place)
    step = codes.step_of(secret, typed, visit.now)
    if step is None or not await staff.use_step(tx, known.member.id, step):
        return False
    if visit.office.keys.is_old(known.totp):
        await staff.reseal(tx, known.member.id, visit.office.keys.seal(secret, place))
    return True
