"""推送设置: what a person gets without asking, and the hours in which nobody wakes them."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.engine import filling, words
from bot.engine.moments import clocks_in
from bot.engine.notifying.subscribing import LEAVE, MINE, quiet_words, summary
from bot.engine.preferences import (
    KINDS,
    Kind,
    Preferences,
    PreferencesChanged,
    PreferencesFound,
    PreferencesSought,
)
from bot.engine.scene import MENU, Scene
from bot.engine.types import Choice, Reply, Turn

_SETTINGS = re.compile(
    r"(打开|看|改|查看|修改)?(一下)?(我的)?(推送|通知|消息|提醒|免打扰)(的)?(设置|管理|开关)"
)
_QUIET = re.compile(r"不(要|再)?打扰|别打扰|免打扰|勿扰|不要吵")
_NEVER = re.compile(
    r"(取消|关闭|关掉|不设|不用|不要|不需要)(设置)?(免打扰|勿扰)|随时(都)?可以(打扰|发|推)"
)


def wish(scene: Scene) -> Turn | None:
    """推送设置, or quiet hours in free words (“晚上9点到早上8点不打扰”)."""
    text = scene.text.strip("。.！!？? ")
    if _SETTINGS.fullmatch(text):
        return _seek(scene, "settings")
    if len(text) > 30:
        return None
    if _NEVER.search(text):
        return quiet(scene, "00:00", "00:00")
    if _QUIET.search(text):
        if len(times := clocks_in(text)) == 2:
            return quiet(scene, f"{times[0]:%H:%M}", f"{times[1]:%H:%M}")
        return filling.begin(scene, "quiet_hours") if len(text) <= 12 else None
    return None


def show(scene: Scene, given: list[str]) -> Turn | None:
    """`/push`, or `/push replies off`."""
    if len(given) == 2 and given[0] in KINDS and given[1] in ("on", "off"):
        return _seek(scene, "switch", *given)
    return None if given else _seek(scene, "settings")


def quiet(scene: Scene, begin: str, end: str) -> Turn:
    return _seek(scene, "quiet", begin, end)


def _seek(scene: Scene, why: str, *given: str) -> Turn:
    return scene.turn(errand=PreferencesSought(why, given))


def found(scene: Scene, event: PreferencesFound) -> Turn | None:
    """Goes on with what was wished; None if it was not about settings."""
    now, given = event.preferences, event.sought.given
    match event.sought.why:
        case "settings":
            return scene.turn(_page(now))
        case "switch":
            off = set(now.off) - {given[0]} | ({given[0]} if given[1] == "off" else set())
            after = replace(now, off=tuple(kind for kind in KINDS if kind in off))
            return _changed(scene, after, words.SWITCHED)
        case "quiet":
            after = replace(now, quiet_from=given[0], quiet_until=given[1])
            return _changed(scene, after, words.QUIET_SET.format(quiet=quiet_words(after)))
        case _:
            return None


def _changed(scene: Scene, after: Preferences, said: str) -> Turn:
    page = _page(after)
    reply = replace(page, text=f"{said}\n{page.text}")
    return scene.turn(reply, effects=(PreferencesChanged(after, "changed", reply.text),))


def _page(now: Preferences) -> Reply:
    lines = [
        words.SETTING.format(what=name, state=words.ON if now.wants(kind) else words.OFF)
        for kind, name in KINDS.items()
    ]
    topics = words.SETTINGS_TOPICS.format(what=summary(now)) if now.topics else words.NO_TOPICS
    said = "\n".join([words.SETTINGS, *lines, topics, words.SETTINGS_QUIET + quiet_words(now)])
    choices = [_switch(now, kind, name) for kind, name in KINDS.items()]
    times = Choice(words.CHANGE_QUIET, "/form quiet_hours")
    return Reply("status", said, (*choices, times, MINE if now.topics else LEAVE, MENU))


def _switch(now: Preferences, kind: Kind, name: str) -> Choice:
    if now.wants(kind):
        return Choice(words.SWITCH_OFF.format(what=name), f"/push {kind} off")
    return Choice(words.SWITCH_ON.format(what=name), f"/push {kind} on")
