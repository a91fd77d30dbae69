"""要打电话的: whom nothing reached, so that somebody calls; what came of each call."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.desk.call_words import NEWS, why
from bot.desk.door import Pages
from bot.desk.handoffs import CHANNELS
from bot.desk.paging import paged
from bot.desk.sight import allowed, unseen_by
from bot.desk.visit import Visit
from bot.store import calls, cases
from bot.store.cases import Happening

pages = Pages()

LONGEST = 500  # characters of a note


@pages.get("/calls", may="cases.read")
async def listed(visit: Visit) -> Response:
    """The page; it does not ask by itself: what is being written, or was opened, must stay."""
    async with visit.office.store.read() as tx:
        me = unseen_by(visit)
        page = paged(visit.asked("page"), await calls.counted(tx, me))
        rows = await calls.listed(tx, page.offset, page.size, me)
    return visit.page("calls.html", rows=rows, paged=page, news=NEWS, why=why, channels=CHANNELS)


@pages.post("/calls/{number:str}/reached", may="cases.answer")
async def reached(visit: Visit) -> Response:
    """Whoever was told of an answer on the telephone has it."""
    number, note = _asked(visit)
    async with visit.office.store.write() as tx:
        await allowed(visit, tx, number)
        kept = await cases.held(tx, number)
        news = await calls.reached(tx, number, visit.now) if kept else None
        if news is None:
            return visit.go("/desk/calls", said="call_done_before")
        if news == "answered":
            await cases.change(tx, number, {"read": True})
        await cases.happened(tx, [Happening(number, visit.me.name, "called", note)], visit.now)
        await visit.note(tx, "call_reached", f"case:{number}")
    return visit.go("/desk/calls", said="call_reached")


@pages.post("/calls/{number:str}/missed", may="cases.answer")
async def missed(visit: Visit) -> Response:
    """It stays on the list, behind those that nobody has called yet."""
    number, note = _asked(visit)
    async with visit.office.store.write() as tx:
        await allowed(visit, tx, number)
        if not await calls.missed(tx, number, visit.now):
            return visit.go("/desk/calls", said="call_done_before")
        happening = Happening(number, visit.me.name, "not_reached", note)
        await cases.happened(tx, [happening], visit.now)
        await visit.note(tx, "call_missed", f"case:{number}")
    return visit.go("/desk/calls", said="call_missed")


def _asked(visit: Visit) -> tuple[str, str]:
    """The number, and what was written beside it."""
    note = visit.field("note")
    if len(note) > LONGEST:
        raise HTTPException(400)
    number: str = visit.request.path_params["number"]
    return number, note
