"""转人工: who waits for a person, what was said, reply, end."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.desk.door import Pages
from bot.desk.materials import sent_in, told
from bot.desk.tokens import is_token, new_token
from bot.desk.visit import Visit
from bot.logs import who
from bot.store import handoffs
from bot.store.handoffs import Filed

pages = Pages()

SHOWN = 60  # lines of a conversation at first
LONGEST = 2_000  # characters of one reply
KEEP_CLOSED = timedelta(days=7)  # shown below those that are open

CHANNELS = {
    "telegram": "Telegram",
    "webchat": "网页",
    "wechat": "微信",
    "terminal": "终端",
}


@pages.get("/handoffs", may="handoffs.read")
async def listed(visit: Visit) -> Response:
    """The page, or only its list when it asks by itself."""
    async with visit.office.store.read() as tx:
        waiting = await handoffs.filed(tx, visit.now - KEEP_CLOSED)
    told: dict[str, Any] = {"rows": waiting, "channels": CHANNELS, "who": who}
    if visit.polls:
        return visit.part("handoffs_list.html", **told)
    return visit.page("handoffs.html", **told)


@pages.get("/handoffs/{number:int}", may="handoffs.read")
async def opened(visit: Visit) -> Response:
    number = visit.number()
    async with visit.office.store.write() as tx:
        one = await _filed(tx, number)
        await visit.note(tx, "handoff_opened", f"handoff:{number}")
        sent = [(piece.id, told(piece), piece) for piece in await sent_in(tx, one)]
    return visit.page(
        "handoff.html",
        one=one,
        channel=CHANNELS.get(one.citizen.channel, one.citizen.channel),
        citizen=who(one.citizen),
        form_token=new_token(),
        longest=LONGEST,
        materials=sent,
        **await _last_lines(visit, one),
    )


@pages.get("/handoffs/{number:int}/lines", may="handoffs.read")
async def said_so_far(visit: Visit) -> Response:
    """What an open page asks for again and again: the lines after those that it has."""
    async with visit.office.store.read() as tx:
        one = await _filed(tx, visit.number())
    if one.state == "closed":
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    lines = await visit.office.citizens.lines(one.citizen, _number(visit.asked("after")) or 0)
    if not lines:
        return Response(status_code=204)
    return visit.part("handoff_lines.html", one=one, lines=lines, last=lines[-1].id)


@pages.post("/handoffs/{number:int}/reply", may="handoffs.answer")
async def answered(visit: Visit) -> Response:
    number, text, token = visit.number(), visit.field("text"), visit.field("token")
    here = f"/desk/handoffs/{number}"
    if not is_token(token):
        raise HTTPException(400)
    if not text:
        return visit.go(here, said="handoff_empty")
    if len(text) > LONGEST:
        return visit.go(here, said="handoff_long")

    async def along(tx: AsyncConnection) -> None:
        await visit.note(tx, "handoff_answered", f"handoff:{number}")

    # The same page sends the same words once; words changed after going back are new ones.
    key = f"{token}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    sent = await visit.office.citizens.staff_said(number, text, key, along)
    return visit.go(here, said="handoff_answered" if sent else "handoff_gone")


@pages.post("/handoffs/{number:int}/close", may="handoffs.answer")
async def closed(visit: Visit) -> Response:
    number = visit.number()

    async def along(tx: AsyncConnection) -> None:
        await visit.note(tx, "handoff_closed", f"handoff:{number}")

    done = await visit.office.citizens.staff_closed(number, along)
    return visit.go("/desk/handoffs", said="handoff_closed" if done else "handoff_gone")


async def _filed(tx: AsyncConnection, number: int) -> Filed:
    one = await handoffs.read(tx, number)
    if one is None:
        raise HTTPException(404)
    return one


async def _last_lines(visit: Visit, one: Filed) -> dict[str, Any]:
    """The last lines, or those from the one that the address asks for."""
    first = _number(visit.asked("from"))
    after = max(0, one.said - SHOWN if first is None else first - 1)
    lines = await visit.office.citizens.lines(one.citizen, after)
    return {
        "lines": lines,
        "last": lines[-1].id if lines else after,
        "earlier": max(1, after + 1 - SHOWN) if after else None,
    }


def _number(asked: str) -> int | None:
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else None
