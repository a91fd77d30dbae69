"""Free words: what they are taken for, in order; the last is the search."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.engine import answering, computing, filling, lookups, walking
from bot.engine.answering import follow_up, smalltalk, urgent, why_this
from bot.engine.consulting import coach, divided, going, intake, limits, overheard, told
from bot.engine.scene import Scene
from bot.engine.types import Turn
from bot.matching.types import Found

_CONSULT = re.compile(
    r"^(?:我?(?:要|想)(?:要|在线)?咨询|提交咨询|我?(?:要|想)提问)(?:一下)?[:：,，\s]*(.*)$", re.S
)


def respond(scene: Scene) -> Turn:
    """The whole way from free words to a reply."""
    for step in (urgent, limits.wanted, overheard.wanted, smalltalk, why_this, consult):
        if (turn := step(scene)) is not None:
            return turn
    for step in (walking.wanted, going.wanted):
        if (turn := step(scene)) is not None:
            return turn
    for step in (computing.wanted, lookups.place_told, lookups.contact_wanted):
        if (turn := step(scene)) is not None:
            return turn
    for step in (lookups.policies_wanted, follow_up):
        if (turn := step(scene)) is not None:
            return turn
    return search(scene)


def consult(scene: Scene) -> Turn | None:
    """“我要咨询…”: the best answers first, one tap to go on with the form."""
    match = _CONSULT.match(scene.text)
    if match is None or "leave_message" not in scene.book.forms:
        return None
    about = match[1].strip()
    return intake.consult(scene, about) if len(about) >= 3 else filling.begin(scene, told.FORM)


def search(scene: Scene) -> Turn:
    """Two questions, or one; with the places that were told."""
    found = answering.find(scene)
    scene = answering.asked(scene)
    if turn := two_questions(scene, found):
        return turn
    if found.band != "refuse" and (turn := computing.with_figures(scene, found)):
        return turn
    turn = answering.banded(scene, found)
    return overheard.told_places(scene, turn) if found.band == "answer" else turn


def two_questions(scene: Scene, found: Found) -> Turn | None:
    """Each part on its own; None if they come to the same entry, or one of them to nothing."""
    parts = coach.split(scene.text) or found.parts
    if len(parts) < 2:
        return None
    tops = []
    for text in parts[:2]:
        part = scene.book.search.search(text, region=scene.region())
        if part.reason != "other_authority" and (part.band == "refuse" or not part.candidates):
            return None
        tops.append(part.candidates[0].id if part.candidates else text)
    if tops[0] == tops[1]:
        return None
    return replace(divided.shown_apart(scene, parts), found=found)
