"""The staff's clock: what is due soon, what went over its promise, what nears a red line.

Every quarter of an hour. Each warning is a row of the case's history and, if there is a staff group,
a message there; what was escalated goes to the named owner. A missed tick is caught up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.act import Act, Acting
from bot.engine import words
from bot.engine.types import Address, Reply
from bot.store import case_clock, cases, outbox
from bot.store.case_clock import Pressing
from bot.store.case_numbers import RED_LINES
from bot.store.cases import Happening
from bot.store.outbox import Outgoing
from scheduler.runner import Job

AT = "*/15 * * * *"
SOON = timedelta(hours=4)


def service_levels(host: Acting, owner: str = "", staff: Address | None = None) -> Job:
    """`owner`: the name of the staff member to whom escalated cases go; empty: nobody."""

    async def tick() -> Mapping[str, int]:
        return await watch(host, owner, staff)

    return Job("service_levels", AT, tick)


async def watch(host: Acting, owner: str, staff: Address | None) -> dict[str, int]:
    """Warns and hands over what has to be; how much of each."""
    async with host.act() as act:
        soon = await case_clock.soon_due(act.tx, act.now + SOON)
        await _tell(act, staff, "warned", soon)
        late = await case_clock.escalated(act.tx)
        await _tell(act, staff, "to_owner", late, owner)
        for one in late:
            if owner:
                await cases.change(act.tx, one.number, {"assignee": owner})
        done = {"warned": len(soon), "escalated": len(late)}
        for days in RED_LINES:
            line = f"red_{days}"
            old = await case_clock.beyond(act.tx, act.now - timedelta(days=days), line)
            await _tell(act, staff, line, old)
            done[line] = len(old)
    return done


async def _tell(
    act: Act, staff: Address | None, kind: str, ones: Sequence[Pressing], owner: str = ""
) -> None:
    await cases.happened(
        act.tx, [Happening(one.number, "bot", kind, owner) for one in ones], act.now
    )
    if staff is None:
        return
    told = [
        Outgoing(
            staff,
            Reply("handoff", f"#C{one.number}\n{_words(kind, one)}"),
            origin="case",
            key=f"case:{one.number}:{kind}",
        )
        for one in ones
    ]
    await outbox.put(act.tx, told, act.now)
    act.told |= {staff} if told else set()


def _words(kind: str, one: Pressing) -> str:
    who = one.assignee or words.NOBODY_YET
    said = words.STAFF_CLOCK[kind]
    return said.format(due=f"{one.promised_at:%m-%d %H:%M}", who=who, title=one.title)
