"""Another authority's matter: its number and hours, with its answer where that is known; not filed."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.engine import entries
from bot.engine.browsing import short
from bot.engine.consulting import sentences
from bot.engine.contacts import Contact
from bot.engine.scene import HUMAN, MENU, Scene
from bot.engine.types import Choice, Reply, Turn
from bot.matching.types import Found


def routed(scene: Scene, found: Found) -> Turn | None:
    """Another authority's matter: who, number, hours."""
    if found.reason == "other_authority" and found.authority:
        contact = scene.book.contacts.named(found.authority)
        shown = contact.shown(scene.now, scene.book.calendar) if contact else "12345"
        said = sentences.ROUTED.format(body=found.authority, contact=shown)
        return scene.say("route", said, MENU, HUMAN, found=found, form=None)
    entry = found.candidates[0].id if found.band == "answer" and found.candidates else ""
    if not entry or entry not in scene.book.knowledge:
        return None
    best = scene.book.knowledge.in_force(entry, scene.today)
    contact = scene.book.contacts.of(best.body)
    if best.body == "人社" or contact is None:
        return None
    return _answered_elsewhere(scene, best.id, contact, found)


def _answered_elsewhere(scene: Scene, entry: str, contact: Contact, found: Found) -> Turn:
    """Their answer is known: it is given, with their number, instead of a case that waits in vain."""
    turn = entries.answer(scene, entry, found)
    said = f"{sentences.ALSO_ROUTED.format(body=contact.name)}\n{contact.shown(scene.now, scene.book.calendar)}"
    reply = Reply("route", said, (*turn.replies[-1].choices[:6], MENU))
    state = replace(turn.conversation, form=None, offered=reply.choices)
    return replace(turn, replies=(*turn.replies, reply), conversation=state)


def whose(scene: Scene, part: str) -> str:
    """Whose matter it is, as a short tag."""
    found = scene.book.search.search(part)
    if found.reason == "other_authority" and found.authority:
        return found.authority
    if re.search(r"医保|医疗保险|住院|报销", part):
        return "医保"
    return "人社"


def medical(scene: Scene, part: str) -> Turn | None:
    """医保's matter that no answer is sure for: their number, and the nearest answer."""
    if whose(scene, part) != "医保":
        return None
    contact = scene.book.contacts.of("医保")
    if contact is None:
        return None
    found = scene.book.search.search(part)
    near = [c.id for c in found.candidates[:2] if c.id in scene.book.knowledge]
    choices = [Choice(short(scene.book.knowledge[e].question, 18), f"/faq {e}") for e in near]
    brief = ""
    if near and found.candidates[0].score >= 0.3:
        best = scene.book.knowledge.in_force(near[0], scene.today)
        brief = entries.filled(scene, best, best.answer).split("\n")[0] + "\n"
    said = f"“{short(part, 30)}”：{brief}{sentences.ALSO_ROUTED.format(body=contact.name)}\n"
    said += contact.shown(scene.now, scene.book.calendar)
    return scene.say("route", said, *choices, MENU)
