"""Nightly upkeep: what has been kept long enough goes (个人信息保护法第十九条: the shortest time)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.clock import Clock
from bot.store import retention
from bot.store.engine import Store
from scheduler.runner import Job

AT = "20 3 * * *"  # when hardly anybody writes


def upkeep(store: Store, clock: Clock, keep_days: int) -> Job:
    """Forgets conversations and lines that are older than `keep_days`."""

    async def tick() -> Mapping[str, int]:
        async with store.write() as tx:
            return await retention.forget_before(tx, clock() - timedelta(days=keep_days))

    return Job("upkeep", AT, tick)
