"""What a callback is answered with: the turn's replies, taken from the outbox in one message.

Rule 1: what is taken is settled before it is told; a repeat of the message gets the same words.
Rule 2: what does not fit goes on by the sender, where the account may write unasked; else the
        message says how to go on.
Rule 3: 查看 takes all that waits, in its order; whoever writes anything lets the rest be pushed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.wechat.account import CHANNEL, Account
from bot.channels.wechat.files import Files
from bot.channels.wechat.together import Together
from bot.channels.wechat.wording import BETWEEN, Sheet, sheets
from bot.clock import Clock
from bot.engine import words
from bot.engine.types import Address, Reply
from bot.store import (
    outbox,
    plain,
    unreachable,
    wechat_answers,
    wechat_choices,
    wechat_people,
    wechat_waiting,
)
from bot.store.engine import Store
from bot.store.outbox import Settlement
from bot.store.wechat_people import Grant
from bot.store.wechat_waiting import Waiting

GRACE = timedelta(seconds=6)  # the first try has five; after it the sender may push
AFTER = timedelta(seconds=1)  # what is pushed besides comes after the answer itself


@dataclass(frozen=True, slots=True)
class Asked:
    """`all_waiting`: they want what waits, not what this message came to."""

    id: str
    user: str
    grant: Grant
    all_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """`text` is empty if there is nothing to tell, None if nothing waited for 查看."""

    text: str | None
    settled: tuple[Waiting, ...] = ()
    done: Mapping[str, int] | None = None  # parts of a row that is not settled
    released: tuple[Waiting, ...] = ()


class Taking:
    """Takes for many at once."""

    def __init__(self, account: Account, store: Store, files: Files, clock: Clock) -> None:
        self._account = account
        self._store = store
        self._files = files
        self._clock = clock
        self._together = Together(self._take, lambda asked: asked.user)

    async def take(self, asked: Asked) -> str | None:
        """The words to answer with; empty: none. None: nothing waited for 查看."""
        return await self._together.do(asked)

    async def _take(self, batch: Sequence[Asked]) -> list[str | None]:
        now = self._clock()
        async with self._store.write() as tx:
            given = await wechat_answers.begin(tx, [asked.id for asked in batch], now)
            new = [asked for asked in batch if asked.id not in given]
            taken = await self._choose(tx, new, now) if new else {}
            await _write(tx, list(taken.values()), now)
            told = {i: one.text for i, one in taken.items() if one.text is not None}
            await wechat_answers.keep(tx, {i: text for i, text in told.items() if text})
            await wechat_answers.drop(tx, [i for i in taken if i not in told])
        return [given.get(asked.id, told.get(asked.id)) for asked in batch]

    async def _choose(
        self, tx: AsyncConnection, new: Sequence[Asked], now: datetime
    ) -> dict[str, Taken]:
        await wechat_people.wrote(tx, {asked.user: asked.grant for asked in new}, now)
        back = [Address(CHANNEL, asked.user) for asked in new if asked.all_waiting]
        await unreachable.forget(tx, back)  # a turn would have; this message comes to none
        rows = await wechat_waiting.waiting(tx, [asked.user for asked in new], now + GRACE)
        split = {asked.id: _split(asked, rows[asked.user], now) for asked in new}
        read = {i: _read(wanted) for i, (wanted, _) in split.items()}
        sends = {c.send for replies in read.values() for r in replies for c in r.choices}
        linked = sends if self._account.choices != "numbers" else ()
        numbers = await wechat_choices.numbers(tx, linked)
        return {
            asked.id: self._answer(asked, *split[asked.id], read[asked.id], numbers)
            for asked in new
        }

    def _answer(
        self,
        asked: Asked,
        wanted: Sequence[Waiting],
        others: Sequence[Waiting],
        replies: Sequence[Reply],
        numbers: Mapping[str, int],
    ) -> Taken:
        if asked.all_waiting and not wanted:
            return Taken(None)
        done = [row.done for row in wanted]
        links = [self._files.links(w.key, one) for w, one in zip(wanted, replies, strict=True)]
        found = sheets(replies, done, numbers, self._account, links)
        first = [sheet for sheet in found[:1] if sheet.picture is None]  # an answer is words
        rest = len(found) > len(first)
        text = first[0].text if first else ""
        settled, partly = _arrived(wanted, first)
        ended = {row.id for row in settled}
        if not self._account.may_push:
            return Taken(_hinted(text, rest, bool(others)), settled, partly)
        left = [row for row in wanted if row.id not in ended]
        return Taken(text, settled, partly, (*left, *others))


def _split(
    asked: Asked, rows: Sequence[Waiting], now: datetime
) -> tuple[list[Waiting], list[Waiting]]:
    """What they want, and what waits besides. The replies of another message in work are neither."""
    mine = f"turn:{CHANNEL}:{asked.id}:"
    old = [row for row in rows if row.not_before <= now or row.attempts > 0]
    if asked.all_waiting:
        return old, []
    wanted = [row for row in rows if row.key.startswith(mine)]
    return wanted, [row for row in old if row not in wanted]


def _read(rows: Sequence[Waiting]) -> list[Reply]:
    """A row that cannot be read says so to the sender; here it has no words."""
    replies = []
    for row in rows:
        try:
            replies.append(plain.loads(Reply, row.reply))
        except plain.Unreadable:
            replies.append(Reply("error", words.APOLOGY))
    return replies


def _arrived(
    rows: Sequence[Waiting], found: Sequence[Sheet]
) -> tuple[tuple[Waiting, ...], dict[str, int]]:
    """The rows that end with these messages, and how much of another one is in them."""
    pieces = [piece for sheet in found for piece in sheet.pieces]
    ended = {piece.row for piece in pieces if piece.last}
    partly = {rows[p.row].key: p.done for p in pieces if p.row not in ended}
    return tuple(rows[n] for n in sorted(ended)), partly


def _hinted(text: str, rest: bool, others: bool) -> str:
    hint = words.WECHAT_CONTINUE if rest else words.WECHAT_UNREAD if others else ""
    return BETWEEN.join(part for part in (text, hint) if part)


async def _write(tx: AsyncConnection, taken: Sequence[Taken], now: datetime) -> None:
    settled = [row for one in taken for row in one.settled]
    await wechat_waiting.number(tx, settled, now)
    ended = [Settlement(row.id, row.attempts, "sent", now) for row in settled]
    await outbox.settle(tx, ended)
    await wechat_waiting.forget_parts(tx, [row.key for row in settled if row.done])
    partly = {key: n for one in taken for key, n in (one.done or {}).items()}
    await wechat_waiting.done(tx, partly, now)
    await wechat_waiting.release(tx, [row for one in taken for row in one.released], now + AFTER)
