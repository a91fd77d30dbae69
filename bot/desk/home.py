"""Where one arrives: what waits for one now. And the page for addresses that are none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.desk.door import Pages
from bot.desk.navigation import for_role
from bot.desk.sight import unseen_by
from bot.desk.visit import Visit
from bot.store import broadcasts, calls, case_queue, handoffs, published
from bot.store.broadcasts import CALENDAR, State
from bot.store.case_queue import Wanted

pages = Pages()

PRESSING = timedelta(days=3)  # before a notice of the calendar is due
DRAFT: tuple[State, ...] = ("draft",)


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many of a kind, and where they are. `late`: should not be any."""

    label: str
    count: int
    path: str
    late: bool = False


async def moved(request: Request) -> Response:
    return RedirectResponse("/desk/", 308)


@pages.get("/")
async def arrived(visit: Visit) -> Response:
    """What waits; whoever answers nobody goes to the first page of the menu."""
    if not visit.may("cases.read"):
        mine = for_role(visit.office.menu, visit.me.role)
        return visit.go(f"/desk{mine[0].path}" if mine else "/desk/account")
    async with visit.office.store.read() as tx:
        rows = await _waiting(visit, tx)
    if visit.polls:
        return visit.part("home_list.html", rows=rows)
    return visit.page("home.html", rows=rows)


async def _waiting(visit: Visit, tx: AsyncConnection) -> list[Waiting]:
    me, now = visit.me.name, visit.now

    async def cases(label: str, path: str, wanted: Wanted, late: bool = False) -> Waiting:
        count = await case_queue.counted(tx, replace(wanted, unseen_by=unseen_by(visit)), now)
        return Waiting(label, count, f"/desk/cases{path}", late)

    waiting = [one for one in await handoffs.open_ones(tx) if one.state == "waiting"]
    found = [
        Waiting("有人在等人工", len(waiting), "/desk/handoffs", late=True),
        await cases("我在办的", "?mine=1", Wanted(assignee=me)),
        await cases("我的，已超期", "?mine=1&overdue=1", Wanted(assignee=me, overdue=True), True),
        await cases("没人认领", "?unclaimed=1", Wanted(unclaimed=True)),
        await cases("全部超期", "?overdue=1", Wanted(overdue=True), True),
        Waiting("要打电话的", await calls.counted(tx, unseen_by(visit)), "/desk/calls", late=True),
    ]
    if visit.may("cases.head"):
        found.insert(1, await cases("领导信箱", "?head=1", Wanted(for_head=True)))
    if visit.may("notices.send"):
        drafts = [one for one in await broadcasts.listed(tx, DRAFT) if one.author != me]
        ours = [one for one in drafts if one.author != CALENDAR]
        found.append(Waiting("公告等您审批", len(ours), "/desk/notices"))
        if calendar := [one.draft.at for one in drafts if one.author == CALENDAR and one.draft.at]:
            first = min(calendar)
            label = f"每年的公告等您审批，{first:%m-%d %H:%M} 该发"
            late = first - now < PRESSING
            found.append(Waiting(label, len(calendar), "/desk/notices", late=late))
    if visit.may("knowledge.write"):
        proposals = await published.waiting(tx)
        count = sum(one.author != me and one.broken == () for one in proposals)
        found.append(Waiting("知识等您审批", count, "/desk/knowledge"))
    return found


@pages.get("/{rest:path}", stage="any")
async def nowhere(visit: Visit) -> Response:
    raise HTTPException(404)
