"""What a person gets without asking, about what, and when they are not to be woken.

The engine keeps none of it: what is to be sent to many is chosen set-wise by the house. It sends the
house to look (`PreferencesSought`), gets `PreferencesFound`, and tells what changed
(`PreferencesChanged`, with the words of the consent).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from bot.engine.parameters import NATIONWIDE

# In the order in which they are offered; ALL stands for every one of them.
TOPICS = ("养老", "失业", "工伤", "社保卡", "就业补贴")
ALL = "全部"
UNLISTED = ("医保",)  # may be named; another authority issues most of it
_WORDS = {
    "养老": ("养老", "退休", "灵活就业", "转移接续", "社保转移", "缴费基数", "资格认证"),
    "失业": ("失业",),
    "工伤": ("工伤", "职业病", "伤残"),
    "社保卡": ("社保卡", "社会保障卡"),
    "就业补贴": ("就业补贴", "就业", "补贴", "创业", "培训"),
    "医保": ("医保", "医疗", "生育", "异地就医", "长期护理"),
}
_EVERYTHING = ("全部", "所有", "都要", "全都", "都订")

# What can be switched off, as the settings name it.
Kind = Literal["replies", "nudges", "reminders", "notices"]
KINDS: dict[Kind, str] = {
    "replies": "咨询答复",
    "nudges": "进度提醒",
    "reminders": "我设的提醒",
    "notices": "政策通知",
}
QUIET_FROM, QUIET_UNTIL = "21:00", "08:00"


@dataclass(frozen=True, slots=True)
class Preferences:
    """`quiet_from` equal to `quiet_until`: never quiet. `region` 全国: news of every place."""

    topics: tuple[str, ...] = ()
    region: str = NATIONWIDE
    weekly: bool = False
    quiet_from: str = QUIET_FROM
    quiet_until: str = QUIET_UNTIL
    off: tuple[str, ...] = ()

    def wants(self, kind: Kind) -> bool:
        return kind not in self.off

    def awake(self, now: datetime) -> datetime:
        """`now`, or the end of the quiet hours in which it lies."""
        begin, end = time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_until)
        at = now.timetz().replace(tzinfo=None)
        if begin == end or not (begin <= at < end if begin < end else at >= begin or at < end):
            return now
        over_midnight = begin > end and at >= begin
        day = now.date() + timedelta(days=1) if over_midnight else now.date()
        return datetime.combine(day, end, now.tzinfo)


USUAL = Preferences()  # of whoever chose nothing


@dataclass(frozen=True, slots=True)
class PreferencesSought:
    """An errand: how things stand. `why` and `given` are handed back."""

    why: str
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreferencesFound:
    """An event: what came of it."""

    sought: PreferencesSought
    preferences: Preferences


Consent = Literal["subscribed", "left", "changed"]


@dataclass(frozen=True, slots=True)
class PreferencesChanged:
    """An effect. `words`: what the person was told that they agreed to."""

    preferences: Preferences
    act: Consent
    words: str


def topics_in(text: str, numbers: bool = False) -> tuple[str, ...]:
    """The topics that a text names, in their order; with `numbers`, also by their place in the list."""
    folded = unicodedata.normalize("NFKC", text)
    if any(word in folded for word in _EVERYTHING):
        return (*TOPICS, *UNLISTED)
    named = {topic for topic, words in _WORDS.items() if any(word in folded for word in words)}
    if numbers:
        for digit in (d for d in folded if d.isdecimal()):
            if digit == str(len(TOPICS) + 1):
                return (*TOPICS, *UNLISTED)
            if 1 <= int(digit) <= len(TOPICS):
                named.add(TOPICS[int(digit) - 1])
    return tuple(topic for topic in (*TOPICS, *UNLISTED) if topic in named)


def topics_said(topics: tuple[str, ...]) -> str:
    return ALL if set(topics) >= set(TOPICS) else "、".join(topics)
