"""留手机号: optional, after filing; kept sealed, opened by staff on a click that is noted."""

from __future__ import annotations

from bot.engine import words
from bot.engine.case import CaseMoved
from bot.engine.scene import MENU, Scene
from bot.engine.text import plain
from bot.engine.types import Choice, Turn

_NO = {plain(word) for word in ("不留", "不用", "不用了", "不想留", "算了", "否")}


def offer(number: str) -> Choice:
    return Choice(words.LEAVE_CONTACT, f"/contact_for {number}")


def ask(scene: Scene, given: list[str]) -> Turn | None:
    if not given:
        return None
    if scene.message.sender.channel not in scene.book.sealed_on:
        return scene.say("status", words.CONTACT_ELSEWHERE, MENU)
    said = words.CONTACT_ASK.format(number=given[0])
    no = Choice(words.CONTACT_NO, words.CONTACT_NO)
    return scene.say("question", said, no, contact_for=given[0])


def hear(scene: Scene) -> Turn | None:
    """The next words after the question: a number, a no, or something else altogether."""
    number = scene.was.contact_for
    if number is None:
        return None
    if scene.message.sealed:
        moved = CaseMoved(number, "contact", scene.message.sealed[0])
        return scene.turn(errand=moved, contact_for=None)
    if plain(scene.text) in _NO:
        return scene.say("status", words.CONTACT_NOT_KEPT, MENU, contact_for=None)
    if any(c.isdigit() for c in scene.text) and len(scene.text) <= 20:
        return scene.say(
            "question", words.CONTACT_UNCLEAR, Choice(words.CONTACT_NO, words.CONTACT_NO)
        )
    return None
