"""Who gets a notice: chosen set-wise when a page is made, never listed beforehand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.parameters import NATIONWIDE
from bot.engine.preferences import QUIET_FROM, QUIET_UNTIL, Preferences
from bot.engine.types import Address
from bot.store.broadcasts import Draft, one, origin_of
from bot.store.tables import (
    NOT_A_TURN,
    broadcasts,
    outbox,
    people,
    preferences,
    served_answers,
    sign_ups,
    subscriptions,
    unreachable,
)


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
