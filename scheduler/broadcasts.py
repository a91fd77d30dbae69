"""Notices to many, on their way: starts what is due, pages it into the outbox, ends what is through.

Rule 1: a page's rows and its checkpoint are one transaction, under the broadcast's lock: two workers,
        or one that is killed and starts again, leave nobody out and take nobody twice.
Rule 2: no more is put in than goes out soon, so that quiet hours, a pause and a cancellation count.
Rule 3: whose quiet hours have begun, or begin within minutes, waits for the morning.
Rule 4: many failures in a row pause it: something is wrong that a person must see.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.act import Act
from bot.engine import words
from bot.engine.notice import Content, composed, subscribed_to
from bot.engine.preferences import Preferences
from bot.engine.types import Address, Reply
from bot.host import Host
from bot.logs import kind, where
from bot.notices import moments
from bot.store import audiences, broadcast_rows, broadcasts, outbox, preferences, served
from bot.store.broadcasts import Broadcast, State
from bot.store.outbox import Outgoing

PAGE = 200  # recipients in one transaction
AHEAD = 1_000  # rows of a channel that may wait to go at once
SOON = timedelta(minutes=5)  # before quiet hours, nothing more is begun
FAILURES = 50  # in a row, that pause a broadcast
LOOK = 1.0  # seconds between looks
SWEEP = 60.0  # seconds between looks at who has fallen asleep or left
RUNNING: tuple[State, ...] = ("running",)
STOPPED: tuple[State, ...] = ("paused", "cancelled")

log = logging.getLogger(__name__)


async def sending(host: Host, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Until cancelled."""
    swept = -SWEEP
    looked = 0.0
    while True:
        try:
            more = await step(host)
            if looked - swept >= SWEEP:
                await sweep(host)
                swept = looked
        except Exception as error:  # the loop must live; the database may come back
            log.error("broadcasts error=%s at=%s", kind(error), where(error))
            more = False
        if not more:
            looked += LOOK
            await sleep(LOOK)


async def step(host: Host) -> bool:
    """One look at everything; whether there may be more to do at once."""
    async with host.act() as act:
        for begun in await broadcasts.start_due(act.tx, act.now):
            log.info("broadcast id=%d state=running", begun)
        running = await broadcasts.listed(act.tx, RUNNING)
        stopped = await broadcasts.listed(act.tx, STOPPED, most=5)
    more = False
    for one in running:
        more |= await _go_on(host, one.id)
    for one in stopped:
        more |= await _hold(host, one.id)
    return more


async def _go_on(host: Host, id: int) -> bool:
    """The next page of a running one for each channel that has room."""
    async with host.act() as act:
        one = await broadcasts.held(act.tx, id, skip=True)
        if one is None or one.state != "running":
            return False  # another worker has it, or a person stopped it
        if await _fails(act, one):
            return False
        if not one.after:
            return await _opened(act, one)
        after, more = dict(one.after), False
        for channel, last in one.after.items():
            if last is not None and await _room(act, channel):
                after[channel] = await _page(act, one, channel, last)
                more = True
        if after != one.after:
            await broadcasts.change(act.tx, id, after=after)
        elif all(last is None for last in after.values()):
            await _end(act, one)
    return more


async def _opened(act: Act, one: Broadcast) -> bool:
    """Lists the channels; False if it must wait (for what it corrects to come to rest)."""
    draft = one.draft
    if draft.audience == "got":
        wrong = broadcasts.origin_of(int(draft.about))
        corrected = await broadcasts.one(act.tx, int(draft.about))
        if (
            corrected
            and corrected.state == "cancelled"
            and await broadcast_rows.unfinished(act.tx, wrong)
        ):
            return False
    channels = await audiences.channels_of(act.tx, draft)
    if not channels:
        await broadcasts.change(act.tx, one.id, state="done", ended_at=act.now)
        return False
    await broadcasts.change(act.tx, one.id, after=dict.fromkeys(channels, ""))
    return True


async def _room(act: Act, channel: str) -> bool:
    return await broadcast_rows.due_rows(act.tx, channel, act.now, AHEAD) < AHEAD


