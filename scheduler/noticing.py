"""Notices of the calendar: one file each in `scheduler/notices/`, fired once for each time they are due.

Rule 1: a due time is seen to once, whoever comes first: the broadcast is unique by name and due time.
Rule 2: a second person approves the words at the desk, from `LEAD` before they are due; unless the
        office trusts its files, or the notice only gathers what was approved one by one.
Rule 3: approval is of words: if they come out otherwise before they go, they wait for it again.
Rule 4: what was missed while nobody was there is sent once if it is still true today (`words` says
        so); older due times, and what is not true any more, are dropped, and the log says it.
Rule 5: words that nobody has compared with the rules for over a year are not sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from pkgutil import iter_modules

from bot.act import Act
from bot.clock import CHINA
from bot.engine.notice import Content, Notice, Part
from bot.engine.playbook import Playbook
from bot.host import Host
from bot.store import broadcasts, notice_clocks
from bot.store.broadcasts import CALENDAR, Broadcast, Draft, State
from scheduler import notices as folder
from scheduler.runner import Job

AT = "* * * * *"
STALE = timedelta(days=366 + 30)  # since the words were checked
LEAD = timedelta(days=14)  # before it is due, it can be approved
LATE = timedelta(minutes=10)  # a due time that nobody was there for
WEEK = timedelta(days=7)
WAITING: tuple[State, ...] = ("draft", "scheduled")

log = logging.getLogger(__name__)


def noticing(host: Host, book: Callable[[], Playbook], *, trusted: bool) -> Job:
    """`trusted`: the office approves none of them; they go by themselves."""

    async def tick() -> Mapping[str, int]:
        notices = load(book())
        changed = await follow(host, notices, trusted=trusted)
        return {"fired": await fire(host, notices, trusted=trusted), "changed": changed}

    return Job("notices", AT, tick)


def load(book: Playbook) -> list[Notice]:
    """Every file of the folder."""
    names = sorted(found.name for found in iter_modules(folder.__path__))
    return [import_module(f"{folder.__name__}.{name}").notice(book) for name in names]


def dues(notice: Notice, after: datetime, until: datetime) -> Iterator[datetime]:
    """The due times later than `after`, up to `until`."""
    from apscheduler.triggers.cron import CronTrigger

    trigger = CronTrigger.from_crontab(notice.cron, timezone=CHINA)
    at = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    while at is not None and at <= until:
        yield at
        at = trigger.get_next_fire_time(at, at)


def next_due(notice: Notice, after: datetime) -> datetime:
    return next(dues(notice, after, after + timedelta(days=366 * 5)))


async def fire(host: Host, notices: list[Notice], *, trusted: bool = False) -> int:
    """Fires what has come due since the last look, or drafts what is due soon; so many."""
    fired = 0
    async with host.act() as act:
        seen = await notice_clocks.seen(act.tx)
        for notice in notices:
            if notice.name not in seen:  # new: nothing was missed
                await notice_clocks.see(act.tx, notice.name, act.now)
                continue
            alone = trusted or notice.audience == "weekly"
            until = act.now if alone else act.now + LEAD
            due = list(dues(notice, seen[notice.name], until))
            for one in _not_missed(notice, due, act.now):
                fired += await _fire(act, notice, one, "scheduled" if alone else "draft")
            if due:
                await notice_clocks.see(act.tx, notice.name, due[-1])
    return fired


def _not_missed(notice: Notice, due: list[datetime], now: datetime) -> list[datetime]:
    """The newest that is past, and those to come."""
    past = [at for at in due if at <= now]
    for missed in past[:-1]:
        log.warning("notice name=%s due=%s dropped=missed", notice.name, missed.isoformat())
    return due[max(0, len(past) - 1) :]


async def _fire(act: Act, notice: Notice, due: datetime, state: State) -> bool:
    """Whether there was anything to say."""
    content = notice.words(max(act.now, due).date())
    if content is not None and notice.audience == "weekly":
        content = await _gathered(act, notice, content, due)
    if content is not None and act.now.date() - notice.checked > STALE:
        log.error("notice name=%s dropped=stale checked=%s", notice.name, notice.checked)
        return False
    if content is None:
        level = logging.WARNING if act.now - due > LATE else logging.INFO
        log.log(level, "notice name=%s due=%s dropped=untrue", notice.name, due.isoformat())
        return False
    at = max(act.now, due)
    draft = Draft(content, audience=notice.audience, about=notice.name, due=due, at=at)
    return await broadcasts.put(act.tx, draft, CALENDAR, act.now, state) is not None


async def follow(host: Host, notices: list[Notice], *, trusted: bool = False) -> int:
    """Drafts that have not gone yet say what is true when they go; so many were changed or dropped.

    What a person has rewritten is that person's.
    """
    changed, named = 0, {notice.name: notice for notice in notices}
    async with host.act() as act:
        for listed in await broadcasts.listed(act.tx, WAITING):
            one = await broadcasts.held(act.tx, listed.id)
            if one is None or one.state not in WAITING or one.author != CALENDAR:
                continue
            notice = named.get(one.draft.about)
            if notice is not None and notice.audience != "weekly":
                changed += await _follow(act, one, notice, trusted)
    return changed


async def _follow(act: Act, one: Broadcast, notice: Notice, trusted: bool) -> bool:
    content = notice.words(max(act.now, one.draft.due or act.now).date())
    if content == one.draft.content:
        return False
    if content is None:
        log.warning("notice name=%s id=%d dropped=untrue", notice.name, one.id)
        await broadcasts.change(act.tx, one.id, state="cancelled", ended_at=act.now, why="untrue")
        return True
    log.warning("notice name=%s id=%d changed=words", notice.name, one.id)
    await broadcasts.rewrite(act.tx, one.id, replace(one.draft, content=content), CALENDAR)
    if not trusted:
        await broadcasts.change(act.tx, one.id, state="draft", approver="", approved_at=None)
    return True


async def _gathered(act: Act, notice: Notice, content: Content, due: datetime) -> Content | None:
    """What was published since the last digest; None if nothing was."""
    last = await broadcasts.last_due(act.tx, notice.name)
    found = await broadcasts.fired(act.tx, last or due - WEEK, due)
    parts = tuple(
        Part(_line(one.draft.content), one.draft.content.topics, one.draft.regions) for one in found
    )
    return replace(content, parts=parts) if parts else None


def _line(content: Content) -> str:
    return f"{content.title}：{content.body}" + (f" {content.url}" if content.url else "")
