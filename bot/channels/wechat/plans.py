"""What the planner keeps in the database: budgets, what goes together, notices and pauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.wechat.account import Account
from bot.channels.wechat.api import SEND
from bot.channels.wechat.wording import Sheet
from bot.engine.types import Reply
from bot.store import (
    outbox,
    plain,
    wechat_choices,
    wechat_pauses,
    wechat_people,
    wechat_waiting,
)
from bot.store.engine import Store
from bot.store.outbox import Settlement
from bot.store.wechat_waiting import Waiting

TOGETHER = 20  # rows that go in one try
LEASE = timedelta(seconds=60)
NOTICE_AGAIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A row and those behind it. `replies` and `done` are theirs, the sender's own row first."""

    key: str
    followers: tuple[Waiting, ...]
    replies: tuple[Reply, ...]
    done: tuple[int, ...]
    numbers: Mapping[str, int]


class Plans:
    """One account's."""

    def __init__(self, account: Account, store: Store) -> None:
        self._account = account
        self._store = store

    async def begin(self, user: str, key: str, reply: Reply, now: datetime) -> Bundle | None:
        """What may be sent now, one message of the budget spent; None: nothing may be."""
        async with self._store.write() as tx:
            if SEND in await wechat_pauses.paused(tx, now):
                return None
            if not await wechat_people.spend(tx, user, now):
                return None
            followers, more = await self._following(tx, user, key, now)
            await wechat_waiting.lease(tx, followers, now + LEASE)
            replies = (reply, *more)
            sends = {choice.send for one in replies for choice in one.choices}
            linked = sends if self._account.choices != "numbers" else ()
            numbers = await wechat_choices.numbers(tx, linked)
            done = (await wechat_waiting.parts_of(tx, key), *(row.done for row in followers))
        return Bundle(key, tuple(followers), replies, done, numbers)

    async def _following(
        self, tx: AsyncConnection, user: str, key: str, now: datetime
    ) -> tuple[list[Waiting], list[Reply]]:
        """The rows of this person's lane behind ours that may go with it."""
        lane = await wechat_waiting.lane_of(tx, key)
        rows = (await wechat_waiting.waiting(tx, {user}, now))[user]
        followers: list[Waiting] = []
        replies: list[Reply] = []
        for row in [row for row in rows if row.lane == lane][:TOGETHER]:
            try:
                reply = plain.loads(Reply, row.reply)
            except plain.Unreadable:
                break
            if row.not_before > now:
                break
            followers.append(row)
            replies.append(reply)
        await wechat_waiting.number(tx, followers, now)
        return followers, replies

    async def end(self, bundle: Bundle, arrived: Sequence[Sheet], now: datetime) -> bool:
        """Settles what went with the sender's row; True if that row has arrived as a whole."""
        pieces = [piece for sheet in arrived for piece in sheet.pieces]
        ended = {piece.row for piece in pieces if piece.last}
        keys = [bundle.key, *(row.key for row in bundle.followers)]
        partly = {keys[p.row]: p.done for p in pieces if p.row not in ended}
        whole = [row for n, row in enumerate(bundle.followers, 1) if n in ended]
        back = [row for n, row in enumerate(bundle.followers, 1) if n not in ended]
        long = [keys[n] for n in ended if bundle.done[n]]
        if bundle.followers or partly or long:
            async with self._store.write() as tx:
                await outbox.settle(
                    tx,
                    [Settlement(r.id, r.attempts + 1, "sent", now) for r in whole]
                    + [Settlement(r.id, r.attempts + 1, "waiting", now, now) for r in back],
                )
                await wechat_waiting.done(tx, partly, now)
                await wechat_waiting.forget_parts(tx, long)
        return 0 in ended

    async def waits_since(self, key: str) -> datetime | None:
        async with self._store.read() as tx:
            return await wechat_waiting.since(tx, key)

    async def spend(self, user: str, now: datetime) -> bool:
        async with self._store.write() as tx:
            return await wechat_people.spend(tx, user, now)

    async def left(self, user: str, now: datetime) -> int:
        async with self._store.read() as tx:
            return (await wechat_people.known(tx, user, now)).left

    async def closed(self, user: str) -> None:
        async with self._store.write() as tx:
            await wechat_people.closed(tx, user)

    async def notice(self, user: str, now: datetime) -> bool:
        async with self._store.write() as tx:
            return await wechat_people.notice(tx, user, now, NOTICE_AGAIN)

    async def unnotice(self, user: str) -> None:
        async with self._store.write() as tx:
            await wechat_people.unnotice(tx, user)

    async def use_consent(self, user: str) -> bool:
        async with self._store.write() as tx:
            return await wechat_people.use_consent(tx, user)

    async def refuses_notices(self, user: str) -> None:
        async with self._store.write() as tx:
            await wechat_people.refused(tx, user)

    async def pause(self, path: str, until: datetime) -> None:
        async with self._store.write() as tx:
            await wechat_pauses.pause(tx, path, until)

    async def paused(self, now: datetime) -> set[str]:
        async with self._store.read() as tx:
            return set(await wechat_pauses.paused(tx, now))
