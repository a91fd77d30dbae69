"""Things that arrive at the same time are done in one transaction: a commit costs, whatever it holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """`work` gets at most `most` things, no two with the same `whose`, and answers each."""

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        whose: Callable[[T], Hashable],
        most: int = 32,
    ) -> None:
        self._work = work
        self._whose = whose
        self._most = most
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._running: asyncio.Task[None] | None = None

    async def do(self, thing: T) -> R:
        """What `work` answers; raises what it raises."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, done))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        while self._waiting:
            batch = self._next()
            try:
                results = await self._work([thing for thing, _ in batch])
            except Exception as error:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
            else:
                for (_, done), result in zip(batch, results, strict=True):
                    if not done.done():  # whoever asked may have gone
                        done.set_result(result)

    def _next(self) -> list[tuple[T, asyncio.Future[R]]]:
        batch: dict[Hashable, tuple[T, asyncio.Future[R]]] = {}
        left = []
        for one in self._waiting:
            if len(batch) < self._most and self._whose(one[0]) not in batch:
                batch[self._whose(one[0])] = one
            else:
                left.append(one)
        self._waiting = left
        return list(batch.values())
