"""Many turns in one transaction: hear, recall, advance, remember, run errands, enqueue (fixed point 2).

Rule 1: a message that was heard before ends here, before anything is worked out.
Rule 2: a turn that raises spoils only itself: its message is kept, its person gets an apology,
        its state stays, all others go on.
Rule 3: a state that somebody else moved meanwhile is recalled and the turn worked out again.
Rule 4: what a platform signed for another message is not heard at all.
Rule 5: an errand is run after that, once the person's row is ours: it must not happen twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.arrivals import Arrival
from bot.effects import Effects
from bot.engine.attachments import is_evidence
from bot.engine.text import clean
from bot.engine.types import Address, Conversation, Event, Message, Reply, Turn
from bot.errands import Errands
from bot.logs import kind, where, who
from bot.store import conversations, evidence, heard, outbox, unreachable, wechat_nonces
from bot.store.conversations import Remembered
from bot.store.evidence import Piece, new_id
from bot.store.heard import Heard
from bot.store.outbox import Outgoing

RACES = 3  # on PostgreSQL one race can be lost; after it we hold the row
ERRANDS = 4  # one after the other, in one turn; more is a circle

Advance = Callable[[Conversation, Event, datetime], Turn]
Guard = Callable[[Message], Message]

log = logging.getLogger(__name__)


class Raced(RuntimeError):
    """A conversation was moved under our hands again and again."""


@dataclass(frozen=True, slots=True)
class Work:
    """One arrival on its way: what is kept of it, and (None: it failed) what is worked out."""

    arrival: Arrival
    key: str  # names this turn in the outbox
    event: Event | None
    kept: Heard | None  # None: not a message


@dataclass(frozen=True, slots=True)
class Outcome:
    """A work and what came of it; `failed`: the turn is the apology."""

    work: Work
    was: Remembered
    turn: Turn
    failed: bool

    @property
    def first_line(self) -> int:
        """The number of the first reply's line at this address."""
        return self.was.said + (2 if self.work.kept else 1)

    @property
    def remembered(self) -> Remembered:
        said = self.first_line + len(self.turn.replies) - 1
        return replace(self.was, said=said, conversation=self.turn.conversation)

    def going_on(self, next: Turn) -> Outcome:
        """After an errand; what was remembered so far is one version old."""
        turn = replace(
            next,
            replies=(*self.turn.replies, *next.replies),
            effects=(*self.turn.effects, *next.effects),
            found=self.turn.found,
        )
        return replace(self, was=replace(self.was, version=self.was.version + 1), turn=turn)


