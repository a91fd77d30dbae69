"""What is due for one person: nudges about a consultation, reminders, notices that had to wait.

Every minute the due alarms ring, each in the transaction that takes it; whether it still matters is
the engine's question. A process that was down for a day rings once what is still there.
What can wait does so while its person is filling in a form.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot import passing
from bot.act import Act
from bot.arrivals import Arrival
from bot.engine.notifying.notices import WAITS
from bot.engine.preferences import Preferences
from bot.engine.reminding import OWN
from bot.engine.types import Address, AlarmRang, AlarmSet, NoticeGiven, Reply
from bot.host import Host
from bot.store import alarms, broadcasts, conversations, plain, preferences
from bot.store.alarms import Alarm
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
            busy = await conversations.in_a_form(act.tx, {one.to for one in due}, act.now)
            waits = [one for one in due if _waits(one, busy, act.now)]
            again = [
                (one.to, AlarmSet(one.name, one.about, busy[one.to], one.note)) for one in waits
            ]
            await alarms.change(act.tx, again, act.now)
            ringing = [one for one in due if one not in waits]
            preferred = await preferences.of(act.tx, {one.to for one in ringing})
            asleep = await _asleep(act, ringing, preferred)
            await alarms.change(act.tx, asleep, act.now)
            sleepers = {to for to, _ in asleep}
            ringing = [one for one in ringing if one.to not in sleepers]
            arrivals = [await _arrival(act, one, preferred[one.to]) for one in ringing]
            await act.all_happened([one for one in arrivals if one])
        if not due:
            return rang
        rang += len(due)


async def _asleep(
    act: Act, ringing: list[Alarm], preferred: Mapping[Address, Preferences]
) -> list[tuple[Address, AlarmSet]]:
    """Notices whose reader sleeps meanwhile, set for the morning; urgent ones may wake them."""
    found = []
    for one in ringing:
        morning = preferred[one.to].awake(act.now)
        if one.name == WAITS and morning != act.now:
            said = await broadcasts.one(act.tx, int(one.about.partition(":")[2]))
            if said is None or not said.draft.urgent:
                found.append((one.to, AlarmSet(one.name, one.about, morning, one.note)))
    return found


def _waits(one: Alarm, busy: Mapping[Address, datetime], now: datetime) -> bool:
    """What a person set for this minute rings at this minute, and an answer that could not be
    delivered elsewhere is not held up again; all else lets them finish a form."""
    if one.name.startswith(OWN) or one.name == passing.ELSEWHERE:
        return False
    return one.to in busy and busy[one.to] > now


async def _arrival(act: Act, one: Alarm, preferred: Preferences) -> Arrival | None:
    if one.name == passing.ELSEWHERE:
        return await passing.arrival(act.tx, one)
    if one.name == "overdue":
        origin = passing.origin_of(one.about, "overdue")
        return Arrival(one.to, AlarmRang(one.name, one.about, one.note, preferred), origin=origin)
    if one.name != WAITS:
        return Arrival(one.to, AlarmRang(one.name, one.about, one.note, preferred))
    given = NoticeGiven(plain.loads(Reply, one.note))
    return Arrival(one.to, given, f"{one.about}:{one.to}", origin=one.about)
