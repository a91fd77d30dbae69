"""The staff's clock: what is due soon, what went over a target, what nears a red line.

Every quarter of an hour. Each warning is a row of the case's history and, if there is a staff group,
a message there; what went over goes to its owner. A missed tick is caught up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.act import Act, Acting
from bot.engine import words
from bot.engine.case import HEAD
from bot.engine.consulting.shown import staff_head
from bot.engine.types import Address, Reply
from bot.store import case_clock, cases, outbox
from bot.store.case_clock import Pressing
from bot.store.case_numbers import RED_LINES
from bot.store.cases import Happening
from bot.store.outbox import Outgoing
from scheduler.runner import Job

AT = "*/15 * * * *"


@dataclass(frozen=True, slots=True)
class Owners:
    """Names of the staff members to whom cases go that went over; empty: nobody."""

    usual: str = ""
    of_kind: Mapping[str, str] = field(default_factory=dict)  # and of HEAD
    of_department: Mapping[str, str] = field(default_factory=dict)

    def of(self, one: Pressing) -> str:
        """The head's letters stay with theirs; then the department's, the kind's, the usual one."""
        if one.for_head and (head := self.of_kind.get(HEAD)):
            return head
        department = self.of_department.get(one.department or "")
        return department or self.of_kind.get(one.kind) or self.usual


def service_levels(host: Acting, owners: Owners, staff: Address | None = None) -> Job:
    async def tick() -> Mapping[str, int]:
        return await watch(host, owners, staff)

    return Job("service_levels", AT, tick)


async def watch(host: Acting, owners: Owners, staff: Address | None) -> dict[str, int]:
    """Warns and hands over what has to be; how much of each."""
    async with host.act() as act:
        told = _Telling(act, owners, staff)
        now = act.now
        done = {
            "warned": await told("warned", await case_clock.pressing(act.tx, now)),
            "escalated": await told("to_owner", await case_clock.breached(act.tx, now)),
            "unresolved": await told("unresolved", await case_clock.unresolved(act.tx, now)),
        }
        for days in RED_LINES:
            line = f"red_{days}"
            old = await case_clock.beyond(act.tx, now - timedelta(days=days), line)
            done[line] = await told(line, old)
    return done


@dataclass(frozen=True, slots=True)
class _Telling:
    act: Act
    owners: Owners
    staff: Address | None

    async def __call__(self, kind: str, ones: Sequence[Pressing]) -> int:
        """Writes it down, hands over what went over, tells the group."""
        if kind in ("to_owner", "unresolved"):
            for one in ones:
                if values := self._handed(kind, one):
                    await cases.change(self.act.tx, one.number, values)
        await cases.happened(
            self.act.tx,
            [Happening(one.number, "bot", kind, self._owner(kind, one)) for one in ones],
            self.act.now,
        )
        await self._tell_group(kind, ones)
        return len(ones)

    def _handed(self, kind: str, one: Pressing) -> dict[str, Any]:
        owner = self.owners.of(one)
        values: dict[str, Any] = {"assignee": owner} if owner else {}
        if kind == "to_owner":
            values["escalated_at"] = cases.escalated_since(self.act.now)
        return values

    def _owner(self, kind: str, one: Pressing) -> str:
        return self.owners.of(one) if kind in ("to_owner", "unresolved") else ""

    async def _tell_group(self, kind: str, ones: Sequence[Pressing]) -> None:
        if self.staff is None:
            return
        round_ = f"{self.act.now:%Y%m%d%H%M}"  # each case once a round, and a round has its time
        told = [
            Outgoing(
                self.staff,
                Reply("handoff", f"#C{one.number}\n{staff_head(one)}{self._words(kind, one)}"),
                origin="case",
                key=f"case:{one.number}:{kind}:{round_}",
            )
            for one in ones
        ]
        await outbox.put(self.act.tx, told, self.act.now)
        self.act.told |= {self.staff} if told else set()

    def _words(self, kind: str, one: Pressing) -> str:
        return words.STAFF_CLOCK[kind].format(
            due=f"{one.promised_at:%m-%d %H:%M}",
            who=one.assignee or words.NOBODY_YET,
            owner=self.owners.of(one) or words.THE_OWNER,
            title=one.title,
        )
