"""When the bot speaks first about a consultation: what is set when, and what is said if it still holds.

Rule 1: a nudge asks first whether its cause is still there (`rang` gets the case as it is now).
Rule 2: nobody is woken: what rings in their quiet hours rings again after them.
Rule 3: who does not want nudges gets one only when a promise was not kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.engine import promise, words
from bot.engine.case import Case, CaseMoved, CasesSought
from bot.engine.consulting.shown import call_choice, may_call, rating_choices, script, ways_on
from bot.engine.promise import when
from bot.engine.scene import MENU, Scene
from bot.engine.types import AlarmRang, AlarmsCancelled, AlarmSet, Choice, Effect, Reply, Turn

A_DAY = timedelta(hours=24)
UNRATED_AFTER = timedelta(hours=48)
NAMES = ("day", "half_time", "overdue", "owed", "unread", "unrated")


def after_filing(scene: Scene, case: Case) -> tuple[Effect, ...]:
    day = promise.in_working_hours(scene.book.office, scene.now + A_DAY)
    half = promise.half_way(scene.book.office, scene.now, case.promised_at)
    nudges = [AlarmSet("day", case.number, day)]
    if half - day >= timedelta(hours=4) and half < case.promised_at:
        nudges.append(AlarmSet("half_time", case.number, half))
    return (*nudges, overdue(case))


def overdue(case: Case) -> AlarmSet:
    return AlarmSet("overdue", case.number, case.promised_at)


def after_asking(scene: Scene, case: Case) -> tuple[Effect, ...]:
    """Staff need something of the citizen."""
    day = scene.book.calendar.after(scene.today, scene.book.service.owed_days)
    at = datetime.combine(day, scene.now.timetz())
    return (AlarmSet("owed", case.number, promise.in_working_hours(scene.book.office, at)),)


def after_answer(scene: Scene, case: Case) -> tuple[Effect, ...]:
    at = promise.in_working_hours(scene.book.office, scene.now + A_DAY)
    return (AlarmsCancelled(case.number), AlarmSet("unread", case.number, at))


def after_reading(scene: Scene, case: Case) -> tuple[Effect, ...]:
    at = promise.in_working_hours(scene.book.office, scene.now + UNRATED_AFTER)
    return (AlarmsCancelled(case.number, ("unread",)), AlarmSet("unrated", case.number, at))


def ring(scene: Scene, event: AlarmRang) -> Turn:
    """An alarm about a case: in the morning if it is night, else once the case has been looked at."""
    if event.name != "overdue" and not event.preferences.wants("nudges"):
        return scene.turn()
    morning = event.preferences.awake(scene.now)
    if morning != scene.now:
        return scene.turn(effects=(AlarmSet(event.name, event.about, morning, event.note),))
    return scene.turn(errand=CasesSought(f"rang:{event.name}", event.about))


def rang(scene: Scene, name: str, case: Case) -> Turn:
    """What is said, if it still holds."""
    match name:
        case "day" | "half_time" if case.unanswered:
            return _still_waiting(scene, name, case)
        case "overdue" if case.unanswered and case.promised_at <= scene.now:
            return _overdue(scene, case)
        case "owed" if case.state == "needs_info":
            return _speak(
                scene,
                case,
                words.CASE_OWED_NUDGE.format(
                    number=case.number,
                    wanted=case.wanted,
                    call=may_call(case, words.CASE_OWED_CALL),
                ),
                MENU,
            )
        case "unread" if case.answers and not case.read and case.rated is None:
            read = Choice(words.READ_ANSWER, f"/answer {case.number}")
            return _speak(scene, case, words.CASE_UNREAD_NUDGE.format(number=case.number), read)
        case "unrated" if case.answers and case.rated is None and not case.unanswered:
            said = words.CASE_UNRATED_NUDGE.format(number=case.number)
            return _speak(scene, case, said, *rating_choices(case))
    return scene.turn()


def _still_waiting(scene: Scene, name: str, case: Case) -> Turn:
    text = words.CASE_DAY_LATER if name == "day" else words.CASE_HALF_TIME
    said = text.format(
        number=case.number,
        script=script(case),
        call=may_call(case, words.CASE_OR_CALL),
        **when(case.promised_at),
    )
    urge = Choice(words.URGE, f"/urge {case.number}")
    wait = Choice(words.KEEP_WAITING, "/wait")
    return _speak(scene, case, said, wait, urge, *call_choice(case))


def _overdue(scene: Scene, case: Case) -> Turn:
    reply = Reply("status", overdue_words(case), ways_on(case))
    moved = CaseMoved(case.number, "escalate")
    return scene.turn(reply, errand=moved, case=case.number, following=case.number)


def overdue_words(case: Case) -> str:
    call = may_call(case, words.CASE_MAY_CALL)
    return words.CASE_OVERDUE.format(number=case.number, call=call, script=script(case))


def _speak(scene: Scene, case: Case, said: str, *choices: Choice) -> Turn:
    return scene.say("status", said, *choices, case=case.number, following=case.number)
