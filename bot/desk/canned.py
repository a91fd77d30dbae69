"""常用答复: written once, used in many cases; whoever wrote one changes it, and who leads.

`{编号}`, `{参保地}` and `{承诺日期}` are those of the case in which it is used.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.desk.case import LONGEST, TITLE
from bot.desk.door import Pages
from bot.desk.visit import Visit
from bot.store import case_file
from bot.store.case_file import Canned

pages = Pages()


@pages.get("/canned", may="cases.read")
async def listed(visit: Visit) -> Response:
    async with visit.office.store.read() as tx:
        rows = await case_file.canned(tx)
    return visit.page(
        "canned.html", rows=rows, mine=lambda one: _may(visit, one), title=TITLE, longest=LONGEST
    )


@pages.post("/canned", may="cases.answer")
async def kept(visit: Visit) -> Response:
    title, text = _words(visit)
    if not title:
        return visit.go("/desk/canned", said="canned_words_needed")
    async with visit.office.store.write() as tx:
        done = await case_file.keep_canned(tx, title, text, visit.me.name, visit.now)
        if done:
            await visit.note(tx, "canned_kept", detail=title)
    return visit.go("/desk/canned", said="canned_kept" if done else "canned_taken")


@pages.post("/canned/{number:int}", may="cases.answer")
async def changed(visit: Visit) -> Response:
    title, text = _words(visit)
    if not title:
        return visit.go("/desk/canned", said="canned_words_needed")
    async with visit.office.store.write() as tx:
        one = await _mine(visit, tx)
        done = await case_file.change_canned(tx, one.id, title, text, visit.me.name, visit.now)
        if done:
            await visit.note(tx, "canned_kept", f"canned:{one.id}", title)
    return visit.go("/desk/canned", said="canned_kept" if done else "canned_taken")


@pages.post("/canned/{number:int}/drop", may="cases.answer")
async def dropped(visit: Visit) -> Response:
    async with visit.office.store.write() as tx:
        one = await _mine(visit, tx)
        await case_file.drop_canned(tx, one.id)
        await visit.note(tx, "canned_dropped", f"canned:{one.id}", one.title)
    return visit.go("/desk/canned", said="canned_dropped")


def _words(visit: Visit) -> tuple[str, str]:
    """Title and text; empty if they will not do."""
    title, text = visit.field("title"), visit.field("text").replace("\r\n", "\n")
    good = title and text and len(title) <= TITLE and len(text) <= LONGEST
    return (title, text) if good else ("", "")


def _may(visit: Visit, one: Canned) -> bool:
    return visit.may("cases.answer") and (one.by == visit.me.name or visit.may("cases.assign"))


async def _mine(visit: Visit, tx: AsyncConnection) -> Canned:
    found = [one for one in await case_file.canned(tx) if one.id == visit.number()]
    if not found:
        raise HTTPException(404)
    if not _may(visit, found[0]):
        raise HTTPException(403)
    return found[0]
