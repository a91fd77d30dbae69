"""Counts over consultations, each with what it is a part of; nothing is estimated.

Rule 1: a case is due when its first promise has passed or it was answered before; withdrawn and
        merged ones count nowhere. To be resolved it is due when that day has passed or it is done.
Rule 2: who did not rate is not counted as satisfied.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case, func, literal, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.case import HEAD
from bot.store.moment import Moment
from bot.store.tables import UNANSWERED, answer_ratings, case_ratings, cases

Grouping = Literal["kind", "region", "assignee", "department"]
RED_LINES = (15, 60, 90)  # days without an answer: warning, alarm, veto (政府网站单项否决)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> str:
        return f"{100 * self.part / self.whole:.1f} %" if self.whole else "—"


@dataclass(frozen=True, slots=True)
class Line:
    """The counts of one group. `minutes`: the median working time to the first answer."""

    name: str
    filed: int
    responded: Share
    resolved: Share  # nothing open any more by the day that was aimed at
    satisfied: Share  # 满意 of all ratings
    not_bad: Share  # 满意 and 一般 of all ratings
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Unanswered cases: beyond the promise, and beyond so many days."""

    open: int
    overdue: int
    beyond: tuple[tuple[int, int], ...]


_COUNTED = and_(cases.c.state != "withdrawn", cases.c.merged_into.is_(None))
_DONE = cases.c.state.in_(("answered", "closed"))
_DONE_AT = func.coalesce(cases.c.answered_at, cases.c.closed_at, type_=Moment())


async def lines(
    tx: AsyncConnection, by: Grouping | None, since: datetime, until: datetime, now: datetime
) -> list[Line]:
    """The cases filed in the period, by group (None: all together), the largest group first."""
    group = _group(by)
    within = and_(cases.c.created_at >= since, cases.c.created_at < until, _COUNTED)
    counted = await tx.execute(
        select(
            group.label("name"),
            func.count(),
            _how_many(cases.c.in_time.is_(True)),
            _how_many(or_(cases.c.first_answered_at.is_not(None), cases.c.promised_at < now)),
            _how_many(and_(_DONE, cases.c.resolve_by >= _DONE_AT)),
            _how_many(and_(cases.c.resolve_by.is_not(None), or_(_DONE, cases.c.resolve_by < now))),
        )
        .where(within)
        .group_by(group)
    )
    marks = await _marks(tx, group, within)
    minutes = await _minutes(tx, group, within)
    found = [
        Line(
            name or "",
            filed,
            Share(in_time or 0, due or 0),
            Share(done or 0, to_do or 0),
            Share(marks[name or ""]["good"], marks[name or ""].total()),
            Share(marks[name or ""].total() - marks[name or ""]["bad"], marks[name or ""].total()),
            minutes.get(name or ""),
        )
        for name, filed, in_time, due, done, to_do in counted
    ]
    return sorted(found, key=lambda one: -one.filed)


def _group(by: Grouping | None) -> ColumnElement[str | None]:
    """领导信箱 has a row of its own among the kinds."""
    if by is None:
        return literal("")
    if by == "kind":
        return case((cases.c.for_head, literal_column(f"'{HEAD}'")), else_=cases.c.kind)
    return cases.c[by]


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


async def _marks(
    tx: AsyncConnection, group: ColumnElement[Any], within: ColumnElement[bool]
) -> dict[str, Counter[str]]:
    """Ratings of every answer, by group."""
    found = await tx.execute(
        select(group.label("name"), case_ratings.c.rating, func.count())
        .select_from(cases.join(case_ratings, case_ratings.c.number == cases.c.number))
        .where(within)
        .group_by(group, case_ratings.c.rating)
    )
    marks: dict[str, Counter[str]] = defaultdict(Counter)
    for name, rating, count in found:
        marks[name or ""][rating] = count
    return marks


async def _minutes(
    tx: AsyncConnection, group: ColumnElement[Any], within: ColumnElement[bool]
) -> dict[str, int]:
    """The median of working time to the first answer, by group."""
    found = await tx.execute(
        select(group.label("name"), cases.c.worked_minutes).where(
            within, cases.c.worked_minutes.is_not(None)
        )
    )
    taken: dict[str, list[int]] = defaultdict(list)
    for name, minutes in found:
        taken[name or ""].append(minutes)
    return {name: round(median(minutes)) for name, minutes in taken.items()}


async def filed_by_day(
    tx: AsyncConnection, since: datetime, until: datetime
) -> list[tuple[date, int]]:
    """How many were filed on each day, days without any included."""
    day = func.substr(cases.c.number, 1, 8)
    found = await tx.execute(
        select(day, func.count())
        .where(cases.c.created_at >= since, cases.c.created_at < until)
        .group_by(day)
    )
    counts = {str(name): int(count) for name, count in found}
    days = (until - since).days
    all_days = [since.date() + timedelta(days=n) for n in range(days)]
    return [(one, counts.get(one.strftime("%Y%m%d"), 0)) for one in all_days]


async def waiting(tx: AsyncConnection, now: datetime) -> Waiting:
    """What is unanswered now: the red-line board."""
    columns = [_how_many(cases.c.created_at < now - timedelta(days=days)) for days in RED_LINES]
    row = (
        await tx.execute(
            select(func.count(), _how_many(cases.c.promised_at < now), *columns).where(
                UNANSWERED, cases.c.merged_into.is_(None)
            )
        )
    ).one()
    open_ones, overdue, *beyond = (value or 0 for value in row)
    return Waiting(open_ones, overdue, tuple(zip(RED_LINES, beyond, strict=True)))


async def solved(tx: AsyncConnection, since: datetime, until: datetime) -> Share:
    """Answers of the bot that solved it, of those that people said something about."""
    ratings = answer_ratings
    row = (
        await tx.execute(
            select(_how_many(ratings.c.solved.is_(True)), func.count()).where(
                ratings.c.at >= since, ratings.c.at < until
            )
        )
    ).one()
    return Share(row[0] or 0, row[1] or 0)
