"""What staff do with a consultation, each in one transaction, with what the citizen is told of it.

Rule 1: the case's row is held first; a token that was seen before changes nothing (a double click).
Rule 2: merged cases follow: what is answered or closed for one is told to each asker, privately.
Rule 3: `by` is the staff member's name; it goes into the case's history, never to the citizen.
Rule 4: the staff's group hears of what is done elsewhere, so that nobody answers twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never

from bot.act import Act, Acting, Along
from bot.channels.base import CaseAction
from bot.engine import words
from bot.engine.case import Case, CaseNews, News
from bot.engine.consulting.shown import staff_head
from bot.engine.promise import Service, pledged
from bot.engine.types import Address, Reply
from bot.engine.workdays import Office
from bot.store import cases, outbox
from bot.store.cases import Happening, Kept
from bot.store.outbox import Outgoing

GROUPS = "telegram:"  # tokens of what was said in the group, where everybody has read it
LONGEST = 500  # characters of a reply that are told there


class Casework:
    """The desk's and the staff group's hands. `office` gives the hours by which time is counted."""

    def __init__(
        self,
        host: Acting,
        office: Callable[[], Office],
        service: Callable[[], Service] = Service,
        staff: Address | None = None,
    ) -> None:
        self._host = host
        self._office = office
        self._service = service
        self._staff = staff

    async def work(self, number: str, action: CaseAction, text: str, token: str, by: str) -> bool:
        """One step by its name."""
        match action:
            case "reply":
                return await self.answer(number, text, token, by)
            case "need":
                return await self.need(number, text, token, by)
            case "close":
                return await self.close(number, token, by, text)
            case "claim":
                return await self.claim(number, by)
            case "note":
                return await self.note(number, text, by)
        assert_never(action)

    async def answer(
        self, number: str, text: str, token: str, by: str, along: Along | None = None
    ) -> bool:
        """The reply to the citizen; False if there is no such case, or it was withdrawn."""

        def answered(kept: Kept, now: datetime) -> dict[str, Any]:
            values = {
                **{"state": "answered", "answer": text, "answered_at": now},
                **{"answers": kept.case.answers + 1, "read": False, "rated": None, "wanted": ""},
            }
            if kept.case.answers == 0:
                worked = self._office().worked(kept.case.created_at, now)
                in_time = now <= kept.case.promised_at
                values |= {"first_answered_at": now, "worked_minutes": worked, "in_time": in_time}
            return values

        return await self._tell(number, "answered", text, token, by, answered, along)

    async def need(
        self, number: str, text: str, token: str, by: str, along: Along | None = None
    ) -> bool:
        """Staff need to know something; False if the case is not open."""
        return await self._tell(
            number,
            "needs_info",
            text,
            token,
            by,
            lambda kept, now: {"state": "needs_info", "wanted": text},
            along,
            only_unanswered=True,
        )

    async def close(
        self, number: str, token: str, by: str, text: str = "", along: Along | None = None
    ) -> bool:
        return await self._tell(
            number,
            "closed",
            text,
            token,
            by,
            lambda kept, now: {"state": "closed", "closed_at": now},
            along,
        )

    async def transfer(
        self, number: str, department: str, token: str, by: str, along: Along | None = None
    ) -> bool:
        """To another department; nobody has it then."""
        return await self._tell(
            number,
            "transferred",
            department,
            token,
            by,
            lambda kept, now: {"department": department, "assignee": None},
            along,
            only_unanswered=True,
        )

    async def claim(self, number: str, by: str, along: Along | None = None) -> bool:
        """`by` takes it up; the citizen is told the first time."""
        return await self.assign(number, by, by, along)

    async def assign(self, number: str, to: str, by: str, along: Along | None = None) -> bool:
        """`to` has it from now on; False if it is not open."""
        async with self._host.act() as act:
            kept = await cases.held(act.tx, number)
            if kept is None or not kept.case.unanswered:
                return False
            first = kept.case.state == "received"
            values = {"assignee": to, **({"state": "taken"} if first else {})}
            await _written(act, Happening(number, by, "taken", to), values, along)
            did = "taken" if to == by else "assigned"
            await self._tell_group(act, kept.case, did, by, to, f"{act.now:%Y%m%d%H%M%S%f}")
            if first:
                case = replace(kept.case, state="taken")
                await act.happened(kept.at, CaseNews(case, "taken"), f"case:{number}:taken")
        return True

    async def note(self, number: str, text: str, by: str, along: Along | None = None) -> bool:
        """For staff only."""
        return await self._silently(Happening(number, by, "note", text), lambda now: {}, along)

    async def snooze(
        self, number: str, until: datetime, by: str, along: Along | None = None
    ) -> bool:
        """Out of the queue until then; the promise stays."""
        happening = Happening(number, by, "snoozed", until.isoformat(timespec="minutes"))
        return await self._silently(
            happening, lambda now: {"snoozed_until": until}, along, unanswered=True
        )

    async def reopen(self, number: str, by: str, along: Along | None = None) -> bool:
        """What was done is open again, with the promise of a follow-up question."""

        def values(now: datetime) -> dict[str, Any]:
            service = self._service()
            pledge = pledged(self._office(), service, now, service.follow_up_days)
            anew = {"closed_at": None, "snoozed_until": None, "escalated_at": None}
            due = {"promised_at": pledge.until, "warn_at": pledge.warn_at}
            return {"state": "taken", **anew, **due, "resolve_by": cases.resolved_by(pledge.until)}

        return await self._silently(
            Happening(number, by, "reopened"), values, along, unanswered=False
        )

    async def merge(self, number: str, into: str, by: str, along: Along | None = None) -> bool:
        """`number` waits for the answer to `into`; False if one of them is not open."""
        async with self._host.act() as act:
            both = [await cases.held(act.tx, one) for one in sorted({number, into})]
            if len(both) < 2 or not all(one and one.case.unanswered for one in both):
                return False
            if await cases.is_merged(act.tx, into):
                return False
            for follower in await cases.merged(act.tx, number):
                await cases.change(act.tx, follower.case.number, {"merged_into": into})
            await _written(act, Happening(number, by, "merged", into), {"merged_into": into}, along)
        return True

    async def _silently(
        self,
        happening: Happening,
        values: Callable[[datetime], dict[str, Any]],
        along: Along | None,
        unanswered: bool | None = None,
    ) -> bool:
        """Changes a case without a word to the citizen; `unanswered`: only such a case."""
        async with self._host.act() as act:
            kept = await cases.held(act.tx, happening.number)
            if kept is None or (unanswered is not None and kept.case.unanswered is not unanswered):
                return False
            await _written(act, happening, values(act.now), along)
            if happening.kind in words.STAFF_DID:
                token = f"{act.now:%Y%m%d%H%M%S%f}"
                await self._tell_group(act, kept.case, happening.kind, happening.by, "", token)
        return True

    async def _tell(
        self,
        number: str,
        news: News,
        text: str,
        token: str,
        by: str,
        values: Callable[[Kept, datetime], dict[str, Any]],
        along: Along | None,
        only_unanswered: bool = False,
    ) -> bool:
        async with self._host.act() as act:
            kept = await cases.held(act.tx, number)
            if kept is None or not _open(kept.case, only_unanswered):
                return False
            if not await act.once(f"case:{number}:{news}:{token}"):
                return True
            if along:
                await along(act.tx)
            followers = await cases.merged(act.tx, number)
            for one in (kept, *followers):
                await _told(
                    act, one, CaseNews(one.case, news, text), by, token, values(one, act.now)
                )
            if news in ("closed", "transferred") or not token.startswith(GROUPS):
                await self._tell_group(act, kept.case, news, by, text, token)
        return True

    async def _tell_group(
        self, act: Act, case: Case, did: str, by: str, text: str, token: str
    ) -> None:
        """What somebody did elsewhere; a topic of the case opens or closes with it."""
        if self._staff is None:
            return
        said = words.STAFF_DID[did].format(by=by, text=text[:LONGEST])
        reply = Reply("handoff", f"#C{case.number}\n{staff_head(case)}{said}")
        key = f"case:{case.number}:{did}:{token}:staff"
        await outbox.put(act.tx, [Outgoing(self._staff, reply, "case", key)], act.now)
        act.told |= {self._staff}


def _open(case: Case, only_unanswered: bool) -> bool:
    return case.unanswered if only_unanswered else case.state not in ("closed", "withdrawn")


async def _told(
    act: Act, kept: Kept, event: CaseNews, by: str, token: str, values: dict[str, Any]
) -> None:
    number = kept.case.number
    await _written(act, Happening(number, by, event.news, event.text), values, None)
    seen = {name: value for name, value in values.items() if name in Case.__slots__}
    event = replace(event, case=replace(kept.case, **seen))
    await act.happened(kept.at, event, f"case:{number}:{event.news}:{token}")


async def _written(
    act: Act, happening: Happening, values: dict[str, Any], along: Along | None
) -> None:
    if along:
        await along(act.tx)
    if values:
        await cases.change(act.tx, happening.number, values)
    await cases.happened(act.tx, [happening], act.now)
