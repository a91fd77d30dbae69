"""What becomes of a wish once the house has looked: a list, a status, an answer, the next errand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.engine import words
from bot.engine.case import Case, CaseMoved, CasesFound, CasesSought
from bot.engine.consulting import nudges, wishes
from bot.engine.consulting.shown import rating_choices, script, short, state_words, ways_on
from bot.engine.promise import when
from bot.engine.scene import HUMAN, LEAVE_MESSAGE, MENU, Scene
from bot.engine.types import Choice, Reply, Turn

MOST_LISTED = 10  # the house finds no more at once


def found(scene: Scene, event: CasesFound) -> Turn:
    """Goes on with what was sought."""
    sought = event.sought
    why, _, more = sought.why.partition(":")
    if why == "rang":
        return nudges.rang(scene, more, event.cases[0]) if event.cases else scene.turn()
    if sought.number and not event.cases:
        return _not_theirs(scene, event)
    if unlisted := _unlisted(scene, event, why):
        return scene.turn(errand=CasesSought(sought.why, unlisted))
    if not event.cases:
        return scene.say("status", words.CASE_NONE, LEAVE_MESSAGE, MENU)
    if why == "list":
        return _list(scene, event.cases)
    return _GOING_ON[why](scene, _meant(why, event.cases), more)


def _unlisted(scene: Scene, event: CasesFound, why: str) -> str | None:
    """The case that was just spoken of, where it is in no list: it was filed anonymously."""
    if event.sought.number or why in ("list", "last"):
        return None
    if not event.cases:
        return scene.was.following or scene.was.case
    listed = {case.number for case in event.cases}
    fresh = scene.was.following and scene.was.following not in listed
    return scene.was.following if fresh and len(listed) < MOST_LISTED else None


def _meant(why: str, cases: tuple[Case, ...]) -> Case:
    """The one that a wish without a number means: the newest that it fits."""
    fits: Callable[[Case], bool] = {
        "urge": lambda case: case.unanswered,
        "withdraw": lambda case: case.unanswered,
        "read": lambda case: case.answers > 0,
    }.get(why, lambda case: True)
    return next((case for case in cases if fits(case)), cases[0])


def _not_theirs(scene: Scene, event: CasesFound) -> Turn:
    number = event.sought.number
    if event.locked:
        return scene.say("status", words.CASE_LOCKED, MENU, HUMAN, sought=None)
    said = words.CASE_WRONG_CODE if event.sought.code else words.CASE_NOT_YOURS
    return scene.say("status", said, MENU, HUMAN, sought=number)


def _list(scene: Scene, cases: tuple[Case, ...]) -> Turn:
    lines = [words.CASE_LIST]
    for n, case in enumerate(cases[:8], 1):
        lines.append(
            words.CASE_LINE.format(
                n=n, number=case.number, title=short(case.title), state=state_words(case)
            )
        )
    choices = tuple(Choice(f"{c.number} {short(c.title)}", f"/case {c.number}") for c in cases[:8])
    return scene.turn(Reply("status", "\n".join(lines), choices), case=cases[0].number)


def _status(scene: Scene, case: Case, _: str) -> Turn:
    lines = [
        words.CASE_STATUS.format(
            number=case.number,
            state=words.CASE_STATES[case.state],
            title=case.title,
            created=f"{case.created_at:%m-%d %H:%M}",
        )
    ]
    if case.wanted:
        lines.append(words.CASE_STATUS_WANTED.format(wanted=case.wanted))
    if case.unanswered:
        lines.append(words.CASE_STATUS_PROMISE.format(**when(case.promised_at)))
    elif case.answered_at:
        lines.append(words.CASE_STATUS_ANSWERED.format(day=f"{case.answered_at:%m-%d %H:%M}"))
    reply = Reply("status", "\n".join(lines), ways_on(case))
    return scene.turn(reply, case=case.number, sought=None)


def _read(scene: Scene, case: Case, _: str) -> Turn:
    if not case.answers:
        said = words.CASE_NO_ANSWER_YET.format(number=case.number, **when(case.promised_at))
        return scene.say("status", said, *ways_on(case), case=case.number)
    said = words.CASE_ANSWER_AGAIN.format(number=case.number, text=case.answer)
    reply = Reply("staff", said, rating_choices(case))
    changes: dict[str, Any] = {"case": case.number, "following": case.number}
    if case.read:
        return scene.turn(reply, **changes)
    return scene.turn(reply, errand=CaseMoved(case.number, "read"), **changes)


def _urge(scene: Scene, case: Case, _: str) -> Turn:
    return scene.turn(errand=CaseMoved(case.number, "urge"), case=case.number)


def _withdraw(scene: Scene, case: Case, _: str) -> Turn:
    if not case.unanswered:
        said = words.CASE_CANNOT_WITHDRAW.format(
            number=case.number, state=words.CASE_STATES[case.state]
        )
        return scene.say("status", said, *ways_on(case), case=case.number)
    said = words.CASE_WITHDRAW_SURE.format(number=case.number)
    yes = Choice(words.WITHDRAW, f"/withdraw {case.number} yes")
    return scene.say("question", said, yes, Choice(words.KEEP_WAITING, "/wait"), case=case.number)


def _say_more(scene: Scene, case: Case, _: str) -> Turn:
    said = words.CASE_SAY_MORE.format(number=case.number)
    return scene.say("question", said, MENU, case=case.number, following=case.number)


def _rate(scene: Scene, case: Case, more: str) -> Turn:
    return wishes.rate(scene, [case.number, str(case.answers), more]) or scene.turn()


def _call(scene: Scene, case: Case, _: str) -> Turn:
    return scene.say("status", f"12333\n{script(case)}", MENU, case=case.number)


_GOING_ON: dict[str, Callable[[Scene, Case, str], Turn]] = {
    "status": _status,
    "last": _status,
    "urge": _urge,
    "read": _read,
    "withdraw": _withdraw,
    "say_more": _say_more,
    "rate": _rate,
    "call": _call,
}
