"""Before somebody sets out for a window: whether it is open, what to bring, a reminder for the morning."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bot.engine import entries, walking, words
from bot.engine.consulting import sentences
from bot.engine.contacts import Contact
from bot.engine.scene import HUMAN, MENU, Scene
from bot.engine.types import Choice, Reply, Turn
from bot.engine.workdays import clock_words, day_words

_GOING = re.compile(
    r"(去|到|跑|直接去)[^，。？?]{0,8}(窗口|大厅|现场|柜台)[^，。？?]{0,8}(办|来得及|可以|行吗|要带|开|吗)?[?？]?$"
    r"|(现在|今天|这会儿)(去|过去)[^，。？?]{0,6}(来得及|还来得及|赶得上|开门|有人)|白跑"
)
_TYPED = re.compile(r"怎么(办理|申请|报)|报销|投诉|电话|必须|一定要|哪些业务|需要本人")
ON_THE_WAY = timedelta(minutes=45)  # to get there and take a number
BRING = "② 带齐：{items}。"


def wanted(scene: Scene) -> Turn | None:
    """“我直接去B市窗口办可以吗”, “现在去来得及吗”."""
    if not _GOING.search(scene.text) or _TYPED.search(scene.text) or len(scene.text) > 40:
        return None
    return checked(scene)


def checked(scene: Scene) -> Turn:
    """Hours, papers, and the reminder for tomorrow morning."""
    book = scene.book
    topic = scene.was.topic if scene.was.topic in book.knowledge else None
    body = book.knowledge[topic].body if topic else "人社"
    place = scene.region() or "全国"
    contact = book.contacts.of(body, place, book.regions.around(place))
    said = (
        sentences.BEFORE
        + _hours(scene, contact)
        + "\n"
        + _papers(scene, topic)
        + "\n"
        + sentences.NEARBY
    )
    whole = (Choice(words.WHOLE_ANSWER, f"/faq {topic}"),) if topic else ()
    remind = Choice("明早 8:30 提醒我", "明早8点半提醒我去窗口")
    reply = Reply("guide", said, (remind, *whole, MENU, HUMAN))
    return scene.turn(reply)


def _hours(scene: Scene, contact: Contact | None) -> str:
    if contact is None or contact.hours is None:
        return sentences.HOURS_UNKNOWN.format(phone=contact.phone if contact else "12333")
    calendar, hours, now = scene.book.calendar, contact.hours, scene.now
    closes = datetime.combine(now.date(), hours.closes(), now.tzinfo)
    if hours.open_at(now, calendar) and closes - now > ON_THE_WAY:
        return sentences.OPEN_NOW.format(closes=clock_words(closes.time()))
    soon = calendar.works(now.date()) and closes > now and closes - now <= ON_THE_WAY
    after = closes + timedelta(minutes=1) if soon else now
    opening = hours.next_opening(after, calendar)
    text = sentences.CLOSES_SOON if soon else sentences.CLOSED_NOW
    return text.format(
        closes=clock_words(closes.time()),
        day=day_words(opening.date(), now.date()),
        opens=clock_words(opening.time()),
    )


def _papers(scene: Scene, topic: str | None) -> str:
    if topic is None:
        return sentences.BRING_UNKNOWN
    entry = scene.book.knowledge.in_force(topic, scene.today)
    if not entry.materials:
        guide = walking.for_entry(scene, topic)
        items = [item.name for item in guide.items] if guide else []
        return BRING.format(items="、".join(items)) if items else sentences.BRING_UNKNOWN
    return BRING.format(items="、".join(entries.filled(scene, entry, m) for m in entry.materials))
