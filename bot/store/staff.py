"""Who works at the desk: names, roles, and what opens the door for them.

Rule 1: nothing here opens it by itself: passwords are argon2's text, secrets are sealed, the tokens
        of links and recovery codes are hashes.
Rule 2: whatever may be used once is used by a statement that can succeed once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.engine import on_both
from bot.store.tables import staff, staff_recovery_codes


@dataclass(frozen=True, slots=True)
class Member:
    """`enrolled`: has set up the codes of a telephone. `invited_until`: an unused link is out."""

    id: int
    name: str
    role: str
    enrolled: bool
    invited_until: datetime | None
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """`password` None: not set yet. `totp`: sealed; it counts if `enrolled`."""

    member: Member
    password: str | None
    totp: str | None


_OF = staff.c.id == bindparam("of_id")

# A new member; a name that was ever given stays taken.
_ADD = on_both(
    lambda insert: (
        insert(staff)
        .values(totp_step=0)
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(staff.c.id)
    )
)

# One by name, held until the end of the transaction where the database can.
_BY_NAME = select(staff).where(staff.c.name == bindparam("of_name")).with_for_update()
_BY_ID = select(staff).where(_OF).with_for_update()
_READ = select(staff).where(_OF)
_ALL = select(staff).order_by(staff.c.disabled_at.is_not(None), staff.c.id)

# The first sign-in is to come: whatever opened the door before does not any more.
_INVITE = (
    update(staff)
    .where(_OF)
    .values(
        password=None,
        totp=None,
        enrolled_at=None,
        invite=bindparam("token"),
        invite_until=bindparam("limit"),
    )
)
_INVITED = select(staff).where(
    staff.c.invite == bindparam("token"),
    staff.c.invite_until > bindparam("now"),
    staff.c.disabled_at.is_(None),
)
_INVITED_HELD = _INVITED.with_for_update()
_SET_PASSWORD = (
    update(staff).where(_OF).values(password=bindparam("hashed"), invite=None, invite_until=None)
)
_SET_TOTP = update(staff).where(_OF).values(totp=bindparam("sealed"), enrolled_at=None)
_RESEAL = update(staff).where(_OF).values(totp=bindparam("sealed"))
_ENROL = (
    update(staff)
    .where(_OF, staff.c.totp == bindparam("sealed"), staff.c.enrolled_at.is_(None))
    .values(enrolled_at=bindparam("now"))
)

# A code counts once: only a later step than the last one is taken.
_USE_STEP = (
    update(staff)
    .where(_OF, staff.c.totp_step < bindparam("step"))
    .values(totp_step=bindparam("step"))
)
_SET_ROLE = update(staff).where(_OF).values(role=bindparam("new_role"))
_DISABLE = (
    update(staff)
    .where(_OF, staff.c.disabled_at.is_(None))
    .values(disabled_at=bindparam("now"), invite=None, invite_until=None)
)
_ENABLE = update(staff).where(_OF).values(disabled_at=None)

# Those of a role who can sign in, or will: the last one must stay.
_OF_ROLE = (
    select(staff.c.id)
    .where(staff.c.role == bindparam("of_role"), staff.c.disabled_at.is_(None))
    .order_by(staff.c.id)
    .with_for_update()
)

_FORGET_CODES = delete(staff_recovery_codes).where(
    staff_recovery_codes.c.staff == bindparam("of_id")
)
_USE_CODE = (
    update(staff_recovery_codes)
    .where(
        staff_recovery_codes.c.staff == bindparam("of_id"),
        staff_recovery_codes.c.code == bindparam("hashed"),
        staff_recovery_codes.c.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
)
_CODES_LEFT = select(func.count()).where(
    staff_recovery_codes.c.staff == bindparam("of_id"), staff_recovery_codes.c.used_at.is_(None)
)


async def add(tx: AsyncConnection, name: str, role: str, now: datetime) -> int | None:
    """The new member's number; None if the name is taken."""
    row = {"name": name, "role": role, "created_at": now}
    number: int | None = (await tx.execute(_ADD[tx.dialect.name], row)).scalar()
    return number


async def members(tx: AsyncConnection) -> list[Member]:
    """All, those who may still sign in first."""
    return [_member(row) for row in await tx.execute(_ALL)]


async def get(tx: AsyncConnection, number: int) -> Member | None:
    row = (await tx.execute(_READ, {"of_id": number})).one_or_none()
    return _member(row) if row else None


async def by_name(tx: AsyncConnection, name: str) -> Credentials | None:
    """To be called in `write()`; the row is held."""
    return _credentials((await tx.execute(_BY_NAME, {"of_name": name})).one_or_none())


