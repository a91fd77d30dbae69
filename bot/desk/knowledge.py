"""知识: what was not answered well, entries, and how one is proposed, checked and published.

Rule 1: nobody publishes what they wrote themselves.
Rule 2: what takes another entry's questions is not published; a proposal is looked at in a thread, and again
        if something else was published since.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.clock import CHINA
from bot.desk.door import Pages
from bot.desk.entry_form import (
    BASIS,
    LABELS,
    LISTS,
    Written,
    as_basis,
    blank,
    in_words,
    proposed,
    typed,
)
from bot.desk.office import Office
from bot.desk.visit import Visit
from bot.engine.knowledge import BODIES, Entry
from bot.engine.menu import Branch
from bot.engine.parameters import NoFigure
from bot.engine.playbook import Playbook
from bot.engine.publications import Publication, table, written
from bot.publishing import publication
from bot.store import missed, published, ratings, reviews
from bot.store.published import Proposal

pages = Pages()

SINCE = timedelta(days=30)
SHOWN = 20
STATES = {
    "draft": ("待审批", "busy"),
    "approved": ("已发布", "done"),
    "rejected": ("已退回", "late"),
    "withdrawn": ("已撤下", "done"),
}


# --- looking --------------------------------------------------------------------------------------


@pages.get("/knowledge", may="knowledge.read")
async def listed(visit: Visit) -> Response:
    book, sought = visit.office.book(), visit.asked("q")[:100]
    since = visit.now - SINCE
    async with visit.office.store.read() as tx:
        told: dict[str, Any] = {
            "waiting": await published.waiting(tx),
            "missed": await missed.often(tx, since, SHOWN),
            "unsolved": await ratings.unsolved(tx, since, SHOWN),
            "reviews": await reviews.asked(tx),
        }
    return visit.page(
        "knowledge.html",
        sought=sought,
        found=_found(book, sought),
        entries=book.knowledge.entries,
        total=len(book.knowledge.entries),
        states=STATES,
        **told,
    )


@pages.get("/knowledge/entries/{id:str}", may="knowledge.read")
async def opened(visit: Visit) -> Response:
    entry = _entry(visit)
    async with visit.office.store.read() as tx:
        history = await published.of(tx, entry.id)
    return visit.page(
        "entry.html",
        entry=entry,
        answer=_filled(visit.office.book(), entry, visit.now.date()),
        history=history,
        states=STATES,
        labels=LABELS,
        lists=LISTS,
    )


@pages.post("/knowledge/missed", may="knowledge.write")
async def seen(visit: Visit) -> Response:
    async with visit.office.store.write() as tx:
        await missed.forget(tx, visit.secret("text"))
        await visit.note(tx, "missed_seen")
    return visit.go("/desk/knowledge", said="missed_seen")


def _found(book: Playbook, sought: str) -> list[Entry]:
    """By id, by the search, by a part of the question."""
    if not sought:
        return []
    entries = book.knowledge.entries
    ids = [sought.upper(), *(c.id for c in book.search.search(sought).candidates[:10])]
    ids += [entry.id for entry in entries.values() if sought in entry.question][:20]
    return [entries[one] for one in dict.fromkeys(ids) if one in entries]


def _entry(visit: Visit) -> Entry:
    entry = visit.office.book().knowledge.entries.get(visit.request.path_params["id"])
    if entry is None:
        raise HTTPException(404)
    return entry


def _filled(book: Playbook, entry: Entry, day: date) -> str:
    """With its figures, for no place in particular."""
    try:
        return book.knowledge.parameters.fill(entry.answer, day, entry.region)
    except (NoFigure, KeyError):
        return entry.answer


# --- proposing ------------------------------------------------------------------------------------


@pages.get("/knowledge/new", may="knowledge.write")
async def begun(visit: Visit) -> Response:
    told = blank(visit.asked("ask")[:60], visit.now.date())
    return _form(visit, "/desk/knowledge/new", told, None)


@pages.post("/knowledge/new", may="knowledge.write")
async def put_down(visit: Visit) -> Response:
    async with visit.office.store.read() as tx:
        taken = await published.taken_ids(tx)
    book, told = visit.office.book(), typed(visit)
    leaf = _leaves(book).get(visit.field("leaf"))
    if leaf is None:
        return _form(visit, "/desk/knowledge/new", told, None, ["栏目：请选一个。"])
    near = book.knowledge[leaf[1].entries[0]]
    told = replace(told, fields=told.fields | {"section": near.section})
    return await _propose(visit, told, _free_id(book, near.id[:2], taken), None)


@pages.get("/knowledge/entries/{id:str}/change", may="knowledge.write")
async def changing(visit: Visit) -> Response:
    entry = _entry(visit)
    here = f"/desk/knowledge/entries/{entry.id}/change"
    return _form(visit, here, Written.of(entry, visit.now.date()), entry)


@pages.post("/knowledge/entries/{id:str}/change", may="knowledge.write")
async def changed(visit: Visit) -> Response:
    entry = _entry(visit)
    told = typed(visit)
    told = replace(told, fields=told.fields | {"section": entry.section})
    return await _propose(visit, told, entry.id, entry)


async def _propose(visit: Visit, told: Written, id: str, was: Entry | None) -> Response:
    made = proposed(told, id, was, visit.office.book(), visit.now.date())
    if not isinstance(made, Publication):
        return _form(visit, visit.request.url.path, told, was, made)
    row = written(table(made.entry))
    ended = written(table(made.ended)) if made.ended else None
    async with visit.office.store.write() as tx:
        number = await published.propose(tx, row, ended, visit.me.name, visit.now)
        await visit.note(tx, "entry_proposed", f"proposal:{number}", id)
    _look(visit.office, number)
    return visit.go(f"/desk/knowledge/proposals/{number}", said="entry_proposed")


def _form(
    visit: Visit, here: str, told: Written, was: Entry | None, problems: Sequence[str] = ()
) -> Response:
    book = visit.office.book()
    return visit.page(
        "entry_write.html",
        here=here,
        told=told,
        was=was,
        problems=problems,
        lists=LISTS,
        basis=as_basis(told.basis),
        basis_labels=BASIS,
        bodies={name: name for name in BODIES},
        leaves={key: label for key, (label, _) in _leaves(book).items()},
        leaf=visit.field("leaf"),
        parameters=_parameters(book, visit.now.date()),
    )


def _leaves(book: Playbook) -> dict[str, tuple[str, Branch]]:
    """Where a new entry may stand in the menu: the sections that have entries."""
    found: dict[str, tuple[str, Branch]] = {}

    def walk(branch: Branch, path: tuple[str, ...]) -> None:
        for below in branch.branches:
            walk(below, (*path, below.label))
        if branch.entries:
            found[branch.id] = (" › ".join(path), branch)

    walk(book.menu.root, ())
    return found


def _free_id(book: Playbook, letters: str, taken: set[str]) -> str:
    used = taken | set(book.knowledge.entries)
    return next(f"{letters}{n:02}" for n in range(1, 1000) if f"{letters}{n:02}" not in used)


def _parameters(book: Playbook, day: date) -> list[tuple[str, str, str]]:
    """Name, title and value today."""
    found = []
    for name in sorted(book.knowledge.parameters.by_name):
        parameter = book.knowledge.parameters[name]
        try:
            value = book.knowledge.parameters.fill(f"{{{name}}}", day)
        except NoFigure:
            value = "各地不同"
        found.append((name, parameter.title, value))
    return found


# --- checking -------------------------------------------------------------------------------------

_looking: set[asyncio.Task[None]] = set()


def _look(office: Office, number: int) -> None:
    """In the background: the gate searches everything that is known."""
    task = asyncio.create_task(_looked(office, number))
    _looking.add(task)
    task.add_done_callback(_looking.discard)


async def _looked(office: Office, number: int) -> None:
    async with office.store.read() as tx:
        one = await published.one(tx, number)
        version = await published.version(tx)
    if one is None or one.state != "draft":
        return
    lines = await asyncio.to_thread(office.objections, publication(one))
    async with office.store.write() as tx:
        await published.looked_at(tx, number, one.row, [in_words(line) for line in lines], version)


# --- deciding -------------------------------------------------------------------------------------


@pages.get("/knowledge/proposals/{number:int}", may="knowledge.read")
async def proposal(visit: Visit) -> Response:
    async with visit.office.store.read() as tx:
        one = await _proposal(visit, tx)
    made = publication(one)
    was = visit.office.book().knowledge.entries.get(one.entry) if one.state == "draft" else None
    return visit.page(
        "proposal.html",
        **_lately(one),
        read=_digest(one),
        entry=made.entry,
        ended=made.ended,
        was=was,
        was_row=written(table(was)) if was else {},
        answer=_filled(visit.office.book(), made.entry, visit.now.date()),
        labels=LABELS,
        lists=LISTS,
    )


@pages.get("/knowledge/proposals/{number:int}/lately", may="knowledge.read")
async def lately(visit: Visit) -> Response:
    """What an open page asks for while it is looked at."""
    async with visit.office.store.read() as tx:
        one = await _proposal(visit, tx)
    if one.state != "draft" or one.broken is not None:
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return visit.part("proposal_lately.html", **_lately(one))


def _lately(one: Proposal) -> dict[str, Any]:
    return {"one": one, "states": STATES}


@pages.get("/knowledge/proposals/{number:int}/change", may="knowledge.write")
async def mending(visit: Visit) -> Response:
    async with visit.office.store.read() as tx:
        one = await _proposal(visit, tx)
    if one.state != "draft":
        return visit.go(f"/desk/knowledge/proposals/{one.id}", said="entry_moved_on")
    made = publication(one)
    told = Written.of(made.entry, visit.now.date())
    told = replace(
        told,
        rule=made.ended is not None,
        fields=told.fields | {"checked": made.entry.checked.isoformat()},
    )
    was = visit.office.book().knowledge.entries.get(one.entry)
    return _form(visit, f"/desk/knowledge/proposals/{one.id}/change", told, was)


@pages.post("/knowledge/proposals/{number:int}/change", may="knowledge.write")
async def mended(visit: Visit) -> Response:
    """Whoever changes it is its author; it is looked at again."""
    book, told = visit.office.book(), typed(visit)
    async with visit.office.store.read() as tx:
        one = await _proposal(visit, tx)
    was = book.knowledge.entries.get(one.entry)
    told = replace(told, fields=told.fields | {"section": one.row.get("section", "")})
    made = proposed(told, one.entry, was, book, visit.now.date())
    here = f"/desk/knowledge/proposals/{one.id}"
    if not isinstance(made, Publication):
        return _form(visit, f"{here}/change", told, was, made)
    row = written(table(made.entry))
    ended = written(table(made.ended)) if made.ended else None
    async with visit.office.store.write() as tx:
        held = await published.one(tx, one.id, hold=True)
        if held is None or held.state != "draft":
            return visit.go(here, said="entry_moved_on")
        await published.rewrite(tx, one.id, row, ended, visit.me.name)
        await visit.note(tx, "entry_changed", f"proposal:{one.id}", one.entry)
    _look(visit.office, one.id)
    return visit.go(here, said="entry_proposed")


@pages.post("/knowledge/proposals/{number:int}/look", may="knowledge.write")
async def looked_again(visit: Visit) -> Response:
    async with visit.office.store.write() as tx:
        one = await _proposal(visit, tx)
        await published.look_again(tx, one.id)
    _look(visit.office, one.id)
    return visit.go(f"/desk/knowledge/proposals/{one.id}", said="entry_proposed")


@pages.post("/knowledge/proposals/{number:int}/approve", may="knowledge.write")
async def approved(visit: Visit) -> Response:
    """By a second person; what was read is what is published."""
    number, here = visit.number(), f"/desk/knowledge/proposals/{visit.number()}"
    async with visit.office.store.write() as tx:
        one = await _proposal(visit, tx, hold=True)
        if one.author == visit.me.name:
            return visit.go(here, said="entry_by_another")
        if one.state == "draft" and (one.broken is None or one.broken):
            return visit.go(here, said="entry_not_yet")
        if one.state != "draft" or visit.field("read") != _digest(one):
            return visit.go(here, said="entry_moved_on")
        stale = one.version != await published.version(tx)
        if stale:
            await published.look_again(tx, number)
        else:
            await published.decide(tx, number, "approved", visit.me.name, visit.now)
            await reviews.done(tx, one.entry)
            await visit.note(tx, "entry_published", f"proposal:{number}", one.entry)
    if stale:
        _look(visit.office, number)
        return visit.go(here, said="entry_again")
    told = await _tell(visit, publication(one))
    return visit.go(here, said="entry_told" if told else "entry_published")


@pages.post("/knowledge/proposals/{number:int}/reject", may="knowledge.write")
async def rejected(visit: Visit) -> Response:
    """Back to its author with a reason, or by the author: not wanted any more."""
    here, why = f"/desk/knowledge/proposals/{visit.number()}", visit.field("why")[:200]
    async with visit.office.store.write() as tx:
        one = await _proposal(visit, tx, hold=True)
        if one.state != "draft":
            return visit.go(here, said="entry_moved_on")
        await published.decide(tx, one.id, "rejected", visit.me.name, visit.now, why)
        await visit.note(tx, "entry_rejected", f"proposal:{one.id}", one.entry)
    return visit.go(here, said="entry_rejected")


@pages.post("/knowledge/proposals/{number:int}/withdraw", may="knowledge.write")
async def withdrawn(visit: Visit) -> Response:
    """What was published is not any more; what it replaced holds again."""
    here, why = f"/desk/knowledge/proposals/{visit.number()}", visit.field("why")[:200]
    async with visit.office.store.write() as tx:
        one = await _proposal(visit, tx, hold=True)
        if one.state != "approved":
            return visit.go(here, said="entry_moved_on")
        await published.decide(tx, one.id, "withdrawn", visit.me.name, visit.now, why)
        await visit.note(tx, "entry_withdrawn", f"proposal:{one.id}", one.entry)
    return visit.go(here, said="entry_withdrawn")


def _digest(one: Proposal) -> str:
    """Of what is published: nobody approves what was changed while they read."""
    return hashlib.sha256(repr((one.row, one.replaces)).encode()).hexdigest()[:32]


async def _tell(visit: Visit, made: Publication) -> bool:
    """Drafts to those who have an older answer; a second person approves them at the notices."""
    book, today = visit.office.book(), visit.now.date()
    if made.entry.id not in book.knowledge:
        return False
    notices, entry = visit.office.notices, made.entry
    text = _filled(book, entry, today)
    drafts = await notices.answer_changed(entry.id, entry, text, visit.me.name)
    if entry.effective_from and entry.effective_from > today:
        at = datetime.combine(entry.effective_from, time(9), CHINA)
        for number in drafts:
            if found := await notices.progress(number):
                later = replace(found.broadcast.draft, at=at)
                await notices.rewrite(number, later, visit.me.name)
    return bool(drafts)


async def _proposal(visit: Visit, tx: AsyncConnection, hold: bool = False) -> Proposal:
    one = await published.one(tx, visit.number(), hold)
    if one is None:
        raise HTTPException(404)
    return one
