"""`python -m bot staff …`: who works at the desk, from the machine itself; the first one, too."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.desk.arriving import clean_name
from bot.desk.members import BadMember, add, disable, enable, reset, set_role
from bot.desk.office import Options
from bot.desk.roles import ROLES
from bot.store import audit, staff
from bot.store.engine import Store
from bot.store.staff import Member

BY = "命令行"  # who did it, in the audit log

Say = Callable[[str], None]


async def run(
    store: Store, clock: Clock, options: Options, base: str, say: Say, words: list[str]
) -> int:
    """`words`: what to do, to whom, and as what. Exit status: 1 if it could not be done."""
    act, *rest = words
    now = clock()

    async def note(tx: AsyncConnection, action: str, subject: str, detail: str = "") -> None:
        await audit.note(tx, audit.Act(now, BY, action, subject, detail))

    if act == "list":
        async with store.read() as tx:
            for member in await staff.members(tx):
                say(_line(member))
        return 0
    try:
        async with store.write() as tx:
            if act == "add":
                name, role = rest
                link = await add(tx, name, role, now, options, note)
            else:
                member = await _known(tx, rest[0])
                link = ""
                if act == "reset":
                    link = await reset(tx, member, now, options, note)
                elif act == "disable":
                    await disable(tx, member, now, note, keep_an_admin=False)
                elif act == "enable":
                    await enable(tx, member, note)
                else:
                    await set_role(tx, member, rest[1], note, keep_an_admin=False)
    except BadMember as error:
        say(str(error))
        return 1
    if link:
        hours = round(options.invite_for.total_seconds() / 3600)
        say(f"一次性链接，{hours} 小时内有效，只显示这一次，请当面或用安全的方式交给本人：")
        say(f"{base}/desk/welcome/{link}")
    else:
        say("已办好。")
    return 0


async def _known(tx: AsyncConnection, name: str) -> Member:
    known = await staff.by_name(tx, clean_name(name))
    if known is None:
        raise BadMember(f"没有叫“{name}”的人员。用 python -m bot staff list 看名单。")
    return known.member


def _line(member: Member) -> str:
    role = ROLES.get(member.role, member.role)  # type: ignore[call-overload] # as stored
    state = "已停用" if member.disabled_at else "可登录" if member.enrolled else "未登录过"
    return f"{member.name}\t{role}\t{state}\t{member.created_at:%Y-%m-%d}"
