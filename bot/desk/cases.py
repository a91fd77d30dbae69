"""咨询: the queue, filtered, the most pressing first."""

from __future__ import annotations

from typing import Any, get_args

from starlette.responses import Response

from bot.desk.case_words import KINDS, STATES, STATUSES, tone
from bot.desk.door import Pages
from bot.desk.paging import paged
from bot.desk.sight import unseen_by
from bot.desk.visit import Visit
from bot.store import case_queue
from bot.store.case_queue import Status, Wanted

pages = Pages()


@pages.get("/cases", may="cases.read")
async def listed(visit: Visit) -> Response:
    """The page, or only its list when it asks by itself."""
    wanted = _wanted(visit)
    async with visit.office.store.read() as tx:
        total = await case_queue.counted(tx, wanted, visit.now)
        page = paged(visit.asked("page"), total)
        rows = await case_queue.listed(tx, wanted, visit.now, page.offset, page.size)
        regions = await case_queue.regions(tx)
    told: dict[str, Any] = {
        "rows": rows,
        "paged": page,
        "wanted": wanted,
        "regions": {region: region for region in regions},
        "mine": wanted.assignee == visit.me.name,
        "kinds": KINDS,
        "states": STATES,
        "statuses": STATUSES,
        "tone": tone,
    }
    if visit.polls:
        return visit.part("cases_list.html", **told)
    return visit.page("cases.html", **told)


def _wanted(visit: Visit) -> Wanted:
    asked = visit.asked("status")
    status: Status = next((s for s in get_args(Status) if s == asked), "open")
    return Wanted(
        status=status,
        kind=visit.asked("kind") if visit.asked("kind") in KINDS else "",
        region=visit.asked("region"),
        assignee=visit.me.name if visit.asked("mine") else "",
        overdue=bool(visit.asked("overdue")),
        unclaimed=bool(visit.asked("unclaimed")),
        for_head=bool(visit.asked("head")),
        unseen_by=unseen_by(visit),
        text=visit.asked("text")[:60],
    )
