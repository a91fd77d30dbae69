"""Consultations: filed with a number, read by their person, moved on by citizen and staff.

Rule 1: numbers of a day have no gap: the counter moves in the transaction that files.
Rule 2: whoever changes a case holds its row first (`held`) and writes an event with the change.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.case import Case, CaseDraft, CaseKind
from bot.engine.types import Address, Evidence
from bot.store import evidence
from bot.store.engine import on_both
from bot.store.moment import Moment
from bot.store.tables import case_days, case_events, case_ratings, cases

MOST_LISTED = 10
CODE_TRIES = 5  # wrong query codes a day, for one number

_COUNT = on_both(
    lambda insert: (
        (row := insert(case_days))
        .on_conflict_do_update(
            index_elements=["day"], set_={"last": case_days.c.last + row.excluded.last}
        )
        .returning(case_days.c.last)
    )
)

_SEEN = [
    cases.c[name]
    for name in (
        *("number", "kind", "state", "title", "text", "created_at", "promised_at", "answer"),
        *("answered_at", "answers", "read", "rated", "urged_on", "wanted"),
        *("region", "anonymous", "for_head"),
    )
]
_WHERE = [cases.c.channel, cases.c.user, cases.c.person]
_OWN = (
    select(*_SEEN)
    .where(cases.c.person == bindparam("of_person"), cases.c.anonymous.is_(False))
    .order_by(cases.c.number.desc())
    .limit(MOST_LISTED)
)
_ONE = select(*_SEEN, *_WHERE, cases.c.code, cases.c.code_tries, cases.c.code_tried_on).where(
    cases.c.number == bindparam("of_number")
)
_HELD = _ONE.with_for_update()
_MERGED = select(*_SEEN, *_WHERE).where(
    cases.c.merged_into == bindparam("of_number"),
    cases.c.state.in_(("received", "taken", "needs_info")),
)
_WORKED = (
    select(cases.c.worked_minutes)
    .where(
        cases.c.kind == bindparam("of_kind"),
        cases.c.first_answered_at >= bindparam("since"),
        cases.c.worked_minutes.is_not(None),
    )
    .order_by(cases.c.first_answered_at.desc())
    .limit(1_000)
)


@dataclass(frozen=True, slots=True)
class Filing:
    """A draft on its way in, with its asker and the query code that they are told."""

    person: str
    at: Address
    draft: CaseDraft
    code: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A case and whose it is."""

    case: Case
    person: str
    at: Address


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of a case's history. `by`: citizen, bot or a staff member's name."""

    number: str
    by: str
    kind: str
    text: str = ""
    evidence: tuple[Evidence, ...] = ()


async def file(tx: AsyncConnection, filings: Sequence[Filing], now: datetime) -> list[Case]:
    """Gives each the next number of the day and writes it down."""
    if not filings:
        return []
    day = now.strftime("%Y%m%d")
    counted = await tx.execute(_COUNT[tx.dialect.name], {"day": day, "last": len(filings)})
    first = counted.scalar_one() - len(filings) + 1
    rows = [_row(f"{day}{first + n:03d}", filing, now) for n, filing in enumerate(filings)]
    await tx.execute(insert(cases), rows)
    await happened(
        tx,
        [
            Happening(row["number"], "citizen", "filed", f.draft.text, f.draft.evidence)
            for row, f in zip(rows, filings, strict=True)
        ],
        now,
    )
    return [
        Case(
            number=row["number"],
            kind=filing.draft.kind,
            state="received",
            title=filing.draft.title,
            text=filing.draft.text,
            created_at=now,
            promised_at=filing.draft.promised_at,
            region=filing.draft.region,
            anonymous=filing.draft.anonymous,
            for_head=filing.draft.for_head,
        )
        for row, filing in zip(rows, filings, strict=True)
    ]


def _row(number: str, filing: Filing, now: datetime) -> dict[str, Any]:
    draft = filing.draft
    return {
        "number": number,
        "person": filing.person,
        "channel": filing.at.channel,
        "user": filing.at.user,
        "kind": draft.kind,
        "state": "received",
        "title": draft.title,
        "text": draft.text,
        "original": draft.original,
        "region": draft.region,
        "slots": json.dumps(draft.slots, ensure_ascii=False),
        "contact": draft.contact,
        "anonymous": draft.anonymous,
        "urgent": draft.urgent,
        "for_head": draft.for_head,
        "evidence": _evidence(draft.evidence),
        "capsule": draft.capsule,
        "code": digest(number, filing.code),
        "code_tries": 0,
        "created_at": now,
        "promised_at": draft.promised_at,
        "warn_at": draft.warn_at,
        "resolve_by": draft.resolve_by,
        "answers": 0,
        "answer": "",
        "read": True,
        "urges": 0,
        "wanted": "",
    }


def digest(number: str, code: str) -> str:
    return hashlib.sha256(f"{number}:{code}".encode()).hexdigest()


def _evidence(pieces: Collection[Evidence]) -> str:
    return json.dumps([asdict(piece) for piece in pieces], ensure_ascii=False)


async def own(tx: AsyncConnection, person: str) -> list[Case]:
    """A person's cases, the newest first; anonymous ones are not listed."""
    return [_case(row) for row in await tx.execute(_OWN, {"of_person": person})]


