"""What one platform bears: so many calls at once, so many messages in any second, one person's pace.

Rule 1: whatever goes has a slot, a moment of its own in a window that slides: no second ever holds one
        more than the platform allows. Bulk takes its slots a little ahead, one each thirtieth of a
        second, so that each goes at its moment whatever the database takes.
Rule 2: both lanes of a channel share it. Bulk leaves a call and the next free moment to talk.
Rule 3: of the platform's pace only so much is ours as the workers have agreed on (bot/outbox/sharing.py).
Rule 4: what is paid for has a window of its own; what is not, keeps to the common one.

Measured against a strict limit of 30 in any second: a fixed pace of 30.0 was refused 29 times in 900,
a sliding window with a small margin never. A platform that refuses all the same gets a wider window;
one that never does is used to the full.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right, insort
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from bot.channels.base import Limits
from bot.engine.types import Address
from bot.store.outbox import Lane

MARGIN = 0.006  # seconds by which the window is longer than a second: the network is not even
WIDER = 0.030  # seconds; what a refusal adds
WIDEST = 0.100  # seconds; how far refusals may widen it
ROUND = 0.070  # seconds; bulk gathers what goes in so long, to carry it in one transaction
LATE = 0.5  # seconds; what is later has not been late: there was nothing to send
SOFTLY = 1.0  # seconds; so long the first ones go
SOFTER = 1.1  # times the space between two
QUICKER = 0.75  # of the space between two, while it makes up for them
UNPACED = 10_000  # messages a second from which on nothing is held back


@dataclass(slots=True, eq=False)
class Slot:
    """When one message goes; then, when it went. Seconds of the pace's own clock."""

    at: float


class Window:
    """At most `most` in any `span` seconds."""

    def __init__(self, most: int, span: float) -> None:
        self.most = most
        self.span = span
        self._slots: list[Slot] = []  # by time

    def free_at(self, more: int = 0) -> float:
        """From when on one more may go, after `more` that have no slot yet."""
        if self.most < 1:
            return inf
        over = len(self._slots) + more - self.most
        if over < 0:
            return -inf
        return self._slots[over].at + self.span if over < len(self._slots) else inf

    def take(self, at: float, now: float) -> Slot:
        del self._slots[: bisect_right(self._slots, now - self.span, key=_moment)]
        slot = Slot(at)
        insort(self._slots, slot, key=_moment)
        return slot

    def move(self, slot: Slot, at: float) -> None:
        """It went later than it was to go."""
        if slot in self._slots:
            self._slots.remove(slot)
            slot.at = at
            insort(self._slots, slot, key=_moment)


def _moment(slot: Slot) -> float:
    return slot.at


class Evenly:
    """Moments with equal spaces; what came late is made up for a little faster, never all at once.

    All at once would come again a second later, and each second from then on. The first second goes
    softly: what opens connections arrives late, and the others must not run into it.
    """

    def __init__(self, window: Window, tick: Callable[[], float]) -> None:
        self._window = window
        self._tick = tick
        self._next = self._last = self._began = -inf

    @property
    def spacing(self) -> float:
        return self._window.span / self._window.most if self._window.most else inf

    def free_at(self, more: int = 0) -> float:
        """As `Window.free_at`."""
        if not self._window.most:
            return inf
        due = self._due() + more * self._space()
        return max(due, self._last + (more + 1) * QUICKER * self.spacing)

    def took(self, at: float) -> None:
        due = self._due()
        if due > self._next:
            self._began = at
        self._next = due + self._space()
        self._last = at

    def _space(self) -> float:
        softly = self._tick() - self._began < SOFTLY
        return self.spacing * (SOFTER if softly else 1.0)

    def _due(self) -> float:
        now = self._tick()
        return self._next if now - self._next <= LATE else now


