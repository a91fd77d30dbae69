"""Notices of the calendar: one file each in `scheduler/notices/`, fired once for each time they are due.

Rule 1: a due time is seen to once, whoever comes first: the broadcast is unique by name and due time.
Rule 2: what was missed while nobody was there is sent once if it is still true today (`words` says
        so); older due times, and what is not true any more, are dropped, and the log says it.
Rule 3: words that nobody has compared with the rules for over a year are not sent.
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
from bot.store.broadcasts import Draft
from scheduler import notices as folder
from scheduler.runner import Job

AT = "* * * * *"
STALE = timedelta(days=366 + 30)  # since the words were checked
LATE = timedelta(minutes=10)  # a due time that nobody was there for
WEEK = timedelta(days=7)
AUTHOR = "日程"

log = logging.getLogger(__name__)


def noticing(host: Host, book: Callable[[], Playbook]) -> Job:
    async def tick() -> Mapping[str, int]:
        return {"fired": await fire(host, load(book()))}

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


async def fire(host: Host, notices: list[Notice]) -> int:
    """Fires what has come due since the last look; so many."""
    fired = 0
    async with host.act() as act:
        seen = await notice_clocks.seen(act.tx)
        for notice in notices:
            if notice.name not in seen:  # new: nothing was missed
                await notice_clocks.see(act.tx, notice.name, act.now)
                continue
            due = list(dues(notice, seen[notice.name], act.now))
            if due:
                fired += await _fire(act, notice, due)
                await notice_clocks.see(act.tx, notice.name, act.now)
    return fired


async def _fire(act: Act, notice: Notice, due: list[datetime]) -> bool:
    """Fires the newest due time; whether there was anything to say."""
    for missed in due[:-1]:
        log.warning("notice name=%s due=%s dropped=missed", notice.name, missed.isoformat())
    content = notice.words(act.now.date())
    if content is not None and notice.audience == "weekly":
        content = await _gathered(act, notice, content, due[-1])
    if content is not None and act.now.date() - notice.checked > STALE:
        log.error("notice name=%s dropped=stale checked=%s", notice.name, notice.checked)
        return False
    if content is None:
        late = act.now - due[-1] > LATE
        level = logging.WARNING if late else logging.INFO
        log.log(level, "notice name=%s due=%s dropped=untrue", notice.name, due[-1].isoformat())
        return False
    draft = Draft(content, audience=notice.audience, about=notice.name, due=due[-1], at=act.now)
    return await broadcasts.put(act.tx, draft, AUTHOR, act.now, "scheduled") is not None


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
