"""The host: whatever channels hear becomes a turn, kept before anybody is told "received".

Rule 1: the host takes whatever has arrived, at most one thing a person, and commits it once.
Rule 2: `heard` returns after that commit; what raises `Unheard` was not kept and may come again.
Rule 3: what cannot be kept together is tried one by one, so that one spoils no other.
Rule 4: the sender is woken after the commit; it reads the same rows as everybody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.act import Act, Along
from bot.arrivals import Arrival, Arrivals
from bot.casework import Casework
from bot.channels.base import CaseAction, Line
from bot.clock import Clock
from bot.engine.promise import Service
from bot.engine.types import Address, Event, Message, Reply, StaffJoined, StaffLeft
from bot.engine.workdays import Office
from bot.errands import Errands
from bot.logs import kind, where, who
from bot.store import conversations, handoffs, heard, outbox
from bot.store.engine import Store
from bot.store.heard import Heard
from bot.store.lines import lines as read_lines
from bot.store.outbox import Lane
from bot.store.wechat_nonces import Nonce, Replayed
from bot.turns import Advance, Guard, Outcome, Raced, Turns

Wake = Callable[[Iterable[tuple[str, Lane]]], None]

RETRIES = 3  # of a transaction that the database itself asks to repeat
REPEATABLE = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock

log = logging.getLogger(__name__)


class Unheard(OSError):
    """The database could not keep it: nothing was acknowledged; hand it in again."""


@dataclass(frozen=True, slots=True)
class Hosting:
    batch: int = 32  # turns a transaction
    waiting: int = 1_000  # arrivals; whoever comes then waits outside


class Host:
    """An `Inbox`. Use it as `async with Host(…) as host`; leaving finishes what has arrived."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        advance: Advance,
        guard: Guard,
        *,
        apology: Reply,
        staff: Address | None = None,
        wake: Wake | None = None,
        hosting: Hosting | None = None,
        errands: Errands | None = None,
        office: Callable[[], Office] | None = None,
        service: Callable[[], Service] = Service,
    ) -> None:
        self._store = store
        self._clock = clock
        self._turns = Turns(advance, guard, errands or Errands(), apology, staff)
        self._staff = staff
        self._wake = wake
        self._hosting = hosting or Hosting()
        self._arrivals = Arrivals(self._hosting.waiting)
        self._loop: asyncio.Task[None] | None = None
        self._office = office
        self._service = service

    @property
    def casework(self) -> Casework:
        """What staff do with consultations."""
        if self._office is None:
            raise LookupError("this host has no office")
        return Casework(self, self._office, self._service, self._staff)

    async def __aenter__(self) -> Host:
        self._loop = asyncio.create_task(self._run(), name="host")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._arrivals.close()
        if self._loop:
            await self._loop

    # --- what channels call --------------------------------------------------------------------

    async def heard(self, message: Message) -> bool:
        """True once the turn is committed; False if handled before. Raises Unheard."""
        return await self._arrived(Arrival(message.sender, message))

    async def answer(self, message: Message, grace: timedelta, nonce: Nonce | None = None) -> bool:
        """As `heard`; the replies wait for `grace`, so that the caller can take them first.

        Raises Replayed if `nonce` came before with something else.
        """
        return await self._arrived(Arrival(message.sender, message, grace=grace, nonce=nonce))

    async def happened(self, event: Event, address: Address) -> None:
        """Something other than a message happened to a citizen. Raises Unheard."""
        await self._arrived(Arrival(address, event))

    # --- what the house does by itself ---------------------------------------------------------

    @asynccontextmanager
    async def act(self) -> AsyncIterator[Act]:
        """One transaction in which rows are changed and people are told; sent after the commit."""
        async with self._store.write() as tx:
            act = Act(tx, self._turns, self._clock())
            yield act
        self._woken(act.told)

    @asynccontextmanager
    async def look(self) -> AsyncIterator[Act]:
        """One consistent view, which waits for nobody; nothing may be changed in it."""
        async with self._store.read() as tx:
            yield Act(tx, self._turns, self._clock())

    async def staff_said(
        self, request: int, text: str, token: str, along: Along | None = None
    ) -> bool:
        """Staff's words to the citizen of a hand-over; False if it is not open.

        `along` is written in the same transaction, once, as the words are.
        """
        async with self.act() as act:
            handoff = await self._locked(act.tx, request)
            if handoff is None:
                return False
            key = f"staff:{token}"
            if await outbox.knows(act.tx, key):
                return True
            if await handoffs.join(act.tx, request, act.now):
                await act.happened(handoff.citizen, StaffJoined(request))
            await act.say(handoff.citizen, Reply("staff", text), key)
            if along:
                await along(act.tx)
        return True

    async def staff_closed(self, request: int, along: Along | None = None) -> bool:
        """Staff has ended a hand-over; False if it is not open. `along`: as above."""
        async with self.act() as act:
            handoff = await self._locked(act.tx, request)
            if handoff is None:
                return False
            await handoffs.close(act.tx, request, act.now)
            await act.happened(handoff.citizen, StaffLeft(request))
            if along:
                await along(act.tx)
        return True

    async def staff_worked(
        self, number: str, action: CaseAction, text: str, token: str, by: str
    ) -> bool:
        """What staff did with a consultation from their group; False if it cannot be done now."""
        return await self.casework.work(number, action, text, token, by)

    async def lines(self, address: Address, after: int = 0) -> Sequence[Line]:
        """What was said at an address, oldest first, ids above `after`."""
        async with self._store.read() as tx:
            return [Line(*said) for said in await read_lines(tx, address, after)]

    async def rejected(self, channel: str, message_id: str, reason: str) -> None:
        """Notes that something unreadable arrived, so that it is not read again."""
        row = Heard(Address(channel, ""), message_id, self._clock(), reason, "rejected")
        async with self._store.write() as tx:
            await heard.hear(tx, [row])
        log.warning("rejected channel=%s reason=%s", channel, reason.replace(" ", "_"))

    # --- the loop ------------------------------------------------------------------------------

    async def _arrived(self, arrival: Arrival) -> bool:
        if self._loop is None or self._arrivals.closed:
            raise Unheard("the host is closed")
        await self._arrivals.put(arrival)
        return await arrival.done

    async def _run(self) -> None:
        while batch := await self._arrivals.take(self._hosting.batch):
            try:
                await self._commit(batch)
            except (OperationalError, OSError, Raced) as error:
                _refuse(batch, error)
            except Exception as error:
                if _disconnected(error):
                    _refuse(batch, error)
                else:
                    await self._one_by_one(batch)

    async def _one_by_one(self, batch: Sequence[Arrival]) -> None:
        """After a batch failed for what it holds: each alone, what fails again as spoiled."""
        for arrival in batch:
            try:
                await self._commit([arrival])
            except Exception as error:
                log.error(
                    "turn unkept channel=%s who=%s error=%s at=%s",
                    arrival.at.channel,
                    who(arrival.at),
                    kind(error),
                    where(error),
                )
                await self._spoil(arrival)

    async def _spoil(self, arrival: Arrival) -> None:
        arrival.spoiled = True
        try:
            await self._commit([arrival])
        except Exception as error:
            _refuse([arrival], error)

    async def _commit(self, batch: Sequence[Arrival]) -> None:
        """One transaction; then tells those who wait, and wakes the sender."""
        began = perf_counter()
        outcomes = await self._attempt(batch)
        new = {id(outcome.work.arrival) for outcome in outcomes}
        for arrival in batch:
            if arrival.replayed:
                arrival.fail(Replayed())
            else:
                arrival.answer(id(arrival) in new)
        self._woken([outcome.was.address for outcome in outcomes])
        _log(outcomes, len(batch), perf_counter() - began)

    async def _attempt(self, batch: Sequence[Arrival]) -> list[Outcome]:
        for _ in range(RETRIES):
            try:
                async with self._store.write() as tx:
                    return await self._turns.work_out(tx, batch, self._clock())
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in REPEATABLE:
                    raise
        raise Raced(f"{len(batch)} arrivals")

    async def _locked(self, tx: AsyncConnection, request: int) -> handoffs.Handoff | None:
        """The open hand-over, its citizen's conversation held: turns take it in this order too."""
        handoff = await handoffs.find(tx, request)
        if handoff is None:
            return None
        await conversations.recall(tx, [handoff.citizen])
        return await handoffs.find(tx, request)

    def _woken(self, addresses: Iterable[Address]) -> None:
        if self._wake:
            lanes: set[tuple[str, Lane]] = {(address.channel, "talk") for address in addresses}
            if self._staff:
                lanes.add((self._staff.channel, "talk"))
            self._wake(lanes)


def _refuse(batch: Sequence[Arrival], error: Exception) -> None:
    log.error("batch unkept turns=%d error=%s at=%s", len(batch), kind(error), where(error))
    for arrival in batch:
        refusal = Unheard(kind(error))
        refusal.__cause__ = error
        arrival.fail(refusal)


def _disconnected(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _log(outcomes: Sequence[Outcome], arrived: int, seconds: float) -> None:
    """One line a turn; `ms` is the whole batch, which is what its people waited for."""
    for outcome in outcomes:
        form = outcome.turn.conversation.form
        log.info(
            "turn channel=%s who=%s form=%s replies=%d failed=%d batch=%d ms=%d",
            outcome.was.address.channel,
            who(outcome.was.address),
            form.form if form else "-",
            len(outcome.turn.replies),
            outcome.failed,
            arrived,
            seconds * 1000,
        )
