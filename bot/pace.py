"""What one platform bears: so many calls at once, so many messages in any second, one person's pace.

Both lanes of a channel share it. Bulk leaves a call and the next free moment to talk, and goes
evenly, one each thirtieth of a second rather than thirty at once, so that an answer finds room soon.

Measured against a strict limit of 30 in any second: a fixed pace of 30.0 was refused 29 times in 900,
a sliding window with a small margin never, at 26–28 a second. A platform that refuses all the same
gets a wider window; one that never does is used to the full.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from bot.channels.base import Limits
from bot.engine.types import Address
from bot.store.outbox import Lane

MARGIN = 0.010  # seconds by which the window is longer than a second: the network is not even
WIDEST = 0.100  # seconds; how far refusals may widen it
BULK_PART = 30  # bulk makes up for at most this part of a second at a time


class Window:
    """At most `most` in any `span` seconds."""

    def __init__(self, most: int, span: float, tick: Callable[[], float]) -> None:
        self.most = most
        self.span = span
        self._tick = tick
        self._went: deque[float] = deque()

    def room(self) -> int:
        before = self._tick() - self.span
        while self._went and self._went[0] <= before:
            self._went.popleft()
        return self.most - len(self._went)

    def wait(self) -> float:
        """Seconds until there is room; 0 if there is."""
        if self.room() > 0:
            return 0.0
        return max(0.0, self._went[0] + self.span - self._tick())

    def went(self) -> None:
        self._went.append(self._tick())


class Evenly:
    """One each `spacing` seconds; what came late may be made up for, `burst` at a time.

    A second window would lose the time between looking and going at every round.
    """

    def __init__(self, spacing: float, burst: int, tick: Callable[[], float]) -> None:
        self.spacing = spacing
        self._burst = burst
        self._tick = tick
        self._next = tick() - burst * spacing

    def room(self) -> int:
        late = self._tick() - self._next
        return 0 if late < 0 else min(self._burst, 1 + int(late / self.spacing))

    def wait(self) -> float:
        return max(0.0, self._next - self._tick())

    def went(self) -> None:
        earliest = self._tick() - self._burst * self.spacing
        self._next = max(self._next, earliest) + self.spacing


class Pace:
    """Whoever looks for room and uses it holds `turn`. `tick` gives seconds that only go forward."""

    def __init__(self, limits: Limits, tick: Callable[[], float]) -> None:
        most = max(1, int(limits.per_second))
        self.turn = asyncio.Lock()
        self._second = max(1.0, 1.0 / limits.per_second)
        self._all = Window(most, self._second + MARGIN, tick)
        self._bulk = Evenly(self._all.span / most, -(-most // BULK_PART), tick)
        self._at_once = limits.at_once
        self._per_person = limits.per_person
        self._tick = tick
        self._on_wire = 0
        self._hungry = False  # talk has found no room: bulk must leave it the next
        self._denied: set[asyncio.Event] = set()
        self._last: dict[Address, float] = {}

    def room(self, lane: Lane, tell: asyncio.Event, back: int = 0) -> int:
        """How many messages may go now; if none, `tell` is set when a call comes back.

        `back`: calls that have ended and come back in the same transaction.
        """
        room = self.free(lane, back)
        if lane == "talk":
            self._hungry = room == 0
        if room:
            self._tell()
        else:
            self._denied.add(tell)
        return room

    def free(self, lane: Lane, back: int = 0) -> int:
        on_wire = self._on_wire - back
        return max(0, self._talk_room(on_wire) if lane == "talk" else self._bulk_room(on_wire))

    def wait(self, lane: Lane) -> float:
        """Seconds until the window may have room for one more; calls on the wire do not count."""
        return max(self._all.wait(), self._bulk.wait() if lane == "bulk" else 0.0)

    def person_waits(self, to: Address) -> float:
        """Seconds until this person may get one more in bulk."""
        last = self._last.get(to)
        return 0.0 if last is None else max(0.0, last + self._per_person - self._tick())

    def went(self, to: Address, lane: Lane) -> None:
        self._on_wire += 1
        self._all.went()
        if lane == "bulk":
            self._bulk.went()
        if self._per_person:
            self._last[to] = self._tick()
            self._forget()

    def came_back(self) -> None:
        """A call has ended and is settled: only now may a crash no longer repeat it."""
        self._on_wire -= 1
        self._tell()

    def refused(self) -> None:
        """The platform found us too fast."""
        self._all.span = min(self._all.span + MARGIN, self._second + WIDEST)
        self._bulk.spacing = self._all.span / self._all.most

    def _talk_room(self, on_wire: int) -> int:
        return min(self._at_once - on_wire, self._all.room())

    def _bulk_room(self, on_wire: int) -> int:
        calls = max(1, self._at_once - 1) - on_wire
        return min(calls, self._all.room() - self._hungry, self._bulk.room())

    def _tell(self) -> None:
        for event in self._denied:
            event.set()
        self._denied.clear()

    def _forget(self) -> None:
        if len(self._last) > 10_000:
            after = self._tick() - self._per_person
            self._last = {to: at for to, at in self._last.items() if at > after}