class Pace:
    """Whoever looks for room and takes slots holds `turn`. `tick` gives seconds that only go forward."""

    def __init__(self, limits: Limits, tick: Callable[[], float]) -> None:
        self.turn = asyncio.Lock()
        self.most = max(1, int(limits.per_second))
        self._limits = limits
        self._second = max(1.0, 1.0 / limits.per_second)
        self._all = Window(self.most, self._second + MARGIN)
        self._paid = (
            Window(limits.paid_per_second, 1.0 + MARGIN) if limits.paid_per_second else None
        )
        self._even = Evenly(self._paid or self._all, tick)
        self._tick = tick
        self.wider = self._others_wider = 0.0  # seconds; what refusals have added
        self._on_wire = 0
        self._hungry = False  # talk has found no room: bulk must leave it the next
        self._denied: set[asyncio.Event] = set()
        self._last: dict[Address, float] = {}
        self._talked: deque[float] = deque(maxlen=self.most if self.paced else 1)

    @property
    def round(self) -> float:
        """Seconds between two looks of bulk: whole slots, some at a time."""
        if not self.paced:
            return 0.0
        spacing = self._even.spacing
        return int(ROUND / spacing) * spacing if spacing <= ROUND else ROUND

    @property
    def paced(self) -> bool:
        return self._limits.per_second < UNPACED

    @property
    def answers(self) -> int:
        """Answers that went in the last second, and as many more if some found no room."""
        since = self._tick() - 1.0
        went = sum(1 for at in self._talked if at > since)
        return went * 2 if self._hungry else went

    def grant(self, most: int) -> None:
        """So many of the platform's messages in a second are ours."""
        if most != self._all.most:
            self._all.most = most
            if self._paid:
                self._paid.most = self._limits.paid_per_second * most // self.most
            self._tell()

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
        soon, calls = self._tick() + self._ahead(lane), self._calls(lane) - (self._on_wire - back)
        room = 0
        while room < calls and self._free_at(lane, room) <= soon:
            room += 1
        return room

    def wait(self, lane: Lane) -> float:
        """Seconds until there may be room for one more; calls on the wire do not count."""
        return max(0.0, self._free_at(lane) - self._ahead(lane) - self._tick())

    def row_waits(self, to: Address, paid: bool) -> float:
        """Seconds until this person may get one more in bulk, and what is not paid for may go."""
        now, last = self._tick(), self._last.get(to)
        person = 0.0 if last is None else last + self._limits.per_person - now
        common = self._all.free_at() - self._ahead("bulk") - now if self._paid and not paid else 0.0
        return max(0.0, person, common)

    def reserve(self, to: Address, lane: Lane, paid: bool = False) -> Slot:
        """The moment at which one more goes; it counts as on the wire from now on."""
        now = self._tick()
        window = self._paid if self._paid and paid else self._all
        at = max(now, window.free_at())
        if lane == "bulk" and self.paced:
            at = max(at, self._even.free_at())
            self._even.took(at)
        else:
            self._talked.append(at)
        self._on_wire += 1
        if self._limits.per_person:
            self._last[to] = at
            self._forget()
        return window.take(at, now)

    def wait_for(self, slot: Slot) -> float:
        return max(0.0, slot.at - self._tick())

    def goes(self, slot: Slot) -> None:
        now = self._tick()
        if now > slot.at:
            self._all.move(slot, now)
            if self._paid:
                self._paid.move(slot, now)

    def came_back(self) -> None:
        """A call has ended and is settled: only now may a crash no longer repeat it."""
        self._on_wire -= 1
        self._tell()

    def refused(self) -> None:
        """The platform found us too fast."""
        self.wider = min(self.wider + WIDER, WIDEST)
        self._stretch()

    def warned(self, wider: float) -> None:
        """By so many seconds the windows of others are wider."""
        self._others_wider = wider
        self._stretch()

    def _stretch(self) -> None:
        more = min(MARGIN + max(self.wider, self._others_wider), WIDEST)
        self._all.span = self._second + more

    def _free_at(self, lane: Lane, more: int = 0) -> float:
        if lane == "talk":
            return self._all.free_at(more)
        window = self._paid or self._all
        free = window.free_at(more + self._hungry)
        return max(free, self._even.free_at(more)) if self.paced else free

    def _ahead(self, lane: Lane) -> float:
        return self.round if lane == "bulk" else 0.0

    def _calls(self, lane: Lane) -> int:
        calls = max(self._limits.at_once, self._limits.paid_per_second // 10)
        return calls if lane == "talk" else max(1, calls - 1)

    def _tell(self) -> None:
        for event in self._denied:
            event.set()
        self._denied.clear()

    def _forget(self) -> None:
        if len(self._last) > 10_000:
            after = self._tick() - self._limits.per_person
            self._last = {to: at for to, at in self._last.items() if at > after}
