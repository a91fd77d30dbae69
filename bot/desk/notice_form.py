"""The form in which a notice is written: what was typed, and the draft that it makes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.clock import CHINA
from bot.desk.notice_words import OFFERED
from bot.desk.visit import Visit
from bot.engine.notice import Content, concerned
from bot.engine.parameters import NATIONWIDE
from bot.engine.preferences import TOPICS, UNLISTED
from bot.engine.regions import Regions
from bot.store.broadcasts import Draft

ALL_TOPICS = (*TOPICS, *UNLISTED)
TITLE, BODY, LINE = 60, 1_000, 200  # characters at most
_APART = re.compile(r"[、，,;；\s]+")
_MINUTE = "%Y-%m-%dT%H:%M"  # as a browser sends it


@dataclass(frozen=True, slots=True)
class Written:
    """The fields as they stand in the form."""

    title: str = ""
    body: str = ""
    affects: str = ""
    url: str = ""
    topics: tuple[str, ...] = ()
    regions: str = ""
    channels: tuple[str, ...] = ()
    at: str = ""
    urgent: str = ""

    @classmethod
    def of(cls, draft: Draft, places: Regions) -> Written:
        """A draft back in the form."""
        content = draft.content
        return cls(
            content.title,
            content.body,
            content.affects,
            content.url,
            content.topics,
            "、".join(stated(draft.regions, places)),
            draft.channels,
            draft.at.astimezone(CHINA).strftime(_MINUTE) if draft.at else "",
            draft.urgent,
        )


def typed(visit: Visit) -> Written:
    chosen = visit.form.getlist
    return Written(
        visit.field("title"),
        visit.field("body").replace("\r\n", "\n"),
        visit.field("affects"),
        visit.field("url"),
        tuple(topic for topic in ALL_TOPICS if topic in chosen("topics")),
        visit.field("regions"),
        tuple(name for name in OFFERED if name in chosen("channels")),
        visit.field("at"),
        visit.field("urgent"),
    )


def drafted(told: Written, places: Regions, base: Draft | None, now: datetime) -> Draft | list[str]:
    """The draft, or what is wrong. `base`: the one that is changed keeps whom it goes to."""
    wrong = list(_wrong(told, base is None or base.audience == "topics"))
    regions = tuple(part for part in _APART.split(told.regions) if part)
    wrong += [
        f"地区：没有“{region}”，请写省或市，例如“湖南、长沙”。"
        for region in regions
        if region not in places and region != NATIONWIDE
    ]
    at = _moment(told.at)
    if told.at and at is None:
        wrong.append("发送时间：没看懂，请重新选。")
    elif at and at < now:
        wrong.append("发送时间已经过了，请选以后的时间；不填就是审批后马上发。")
    if wrong:
        return wrong
    was = base or Draft(Content("", ""))
    content = replace(
        was.content,
        title=told.title,
        body=told.body,
        affects=told.affects,
        url=told.url,
        topics=told.topics if was.audience == "topics" else was.content.topics,
    )
    return replace(
        was,
        content=content,
        regions=regions if was.audience == "topics" else was.regions,
        channels=told.channels,
        urgent=told.urgent,
        at=at,
    )


def _wrong(told: Written, to_topics: bool) -> Sequence[str]:
    found = []
    if not told.title or len(told.title) > TITLE:
        found.append(f"标题：要写，最多 {TITLE} 字。")
    if not told.body or len(told.body) > BODY:
        found.append(f"要点：要写，最多 {BODY} 字。")
    if len(told.affects) > LINE or len(told.urgent) > LINE:
        found.append(f"影响哪些人、紧急原因：各最多 {LINE} 字。")
    if told.url and not re.fullmatch(r"https?://[^\s<>\"]{3,500}", told.url):
        found.append("链接：要以 https:// 开头。")
    if to_topics and not told.topics:
        found.append("主题：至少选一个，订阅了的人才会收到。")
    return found


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _MINUTE).replace(tzinfo=CHINA)
    except ValueError:
        return None


def stated(regions: Sequence[str], places: Regions) -> tuple[str, ...]:
    """The fewest places that concern the same people: 湖南 and all its cities → 湖南."""
    left, found = set(regions), []
    wide = {place: set(concerned((place,), places)) for place in regions if place in places}
    for place in sorted(wide, key=lambda p: (-len(wide[p]), p)):
        if place in left and wide[place] <= set(regions):
            found.append(place)
            left -= wide[place]
    return tuple(found)
