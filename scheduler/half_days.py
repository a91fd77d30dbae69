"""Every night: how busy each half of a weekday was over the last eight weeks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time

from bot.clock import CHINA, Clock
from bot.engine.offpeak import Arrival, measured, period
from bot.engine.workdays import Office
from bot.store import half_days
from bot.store.engine import Store
from scheduler.runner import Job

AT = "40 3 * * *"


def measuring(store: Store, office: Callable[[], Office], clock: Clock) -> Job:
    async def tick() -> Mapping[str, int]:
        return {"arrivals": await measure(store, office(), clock())}

    return Job("half_days", AT, tick)


async def measure(store: Store, office: Office, now: datetime) -> int:
    """How many came during office hours."""
    first, after = period(now.date())
    since, until = (datetime.combine(day, time(), CHINA) for day in (first, after))
    async with store.read() as tx:
        filed = await half_days.filed(tx, since, until)
        asked = await half_days.asked(tx, since, until)
    arrivals = [Arrival(at, answered=minutes) for at, minutes in filed]
    for at, joined in asked:
        waited = None if joined is None else office.worked(at, joined)
        arrivals.append(Arrival(at, waited=waited))
    days = measured(office, first, after, arrivals)
    async with store.write() as tx:
        await half_days.keep(tx, days, now)
    return sum(day.arrivals for day in days)
