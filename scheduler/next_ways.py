"""Answers that wait behind words of which nobody was told: every five minutes they go the next way."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot import passing
from bot.host import Host
from scheduler.runner import Job

AT = "*/5 * * * *"


def next_ways(host: Host, channels: Collection[str]) -> Job:
    """`channels`: the names of those that we send on."""

    async def tick() -> Mapping[str, int]:
        async with host.act() as act:
            return {"passed_on": await passing.sweep(act.tx, channels, act.now)}

    return Job("next_ways", AT, tick)
