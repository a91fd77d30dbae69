"""数据: volume, in time, satisfied, medians and the red lines, each with what it is counted from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import get_args

from starlette.responses import Response

from bot.clock import CHINA
from bot.desk.case_words import KINDS
from bot.desk.door import Pages
from bot.desk.spreadsheet import download
from bot.desk.visit import Visit
from bot.engine import offpeak
from bot.engine.case import HEAD, HEAD_LABEL
from bot.engine.offpeak import FEWEST_DAYS, HalfDay
from bot.engine.promise import Target, workdays
from bot.engine.workdays import WEEKDAYS
from bot.store import case_numbers, half_days
from bot.store.case_numbers import Grouping, Line

pages = Pages()

GROUPINGS: dict[str, str] = {
    "kind": "类别",
    "region": "参保地",
    "assignee": "经办人",
    "department": "部门",
}
NAMES: dict[str, str] = {**KINDS, HEAD: HEAD_LABEL}
HEADS = (
    *("分组", "提交", "按时答复", "应答复", "响应率", "按期办结", "应办结", "按期办结率"),
    *("满意", "一般以上", "评价数", "满意率", "一般及以上率", "首次答复中位数（工作日）"),
)
LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class _Asked:
    since: datetime
    until: datetime  # not included
    by: Grouping


@pages.get("/numbers", may="numbers.read")
async def shown(visit: Visit) -> Response:
    asked = _asked(visit)
    async with visit.office.store.read() as tx:
        all_of_it = await case_numbers.lines(tx, None, asked.since, asked.until, visit.now)
        groups = await case_numbers.lines(tx, asked.by, asked.since, asked.until, visit.now)
        days = await case_numbers.filed_by_day(tx, asked.since, asked.until)
        waiting = await case_numbers.waiting(tx, visit.now)
        solved = await case_numbers.solved(tx, asked.since, asked.until)
        busy = await half_days.read(tx)
        measured_at = await half_days.measured_at(tx)
    return visit.page(
        "numbers.html",
        asked=asked,
        last=asked.until.date() - timedelta(days=1),
        total=all_of_it[0] if all_of_it else None,
        groups=groups,
        days=days,
        most=max((count for _, count in days), default=0),
        waiting=waiting,
        solved=solved,
        groupings=GROUPINGS,
        week=_week(busy),
        busy_total=sum(day.arrivals for day in busy),
        enough=offpeak.enough(busy),
        quieter=offpeak.named(offpeak.quieter(busy)),
        measured_at=measured_at,
        least=offpeak.ENOUGH,
        halves=offpeak.HALVES,
        name=_name,
        aim=lambda by, name: _aim(visit, by, name),
        in_workdays=lambda minutes: _in_workdays(visit, minutes),
    )


@pages.get("/numbers.csv", may="numbers.read")
async def exported(visit: Visit) -> Response:
    asked = _asked(visit)
    async with visit.office.store.write() as tx:
        await visit.note(
            tx, "numbers_exported", detail=f"{asked.since:%Y%m%d}-{asked.until:%Y%m%d}"
        )
        groups = await case_numbers.lines(tx, asked.by, asked.since, asked.until, visit.now)

    async def rows() -> AsyncIterator[Sequence[object]]:
        for line in groups:
            yield _cells(visit, asked.by, line)

    return download(f"numbers-{visit.now:%Y%m%d-%H%M}", HEADS, rows())


def _cells(visit: Visit, by: Grouping, line: Line) -> Sequence[object]:
    return (
        _name(by, line.name),
        line.filed,
        line.responded.part,
        line.responded.whole,
        line.responded.percent,
        line.resolved.part,
        line.resolved.whole,
        line.resolved.percent,
        line.satisfied.part,
        line.not_bad.part,
        line.satisfied.whole,
        line.satisfied.percent,
        line.not_bad.percent,
        _in_workdays(visit, line.minutes),
    )


def _name(by: Grouping, name: str) -> str:
    return (NAMES.get(name, name) if by == "kind" else name) or "（没有）"


def _aim(visit: Visit, by: Grouping, name: str) -> str:
    """What staff aim at, under the name of a kind."""
    if by != "kind" or name not in NAMES:
        return ""
    service = visit.office.book().service
    target = service.targets.get(name, Target())
    return f"目标：{target.answer} 个工作日答复，{target.resolve} 个工作日办结"


def _week(days: Sequence[HalfDay]) -> list[tuple[str, list[tuple[HalfDay, int] | None]]]:
    """Each weekday with its halves and how hot they are: 0 hardly anybody, 4 the most.

    A Saturday that was worked once for a holiday says nothing about Saturdays.
    """
    days = [day for day in days if day.open_days >= FEWEST_DAYS]
    found = {(day.weekday, day.half): day for day in days}
    most = max((day.rate for day in days), default=0.0)

    def cell(weekday: int, half: int) -> tuple[HalfDay, int] | None:
        day = found.get((weekday, half))
        return (day, round(4 * day.rate / most) if most else 0) if day else None

    shown = sorted({day.weekday for day in days})
    return [(f"周{WEEKDAYS[n]}", [cell(n, half) for half in range(2)]) for n in shown]


def _in_workdays(visit: Visit, minutes: int | None) -> str:
    return "—" if minutes is None else workdays(minutes, visit.office.book().office)


def _asked(visit: Visit) -> _Asked:
    """The last thirty days unless the address says otherwise; at most a good year."""
    today = visit.now.date()
    until = _day(visit.asked("until"), today) + timedelta(days=1)
    since = _day(visit.asked("since"), until - timedelta(days=30))
    since = max(min(since, until - timedelta(days=1)), until - LONGEST)
    by: Grouping = next((g for g in get_args(Grouping) if g == visit.asked("by")), "kind")
    return _Asked(_midnight(since), _midnight(until), by)


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else otherwise
    except ValueError:
        return otherwise


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
