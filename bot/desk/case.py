"""One consultation: everything on it, and what staff do with it."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.act import Along
from bot.casework import Casework
from bot.clock import CHINA
from bot.desk.case_words import HAPPENED, INLINE, KINDS, MARKS, STATES, WHO
from bot.desk.door import Pages
from bot.desk.handoffs import CHANNELS
from bot.desk.materials import told
from bot.desk.sight import allowed, hidden, unseen_by
from bot.desk.tokens import is_token, new_token
from bot.desk.visit import Visit
from bot.engine import words
from bot.engine.case import CASE_KINDS
from bot.engine.knowledge import Entry
from bot.engine.parameters import NoFigure
from bot.engine.playbook import Playbook
from bot.keys import Unopenable
from bot.logs import who
from bot.sealing import place
from bot.store import calls, case_file, case_queue, cases, evidence, staff
from bot.store.case_file import CaseFile
from bot.store.cases import Happening

pages = Pages()

LONGEST = 2_000  # characters of one reply
TITLE = 40  # of a canned one
ALIKE_SINCE = timedelta(days=365)
ALIKE = 60  # of 100, from which two questions look alike
SUGGESTED = 3
NEXT_MORNING = time(9)


# --- looking --------------------------------------------------------------------------------------


@pages.get("/cases/{number:str}", may="cases.read")
async def opened(visit: Visit) -> Response:
    number, me = visit.request.path_params["number"], unseen_by(visit)
    async with visit.office.store.write() as tx:
        one = await _whole(visit, tx, number)
        await case_file.looks(tx, number, visit.me.name, visit.now)
        await visit.note(tx, "case_opened", f"case:{number}")
        told: dict[str, Any] = {
            "draft": await case_file.draft(tx, number, visit.me.name),
            "canned": await case_file.canned(tx),
            "members": await _names(tx),
            "same": _alike(
                one,
                [(n, t, "") for n, t, _ in await case_queue.asked_alike(tx, number, me)],
            ),
            "alike": _alike(
                one,
                await case_queue.alike(tx, number, one.kind, visit.now - ALIKE_SINCE, me),
            ),
            **await _lately(tx, visit, one),
        }
    return visit.page(
        "case.html",
        citizen=who(one.at),
        channel=CHANNELS.get(one.channel, one.channel),
        suggestions=_suggestions(visit, one),
        form_token=new_token(),
        longest=LONGEST,
        filled=_filled(one),
        kinds=KINDS,
        **told,
    )


@pages.get("/cases/{number:str}/lately", may="cases.read")
async def lately(visit: Visit) -> Response:
    """What an open page asks for again and again: history, state, who else is here."""
    number = visit.request.path_params["number"]
    async with visit.office.store.write() as tx:
        one = await _whole(visit, tx, number)
        await case_file.looks(tx, number, visit.me.name, visit.now)
        return visit.part("case_lately.html", **await _lately(tx, visit, one))


async def _lately(tx: AsyncConnection, visit: Visit, one: CaseFile) -> dict[str, Any]:
    return {
        "one": one,
        "history": await case_file.history(tx, one.number),
        "others": await case_file.others(tx, one.number, visit.me.name, visit.now),
        "followers": await case_file.followers(tx, one.number),
        "to_call": await calls.wants(tx, one.number),
        "materials": [(p.id, told(p), p) for p in await evidence.of_case(tx, one.number)],
        "states": STATES,
        "happened": HAPPENED,
        "people": WHO,
        "inline": INLINE,
        "marks": MARKS,
    }


async def _whole(visit: Visit, tx: AsyncConnection, number: str) -> CaseFile:
    one = await case_file.whole(tx, number)
    if one is None:
        raise HTTPException(404)
    if hidden(visit, one):
        raise HTTPException(403)
    return one


def _alike(one: CaseFile, others: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Those whose question looks most like this one's."""
    found = process.extract(
        one.title, [title for _, title, _ in others], scorer=fuzz.ratio, limit=5, score_cutoff=ALIKE
    )
    return [others[at] for _, _, at in found]


async def _names(tx: AsyncConnection) -> list[str]:
    """Of those who work here now."""
    return [member.name for member in await staff.members(tx) if member.disabled_at is None]


