"""What a turn needs done before its reply can be finished, carried out in the turn's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any, assert_never

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.case import (
    Case,
    CaseFiled,
    CaseKind,
    CaseMoved,
    CaseMoveTold,
    CaseOpened,
    CasesFound,
    CasesSought,
    may,
)
from bot.engine.person import (
    DataErased,
    DataGathered,
    DataGone,
    DataWanted,
    LinkCut,
    LinkEnded,
    LinkMade,
    LinkTold,
    LinkTried,
    LinkWanted,
)
from bot.engine.preferences import PreferencesFound, PreferencesSought
from bot.engine.saved import ResultDropped, ResultSaved, ResultsFound, ResultsGone, ResultsSought
from bot.engine.types import (
    Address,
    AlarmsFound,
    AlarmsSought,
    Errand,
    Event,
    LectureSought,
    LectureTold,
    QueueFound,
    QueueSought,
)
from bot.store import (
    alarms,
    cases,
    conversations,
    half_days,
    handoffs,
    lectures,
    links,
    people,
    preferences,
    rights,
    saved_results,
)
from bot.store.cases import Filing, Happening

USUAL = timedelta(days=30)  # over which the usual time to an answer is taken
FEWEST = 5  # answers from which a median is worth telling


def six_digits() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


class Errands:
    """Carries out the errands of a batch. `code` makes a query code."""

    def __init__(self, code: Callable[[], str] = six_digits) -> None:
        self._code = code

    async def run(
        self, tx: AsyncConnection, sent: Sequence[tuple[Address, Errand]], now: datetime
    ) -> list[Event]:
        """What came of each, in their order."""
        persons = await people.persons(tx, {at for at, _ in sent})
        opened = await self._file(tx, sent, persons, now)
        events: list[Event] = []
        for at, errand in sent:
            match errand:
                case CaseFiled():
                    events.append(opened.pop(0))
                case CasesSought():
                    events.append(await _seek(tx, persons[at], errand, now))
                case CaseMoved():
                    events.append(await _move(tx, at, persons[at], errand, now))
                case PreferencesSought():
                    found = await preferences.of(tx, [at])
                    events.append(PreferencesFound(errand, found[at]))
                case LectureSought():
                    events.append(await _lecture(tx, at, errand, now))
                case AlarmsSought():
                    events.append(AlarmsFound(errand, await alarms.of(tx, at, errand.named)))
                case QueueSought():
                    line = await handoffs.queue(tx, now)
                    events.append(QueueFound(*line, await half_days.read(tx)))
                case LinkWanted():
                    events.append(await self._link_code(tx, at, now))
                case LinkTried():
                    events.append(await _link(tx, at, persons[at], errand.code, now))
                case LinkCut():
                    events.append(LinkEnded(await links.cut(tx, at)))
                case DataWanted():
                    theirs = await people.addresses(tx, at, persons[at])
                    events.append(DataGathered(*await rights.gather(tx, theirs, persons[at])))
                case DataErased():
                    theirs = await people.addresses(tx, at, persons[at])
                    events.append(DataGone(*await rights.erase(tx, theirs, persons[at])))
                case ResultSaved():
                    theirs = await people.addresses(tx, at, persons[at])
                    events.append(await saved_results.keep(tx, theirs, errand, now))
                case ResultsSought():
                    theirs = await people.addresses(tx, at, persons[at])
                    results = await saved_results.own(tx, theirs, errand.number)
                    events.append(ResultsFound(errand, tuple(results)))
                case ResultDropped():
                    theirs = await people.addresses(tx, at, persons[at])
                    gone = await saved_results.drop(tx, theirs, errand.number)
                    events.append(ResultsGone(errand, gone))
                case _:
                    assert_never(errand)
        return events

    async def _link_code(self, tx: AsyncConnection, at: Address, now: datetime) -> LinkMade:
        while not await links.make(tx, at, code := self._code(), now):
            pass
        return LinkMade(code)

    async def _file(
        self,
        tx: AsyncConnection,
        sent: Sequence[tuple[Address, Errand]],
        persons: Mapping[Address, str],
        now: datetime,
    ) -> list[CaseOpened]:
        """Set-wise: the rush on a Monday morning is filing."""
        filings = [
            Filing(persons[at], at, errand.draft, self._code())
            for at, errand in sent
            if isinstance(errand, CaseFiled)
        ]
        filed = await cases.file(tx, filings, now)
        usual = {kind: await _usual(tx, kind, now) for kind in {case.kind for case in filed}}
        busy = await half_days.read(tx) if filed else ()
        return [
            CaseOpened(case, filing.code, usual[case.kind], busy)
            for case, filing in zip(filed, filings, strict=True)
        ]


async def _usual(tx: AsyncConnection, kind: CaseKind, now: datetime) -> int | None:
    minutes = await cases.worked(tx, kind, now - USUAL)
    return round(median(minutes)) if len(minutes) >= FEWEST else None


async def _link(
    tx: AsyncConnection, at: Address, person: str, code: str, now: datetime
) -> LinkTold:
    if await links.locked(tx, at, now):
        return LinkTold("locked")
    other = await links.use(tx, code, now)
    if other is None:
        await links.wrong(tx, at, now)
        return LinkTold("locked" if await links.locked(tx, at, now) else "wrong")
    if other == at:
        return LinkTold("same")
    theirs = (await people.persons(tx, [other]))[other]
    await links.join(tx, at, other, theirs)
    await links.merge(tx, person, theirs)
    there = await conversations.peek(tx, other)
    begun = (*there.drafts, there.form) if there.form else there.drafts
    return LinkTold("linked", other.channel, begun)


async def _seek(tx: AsyncConnection, person: str, sought: CasesSought, now: datetime) -> CasesFound:
    if not sought.number:
        return CasesFound(sought, tuple(await cases.own(tx, person)))
    if sought.code:
        kept, locked = await cases.unlocked(tx, sought.number, sought.code, now.date())
        return CasesFound(sought, (kept.case,) if kept else (), locked)
    kept = await cases.one(tx, sought.number)
    if kept is None or kept.person != person or _needs_code(kept.case, sought):
        return CasesFound(sought)
    return CasesFound(sought, (kept.case,))


def _needs_code(case: Case, sought: CasesSought) -> bool:
    """Whoever asked anonymously was told that only the code shows the result."""
    return case.anonymous and sought.why == "status"


async def _move(
    tx: AsyncConnection, at: Address, person: str, moved: CaseMoved, now: datetime
) -> CaseMoveTold:
    kept = await cases.held(tx, moved.number)
    if kept is None or kept.person != person:
        return CaseMoveTold(moved, None, done=False)
    case = kept.case
    elsewhere = moved.move == "contact" and kept.at != at  # it is sealed for this address
    if elsewhere or not may(case, moved.move, now.date()):
        return CaseMoveTold(moved, case, done=False)
    values = _values(case, moved, now)
    urges = {"urges": cases.one_more_urge()} if moved.move == "urge" else {}
    await cases.change(tx, case.number, {**values, **urges})
    by = "bot" if moved.move == "escalate" else "citizen"
    text = "" if moved.move == "contact" else moved.text  # sealed, in its own column only
    await cases.happened(tx, [Happening(case.number, by, moved.move, text, moved.evidence)], now)
    if moved.rating:
        await cases.rate(tx, case.number, case.answers, moved.rating, moved.text, now)
    seen = {name: value for name, value in values.items() if name in Case.__slots__}
    return CaseMoveTold(moved, replace(case, **seen), done=True)


def _values(case: Case, moved: CaseMoved, now: datetime) -> dict[str, Any]:
    """What the move sets in the case's row."""
    again: dict[str, Any] = {"promised_at": moved.promised_at or case.promised_at}
    if moved.promised_at:
        again["warn_at"] = moved.warn_at
    match moved.move:
        case "urge":
            return {"urged_on": now.date()}
        case "supplement":
            back = {"state": "taken", "wanted": ""} if case.state == "needs_info" else {}
            return {**back, "promised_at": case.promised_at}
        case "withdraw":
            return {"state": "withdrawn", "closed_at": now}
        case "follow_up" | "reopen":
            anew = {"closed_at": None, "snoozed_until": None, "escalated_at": None}
            by = cases.resolved_by(again["promised_at"])
            return {"state": "taken", **anew, **again, "resolve_by": by}
        case "rate" if moved.rating == "bad":
            return {"rated": "bad", "state": "taken", "escalated_at": now, **again}
        case "rate":
            return {"rated": moved.rating}
        case "read":
            return {"read": True}
        case "contact":
            return {"contact": moved.text}
        case "asked":
            return {"read": case.read or case.answers > 0}
        case "escalate":
            return {"escalated_at": cases.escalated_since(now)}
    raise AssertionError(moved.move)


async def _lecture(
    tx: AsyncConnection, at: Address, sought: LectureSought, now: datetime
) -> LectureTold:
    found = await lectures.one(tx, sought.lecture)
    if found is None:
        return LectureTold(sought)
    title, begins, place = found
    if not sought.join:
        await lectures.leave(tx, sought.lecture, at)
    elif begins > now:
        await lectures.join(tx, sought.lecture, at, now)
    return LectureTold(sought, title, begins, place)
