"""Notices to many: drafted, approved, paged into the outbox, and what became of each recipient.

Rule 1: whoever moves a broadcast holds its row; the rows of a page and the checkpoint that covers them
        are one transaction. A known key is dropped: `broadcast:<id>:<address>`.
Rule 2: recipients are never listed beforehand: they are who fits when their page is made.
Rule 3: what became of each is read from the outbox, and from the alarms of those who fill in a form.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.notice import Content, Part
from bot.engine.parameters import NATIONWIDE
from bot.engine.preferences import QUIET_FROM, QUIET_UNTIL, Preferences
from bot.engine.types import Address, Choice
from bot.store import plain
from bot.store.alarms import NEVER
from bot.store.engine import on_both
from bot.store.moment import Moment
from bot.store.tables import (
    NOT_A_TURN,
    alarms,
    broadcasts,
    outbox,
    people,
    preferences,
    served_answers,
    sign_ups,
    subscriptions,
    unreachable,
)

# Whom it goes to: subscribers of its topics, those who gather until Monday, those who got another
# one (`about`: its id), those who were served a version of an answer (`about`: entry:version), those
# who signed up (`about`: the id of the lecture).
Audience = Literal["topics", "weekly", "got", "served", "signed"]
State = Literal["draft", "scheduled", "running", "paused", "done", "cancelled"]
Fate = Literal["waiting", "held", "sent", "failed", "blocked", "uncertain", "cancelled"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What staff write. `regions` empty: everywhere; `urgent`: why people may be woken."""

    content: Content
    regions: tuple[str, ...] = ()  # every place whose subscribers it concerns
    channels: tuple[str, ...] = ()  # none: all
    urgent: str = ""
    at: datetime | None = None
    audience: Audience = "topics"
    about: str = ""
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A draft and its life. `after`: channel → the last user whose row is in the outbox."""

    id: int
    draft: Draft
    state: State
    author: str
    approver: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    why: str = ""
    after: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return origin_of(self.id)


@dataclass(frozen=True, slots=True)
class Recipient:
    """What became of it for one. `maybe_twice`: it was on the wire when a process died."""

    id: int  # its place in lists
    to: Address
    fate: Fate
    why: str = ""
    at: datetime | None = None
    maybe_twice: bool = False


def origin_of(id: int) -> str:
    return f"broadcast:{id}"


# --- the broadcast itself ----------------------------------------------------------------------


async def put(
    tx: AsyncConnection, draft: Draft, author: str, now: datetime, state: State = "draft"
) -> int | None:
    """Its id; None if one `about` this with that due time is there already."""
    row = {
        **_row(draft),
        "state": state,
        "author": author,
        "approver": "",
        "created_at": now,
        "after": "{}",
        "why": "",
    }
    made = await tx.execute(_PUT[tx.dialect.name], row)
    number: int | None = made.scalar()
    return number


_PUT = on_both(
    lambda insert: insert(broadcasts).on_conflict_do_nothing().returning(broadcasts.c.id)
)


async def rewrite(tx: AsyncConnection, id: int, draft: Draft, author: str) -> None:
    values = {**_row(draft), "author": author}
    await tx.execute(update(broadcasts).where(broadcasts.c.id == id).values(values))


async def one(tx: AsyncConnection, id: int) -> Broadcast | None:
    row = (await tx.execute(select(broadcasts).where(broadcasts.c.id == id))).one_or_none()
    return _broadcast(row) if row else None


async def held(tx: AsyncConnection, id: int, skip: bool = False) -> Broadcast | None:
    """The broadcast, its row ours until the transaction ends. `skip`: None if somebody else has it."""
    found = select(broadcasts).where(broadcasts.c.id == id).with_for_update(skip_locked=skip)
    row = (await tx.execute(found)).one_or_none()
    return _broadcast(row) if row else None


async def listed(
    tx: AsyncConnection, states: Collection[State] = (), most: int = 100
) -> list[Broadcast]:
    """The newest first."""
    found = select(broadcasts).order_by(broadcasts.c.id.desc()).limit(most)
    if states:
        found = found.where(broadcasts.c.state.in_(states))
    return [_broadcast(row) for row in await tx.execute(found)]


async def change(tx: AsyncConnection, id: int, **values: Any) -> None:
    if "after" in values:
        values["after"] = json.dumps(values["after"])
    await tx.execute(update(broadcasts).where(broadcasts.c.id == id).values(values))


async def start_due(tx: AsyncConnection, now: datetime) -> list[int]:
    """Begins what is scheduled and due."""
    begun = await tx.execute(
        update(broadcasts)
        .where(broadcasts.c.state == "scheduled", broadcasts.c.at <= now)
        .values(
            state="running",
            started_at=func.coalesce(broadcasts.c.started_at, literal(now, Moment())),
        )
        .returning(broadcasts.c.id)
    )
    return list(begun.scalars())


async def next_due(tx: AsyncConnection) -> datetime | None:
    """When the next scheduled one begins, even if that is past."""
    due = select(func.min(broadcasts.c.at)).where(broadcasts.c.state == "scheduled")
    moment: datetime | None = (await tx.execute(due)).scalar()
    return moment


async def fired(tx: AsyncConnection, since: datetime, until: datetime) -> list[Broadcast]:
    """Policy notices that began in between and still hold: what a digest is made of."""
    wrong = select(broadcasts.c.about).where(broadcasts.c.audience == "got")
    found = (
        select(broadcasts)
        .where(
            broadcasts.c.started_at > since,
            broadcasts.c.started_at <= until,
            broadcasts.c.audience == "topics",
            broadcasts.c.about == "",
            broadcasts.c.urgent == "",
            broadcasts.c.state.in_(("running", "done", "paused")),
        )
        .order_by(broadcasts.c.id)
    )
    taken_back = set((await tx.execute(wrong)).scalars())
    return [
        b for row in await tx.execute(found) if str((b := _broadcast(row)).id) not in taken_back
    ]


async def last_due(tx: AsyncConnection, name: str) -> datetime | None:
    """When a scheduled notice was due the last time that it was fired."""
    found = select(func.max(broadcasts.c.due)).where(broadcasts.c.about == name)
    moment: datetime | None = (await tx.execute(found)).scalar()
    return moment


# --- who gets it ---------------------------------------------------------------------------------


async def channels_of(tx: AsyncConnection, draft: Draft) -> list[str]:
    """The channels on which there may be somebody."""
    where = {
        "got": outbox.c.channel,
        "served": served_answers.c.channel,
        "signed": sign_ups.c.channel,
    }.get(draft.audience, subscriptions.c.channel)
    found = select(where).distinct()
    if draft.audience == "got":
        found = found.where(NOT_A_TURN, outbox.c.origin.in_(await _origins(tx, draft)))
    there = set((await tx.execute(found)).scalars())
    return sorted(there & set(draft.channels) if draft.channels else there)


async def page(
    tx: AsyncConnection, draft: Draft, channel: str, after: str, most: int
) -> list[tuple[str, str]]:
    """The next recipients on a channel, each with the checkpoint that covers them: (user, after)."""
    wanted = {"of_channel": channel, "after": after, "most": most}
    if draft.audience == "got":
        got = (await _got(tx, draft)).where(
            outbox.c.channel == channel, outbox.c.id > int(after or 0)
        )
        rows = await tx.execute(got.order_by(outbox.c.id).limit(most))
        return [(user, str(row)) for user, row in rows]
    users = _audience(draft)
    column = users.selected_columns[0]
    found = users.where(column > bindparam("after")).order_by(column).limit(bindparam("most"))
    next_ones: list[str] = list((await tx.execute(found, wanted)).scalars())
    return [(user, user) for user in next_ones]


async def told_elsewhere(
    tx: AsyncConnection, draft: Draft, readers: Collection[Address]
) -> set[Address]:
    """Addresses of a person who gets it at another address of theirs: nobody is told twice."""
    if draft.audience not in ("topics", "weekly") or not readers:
        return set()
    linked = select(people.c.person).where(
        people.c.channel.in_({a.channel for a in readers}),
        people.c.user.in_({a.user for a in readers}),
    )
    theirs = (
        select(people.c.person, people.c.channel, people.c.user)
        .join(
            subscriptions,
            and_(
                subscriptions.c.channel == people.c.channel, subscriptions.c.user == people.c.user
            ),
        )
        .outerjoin(
            preferences,
            and_(preferences.c.channel == people.c.channel, preferences.c.user == people.c.user),
        )
        .where(
            people.c.person.in_(linked),
            _concerned(draft),
            or_(preferences.c.off.is_(None), preferences.c.off.not_like("%notices%")),
            ~exists().where(
                unreachable.c.channel == people.c.channel, unreachable.c.user == people.c.user
            ),
        )
        .order_by(people.c.channel, people.c.user)
        .distinct()
    )
    if draft.content.topics:
        theirs = theirs.where(subscriptions.c.topic.in_(draft.content.topics))
    if draft.channels:
        theirs = theirs.where(people.c.channel.in_(draft.channels))
    first: dict[str, Address] = {}
    elsewhere: set[Address] = set()
    for person, channel, user in await tx.execute(theirs):
        address = Address(channel, user)
        if first.setdefault(person, address) != address:
            elsewhere.add(address)
    return elsewhere & set(readers)


def _audience(draft: Draft) -> Select[Any]:
    """Users of a channel (`of_channel`), each once."""
    about = draft.about
    if draft.audience == "signed":
        table = sign_ups
        found = select(table.c.user).where(table.c.broadcast == int(about))
    elif draft.audience == "served":
        table = served_answers
        entry, version, _ = about.split(":")
        found = _reachable(table).where(table.c.entry == entry, table.c.version == version)
    else:
        table = subscriptions
        found = _reachable(table).where(_concerned(draft))
        if draft.content.topics:
            found = found.where(table.c.topic.in_(draft.content.topics))
    return found.where(table.c.channel == bindparam("of_channel")).distinct()


def _reachable(table: Any) -> Select[Any]:
    """Users of a table who have not switched notices off."""
    return (
        select(table.c.user)
        .outerjoin(
            preferences,
            and_(preferences.c.channel == table.c.channel, preferences.c.user == table.c.user),
        )
        .where(
            or_(preferences.c.off.is_(None), preferences.c.off.not_like("%notices%")),
            ~exists().where(
                unreachable.c.channel == table.c.channel, unreachable.c.user == table.c.user
            ),
        )
    )


def _concerned(draft: Draft) -> ColumnElement[bool]:
    """By region, and by how often: an urgent one does not wait for Monday."""
    weekly = func.coalesce(preferences.c.weekly, False)
    if draft.audience == "weekly":
        often: ColumnElement[bool] = weekly.is_(True)
    elif draft.urgent or draft.about:  # a notice of the calendar has its own day
        often = true()
    else:
        often = weekly.is_(False)
    region = func.coalesce(preferences.c.region, NATIONWIDE)
    where = region.in_((NATIONWIDE, *draft.regions)) if draft.regions else true()
    return and_(often, where)


async def _got(tx: AsyncConnection, draft: Draft) -> Select[Any]:
    """Who got the broadcast that `draft` corrects, directly or within a digest."""
    wrong = await one(tx, int(draft.about))
    title = wrong.draft.content.title if wrong else ""
    return select(outbox.c.user, outbox.c.id).where(
        NOT_A_TURN,
        outbox.c.origin.in_(await _origins(tx, draft)),
        or_(outbox.c.state.in_(("sent", "uncertain")), outbox.c.doubtful),
        or_(
            outbox.c.origin == origin_of(int(draft.about)),
            outbox.c.reply.contains(title, autoescape=True),
        ),
    )


async def _origins(tx: AsyncConnection, draft: Draft) -> list[str]:
    digests = select(broadcasts.c.id).where(
        broadcasts.c.audience == "weekly", broadcasts.c.id > int(draft.about)
    )
    return [origin_of(int(draft.about)), *map(origin_of, (await tx.execute(digests)).scalars())]


async def audience(tx: AsyncConnection, draft: Draft, at: datetime) -> dict[str, tuple[int, int]]:
    """For each channel: how many would get it, and how many of them sleep then."""
    found: dict[str, tuple[int, int]] = {}
    for channel in await channels_of(tx, draft):
        if draft.audience == "got":
            got = (await _got(tx, draft)).where(outbox.c.channel == channel).subquery()
            users = select(got.c.user).distinct().subquery()
        else:
            users = _audience(draft).subquery()
        hours = (
            select(
                func.coalesce(preferences.c.quiet_from, QUIET_FROM),
                func.coalesce(preferences.c.quiet_until, QUIET_UNTIL),
                func.count(),
            )
            .select_from(users)
            .outerjoin(
                preferences,
                and_(
                    preferences.c.user == users.c.user,
                    preferences.c.channel == bindparam("of_channel"),
                ),
            )
            .group_by(literal_column("1"), literal_column("2"))
        )
        total = asleep = 0
        for begin, end, count in await tx.execute(hours, {"of_channel": channel}):
            total += count
            if Preferences(quiet_from=begin, quiet_until=end).awake(at) != at:
                asleep += count
        found[channel] = total, asleep
    return found


# --- its rows in the outbox ------------------------------------------------------------------------


async def due_rows(tx: AsyncConnection, channel: str, now: datetime, most: int) -> int:
    """Mass messages of a channel that could go now, counted up to `most`."""
    some = (
        select(literal_column("1"))
        .select_from(outbox)
        .where(
            outbox.c.channel == channel,
            outbox.c.lane == "bulk",
            outbox.c.settled_at.is_(None),
            outbox.c.take_at <= now,
        )
        .limit(most)
        .subquery()
    )
    return (await tx.execute(select(func.count()).select_from(some))).scalar_one()


async def unfinished(tx: AsyncConnection, origin: str) -> bool:
    """Whether somebody has neither got it nor failed to."""
    rows = select(outbox.c.id).where(
        NOT_A_TURN, outbox.c.origin == origin, outbox.c.settled_at.is_(None)
    )
    waits = select(alarms.c.id).where(alarms.c.about == origin)
    return (await tx.execute(rows.limit(1))).first() is not None or (
        await tx.execute(waits.limit(1))
    ).first() is not None


_WAITING = (
    select(outbox.c.id, outbox.c.channel, outbox.c.user)
    .where(
        NOT_A_TURN,
        outbox.c.origin == bindparam("of_origin"),
        outbox.c.state == "waiting",
        outbox.c.settled_at.is_(None),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_MOVE = (
    update(outbox)
    .where(outbox.c.id == bindparam("of_id"), outbox.c.state == "waiting")
    .values(not_before=bindparam("to_at"), take_at=bindparam("to_at"))
)


async def put_off(tx: AsyncConnection, origin: str, most: int) -> int:
    """Rows of a paused one wait until it goes on; how many were moved."""
    some = _WAITING.where(outbox.c.take_at < NEVER)
    rows = (await tx.execute(some, {"of_origin": origin, "most": most})).all()
    if rows:
        await tx.execute(_MOVE, [{"of_id": row.id, "to_at": NEVER} for row in rows])
    await tx.execute(update(alarms).where(alarms.c.about == origin).values(at=NEVER))
    return len(rows)


async def put_back(tx: AsyncConnection, origin: str, most: int) -> Sequence[tuple[int, Address]]:
    """Rows that were put off, for `release`."""
    some = _WAITING.where(outbox.c.take_at >= NEVER)
    rows = await tx.execute(some, {"of_origin": origin, "most": most})
    return [(row.id, Address(row.channel, row.user)) for row in rows]


async def release(tx: AsyncConnection, moments: Mapping[int, datetime]) -> None:
    """Rows may go from then on."""
    if moments:
        await tx.execute(_MOVE, [{"of_id": row, "to_at": at} for row, at in moments.items()])


async def wake_waiting(tx: AsyncConnection, origin: str, now: datetime) -> None:
    """Those who fill in a form are looked at again."""
    await tx.execute(update(alarms).where(alarms.c.about == origin).values(at=now))


async def call_off(tx: AsyncConnection, origin: str, now: datetime, most: int) -> int:
    """Rows of a cancelled one never go; how many."""
    rows = (await tx.execute(_WAITING, {"of_origin": origin, "most": most})).all()
    if rows:
        await tx.execute(
            update(outbox)
            .where(outbox.c.id == bindparam("of_id"), outbox.c.state == "waiting")
            .values(state="cancelled", settled_at=bindparam("at")),
            [{"of_id": row.id, "at": now} for row in rows],
        )
    await tx.execute(delete(alarms).where(alarms.c.about == origin))
    return len(rows)


async def sleepers(
    tx: AsyncConnection, origin: str, now: datetime, after: int, most: int
) -> Sequence[tuple[int, Address]]:
    """Waiting rows that could go now, to see whose quiet hours have begun meanwhile."""
    some = _WAITING.where(outbox.c.take_at <= now, outbox.c.id > after)
    rows = await tx.execute(some, {"of_origin": origin, "most": most})
    return [(row.id, Address(row.channel, row.user)) for row in rows]


_FAILED = and_(
    NOT_A_TURN,
    outbox.c.origin == bindparam("of_origin"),
    outbox.c.state == "failed",
    ~exists().where(unreachable.c.channel == outbox.c.channel, unreachable.c.user == outbox.c.user),
)


async def failed(tx: AsyncConnection, origin: str, most: int) -> Sequence[tuple[int, Address]]:
    """Those that may be tried again: nobody who has left."""
    rows = await tx.execute(
        select(outbox.c.id, outbox.c.channel, outbox.c.user)
        .where(_FAILED)
        .order_by(outbox.c.id)
        .limit(most),
        {"of_origin": origin},
    )
    return [(row.id, Address(row.channel, row.user)) for row in rows]


async def again(tx: AsyncConnection, moments: Mapping[int, datetime]) -> None:
    """Failed rows are tried again, from then on."""
    rows = [{"of_id": row, "to_at": at} for row, at in moments.items()]
    await tx.execute(
        update(outbox)
        .where(outbox.c.id == bindparam("of_id"), outbox.c.state == "failed")
        .values(
            state="waiting",
            settled_at=None,
            attempts=0,
            last_error=None,
            not_before=bindparam("to_at"),
            take_at=bindparam("to_at"),
        ),
        rows,
    )


async def last_tries(tx: AsyncConnection, origin: str, most: int) -> list[str | None]:
    """The errors of the rows that were tried last, None for what was sent."""
    rows = await tx.execute(
        select(outbox.c.state, outbox.c.last_error)
        .where(
            NOT_A_TURN,
            outbox.c.origin == origin,
            outbox.c.attempts > 0,
            outbox.c.state != "sending",
            or_(outbox.c.last_error.is_(None), outbox.c.last_error != "unreachable"),
        )
        .order_by(outbox.c.id.desc())
        .limit(most)
    )
    return [None if state == "sent" else error or state for state, error in rows]


# --- what became of each -----------------------------------------------------------------------------

_BLOCKED = exists().where(
    unreachable.c.channel == outbox.c.channel,
    unreachable.c.user == outbox.c.user,
)


def _fate() -> ColumnElement[str]:
    return case(
        (and_(outbox.c.state == "failed", _BLOCKED), "blocked"),
        (outbox.c.state == "sending", "waiting"),
        (
            and_(outbox.c.state == "waiting", outbox.c.not_before > bindparam("now")),
            "held",
        ),
        else_=outbox.c.state,
    )


async def progress(tx: AsyncConnection, id: int, now: datetime) -> dict[str, int]:
    """How many have come to what, and how many of the sent ones may have arrived twice."""
    origin, fate = origin_of(id), _fate()
    counted = await tx.execute(
        select(fate, outbox.c.doubtful, func.count())
        .where(NOT_A_TURN, outbox.c.origin == origin)
        .group_by(literal_column("1"), outbox.c.doubtful),
        {"now": now},
    )
    found: dict[str, int] = {}
    for name, doubtful, count in counted:
        found[name] = found.get(name, 0) + count
        if doubtful and name == "sent":
            found["maybe_twice"] = found.get("maybe_twice", 0) + count
    waits = select(func.count()).select_from(alarms).where(alarms.c.about == origin)
    if in_forms := (await tx.execute(waits)).scalar_one():
        found["held"] = found.get("held", 0) + in_forms
    return found


async def recipients(
    tx: AsyncConnection,
    id: int,
    now: datetime,
    after: int = 0,
    most: int = 500,
    fate: Fate | None = None,
) -> list[Recipient]:
    """One page in the order in which they were put in; those in a form stand on the first."""
    origin, is_fate = origin_of(id), _fate()
    rows = select(
        outbox.c.id,
        outbox.c.channel,
        outbox.c.user,
        is_fate.label("fate"),
        outbox.c.last_error,
        outbox.c.settled_at,
        outbox.c.doubtful,
    ).where(NOT_A_TURN, outbox.c.origin == origin, outbox.c.id > after)
    if fate:
        rows = rows.where(is_fate == fate)
    found = [
        Recipient(
            row.id,
            Address(row.channel, row.user),
            row.fate,
            row.last_error or "",
            row.settled_at,
            row.doubtful,
        )
        for row in await tx.execute(rows.order_by(outbox.c.id).limit(most), {"now": now})
    ]
    if after == 0 and fate in (None, "held"):
        waits = select(alarms.c.channel, alarms.c.user).where(alarms.c.about == origin)
        in_forms = [
            Recipient(0, Address(channel, user), "held", "form")
            for channel, user in await tx.execute(waits)
        ]
        found = in_forms + found
    return found


# --- rows and values -----------------------------------------------------------------------------------


def _row(draft: Draft) -> dict[str, Any]:
    content = draft.content
    return {
        "audience": draft.audience,
        "title": content.title,
        "body": content.body,
        "affects": content.affects,
        "url": content.url,
        "topics": json.dumps(content.topics, ensure_ascii=False),
        "regions": json.dumps(draft.regions, ensure_ascii=False),
        "channels": json.dumps(draft.channels),
        "parts": plain.dumps(_Parts(content.parts, content.choices)),
        "urgent": draft.urgent,
        "about": draft.about,
        "due": draft.due,
        "at": draft.at,
    }


@dataclass(frozen=True, slots=True)
class _Parts:
    parts: tuple[Part, ...] = ()
    choices: tuple[Choice, ...] = ()


def _broadcast(row: Any) -> Broadcast:
    more = plain.loads(_Parts, row.parts)
    content = Content(
        row.title,
        row.body,
        row.affects,
        row.url,
        tuple(json.loads(row.topics)),
        more.parts,
        more.choices,
    )
    draft = Draft(
        content,
        tuple(json.loads(row.regions)),
        tuple(json.loads(row.channels)),
        row.urgent,
        row.at,
        row.audience,
        row.about,
        row.due,
    )
    return Broadcast(
        row.id,
        draft,
        row.state,
        row.author,
        row.approver,
        row.created_at,
        row.started_at,
        row.ended_at,
        row.why,
        json.loads(row.after),
    )