async def by_id(tx: AsyncConnection, number: int) -> Credentials | None:
    """To be called in `write()`; the row is held."""
    return _credentials((await tx.execute(_BY_ID, {"of_id": number})).one_or_none())


async def peek(tx: AsyncConnection, number: int) -> Credentials | None:
    """The same without holding it."""
    return _credentials((await tx.execute(_READ, {"of_id": number})).one_or_none())


async def invite(tx: AsyncConnection, number: int, token: str, limit: datetime) -> None:
    """A one-time link, by its hash; password, codes and recovery codes of before are gone."""
    await tx.execute(_INVITE, {"of_id": number, "token": token, "limit": limit})
    await tx.execute(_FORGET_CODES, {"of_id": number})


async def invited(tx: AsyncConnection, token: str, now: datetime) -> Member | None:
    """Whose link this is; None if it was used, has run out, or never was."""
    row = (await tx.execute(_INVITED, {"token": token, "now": now})).one_or_none()
    return _member(row) if row else None


async def use_invitation(
    tx: AsyncConnection, token: str, hashed: str, now: datetime
) -> Member | None:
    """Sets the password and uses up the link; None as above."""
    row = (await tx.execute(_INVITED_HELD, {"token": token, "now": now})).one_or_none()
    if row is None:
        return None
    await set_password(tx, row.id, hashed)
    return _member(row)


async def set_password(tx: AsyncConnection, number: int, hashed: str) -> None:
    """Uses up the link, too."""
    await tx.execute(_SET_PASSWORD, {"of_id": number, "hashed": hashed})


async def begin_enrolment(tx: AsyncConnection, number: int, sealed: str) -> None:
    """A new secret, which does not count until a code of it has been seen."""
    await tx.execute(_SET_TOTP, {"of_id": number, "sealed": sealed})
    await tx.execute(_FORGET_CODES, {"of_id": number})


async def enrol(
    tx: AsyncConnection, number: int, sealed: str, codes: Sequence[str], now: datetime
) -> bool:
    """False if another secret was begun meanwhile. `codes`: hashes of the recovery codes."""
    done = await tx.execute(_ENROL, {"of_id": number, "sealed": sealed, "now": now})
    if done.rowcount:
        await renew_codes(tx, number, codes)
    return bool(done.rowcount)


async def reseal(tx: AsyncConnection, number: int, sealed: str) -> None:
    await tx.execute(_RESEAL, {"of_id": number, "sealed": sealed})


async def use_step(tx: AsyncConnection, number: int, step: int) -> bool:
    """False if a code of this step, or of a later one, was used before."""
    return bool((await tx.execute(_USE_STEP, {"of_id": number, "step": step})).rowcount)


async def renew_codes(tx: AsyncConnection, number: int, codes: Sequence[str]) -> None:
    await tx.execute(_FORGET_CODES, {"of_id": number})
    rows = [{"staff": number, "code": code} for code in codes]
    await tx.execute(insert(staff_recovery_codes), rows)


async def use_code(tx: AsyncConnection, number: int, hashed: str, now: datetime) -> bool:
    """False if it is none of theirs, or was used before."""
    used = await tx.execute(_USE_CODE, {"of_id": number, "hashed": hashed, "now": now})
    return bool(used.rowcount)


async def codes_left(tx: AsyncConnection, number: int) -> int:
    return int((await tx.execute(_CODES_LEFT, {"of_id": number})).scalar_one())


async def set_role(tx: AsyncConnection, number: int, role: str) -> None:
    await tx.execute(_SET_ROLE, {"of_id": number, "new_role": role})


async def disable(tx: AsyncConnection, number: int, now: datetime) -> bool:
    """False if they were disabled before."""
    return bool((await tx.execute(_DISABLE, {"of_id": number, "now": now})).rowcount)


async def enable(tx: AsyncConnection, number: int) -> None:
    await tx.execute(_ENABLE, {"of_id": number})


async def count_of(tx: AsyncConnection, role: str) -> int:
    """How many with this role are not disabled. To be called in `write()`; their rows are held."""
    return len((await tx.execute(_OF_ROLE, {"of_role": role})).all())


def _credentials(row: Row[Any] | None) -> Credentials | None:
    return Credentials(_member(row), row.password, row.totp) if row else None


def _member(row: Row[Any]) -> Member:
    return Member(
        row.id,
        row.name,
        row.role,
        row.enrolled_at is not None,
        row.invite_until if row.invite else None,
        row.created_at,
        row.disabled_at,
    )
