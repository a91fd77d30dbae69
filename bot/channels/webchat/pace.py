"""How fast one visitor may write: so many messages within any minute.

Kept in this process and bounded: when too many visitors write at once, the quietest are forgotten.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

MINUTE = 60.0  # seconds


class Pace:
    """`most` messages a minute for each of at most `visitors` visitors. `now`: seconds."""

    def __init__(
        self, most: int = 20, visitors: int = 10_000, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._visitors = visitors
        self._now = now
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, user: str) -> float:
        """Count one message of `user`; above 0: it came too soon, by so many seconds."""
        now = self._now()
        times = self._of(user)
        while times and now - times[0] >= MINUTE:
            times.popleft()
        if len(times) >= self._most:
            return MINUTE - (now - times[0])
        times.append(now)
        return 0.0

    def _of(self, user: str) -> deque[float]:
        times = self._times.setdefault(user, deque())
        self._times.move_to_end(user)
        if len(self._times) > self._visitors:
            self._times.popitem(last=False)
        return times
