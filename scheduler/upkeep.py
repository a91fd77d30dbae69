"""Nightly upkeep: what has been kept long enough goes (个人信息保护法第十九条: the shortest time)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.clock import Clock
from bot.engine.case import FOLLOW_UP_DAYS
from bot.store import retention
from bot.store.engine import Store
from scheduler.runner import Job

AT = "20 3 * * *"  # when hardly anybody writes


def upkeep(store: Store, clock: Clock, keep_days: int, keep_cases_days: int) -> Job:
    """Forgets conversations and lines after `keep_days`, closed cases after `keep_cases_days`."""

    async def tick() -> Mapping[str, int]:
        now = clock()
        async with store.write() as tx:
            gone = await retention.forget_before(tx, now - timedelta(days=keep_days))
            asked_no_more = now - timedelta(days=FOLLOW_UP_DAYS)
            closed = await retention.close_answered(tx, asked_no_more, now)
            old = await retention.forget_cases(tx, now - timedelta(days=keep_cases_days))
        return gone | {"cases_closed": closed, "cases": old}

    return Job("upkeep", AT, tick)
