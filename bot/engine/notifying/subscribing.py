"""订阅, 我的订阅, 退订: what a person is told of policies, where, how often, and how they leave.

Rule 1: 退订 is one word, in any state, and needs no second one; 重新订阅 brings it back.
Rule 2: subscribing adds topics; the region and how often hold for all of them.
Rule 3: what was agreed to is kept in the words that the person saw.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time

from bot.engine import filling, words
from bot.engine.preferences import (
    Preferences,
    PreferencesChanged,
    PreferencesFound,
    PreferencesSought,
    topics_in,
    topics_said,
)
from bot.engine.scene import MENU, Scene
from bot.engine.text import plain
from bot.engine.types import Choice, Reply, Turn
from bot.engine.workdays import clock_words

_MINE = re.compile(
    r"(看|查|查看|查询|管理)?(一下)?我(的|都|已经)*订阅(了)?(什么|哪些|列表)?|订阅管理"
)
_SUBSCRIBE = re.compile(
    r"(?:我要|我想|帮我|请|想)*(?:重新)?(?:订阅|关注)(?:一下)?[:：,，\s]*(.*)", re.S
)
_LEAVE = re.compile(r"(?:我要|我想|帮我|请)*(?:退订|取消订阅|不订)(?:一下)?[:：,，\s]*(.+)", re.S)
_WEEKLY = re.compile(r"每周|周报|汇总|一周一次")
_AT_ONCE = re.compile(r"有就|立即|马上|实时|随时")
SETTINGS = Choice(words.PUSH_SETTINGS, "/push")
LEAVE = Choice(words.UNSUBSCRIBE, "/unsubscribe")
MINE = Choice(words.MY_SUBSCRIPTIONS, "/subscriptions")


# --- what is wished ----------------------------------------------------------------------------


def wish(scene: Scene) -> Turn | None:
    """A wish about subscriptions, in free words."""
    text = scene.text.strip("。.！!？? ")
    if _MINE.fullmatch(text):
        return _seek(scene, "mine")
    if (left := _LEAVE.fullmatch(text)) and len(text) <= 30:
        return _seek(scene, "leave", *topics_in(left[1])) if topics_in(left[1]) else leave(scene)
    if (asked := _SUBSCRIBE.fullmatch(text)) and len(text) <= 40:
        return _subscribe(scene, asked[1])
    return None


def leave(scene: Scene) -> Turn:
    """退订."""
    return _seek(scene, "leave")


def mine(scene: Scene, given: list[str]) -> Turn:
    return _seek(scene, "mine")


def again(scene: Scene, given: list[str]) -> Turn:
    """`/resubscribe 养老,失业`: what a person has just left."""
    return _seek(scene, "subscribe", (given or [""])[0])


def leave_topic(scene: Scene, given: list[str]) -> Turn:
    return _seek(scene, "leave", *topics_in(" ".join(given)))


def begin(scene: Scene, given: list[str]) -> Turn:
    """`/subscribe`, or with topics after it."""
    return _subscribe(scene, " ".join(given))


def _subscribe(scene: Scene, rest: str) -> Turn:
    """With topics: at once, for the place that is known. Without: the questions."""
    topics = topics_in(rest)
    if not topics:
        before = words.SUBSCRIBE_UNKNOWN + "\n" if plain(rest) else ""
        turn = filling.begin(scene, "subscribe", rest)
        first = replace(turn.replies[0], text=before + turn.replies[0].text)
        return replace(turn, replies=(first, *turn.replies[1:]))
    named = scene.book.regions.named(rest)
    region = named[-1] if named else scene.was.profile.get("region", "")
    return subscribed(scene, topics, region, frequency(rest))


def frequency(text: str) -> str:
    """`weekly`, `at_once`, or nothing."""
    if _WEEKLY.search(text):
        return "weekly"
    return "at_once" if _AT_ONCE.search(text) else ""


def subscribed(scene: Scene, topics: tuple[str, ...], region: str, often: str) -> Turn:
    return _seek(scene, "subscribe", ",".join(topics), region, often)


def _seek(scene: Scene, why: str, *given: str) -> Turn:
    return scene.turn(errand=PreferencesSought(why, given))


# --- once it is known how things stand -----------------------------------------------------------


def found(scene: Scene, event: PreferencesFound) -> Turn:
    """Goes on with what was wished."""
    given, now = event.sought.given, event.preferences
    match event.sought.why:
        case "subscribe":
            topics, region, often = (*given, "", "", "")[:3]
            return _kept(scene, now, tuple(filter(None, topics.split(","))), region, often)
        case "leave" if given and set(now.topics) - set(given):
            return _left_some(scene, now, given)
        case "leave":
            return _left(scene, now)
        case _:
            return _shown(scene, now)


def _kept(scene: Scene, now: Preferences, topics: tuple[str, ...], region: str, often: str) -> Turn:
    after = replace(
        now,
        topics=topics_in(" ".join((*now.topics, *topics))),
        region=region or now.region,
        weekly=now.weekly if not often else often == "weekly",
        off=tuple(kind for kind in now.off if kind != "notices"),
    )
    said = words.SUBSCRIBED.format(what=summary(after), quiet=quiet_words(after))
    reply = Reply("receipt", said, (MINE, SETTINGS, LEAVE, MENU))
    return scene.turn(reply, effects=(PreferencesChanged(after, "subscribed", said),))


def _left_some(scene: Scene, now: Preferences, topics: tuple[str, ...]) -> Turn:
    after = replace(now, topics=tuple(topic for topic in now.topics if topic not in topics))
    said = words.LEFT_SOME.format(topics="、".join(topics), what=summary(after))
    reply = Reply("receipt", said, (MINE, LEAVE, MENU))
    return scene.turn(reply, effects=(PreferencesChanged(after, "left", said),))


def _left(scene: Scene, now: Preferences) -> Turn:
    """Everything that is sent to many ends; what belongs to their own matters is said to stay."""
    off = now.off if "notices" in now.off else (*now.off, "notices")
    said = words.LEFT.format(what=summary(now)) if now.topics else words.NO_SUBSCRIPTION
    again = Choice(words.RESUBSCRIBE, f"/resubscribe {','.join(now.topics)}")
    choices = (*((again,) if now.topics else ()), SETTINGS, MENU)
    changed = PreferencesChanged(replace(now, topics=(), off=off), "left", said)
    return scene.turn(Reply("receipt", said, choices), effects=(changed,))


def _shown(scene: Scene, now: Preferences) -> Turn:
    if not now.topics:
        how = Choice(words.SUBSCRIBE, "/subscribe")
        return scene.say("status", words.NOT_SUBSCRIBED, how, SETTINGS, MENU)
    said = words.SUBSCRIPTIONS.format(what=summary(now), quiet=quiet_words(now))
    topics = now.topics if 1 < len(now.topics) <= 5 else ()
    less = tuple(Choice(words.LEAVE_TOPIC.format(topic=t), f"/leave {t}") for t in topics)
    change = Choice(words.CHANGE_SUBSCRIPTION, "/subscribe")
    return scene.say("status", said, change, SETTINGS, *less, LEAVE)


def summary(now: Preferences) -> str:
    """`养老、失业 · 长沙 · 每周汇总`."""
    how = words.WEEKLY if now.weekly else words.AT_ONCE
    return f"{topics_said(now.topics)} · {now.region} · {how}"


def quiet_words(now: Preferences) -> str:
    """`21:00–8:00 不打扰`."""
    if now.quiet_from == now.quiet_until:
        return words.NEVER_QUIET
    begin, end = (clock_words(time.fromisoformat(t)) for t in (now.quiet_from, now.quiet_until))
    return words.QUIET.format(begin=begin, end=end)
