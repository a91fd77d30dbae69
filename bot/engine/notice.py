"""A notice to many: what each of them reads, with why they get it and how they leave.

A scheduled notice is one file in `scheduler/notices/`: `notice(book)` gives a `Notice`, whose `words`
are asked for on the day on which it goes out, also if that is later than it was due: None means that
it is not true any more (or not yet), and nobody gets it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.engine import words
from bot.engine.notifying.subscribing import LEAVE, MINE
from bot.engine.parameters import NATIONWIDE
from bot.engine.preferences import TOPICS, UNLISTED, Preferences, topics_in, topics_said
from bot.engine.regions import Regions
from bot.engine.types import Choice, Reply


@dataclass(frozen=True, slots=True)
class Part:
    """A line that only those get whom it concerns. No topics: everybody."""

    text: str
    topics: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()  # as `concerned` gives them; none: everywhere
    local: bool = False  # whoever wants news of every place is spared it


@dataclass(frozen=True, slots=True)
class Content:
    """What a notice says. With parts: the body is followed by those that concern the reader."""

    title: str
    body: str
    affects: str = ""
    url: str = ""
    topics: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """`name` is stored: never reuse it. `cron`: five fields in Asia/Shanghai. `topic` empty: all."""

    name: str
    cron: str
    topic: str
    words: Callable[[date], Content | None]
    checked: date
    audience: Literal["topics", "weekly"] = "topics"


def composed(content: Content, reader: Preferences, why: str) -> Reply | None:
    """What one reader gets; None if none of its parts concerns them."""
    mine = [part.text for part in content.parts if concerns(part, reader)]
    if content.parts and not mine:
        return None
    numbered = [f"{n}. {text}" for n, text in enumerate(mine, 1)] if len(mine) > 1 else mine
    lines = [content.title, content.body, *numbered]
    if content.affects:
        lines.append(words.NOTICE_AFFECTS.format(who=content.affects))
    if content.url:
        lines.append(words.NOTICE_LINK.format(url=content.url))
    lines.append(why)
    said = "\n".join(line for line in lines if line)
    return Reply("notice", said, (*content.choices, MINE, LEAVE))


def concerns(part: Part, reader: Preferences) -> bool:
    if part.topics and not set(part.topics) & set(reader.topics):
        return False
    if reader.region == NATIONWIDE:
        return not part.local
    return not part.regions or reader.region in part.regions


def subscribed_to(content: Content, reader: Preferences) -> str:
    """Why a subscriber gets it."""
    about = [topic for topic in reader.topics if not content.topics or topic in content.topics]
    said = f"{topics_said(tuple(about))} · {reader.region}"
    return words.NOTICE_WHY.format(what=said)


def concerned(regions: Sequence[str], places: Regions) -> tuple[str, ...]:
    """Every place whose subscribers a notice for these regions concerns: itself, what is around it,
    and what lies in it. Empty: everybody. Raises ValueError."""
    found: set[str] = set()
    for region in regions:
        if region == NATIONWIDE:
            return ()
        if region not in places:
            raise ValueError(f"region {region}: a province or city, e.g. 长沙")
        inside = {place for place in places.province_of if region in places.around(place)}
        found |= {region, *places.around(region)} | inside
    return tuple(sorted(found - {NATIONWIDE}))


def read_topics(topics: tuple[str, ...]) -> tuple[str, ...]:
    """The topics that staff named, as citizens subscribe to them. Raises ValueError."""
    found: list[str] = []
    for topic in topics:
        named = topics_in(topic)
        if not named:
            raise ValueError(f"topic {topic}: one of {' '.join((*TOPICS, *UNLISTED))}")
        found += named
    return tuple(dict.fromkeys(found))