class Turns:
    """Works out batches. `apology` is said when a turn fails; `staff` None: no staff channel."""

    def __init__(
        self,
        advance: Advance,
        guard: Guard,
        errands: Errands,
        apology: Reply,
        staff: Address | None = None,
    ) -> None:
        self._advance = advance
        self._errands = errands
        self._guard = guard
        self._apology = apology
        self._staff = staff

    async def work_out(
        self, tx: AsyncConnection, batch: Sequence[Arrival], now: datetime
    ) -> list[Outcome]:
        """The outcomes of what is new; at most one arrival a person. Raises Raced."""
        batch = await _fresh(tx, batch, now)
        works = [self._receive(arrival, now) for arrival in batch]
        known = await conversations.recall(tx, [arrival.at for arrival in batch])
        works = await self._new(tx, works, known)
        await evidence.expect(tx, _sent(works), now)
        outcomes = await self._remember(tx, works, known, now)
        outcomes = await self._run_errands(tx, outcomes, now)
        await unreachable.forget(tx, [o.was.address for o in outcomes if o.was.unreachable])
        await outbox.put(tx, await self._outgoing(tx, outcomes, now), now)
        return outcomes

    def _receive(self, arrival: Arrival, now: datetime) -> Work:
        """Masks a message before anything else sees it."""
        message = arrival.message
        if message is None:
            return Work(arrival, arrival.key, arrival.event, None)
        safe = None if arrival.spoiled else self._masked(message)
        kept = Heard(
            message.sender,
            message.id,
            message.at,
            safe.text if safe else "",
            "message" if safe else "failed",
        )
        return Work(arrival, f"turn:{message.sender.channel}:{message.id}", safe, kept)

    def _masked(self, message: Message) -> Message | None:
        try:
            return self._guard(replace(message, text=clean(message.text)))
        except Exception as error:  # ours: keep serving others
            _failed(message.sender, error)
            return None

    async def _new(
        self, tx: AsyncConnection, works: Sequence[Work], known: dict[Address, Remembered]
    ) -> list[Work]:
        """The works that were not heard before, their messages written down."""
        rows = [
            replace(work.kept, line=known[work.arrival.at].said + 1) for work in works if work.kept
        ]
        new = await heard.hear(tx, rows)
        return [work for work in works if work.kept is None or work.kept.key in new]

    async def _remember(
        self,
        tx: AsyncConnection,
        works: Sequence[Work],
        known: dict[Address, Remembered],
        now: datetime,
    ) -> list[Outcome]:
        """Advances each and writes its state, again for those who lost a race."""
        done: list[Outcome] = []
        for _ in range(RACES):
            outcomes = [self._turn(work, known[work.arrival.at], now) for work in works]
            won = await conversations.remember(tx, [o.remembered for o in outcomes], now)
            done += [outcome for outcome in outcomes if outcome.was.address in won]
            works = [o.work for o in outcomes if o.was.address not in won]
            if not works:
                return done
            known = await conversations.recall(tx, [work.arrival.at for work in works])
            await heard.place(
                tx, [(w.kept.key, known[w.arrival.at].said + 1) for w in works if w.kept]
            )
        raise Raced(f"{len(works)} conversations")

    async def _run_errands(
        self, tx: AsyncConnection, outcomes: list[Outcome], now: datetime
    ) -> list[Outcome]:
        """Goes on with what came of each errand, until nobody sends us on another."""
        for _ in range(ERRANDS):
            sent = [o for o in outcomes if o.turn.errand is not None]
            if not sent:
                return outcomes
            errands = [(o.was.address, o.turn.errand) for o in sent if o.turn.errand is not None]
            events = await self._errands.run(tx, errands, now)
            went = [
                outcome.going_on(self._advance(outcome.turn.conversation, event, now))
                for outcome, event in zip(sent, events, strict=True)
            ]
            if len(await conversations.remember(tx, [o.remembered for o in went], now)) < len(went):
                raise Raced("a row that was ours")
            by_address = {o.was.address: o for o in went}
            outcomes = [by_address.get(o.was.address, o) for o in outcomes]
        raise RuntimeError("errands in a circle")

    def _turn(self, work: Work, was: Remembered, now: datetime) -> Outcome:
        if work.event is not None:
            try:
                turn = self._advance(was.conversation, work.event, now)
            except Exception as error:  # ours: keep serving others
                _failed(was.address, error)
            else:
                return Outcome(work, was, turn, failed=False)
        sorry = (self._apology,) if work.kept else ()
        return Outcome(work, was, Turn(was.conversation, sorry), failed=True)

    async def _outgoing(
        self, tx: AsyncConnection, outcomes: Sequence[Outcome], now: datetime
    ) -> list[Outgoing]:
        effects = Effects()
        for outcome in outcomes:
            effects.add(outcome.was.address, outcome.work.key, outcome.turn.effects)
        replies = [outgoing for outcome in outcomes for outgoing in _replies(outcome, now)]
        return replies + await effects.write(tx, self._staff, now)


async def _fresh(tx: AsyncConnection, batch: Sequence[Arrival], now: datetime) -> Sequence[Arrival]:
    """Without those whose nonce was used for something else, or long ago."""
    nonces = [arrival.nonce for arrival in batch if arrival.nonce]
    if not nonces:
        return batch
    passed = await wechat_nonces.passed(tx, nonces, now)
    for arrival in batch:
        arrival.replayed = arrival.nonce is not None and arrival.nonce not in passed
    return [arrival for arrival in batch if not arrival.replayed]


def _sent(works: Sequence[Work]) -> list[Piece]:
    """The files of new messages that are worth keeping; they are fetched after the commit."""
    pieces = []
    for work in works:
        message = work.event if isinstance(work.event, Message) else None
        file = message.attachment if message else None
        if message and file and file.ref and is_evidence(file):
            pieces.append(Piece(new_id(), message.at, message.sender, file.ref, "awaited"))
    return pieces


def _replies(outcome: Outcome, now: datetime) -> list[Outgoing]:
    grace = outcome.work.arrival.grace
    return [
        Outgoing(
            outcome.was.address,
            reply,
            origin="turn" if n else outcome.work.arrival.origin,
            key=f"{outcome.work.key}:{n}",
            not_before=now + grace if grace else None,
            line=outcome.first_line + n,
        )
        for n, reply in enumerate(outcome.turn.replies)
    ]


def _failed(address: Address, error: Exception) -> None:
    log.error(
        "turn failed channel=%s who=%s error=%s at=%s",
        address.channel,
        who(address),
        kind(error),
        where(error),
    )
