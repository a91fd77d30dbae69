"""What staff publish in a script: a policy notice, an entry, a new version of an entry.

A notice is drafted by one and approved by another. A new version of an answer is told, in the same way,
to exactly those who were given an older one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.engine.entries import everywhere
from bot.engine.knowledge import Entry, Knowledge, read_entry
from bot.engine.notice import Content
from bot.engine.parameters import BadData
from bot.engine.playbook import Playbook
from bot.engine.publications import table
from bot.notices import BadDraft, Notices
from bot.rehearsal.script import moment
from bot.store.broadcasts import CALENDAR, Draft
from handlers.contents import load_lexicon, matcher

AUTHOR, APPROVER = "小王", "老李"
_KEYS = {"title", "body", "topics", "regions", "at", "urgent", "affects", "url", "channels"}


async def approve_calendar(notices: Notices) -> None:
    """What the calendar has drafted is approved by a second person."""
    for one in await notices.listed():
        if one.state == "draft" and one.author == CALENDAR:
            await notices.approve(one.id, APPROVER)


async def publish(notices: Notices, given: Mapping[str, Any]) -> bool:
    """False if it is refused: nothing to say, or a topic or region that there is not."""
    if unknown := set(given) - _KEYS:
        raise ValueError(f"publish: unknown key {sorted(unknown)[0]}")
    content = Content(
        str(given.get("title", "")),
        str(given.get("body", "")),
        str(given.get("affects", "")),
        str(given.get("url", "")),
        _texts(given, "topics"),
    )
    urgent = given.get("urgent")
    draft = Draft(
        content,
        _texts(given, "regions"),
        _texts(given, "channels"),
        urgent if isinstance(urgent, str) else "紧急" if urgent else "",
        moment(given["at"], "publish: at") if given.get("at") else None,
    )
    try:
        number = await notices.draft(draft, AUTHOR)
    except BadDraft:
        return False
    return await notices.approve(number, APPROVER)


def _texts(given: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = given.get(key) or ()
    return (value,) if isinstance(value, str) else tuple(map(str, value))


def with_entry(book: Playbook, given: Mapping[str, Any], today: date) -> Playbook | None:
    """The playbook with one more entry; None if it is refused: it is there, or is not a good one."""
    row = {"id": _free_id(book), "checked": today, "basis": [{"title": "工作人员发布"}], **given}
    if row["id"] in book.knowledge:
        return None
    try:
        return _with(book, read_entry("script", row))
    except BadData:
        return None


async def supersede(
    notices: Notices, book: Playbook, given: Mapping[str, Any], today: date
) -> Playbook | None:
    """The playbook with an answer in its new version; whoever has an older one is told. None: refused."""
    old = str(given.get("entry", ""))
    if old not in book.knowledge:
        return None
    was = book.knowledge[old]
    changes = {key: value for key, value in given.items() if key != "entry"}
    try:
        entry = read_entry("script", {**table(was), "checked": today, **changes})
    except BadData:
        return None
    if entry.id != was.id:  # the old one has ended
        ended = replace(was, effective_to=today - timedelta(days=1), superseded_by=entry.id)
        book = _with(book, ended)
    book = _with(book, entry)
    for number in await notices.answer_changed(old, entry, everywhere(book, entry, today), AUTHOR):
        await notices.approve(number, APPROVER)
    return book


def _with(book: Playbook, entry: Entry) -> Playbook:
    entries = {**book.knowledge.entries, entry.id: entry}
    knowledge = Knowledge(entries, book.knowledge.parameters)
    return replace(book, knowledge=knowledge, search=matcher(knowledge, load_lexicon()))


def _free_id(book: Playbook) -> str:
    return next(f"ZZ{n:02}" for n in range(1, 999) if f"ZZ{n:02}" not in book.knowledge)
