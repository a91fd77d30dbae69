"""The pages that are listening in this process, by visitor.

Rule 1: a stream holds no words. It is woken, and reads what is new from the inbox.
Rule 2: a visitor has at most three; the page opened last goes on, the first is put to rest.
"""

from __future__ import annotations

import asyncio
import contextlib

PER_VISITOR = 3
MOST = 5_000  # streams of all visitors in one process


class Stream:
    """One listening page. `moved`: a newer page of the same visitor has taken its place."""

    def __init__(self) -> None:
        self.moved = False
        self.over = False  # the process is going down
        self._news = asyncio.Event()

    def wake(self) -> None:
        self._news.set()

    def rest(self) -> None:
        self.moved = True
        self.wake()

    def end(self) -> None:
        self.over = True
        self.wake()

    async def wait(self, seconds: float) -> None:
        """Until there may be news, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._news.clear()


class Streams:
    """All of them."""

    def __init__(self, per_visitor: int = PER_VISITOR, most: int = MOST) -> None:
        self._per_visitor = per_visitor
        self._most = most
        self._open: dict[str, list[Stream]] = {}
        self._count = 0
        self._over = False

    def __len__(self) -> int:
        return self._count

    def open(self, user: str) -> Stream | None:
        """None if this process can take no more."""
        if self._over or self._count >= self._most:
            return None
        streams = self._open.setdefault(user, [])
        awake = [stream for stream in streams if not stream.moved]
        for oldest in awake[: len(awake) - self._per_visitor + 1]:
            oldest.rest()
        stream = Stream()
        streams.append(stream)
        self._count += 1
        return stream

    def closed(self, user: str, stream: Stream) -> None:
        streams = self._open[user]
        streams.remove(stream)
        self._count -= 1
        if not streams:
            del self._open[user]

    def wake(self, user: str) -> None:
        for stream in self._open.get(user, ()):
            stream.wake()

    def end(self) -> None:
        """End every stream and open no more: a server would wait for them before it stops."""
        self._over = True
        for streams in self._open.values():
            for stream in streams:
                stream.end()