def _suggestions(visit: Visit, one: CaseFile) -> list[tuple[Entry, str]]:
    """Entries that may answer it, as the search ranks them, each with its answer for that place."""
    book, day = visit.office.book(), visit.now.date()
    ranked = book.search.search(one.text, region=one.region).candidates[:SUGGESTED]
    found = {c.id: book.knowledge.in_force(c.id, day) for c in ranked if c.id in book.knowledge}
    entries = {entry.id: entry for entry in found.values()}
    return [(entry, _answer(book, entry, one.region, day)) for entry in entries.values()]


def _answer(book: Playbook, entry: Entry, region: str | None, day: date) -> str:
    """With its figures, as the asker would read it."""
    place = region or entry.region
    around = book.regions.around(place)
    try:
        return book.knowledge.parameters.fill(entry.answer, day, place, around)
    except NoFigure:
        return words.FIGURE_MISSING


def _filled(one: CaseFile) -> dict[str, str]:
    """What stands for the variables of a reply written once."""
    day = f"{one.promised_at.month}月{one.promised_at.day}日"
    return {"编号": one.number, "参保地": one.region or "参保地", "承诺日期": day}


# --- doing ----------------------------------------------------------------------------------------

Doing = Callable[[Casework, str, str, Along], Awaitable[bool]]


async def _do(visit: Visit, action: str, said: str, doing: Doing, *, back: str = "") -> Response:
    """One step, with its line in the audit log, then the page again."""
    number = visit.request.path_params["number"]

    async def along(tx: AsyncConnection) -> None:
        await visit.note(tx, action, f"case:{number}")

    async with visit.office.store.read() as tx:
        await allowed(visit, tx, number)
    casework = visit.office.casework
    done = await doing(casework, number, visit.me.name, along)
    return visit.go(back or f"/desk/cases/{number}", said=said if done else "case_moved_on")


def _words(visit: Visit) -> tuple[str, str] | None:
    """What was written, and a token that is the same for the same words from the same page."""
    token, text = visit.field("token"), visit.field("text")
    if not is_token(token):
        raise HTTPException(400)
    if not text or len(text) > LONGEST:
        return None
    return text, f"{token}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


async def _send(
    visit: Visit,
    action: str,
    said: str,
    doing: Callable[[Casework], Callable[[str, str, str, str, Along], Awaitable[bool]]],
) -> Response:
    written = _words(visit)
    number = visit.request.path_params["number"]
    if written is None:
        return visit.go(f"/desk/cases/{number}", said="case_words_needed")
    text, token = written

    async def send(casework: Casework, number: str, by: str, along: Along) -> bool:
        async def forget_draft(tx: AsyncConnection) -> None:
            await along(tx)
            await case_file.write_draft(tx, number, by, "", visit.now)

        return await doing(casework)(number, text, token, by, forget_draft)

    return await _do(visit, action, said, send)


@pages.post("/cases/{number:str}/reply", may="cases.answer")
async def replied(visit: Visit) -> Response:
    return await _send(visit, "case_answered", "case_answered", lambda casework: casework.answer)


@pages.post("/cases/{number:str}/need", may="cases.answer")
async def needed(visit: Visit) -> Response:
    return await _send(visit, "case_needs_info", "case_needs_info", lambda casework: casework.need)


@pages.post("/cases/{number:str}/note", may="cases.answer")
async def noted(visit: Visit) -> Response:
    async def note(casework: Casework, number: str, text: str, by: str, along: Along) -> bool:
        return await casework.note(number, text, by, along)

    return await _send(
        visit,
        "case_noted",
        "case_noted",
        lambda casework: (
            lambda number, text, token, by, along: note(casework, number, text, by, along)
        ),
    )


@pages.post("/cases/{number:str}/draft", may="cases.answer")
async def drafted(visit: Visit) -> Response:
    """Kept while it is written; nothing is sent."""
    number = visit.request.path_params["number"]
    async with visit.office.store.write() as tx:
        await _whole(visit, tx, number)
        text = visit.field("text")[:LONGEST]
        await case_file.write_draft(tx, number, visit.me.name, text, visit.now)
    return Response(status_code=204)


