"""What became of something that the asker did with their case."""

from __future__ import annotations

from dataclasses import replace

from bot.engine import words
from bot.engine.case import Case, CaseMoveTold
from bot.engine.consulting import nudges
from bot.engine.consulting.shown import call_choice, may_call, staff_line, ways_on
from bot.engine.promise import when
from bot.engine.scene import HUMAN, LEAVE_MESSAGE, MENU, Scene
from bot.engine.types import AlarmsCancelled, Choice, Effect, Reply, StaffTold, Turn


def told(scene: Scene, event: CaseMoveTold) -> Turn:
    """The asker's reply; staff hear of what concerns them."""
    turn = _told(scene, event)
    said = words.STAFF_CASE.get(event.moved.rating or event.moved.move)
    if not event.done or event.case is None or said is None:
        return turn
    line = staff_line(event.case, said.format(text=event.moved.text))
    return replace(turn, effects=(*turn.effects, StaffTold(event.case.number, line)))


def _told(scene: Scene, event: CaseMoveTold) -> Turn:
    """What became of a move."""
    moved, case = event.moved, event.case
    kept = moved.evidence or scene.was.evidence  # what was not added may go with another one
    if case is None:
        said = words.CASE_NOT_YOURS
        return scene.say("status", said, MENU, HUMAN, sought=moved.number, evidence=kept)
    match moved.move:
        case "urge":
            return _urged(scene, case, event.done)
        case "follow_up" | "reopen" | "supplement":
            return _added(scene, event, case)
        case "rate":
            return _rating(scene, event, case)
        case "contact":
            refused = words.CONTACT_ANONYMOUS if case.anonymous else words.CONTACT_NOT_HERE
            said = words.CONTACT_KEPT if event.done else refused
            said = said.format(number=case.number)
            return scene.say("receipt", said, MENU, case=case.number)
        case "withdraw":
            return _withdrawn(scene, case, event.done)
        case "read" if event.done and case.rated is None:
            return scene.turn(effects=nudges.after_reading(scene, case))
    return scene.turn()


def _urged(scene: Scene, case: Case, done: bool) -> Turn:
    if done:
        said = words.CASE_URGED
    else:
        said = words.CASE_URGED_ALREADY if case.unanswered else words.CASE_NOT_WAITING
    said = said.format(
        number=case.number,
        state=words.CASE_STATES[case.state],
        call=may_call(case, words.CASE_MAY_CALL),
        **when(case.promised_at),
    )
    return scene.say("status", said, *call_choice(case), MENU, case=case.number)


def _added(scene: Scene, event: CaseMoveTold, case: Case) -> Turn:
    if event.done and event.moved.move == "supplement":
        said = words.CASE_SUPPLEMENTED.format(number=case.number)
        owed = AlarmsCancelled(case.number, ("owed",))
        reply = Reply("receipt", said, ways_on(case))
        return scene.turn(reply, effects=(owed,), case=case.number, following=case.number)
    if event.done:
        text = words.CASE_REOPENED if event.moved.move == "reopen" else words.CASE_FOLLOWED_UP
        said = text.format(number=case.number, **when(case.promised_at))
        reply = Reply("receipt", said, ways_on(case))
        effects = (AlarmsCancelled(case.number), nudges.overdue(case))
        return scene.turn(reply, effects=effects, case=case.number, following=case.number)
    if case.unanswered:
        return scene.turn(errand=replace(event.moved, move="supplement"))
    said = words.CASE_TOO_LATE.format(number=case.number)
    kept = event.moved.evidence or scene.was.evidence  # as above
    return scene.say(
        "status", said, LEAVE_MESSAGE, MENU, case=case.number, following=None, evidence=kept
    )


def _rating(scene: Scene, event: CaseMoveTold, case: Case) -> Turn:
    if not event.done:
        return scene.say("status", words.CASE_RATED_ALREADY, *ways_on(case))
    effects: list[Effect] = [AlarmsCancelled(case.number)]
    reasons = tuple(
        Choice(reason, f"/reason {case.number} {n}")
        for n, reason in enumerate(words.CASE_REASONS, 1)
    )
    if case.rated == "bad":
        days = scene.book.service.review_days
        said = words.CASE_RATED_BAD.format(days=days, **when(case.promised_at))
        reply = Reply("receipt", said, reasons)
        effects.append(nudges.overdue(case))
    elif case.rated == "fair":
        reply = Reply("receipt", words.CASE_RATED_FAIR, (*reasons, MENU))
    else:
        follow_up = Choice(words.FOLLOW_UP, f"/follow {case.number}")
        reply = Reply("receipt", words.CASE_RATED_GOOD, (follow_up, MENU))
    return scene.turn(reply, effects=tuple(effects), case=case.number)


def _withdrawn(scene: Scene, case: Case, done: bool) -> Turn:
    if not done:
        said = words.CASE_CANNOT_WITHDRAW.format(
            number=case.number, state=words.CASE_STATES[case.state]
        )
        return scene.say("status", said, *ways_on(case))
    reply = Reply("receipt", words.CASE_WITHDRAWN.format(number=case.number), (MENU,))
    effects = (AlarmsCancelled(case.number),)
    return scene.turn(reply, effects=effects, case=case.number, following=None)