async def one(tx: AsyncConnection, number: str) -> Kept | None:
    row = (await tx.execute(_ONE, {"of_number": number})).one_or_none()
    return _kept(row) if row else None


async def held(tx: AsyncConnection, number: str) -> Kept | None:
    """The case, its row ours until the transaction ends."""
    row = (await tx.execute(_HELD, {"of_number": number})).one_or_none()
    return _kept(row) if row else None


async def merged(tx: AsyncConnection, number: str) -> list[Kept]:
    """Those that wait for this one's answer."""
    return [_kept(row) for row in await tx.execute(_MERGED, {"of_number": number})]


async def is_merged(tx: AsyncConnection, number: str) -> bool:
    """Whether it waits for another's answer itself."""
    found = await tx.execute(select(cases.c.merged_into).where(cases.c.number == number))
    return found.scalar() is not None


async def unlocked(
    tx: AsyncConnection, number: str, code: str, today: date
) -> tuple[Kept | None, bool]:
    """The case that this query code opens; whether too many wrong ones came today."""
    row = (await tx.execute(_HELD, {"of_number": number})).one_or_none()
    if row is None:
        return None, False
    tries = row.code_tries if row.code_tried_on == today else 0
    if tries >= CODE_TRIES:
        return None, True
    if hmac.compare_digest(row.code, digest(number, code)):
        return _kept(row), False
    await change(tx, number, {"code_tries": tries + 1, "code_tried_on": today})
    return None, tries + 1 >= CODE_TRIES


async def change(tx: AsyncConnection, number: str, values: Mapping[str, Any]) -> None:
    """Sets columns of a case that is held."""
    await tx.execute(update(cases).where(cases.c.number == number).values(values))


def one_more_urge() -> ColumnElement[int]:
    return cases.c.urges + 1


def escalated_since(now: datetime) -> ColumnElement[datetime]:
    """`now`, unless it was escalated before."""
    return func.coalesce(cases.c.escalated_at, literal(now, Moment()))


def resolved_by(at_least: datetime) -> ColumnElement[datetime]:
    """The same day, but not before what is newly promised."""
    return case(
        (cases.c.resolve_by < at_least, literal(at_least, Moment())), else_=cases.c.resolve_by
    )


async def happened(tx: AsyncConnection, happenings: Sequence[Happening], now: datetime) -> None:
    if happenings:
        rows = [
            {
                "number": h.number,
                "at": now,
                "by": h.by,
                "kind": h.kind,
                "text": h.text,
                "evidence": _evidence(h.evidence),
            }
            for h in happenings
        ]
        await tx.execute(insert(case_events), rows)
        for h in happenings:
            await evidence.submit(tx, [piece.ref for piece in h.evidence], h.number)


async def rate(
    tx: AsyncConnection, number: str, answers: int, rating: str, reason: str, now: datetime
) -> None:
    await tx.execute(
        insert(case_ratings),
        {"number": number, "answers": answers, "rating": rating, "reason": reason, "at": now},
    )


async def worked(tx: AsyncConnection, kind: CaseKind, since: datetime) -> list[int]:
    """Minutes of working time from filing to the first answer, of cases answered since."""
    return list((await tx.execute(_WORKED, {"of_kind": kind, "since": since})).scalars())


def _case(row: Any) -> Case:
    return Case(**{column.name: getattr(row, column.name) for column in _SEEN})


def _kept(row: Any) -> Kept:
    return Kept(_case(row), row.person, Address(row.channel, row.user))
