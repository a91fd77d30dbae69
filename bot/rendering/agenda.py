"""Days as a calendar file (RFC 5545): whole days, each with an alarm some days before.

Rule: a day keeps its identity: fetched again, it replaces itself in the citizen's calendar.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from bot.engine.enclosures import Agenda, Day

PRODUCT = "-//shebao-bot//social insurance//ZH"
MORNING = timedelta(hours=9)  # a whole day begins at midnight; nobody is woken


def ics(agenda: Agenda) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", agenda.title)
    for day in agenda.days:
        calendar.add_component(_event(agenda, day))
    return bytes(calendar.to_ical())


def _event(agenda: Agenda, day: Day) -> Event:
    event = Event()
    event.add("uid", _identity(agenda, day))
    event.add("dtstamp", datetime.fromisoformat(agenda.stamp))
    event.add("dtstart", day.on)
    event.add("dtend", day.on + timedelta(days=1))
    event.add("summary", day.title)
    if day.note:
        event.add("description", day.note)
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", day.title)
    alarm.add("trigger", MORNING - timedelta(days=day.ahead))
    event.add_component(alarm)
    return event


def _identity(agenda: Agenda, day: Day) -> str:
    told = f"{agenda.name}:{day.code}:{day.day}"
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}@shebao-bot"