@pages.post("/cases/{number:str}/canned", may="cases.answer")
async def kept_as_canned(visit: Visit) -> Response:
    """What is being written, for other cases too; it stays here as a draft."""
    number, title = visit.request.path_params["number"], visit.field("canned")
    text = visit.field("text")[:LONGEST]
    here = f"/desk/cases/{number}"
    async with visit.office.store.write() as tx:
        one = await _whole(visit, tx, number)
        await case_file.write_draft(tx, number, visit.me.name, text, visit.now)
        if not title or len(title) > TITLE or not text:
            return visit.go(here, said="canned_words_needed")
        filled = _filled(one)
        for name in ("编号", "承诺日期"):
            text = text.replace(filled[name], f"{{{name}}}")
        if not await case_file.keep_canned(tx, title, text, visit.me.name, visit.now):
            return visit.go(here, said="canned_taken")
        await visit.note(tx, "canned_kept", detail=title)
    return visit.go(here, said="canned_kept")


@pages.post("/cases/{number:str}/claim", may="cases.answer")
async def claimed(visit: Visit) -> Response:
    return await _do(
        visit,
        "case_claimed",
        "case_claimed",
        lambda casework, number, by, along: casework.claim(number, by, along),
    )


@pages.post("/cases/{number:str}/assign", may="cases.assign")
async def assigned(visit: Visit) -> Response:
    to = visit.field("to")
    async with visit.office.store.read() as tx:
        if to not in await _names(tx):
            raise HTTPException(400)
    return await _do(
        visit,
        "case_assigned",
        "case_assigned",
        lambda casework, number, by, along: casework.assign(number, to, by, along),
    )


@pages.post("/cases/{number:str}/transfer", may="cases.answer")
async def transferred(visit: Visit) -> Response:
    department, token = visit.field("department")[:40], visit.field("token")
    if not department or not is_token(token):
        raise HTTPException(400)
    return await _do(
        visit,
        "case_transferred",
        "case_transferred",
        lambda casework, number, by, along: casework.transfer(number, department, token, by, along),
    )


@pages.post("/cases/{number:str}/close", may="cases.answer")
async def closed(visit: Visit) -> Response:
    token = visit.field("token")
    if not is_token(token):
        raise HTTPException(400)
    return await _do(
        visit,
        "case_closed",
        "case_closed",
        lambda casework, number, by, along: casework.close(number, token, by, "", along),
        back="/desk/cases",
    )


@pages.post("/cases/{number:str}/reopen", may="cases.answer")
async def reopened(visit: Visit) -> Response:
    return await _do(
        visit,
        "case_reopened",
        "case_reopened",
        lambda casework, number, by, along: casework.reopen(number, by, along),
    )


@pages.post("/cases/{number:str}/merge", may="cases.answer")
async def merged(visit: Visit) -> Response:
    into = visit.field("into")
    return await _do(
        visit,
        "case_merged",
        "case_merged",
        lambda casework, number, by, along: casework.merge(number, into, by, along),
    )


@pages.post("/cases/{number:str}/snooze", may="cases.answer")
async def snoozed(visit: Visit) -> Response:
    """Until nine o'clock, one to fourteen days from now."""
    days = visit.field("days")
    if days not in {str(n) for n in range(1, 15)}:
        raise HTTPException(400)
    until = datetime.combine(visit.now.date() + timedelta(days=int(days)), NEXT_MORNING, CHINA)
    return await _do(
        visit,
        "case_snoozed",
        "case_snoozed",
        lambda casework, number, by, along: casework.snooze(number, until, by, along),
        back="/desk/cases",
    )


@pages.post("/cases/{number:str}/kind", may="cases.answer")
async def sorted_anew(visit: Visit) -> Response:
    kind, number = visit.field("kind"), visit.request.path_params["number"]
    if kind not in CASE_KINDS:
        raise HTTPException(400)
    async with visit.office.store.write() as tx:
        await _whole(visit, tx, number)
        await cases.change(tx, number, {"kind": kind})
        await visit.note(tx, "case_sorted", f"case:{number}")
    return visit.go(f"/desk/cases/{number}", said="case_sorted")


@pages.post("/cases/{number:str}/contact", may="cases.answer")
async def contact_seen(visit: Visit) -> Response:
    """The protected contact, shown once; that it was shown stands in history and audit."""
    number = visit.request.path_params["number"]
    async with visit.office.store.write() as tx:
        one = await _whole(visit, tx, number)
        await visit.note(tx, "contact_seen", f"case:{number}")
        seen = Happening(number, visit.me.name, "contact_seen")
        await cases.happened(tx, [seen], visit.now)
    try:
        contact = visit.office.keys.open(one.contact, place(one.at)) if one.contact else ""
    except Unopenable:
        contact = ""
    return visit.part("case_contact.html", contact=contact)
