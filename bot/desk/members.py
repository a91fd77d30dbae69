"""What an administrator does to a member of staff, on a page or by command; each is noted.

Rule 1: a link opens the door once, within its hours; what opened it before does not any more.
Rule 2: whoever is disabled or reset is signed out everywhere at once.
Rule 3: an administrator remains, unless the machine's own command says otherwise.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.desk.arriving import clean_name, code_key, name_key
from bot.desk.office import Options
from bot.desk.roles import known_role
from bot.desk.tokens import kept, new_token
from bot.store import sign_in_failures, staff, staff_sessions
from bot.store.staff import Member

_NAME = re.compile(r"[\w.@-]{1,40}")


class BadMember(ValueError):
    """It cannot be done; the message says why, for people."""


class LastAdmin(BadMember):
    """Nobody would be left to administer."""


class Note(Protocol):
    async def __call__(
        self, tx: AsyncConnection, action: str, subject: str, detail: str = "", /
    ) -> None: ...


async def add(
    tx: AsyncConnection, name: str, role: str, now: datetime, options: Options, note: Note
) -> str:
    """The token of the one-time link. Raises BadMember."""
    clean = clean_name(name)
    if not _NAME.fullmatch(clean):
        raise BadMember("用户名可用汉字、字母、数字和 . _ - @，不超过 40 个字，中间没有空格。")
    if not known_role(role):
        raise BadMember("没有这个角色。")
    number = await staff.add(tx, clean, role, now)
    if number is None:
        raise BadMember(f"“{clean}”已有人用过，请换一个用户名。")
    await note(tx, "member_added", f"staff:{number}", f"{clean} {role}")
    return await _invite(tx, number, now, options)


async def reset(
    tx: AsyncConnection, member: Member, now: datetime, options: Options, note: Note
) -> str:
    """The token of a new one-time link. Raises BadMember."""
    if member.disabled_at:
        raise BadMember("此人已停用，请先恢复。")
    await staff_sessions.end_all(tx, member.id)
    await sign_in_failures.clear(tx, name_key(member.name))
    await sign_in_failures.clear(tx, code_key(member.id))
    await note(tx, "member_reset", f"staff:{member.id}", member.name)
    return await _invite(tx, member.id, now, options)


async def _invite(tx: AsyncConnection, number: int, now: datetime, options: Options) -> str:
    token = new_token()
    await staff.invite(tx, number, kept(token), now + options.invite_for)
    return token


async def disable(
    tx: AsyncConnection, member: Member, now: datetime, note: Note, *, keep_an_admin: bool = True
) -> None:
    """Raises LastAdmin."""
    await _keep_an_admin(tx, member, keep_an_admin)
    if await staff.disable(tx, member.id, now):
        await staff_sessions.end_all(tx, member.id)
        await note(tx, "member_disabled", f"staff:{member.id}", member.name)


async def enable(tx: AsyncConnection, member: Member, note: Note) -> None:
    if member.disabled_at:
        await staff.enable(tx, member.id)
        await note(tx, "member_enabled", f"staff:{member.id}", member.name)


async def set_role(
    tx: AsyncConnection, member: Member, role: str, note: Note, *, keep_an_admin: bool = True
) -> None:
    """Raises BadMember, LastAdmin."""
    if not known_role(role):
        raise BadMember("没有这个角色。")
    if role == member.role:
        return
    await _keep_an_admin(tx, member, keep_an_admin)
    await staff.set_role(tx, member.id, role)
    detail = f"{member.name} {member.role} → {role}"
    await note(tx, "role_changed", f"staff:{member.id}", detail)


async def _keep_an_admin(tx: AsyncConnection, member: Member, wanted: bool) -> None:
    if not wanted or member.role != "admin" or member.disabled_at:
        return
    if await staff.count_of(tx, "admin") < 2:
        raise LastAdmin("至少要留一位管理员。")
