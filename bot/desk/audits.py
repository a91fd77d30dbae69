"""审计: what staff did, with filters, and as a file. Whoever exports it is noted, too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, time, timedelta

from starlette.responses import Response

from bot.clock import CHINA
from bot.desk.actions import ACTIONS
from bot.desk.door import Pages
from bot.desk.office import Office
from bot.desk.paging import paged
from bot.desk.spreadsheet import download
from bot.desk.visit import Visit
from bot.store import audit
from bot.store.audit import Wanted

pages = Pages()

HEADS = ("编号", "时间", "人员", "动作", "对象", "说明", "来自")


@pages.get("/audit", may="audit.read")
async def listed(visit: Visit) -> Response:
    wanted = _wanted(visit)
    async with visit.office.store.read() as tx:
        shown = paged(visit.asked("page"), await audit.count(tx, wanted))
        rows = await audit.page(tx, wanted, shown.offset, shown.size)
    return visit.page("audit.html", rows=rows, paged=shown, wanted=wanted, heads=HEADS)


@pages.get("/audit.csv", may="audit.read")
async def exported(visit: Visit) -> Response:
    wanted = _wanted(visit)
    async with visit.office.store.write() as tx:
        filters = " ".join(f"{k}={v}" for k, v in visit.request.query_params.items() if v)
        await visit.note(tx, "audit_exported", detail=filters[:200])
    name = f"audit-{visit.now:%Y%m%d-%H%M}"
    return download(name, HEADS, _rows(visit.office, wanted))


async def _rows(office: Office, wanted: Wanted) -> AsyncIterator[Sequence[object]]:
    async with office.store.read() as tx:
        async for noted in audit.export(tx, wanted):
            act = noted.act
            action = ACTIONS.get(act.action, act.action)
            at = act.at.isoformat(sep=" ", timespec="seconds")
            yield noted.id, at, act.name, action, act.subject, act.detail, act.address


def _wanted(visit: Visit) -> Wanted:
    """The filter in the address; what makes no sense there does not count."""
    since, until = _day(visit.asked("since")), _day(visit.asked("until"))
    return Wanted(
        name=visit.asked("name"),
        action=visit.asked("action"),
        subject=visit.asked("subject"),
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 9999 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
