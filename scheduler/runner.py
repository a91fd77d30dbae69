"""The alarm clock: fixed ticks declared in code, kept in memory; what is due is rows (fixed point 6).

A tick that was missed is caught up once, however late; one that still runs is not started again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING

from bot.clock import CHINA

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

SLOW = 60.0  # seconds
Tick = Callable[[], Awaitable[Mapping[str, int]]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """`cron`: five fields in Asia/Shanghai. `tick` gives what it did, in numbers."""

    name: str
    cron: str
    tick: Tick


def runner(jobs: list[Job]) -> AsyncIOScheduler:
    """A scheduler that is not started yet."""
    from apscheduler.schedulers.asyncio import AsyncIOScheduler
    from apscheduler.triggers.cron import CronTrigger

    scheduler = AsyncIOScheduler(timezone=CHINA)
    for job in jobs:
        scheduler.add_job(
            _told,
            CronTrigger.from_crontab(job.cron, timezone=CHINA),
            args=[job],
            id=job.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,  # the default drops what is one second late
        )
    return scheduler


async def ticking(jobs: list[Job]) -> None:
    """Runs what is due, until cancelled. No tick is in a hurry: the start does not wait for it."""
    await asyncio.to_thread(import_module, "apscheduler.schedulers.asyncio")
    clockwork = runner(jobs)
    clockwork.start()
    try:
        await asyncio.Event().wait()
    finally:
        clockwork.shutdown(wait=False)


async def _told(job: Job) -> None:
    """Runs one tick and says what it did."""
    began = perf_counter()
    done = await job.tick()
    spent = perf_counter() - began
    said = " ".join(f"{key}={value}" for key, value in done.items())
    log.log(
        logging.WARNING if spent > SLOW else logging.INFO,
        "job name=%s %s s=%.1f",
        job.name,
        said,
        spent,
    )
