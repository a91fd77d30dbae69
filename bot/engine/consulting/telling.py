"""What the asker is told without asking: the number when it is filed, and what staff did."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.engine import comparing, offpeak, promise, words
from bot.engine.case import CaseNews, CaseOpened
from bot.engine.consulting import contact, in_parts, nudges
from bot.engine.consulting.shown import rating_choices, staff_line, ways_on
from bot.engine.promise import when
from bot.engine.scene import MENU, Scene
from bot.engine.types import AlarmsCancelled, Choice, Reply, StaffTold, Turn

TEXT = 200  # characters of it in the receipt
ELSEWHERE = "这条消息在{channel}没能送到，改发到这里。\n"
ALWAYS = ("needs_info", "overdue")  # what they are asked for, and what was promised and not kept


def opened(scene: Scene, event: CaseOpened) -> Turn:
    """The receipt: number, promised date, the honest median, the query code."""
    case = event.case
    usual = ""
    if event.usual_minutes is not None:
        days = promise.workdays(event.usual_minutes, scene.book.office)
        usual = words.CASE_USUAL.format(days=days)
    when_quiet = offpeak.named(offpeak.quieter(event.half_days))
    receipt = words.CASE_RECEIPT_ANONYMOUS if case.anonymous else words.CASE_RECEIPT
    said = receipt.format(
        number=case.number,
        to_head=words.CASE_TO_HEAD if case.for_head else "",
        text=case.text if len(case.text) <= TEXT else case.text[: TEXT - 1] + "…",
        days=_days(scene, event),
        usual=usual,
        quieter=words.CASE_QUIETER.format(when=when_quiet) if when_quiet else "",
        uncertain=promise.uncertain(scene.book.office, case.promised_at),
        code=event.code,
        **when(case.promised_at),
    )
    mine = (Choice(words.MY_CASES, "/cases"), contact.offer(case.number))
    reply = Reply("receipt", said, (*(() if case.anonymous else mine), MENU))
    effects = (StaffTold(case.number, staff_line(case)), *nudges.after_filing(scene, case))
    turn = scene.turn(reply, effects=effects, case=case.number, evidence=())
    return in_parts.after_filing(scene, turn)


def _days(scene: Scene, event: CaseOpened) -> int:
    """Working days until the promised one."""
    days, day = 0, scene.today
    while day < event.case.promised_at.date():
        day, days = scene.book.calendar.following(day), days + 1
    return days


def news(scene: Scene, event: CaseNews) -> Turn:
    """What staff did, unless they do not want to be told; some of it is always told."""
    turn = _news(scene, event)
    if event.elsewhere:
        first, *more = turn.replies
        said = ELSEWHERE.format(channel=event.elsewhere) + first.text
        turn = replace(turn, replies=(replace(first, text=said), *more))
    if event.preferences.wants("replies") or event.news in ALWAYS:
        return turn
    state = replace(turn.conversation, offered=scene.was.offered)
    return replace(turn, replies=(), conversation=state)


def _news(scene: Scene, event: CaseNews) -> Turn:
    """In words; the nudges that fit it are set, the others end."""
    case, number = event.case, event.case.number
    about: dict[str, Any] = {"case": number, "following": number}
    match event.news:
        case "answered":
            said = words.CASE_ANSWER.format(number=number, text=event.text)
            reply = Reply("staff", f"{said}\n{words.CASE_RATE}", rating_choices(case))
            about["errand"] = comparing.sought(case, event.text)
            return scene.turn(reply, effects=nudges.after_answer(scene, case), **about)
        case "needs_info":
            said = words.CASE_NEEDS_INFO.format(number=number, text=event.text)
            reply = Reply("staff", said, (MENU,))
            return scene.turn(reply, effects=nudges.after_asking(scene, case), **about)
        case "closed":
            said = words.CASE_CLOSED.format(
                number=number, text=f"{event.text}\n" if event.text else ""
            )
            reply = Reply("status", said, ways_on(case))
            return scene.turn(reply, effects=(AlarmsCancelled(number),), **about)
        case "overdue":
            reply = Reply("status", nudges.overdue_words(case), ways_on(case))
            return scene.turn(reply, **about)
        case "taken":
            text = words.CASE_TAKEN
        case "transferred":
            text = words.CASE_TRANSFERRED
    said = text.format(number=number, text=event.text, **when(case.promised_at))
    return scene.say("status", said, *ways_on(case), case=number)