async def _page(act: Act, one: Broadcast, channel: str, after: str) -> str | None:
    """Puts the next recipients of a channel in; the new checkpoint, None after the last."""
    found = await audiences.page(act.tx, one.draft, channel, after, PAGE)
    readers = {Address(channel, user) for user, _ in found}
    readers -= await audiences.told_elsewhere(act.tx, one.draft, readers)
    wanted = await preferences.of(act.tx, readers)
    content, why = await _content(act, one)
    outgoing = []
    for to in sorted(readers, key=str):
        reply = composed(content, wanted[to], why or subscribed_to(content, wanted[to]))
        if reply is not None:
            outgoing.append(_outgoing(act.now, one, to, reply, wanted[to]))
    await outbox.put(act.tx, outgoing, act.now)
    if one.draft.audience == "served":  # they know the new one by this
        entry, _, version = one.draft.about.split(":")
        await served.told(act.tx, {one.to for one in outgoing}, entry, version)
    return found[-1][1] if len(found) == PAGE else None


def _outgoing(
    now: datetime, one: Broadcast, to: Address, reply: Reply, wanted: Preferences
) -> Outgoing:
    at = now
    if not one.draft.urgent:
        soon = wanted.awake(now + SOON)
        at = wanted.awake(now) if soon == now + SOON else soon
    key = f"{one.origin}:{to}"
    return Outgoing(to, reply, one.origin, key, lane="bulk", not_before=at)


async def _content(act: Act, one: Broadcast) -> tuple[Content, str]:
    """What it says, and why its readers get it (empty: they subscribed)."""
    content, draft = one.draft.content, one.draft
    if draft.audience == "got":
        wrong = await broadcasts.one(act.tx, int(draft.about))
        title = wrong.draft.content.title if wrong else content.title
        return content, words.NOTICE_WHY_CORRECTED.format(title=title)
    if draft.audience == "signed":
        return content, words.NOTICE_WHY_SIGNED
    if draft.audience == "served":
        return content, words.NOTICE_WHY_ASKED
    return content, ""


async def _fails(act: Act, one: Broadcast) -> bool:
    """Pauses what only fails."""
    tries = await broadcast_rows.last_tries(act.tx, one.origin, FAILURES)
    if len(tries) < FAILURES or None in tries:
        return False
    await broadcasts.change(act.tx, one.id, state="paused", why=f"{FAILURES} failures: {tries[0]}")
    await broadcast_rows.put_off(act.tx, one.origin, PAGE)
    log.error("broadcast id=%d state=paused failures=%d", one.id, FAILURES)
    return True


async def _end(act: Act, one: Broadcast) -> None:
    """Finished means finished: nobody waits any more."""
    if await broadcast_rows.unfinished(act.tx, one.origin):
        return
    await broadcasts.change(act.tx, one.id, state="done", ended_at=act.now)
    log.info("broadcast id=%d state=done", one.id)


async def _hold(host: Host, id: int) -> bool:
    """Rows that a pause or cancellation has not reached yet, or that came back since."""
    async with host.act() as act:
        one = await broadcasts.held(act.tx, id, skip=True)
        if one is None:
            return False
        if one.state == "paused":
            return await broadcast_rows.put_off(act.tx, one.origin, PAGE) > 0
        if one.state == "cancelled":
            return await broadcast_rows.call_off(act.tx, one.origin, act.now, PAGE) > 0
    return False


async def sweep(host: Host) -> int:
    """Whose quiet hours have begun gets it in the morning; who has left is unsubscribed."""
    async with host.act() as act:
        await preferences.forget_unreachable(act.tx, act.now)
        running = [o for o in await broadcasts.listed(act.tx, RUNNING) if not o.draft.urgent]
    moved = 0
    for one in running:
        after = 0
        while True:
            async with host.act() as act:
                rows = await broadcast_rows.sleepers(act.tx, one.origin, act.now, after, PAGE)
                late = {r: at for r, at in (await moments(act, one, rows)).items() if at > act.now}
                await broadcast_rows.release(act.tx, late)
            moved += len(late)
            if len(rows) < PAGE:
                break
            after = rows[-1][0]
    return moved
