"""A word about a consultation that cannot be delivered goes the next way.

Rule 1: another address of the same person, one after the other, those that ring before a web page;
        each address is tried once for each word, and what went there is not sent here any more.
Rule 2: when none is left, the case stands on the desk's list of calls; a row that may still be read
        here stays, and takes the case off the list once it has arrived.
Rule 3: only what a citizen must learn: an answer, what staff need, a broken promise, the end. What goes
        to many keeps its state, whatever comes of it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import get_args

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.arrivals import Arrival
from bot.engine.case import Case, CaseNews, News
from bot.engine.linking import CHANNELS
from bot.engine.preferences import Preferences
from bot.engine.types import Address, AlarmSet
from bot.logs import who
from bot.store import alarms, calls, case_file, cases, outbox, people, preferences, unreachable
from bot.store.alarms import Alarm
from bot.store.cases import Happening
from bot.store.outbox import Settlement, Taken

PUSHED: tuple[News, ...] = ("answered", "needs_info", "overdue", "closed")
ELSEWHERE = "elsewhere"  # the name of the alarm by which another address is told
WAKES_NOBODY = "webchat"  # a page shows it to whoever comes back
_TO = ":elsewhere:"  # in the key of a row, before the address that it went on to

log = logging.getLogger(__name__)


def origin_of(number: str, news: News) -> str:
    """What an outbox row is called that must be learnt."""
    return f"case:{number}:{news}"


def push_of(origin: str) -> tuple[str, News] | None:
    """The number and the news of such a row; None for any other."""
    kind, _, rest = origin.partition(":")
    number, _, said = rest.partition(":")
    news = next((one for one in get_args(News) if one == said), None)
    return (number, news) if kind == "case" and news in PUSHED and number else None


async def go_on(
    tx: AsyncConnection,
    ended: Sequence[tuple[Taken, Settlement]],
    channels: Collection[str],
    now: datetime,
) -> list[Settlement]:
    """The settlements; of a word that goes on at another address, `elsewhere`."""
    return [
        await _next_way(tx, one, settled, channels, now) if _stuck(settled) else settled
        for one, settled in ended
    ]


def _stuck(settled: Settlement) -> bool:
    return settled.state == "failed" or settled.unheard


async def _next_way(
    tx: AsyncConnection,
    one: Taken,
    settled: Settlement,
    channels: Collection[str],
    now: datetime,
) -> Settlement:
    push = push_of(one.origin)
    kept = await cases.one(tx, push[0]) if push else None
    if push is None or kept is None or not _matters(kept.case, push[1]):
        return settled
    number, news = push
    root = one.key.partition(_TO)[0]
    here = CHANNELS.get(one.to.channel, one.to.channel)
    if to := await _another(tx, one.to, root, news, channels):
        awake = (await preferences.of(tx, [to]))[to].awake(now)
        about, note = f"{number}:{news}", f"{one.to.channel} {root}"
        await alarms.change(tx, [(to, AlarmSet(ELSEWHERE, about, awake, note))], now)
        told = f"{here} → {CHANNELS.get(to.channel, to.channel)}"
        await cases.happened(tx, [Happening(number, "bot", "elsewhere", told)], now)
        log.warning("passed on number=%s who=%s to=%s", number, who(one.to), who(to))
        return replace(settled, state="elsewhere", at=now, take_at=None)
    why = settled.error or ""
    if why == "unreachable":  # refused before: by what words?
        why = await unreachable.reason(tx, one.to) or why
    if await calls.ask(tx, calls.Asked(number, root, news, one.to.channel, why), now):
        await cases.happened(tx, [Happening(number, "bot", "to_call")], now)
        log.warning("to call number=%s who=%s", number, who(one.to))
    return settled


async def _another(
    tx: AsyncConnection, at: Address, root: str, news: News, channels: Collection[str]
) -> Address | None:
    """The next address of the same person at which this word was not tried."""
    person = (await people.persons(tx, [at]))[at]
    others = [a for a in await people.addresses(tx, at, person) if a != at]
    others = [a for a in others if a.channel in channels]
    if not others:
        return None
    out = await unreachable.among(tx, others)
    out |= await outbox.tried(tx, [root, *(f"{root}{_TO}{a}" for a in others)])
    wanted = await preferences.of(tx, others)
    left = [a for a in others if a not in out and _wanted(wanted[a], news)]
    return min(left, key=lambda a: (a.channel == WAKES_NOBODY, str(a)), default=None)


def _wanted(preferred: Preferences, news: News) -> bool:
    """What is asked of them, and a promise that was not kept, is always told."""
    return news in ("needs_info", "overdue") or preferred.wants("replies")


def _matters(case: Case, news: News) -> bool:
    """Whether it is still to be learnt, and may be told elsewhere than where it was asked."""
    if case.anonymous:
        return False
    match news:
        case "answered":
            return case.answers > 0 and not case.read
        case "needs_info":
            return case.state == "needs_info"
        case "overdue":
            return case.unanswered
        case _:
            return case.state == "closed"


async def arrival(tx: AsyncConnection, alarm: Alarm) -> Arrival | None:
    """What another address is told now; None if it matters no more."""
    push = push_of(f"case:{alarm.about}")
    kept = await cases.one(tx, push[0]) if push else None
    if push is None or kept is None or not _matters(kept.case, push[1]):
        return None
    number, news = push
    channel, _, root = alarm.note.partition(" ")
    case = kept.case
    text = {"answered": case.answer, "needs_info": case.wanted}.get(news, "")
    if news == "closed":
        text = await case_file.last_text(tx, number, "closed")
    event = CaseNews(case, news, text, elsewhere=CHANNELS.get(channel, channel))
    return Arrival(alarm.to, event, key=f"{root}{_TO}{alarm.to}", origin=origin_of(number, news))


async def sweep(tx: AsyncConnection, channels: Collection[str], now: datetime) -> int:
    """Words that wait behind others which nobody was told of go on as well; so many."""
    behind = await outbox.behind_untold(tx, now)
    ended = [
        (one, Settlement(one.id, one.attempts, "waiting", now, error=outbox.UNTOLD, unheard=True))
        for one in behind
    ]
    moved = [s for s in await go_on(tx, ended, channels, now) if s.state == "elsewhere"]
    await outbox.settle(tx, moved)
    return len(moved)
