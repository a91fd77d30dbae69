"""What is due for one person: nudges about a consultation, reminders.

Every minute the due alarms ring, each in the transaction that takes it; whether it still matters is
the engine's question. A process that was down for a day rings once what is still there.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.arrivals import Arrival
from bot.engine.types import AlarmRang
from bot.host import Host
from bot.store import alarms
from scheduler.runner import Job

AT = "* * * * *"
AT_ONCE = 100  # people in one transaction


def ringing(host: Host) -> Job:
    async def tick() -> Mapping[str, int]:
        return {"rang": await ring(host)}

    return Job("alarms", AT, tick)


async def ring(host: Host) -> int:
    """Rings all that is due; so many."""
    rang = 0
    while True:
        async with host.act() as act:
            due = await alarms.take(act.tx, act.now, AT_ONCE)
            await act.all_happened(
                [Arrival(one.to, AlarmRang(one.name, one.about, one.note)) for one in due]
            )
        if not due:
            return rang
        rang += len(due)
