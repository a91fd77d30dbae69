"""公告: written by one, approved by another, stopped, watched, corrected."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.act import Along
from bot.desk import notice_words as said
from bot.desk.door import Pages
from bot.desk.handoffs import CHANNELS
from bot.desk.notice_form import ALL_TOPICS, TITLE, Written, drafted, stated, typed
from bot.desk.spreadsheet import download
from bot.desk.tokens import is_token, new_token
from bot.desk.visit import Visit
from bot.engine.notice import Content
from bot.engine.types import Address
from bot.logs import who
from bot.notices import UNDO, Notices, Progress, sample
from bot.store import broadcasts, links
from bot.store.broadcasts import CALENDAR, Broadcast, Draft, Fate, State

pages = Pages()

SHOWN = 100  # recipients a page
MOVING: tuple[State, ...] = ("draft", "scheduled", "running", "paused")
HEADS = ("编号", "渠道", "收件人", "结果", "原因", "时间", "可能重复")


# --- looking --------------------------------------------------------------------------------------


@pages.get("/notices", may="notices.read")
async def listed(visit: Visit) -> Response:
    """The page, or only its list when it asks by itself."""
    notices = visit.office.notices
    rows = [
        (one, await notices.progress(one.id) if one.state in ("running", "paused") else None)
        for one in await notices.listed()
    ]
    told: dict[str, Any] = {"rows": rows, "states": said.STATES, "audience": said.audience}
    if visit.polls:
        return visit.part("notices_list.html", **told)
    return visit.page("notices.html", **told)


@pages.get("/notices/{number:int}", may="notices.read")
async def opened(visit: Visit) -> Response:
    found = await _found(visit)
    one = found.broadcast
    waits = one.state in ("draft", "scheduled")
    return visit.page(
        "notice.html",
        **_lately(visit, found),
        preview=await visit.office.notices.preview(one.id) if waits else None,
        sample=sample(one),
        audience=said.audience(one),
        regions=Written.of(one.draft, visit.office.book().regions).regions,
        channels=CHANNELS,
        undo_for=_undo_for(visit, found),
        by_calendar=one.author == CALENDAR,
        places=lambda part: "、".join(stated(part.regions, visit.office.book().regions)) or "全国",
        read=_digest(one),
        form_token=new_token(),
    )


@pages.get("/notices/{number:int}/lately", may="notices.read")
async def lately(visit: Visit) -> Response:
    """What an open page asks for again and again; in another state the page is another one."""
    found = await _found(visit)
    if found.broadcast.state != visit.asked("state"):
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return visit.part("notice_lately.html", **_lately(visit, found))


@pages.get("/notices/{number:int}/undo", may="notices.read")
async def too_late(visit: Visit) -> Response:
    """An open page takes the button away when its minute is over."""
    return Response("", media_type="text/html")


@pages.get("/notices/{number:int}/people", may="notices.read")
async def people(visit: Visit) -> Response:
    """What became of each, a page at a time."""
    found = await _found(visit)
    fate = next((f for f in get_args(Fate) if f == visit.asked("fate")), None)
    after = visit.asked("after")
    begin = int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0
    one = found.broadcast
    rows = await visit.office.notices.recipients(one.id, begin, SHOWN + 1, fate)
    return visit.page(
        "notice_people.html",
        one=one,
        rows=rows[:SHOWN],
        more=rows[SHOWN - 1].id if len(rows) > SHOWN else None,
        fate=fate or "",
        fates=said.FATES,
        channels=CHANNELS,
        who=who,
        why=said.why,
        counts=found.counts,
    )


@pages.get("/notices/{number:int}/people.csv", may="notices.read")
async def exported(visit: Visit) -> Response:
    one = (await _found(visit)).broadcast
    async with visit.office.store.write() as tx:
        await visit.note(tx, "notice_exported", f"notice:{one.id}")
    rows = _rows(visit.office.notices, one.id)
    return download(f"notice-{one.id}-{visit.now:%Y%m%d-%H%M}", HEADS, rows)


async def _rows(notices: Notices, number: int) -> AsyncIterator[Sequence[object]]:
    after = 0
    while page := await notices.recipients(number, after):
        for one in page:
            yield (
                number,
                CHANNELS.get(one.to.channel, one.to.channel),
                who(one.to),
                said.FATES[one.fate],
                said.why(one.why),
                one.at.isoformat(sep=" ", timespec="seconds") if one.at else "",
                "是" if one.maybe_twice else "",
            )
        if (after := page[-1].id) == 0:
            return


async def _found(visit: Visit) -> Progress:
    found = await visit.office.notices.progress(visit.number())
    if found is None:
        raise HTTPException(404)
    return found


def _lately(visit: Visit, found: Progress) -> dict[str, Any]:
    one = found.broadcast
    listing = one.state == "running" and (
        not one.after or any(last is not None for last in one.after.values())
    )
    return {
        "one": one,
        "counts": found.counts,
        "total": found.total,
        "listing": listing,
        "moving": one.state in MOVING,
        "states": said.STATES,
        "fates": said.FATES,
    }


def _digest(one: Broadcast) -> str:
    """Of the words and of whom they go to: nobody approves what was changed while they read."""
    return hashlib.sha256(repr(one.draft).encode()).hexdigest()[:32]


def _undo_for(visit: Visit, found: Progress) -> int:
    """Seconds in which it can still be undone."""
    one = found.broadcast
    if one.started_at is None or one.state not in ("running", "paused", "done"):
        return 0
    return max(0, (one.started_at + UNDO - visit.now) // timedelta(seconds=1))


# --- writing --------------------------------------------------------------------------------------


@pages.get("/notices/new", may="notices.send")
async def written(visit: Visit) -> Response:
    return _form(visit, Written())


@pages.post("/notices/new", may="notices.send")
async def put_down(visit: Visit) -> Response:
    told = typed(visit)
    draft = drafted(told, visit.office.book().regions, None, visit.now)
    if not isinstance(draft, Draft):
        return _form(visit, told, draft)
    along = _noted(visit, "notice_drafted", detail=told.title)
    number = await visit.office.notices.draft(draft, visit.me.name, along)
    return visit.go(f"/desk/notices/{number}", said="notice_drafted")


@pages.get("/notices/{number:int}/change", may="notices.send")
async def changed(visit: Visit) -> Response:
    one = (await _found(visit)).broadcast
    if one.state != "draft":
        return visit.go(f"/desk/notices/{one.id}", said="notice_moved_on")
    return _form(visit, Written.of(one.draft, visit.office.book().regions), changes=one)


@pages.post("/notices/{number:int}/change", may="notices.send")
async def put_down_again(visit: Visit) -> Response:
    one = (await _found(visit)).broadcast
    told = typed(visit)
    draft = drafted(told, visit.office.book().regions, one.draft, visit.now)
    if not isinstance(draft, Draft):
        return _form(visit, told, draft, changes=one)
    along = _noted(visit, "notice_changed", one.id)
    done = await visit.office.notices.rewrite(one.id, draft, visit.me.name, along)
    return visit.go(f"/desk/notices/{one.id}", said="notice_drafted" if done else "notice_moved_on")


@pages.get("/notices/{number:int}/correct", may="notices.send")
async def correction(visit: Visit) -> Response:
    one = (await _found(visit)).broadcast
    content = one.draft.content
    told = Written(f"更正：{content.title}"[:TITLE], "", content.affects, content.url)
    return _form(visit, told, corrects=one.id)


@pages.post("/notices/{number:int}/correct", may="notices.send")
async def corrected(visit: Visit) -> Response:
    """A draft to exactly those who got it."""
    one, told = (await _found(visit)).broadcast, typed(visit)
    base = Draft(Content("", ""), audience="got", about=str(one.id))
    draft = drafted(told, visit.office.book().regions, base, visit.now)
    if not isinstance(draft, Draft):
        return _form(visit, told, draft, corrects=one.id)
    along = _noted(visit, "notice_corrected", one.id)
    number = await visit.office.notices.draft(draft, visit.me.name, along)
    return visit.go(f"/desk/notices/{number}", said="notice_drafted")


def _form(
    visit: Visit,
    told: Written,
    problems: Sequence[str] = (),
    *,
    changes: Broadcast | None = None,
    corrects: int | None = None,
) -> Response:
    return visit.page(
        "notice_write.html",
        told=told,
        problems=problems,
        changes=changes,
        corrects=corrects,
        to_topics=corrects is None and (changes is None or changes.draft.audience == "topics"),
        audience=said.audience(changes) if changes else "",
        topics=ALL_TOPICS,
        channels=said.OFFERED,
    )


# --- doing ----------------------------------------------------------------------------------------

Doing = Callable[[int, str, Along], Awaitable[bool]]


def _noted(visit: Visit, action: str, number: int | None = None, detail: str = "") -> Along:
    """Its line in the audit log, in the transaction of what was done."""

    async def along(tx: AsyncConnection) -> None:
        await visit.note(tx, action, f"notice:{number}" if number else "notice", detail)

    return along


async def _do(visit: Visit, action: str, doing: Doing) -> Response:
    number = visit.number()
    done = await doing(number, visit.me.name, _noted(visit, action, number))
    return visit.go(f"/desk/notices/{number}", said=action if done else "notice_moved_on")


class _Changed(Exception):
    """It is not what was read any more."""


@pages.post("/notices/{number:int}/approve", may="notices.send")
async def approved(visit: Visit) -> Response:
    """By a second person; what was read is what is approved."""
    one = (await _found(visit)).broadcast
    here = f"/desk/notices/{one.id}"
    if one.author == visit.me.name:
        return visit.go(here, said="notice_by_another")
    if visit.field("read") != _digest(one):
        return visit.go(here, said="notice_changed_meanwhile")

    async def approve(number: int, by: str, along: Along) -> bool:
        async def unless_changed(tx: AsyncConnection) -> None:
            now = await broadcasts.one(tx, number)
            if now is None or replace(now.draft, at=None) != replace(one.draft, at=None):
                raise _Changed
            await along(tx)

        return await visit.office.notices.approve(number, by, unless_changed)

    try:
        return await _do(visit, "notice_approved", approve)
    except _Changed:
        return visit.go(here, said="notice_changed_meanwhile")


@pages.post("/notices/{number:int}/take-back", may="notices.send")
async def taken_back(visit: Visit) -> Response:
    return await _do(visit, "notice_taken_back", visit.office.notices.take_back)


@pages.post("/notices/{number:int}/undo", may="notices.send")
async def undone(visit: Visit) -> Response:
    return await _do(visit, "notice_undone", visit.office.notices.undo)


@pages.post("/notices/{number:int}/pause", may="notices.send")
async def paused(visit: Visit) -> Response:
    return await _do(visit, "notice_paused", visit.office.notices.pause)


@pages.post("/notices/{number:int}/resume", may="notices.send")
async def resumed(visit: Visit) -> Response:
    return await _do(visit, "notice_resumed", visit.office.notices.resume)


@pages.post("/notices/{number:int}/cancel", may="notices.send")
async def cancelled(visit: Visit) -> Response:
    return await _do(visit, "notice_cancelled", visit.office.notices.cancel)


@pages.post("/notices/{number:int}/retry", may="notices.send")
async def retried(visit: Visit) -> Response:
    """Only those whom it did not reach, and who have not left."""

    async def retry(number: int, by: str, along: Along) -> bool:
        return await visit.office.notices.retry_failed(number, by, along) > 0

    return await _do(visit, "notice_retried", retry)


@pages.post("/notices/{number:int}/test", may="notices.send")
async def tested(visit: Visit) -> Response:
    """To oneself: where one is, a code from one's own conversation tells (绑定)."""
    number, code, token = visit.number(), visit.field("code"), visit.field("token")
    if not is_token(token):
        raise HTTPException(400)
    here, me = f"/desk/notices/{number}", Address("desk", visit.me.name)
    async with visit.office.store.write() as tx:
        if await links.locked(tx, me, visit.now):
            return visit.go(here, said="notice_code_locked")
        to = await links.use(tx, code, visit.now)
        if to is None:
            await links.wrong(tx, me, visit.now)
            return visit.go(here, said="notice_code_wrong")
        await visit.note(tx, "notice_tested", f"notice:{number}")
    sent = await visit.office.notices.test(number, to, token)
    return visit.go(here, said="notice_tested" if sent else "notice_moved_on")
