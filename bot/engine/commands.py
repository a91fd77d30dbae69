"""What a pressed choice says. Each means the same next week; one that fits nothing any more says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.engine import (
    answering,
    browsing,
    comparing,
    computing,
    entries,
    filling,
    keeping,
    lookups,
    reminding,
    rights,
    staffing,
    walking,
    words,
)
from bot.engine.consulting import contact, in_parts, intake, limits, wishes
from bot.engine.notifying import lectures, settings, subscribing
from bot.engine.scene import HUMAN, LEAVE_MESSAGE, MENU, Scene
from bot.engine.types import AnswerRated, Reply, Turn

_Command = Callable[[Scene, list[str]], Turn | None]


def obey(scene: Scene) -> Turn | None:
    """The turn for a text that begins with a slash; None if the text is not a command."""
    if not scene.text.startswith("/"):
        return None
    name, *given = scene.text[1:].split()[:6] or [""]
    command = _COMMANDS.get(name)
    turn = command(scene, given) if command else None
    return turn or scene.say("menu", words.OLD_BUTTON, *browsing.MAIN)


def _start(scene: Scene, given: list[str]) -> Turn | None:
    """A deep link (`/start ZY03`, `/start guide_transfer`) or the greeting."""
    if not given:
        return browsing.greet(scene)
    kind, _, name = given[0].partition("_")
    if kind == "guide":
        return _guide(scene, [name]) or browsing.greet(scene)
    return _faq(scene, given) or browsing.greet(scene)


def _faq(scene: Scene, given: list[str]) -> Turn | None:
    return entries.answer(scene, given[0]) if given and given[0] in scene.book.knowledge else None


def _faqs(scene: Scene, given: list[str]) -> Turn | None:
    """Several answers, each a reply of its own."""
    turns = [turn for entry in given if (turn := _faq(scene, [entry]))]
    if not turns:
        return None
    replies = tuple(reply for turn in turns for reply in turn.replies)
    return replace(turns[-1], replies=replies)


def _part(scene: Scene, given: list[str]) -> Turn | None:
    if len(given) < 2 or given[0] not in scene.book.knowledge or given[1] not in entries.ASPECTS:
        return None
    return entries.part(scene, given[0], (given[1],))


def _rated(solved: bool) -> _Command:
    def rate(scene: Scene, given: list[str]) -> Turn | None:
        if not given or given[0] not in scene.book.knowledge:
            return None
        effects = (AnswerRated(given[0], solved),)
        if solved:
            return scene.turn(Reply("smalltalk", words.GLAD, (MENU,)), effects=effects)
        reply = Reply("help", words.SORRY_UNSOLVED, (LEAVE_MESSAGE, MENU, HUMAN))
        return scene.turn(reply, effects=effects)

    return rate


def _topics(scene: Scene, given: list[str]) -> Turn:
    place = "" if not given or given[0] == "-" else given[0]
    page = int(given[1]) if len(given) > 1 and given[1].isdecimal() else 0
    return browsing.topics(scene, place, page)


def _guide(scene: Scene, given: list[str]) -> Turn | None:
    return walking.begin(scene, given[0]) if given and given[0] in scene.book.guides else None


def _guide_text(scene: Scene, given: list[str]) -> Turn | None:
    return walking.whole_text(scene, given[0]) if given and given[0] in scene.book.guides else None


def _form(scene: Scene, given: list[str]) -> Turn | None:
    if not given or given[0] not in scene.book.forms:
        return None
    return filling.begin(scene, given[0], intake.asked_last(scene))


def _redo(scene: Scene, given: list[str]) -> Turn | None:
    if not given or given[0] not in scene.book.forms:
        return None
    return filling.redo(scene, given[0], given[1] if len(given) > 1 else "")


def _calculators(scene: Scene, given: list[str]) -> Turn:
    return computing.listed(scene, int(given[0]) if given and given[0].isdecimal() else 0)


def _policy(scene: Scene, given: list[str]) -> Turn | None:
    return lookups.policy(scene, given[0]) if given else None


def _none(scene: Scene, given: list[str]) -> Turn:
    return scene.say("refuse", words.NO_ANSWER, LEAVE_MESSAGE, MENU, HUMAN)


_COMMANDS: dict[str, _Command] = {
    "start": _start,
    "faq": _faq,
    "faqs": _faqs,
    "part": _part,
    "solved": _rated(True),
    "unsolved": _rated(False),
    "topics": _topics,
    "guides": lambda scene, given: walking.listed(scene),
    "guide": _guide,
    "guidetext": _guide_text,
    "form": _form,
    "redo": _redo,
    "calculators": _calculators,
    "check": keeping.check,
    "save": keeping.save,
    "calendar": keeping.calendar,
    "results": keeping.listed,
    "result": keeping.look,
    "unsave": keeping.drop,
    "gap": comparing.ask_gap,
    "policies": lambda scene, given: lookups.policies(scene),
    "policy": _policy,
    "contact": lambda scene, given: lookups.contact(scene),
    "none": _none,
    "parts": in_parts.parts_chosen,
    "consult": intake.matter_begun,
    "limit": limits.begin,
    "say": answering.saying,
    "subscribe": subscribing.begin,
    "resubscribe": subscribing.again,
    "subscriptions": subscribing.mine,
    "leave": subscribing.leave_topic,
    "lecture": lectures.obey,
    "push": settings.show,
    "remind": reminding.remind,
    "reminders": reminding.listed,
    "forget": reminding.forget,
    "cases": lambda scene, given: wishes.seek(scene, "list"),
    "case": wishes.case,
    "answer": wishes.answer,
    "urge": wishes.urge,
    "follow": wishes.say_more,
    "askstaff": wishes.ask_staff,
    "attach": wishes.attach,
    "withdraw": wishes.withdraw,
    "rate": wishes.rate,
    "reason": wishes.reason,
    "wait": wishes.wait,
    "call": wishes.call,
    "erase": rights.erase,
    "contact_for": contact.ask,
    "human": lambda scene, given: staffing.ask_for_person(scene),
}
