"""How a consultation is shown: its state in words, and what can be done with it now."""

from __future__ import annotations

from typing import Protocol

from bot.engine import words
from bot.engine.case import CASE_KINDS, HEAD_LABEL, RATINGS, Case, CaseKind
from bot.engine.scene import MENU
from bot.engine.types import Choice

SHORT = 16  # characters of a title in a list


def state_words(case: Case) -> str:
    state = words.CASE_STATES[case.state]
    if case.unanswered:
        day = f"{case.promised_at.month}-{case.promised_at.day}"
        return state + words.CASE_PROMISED.format(day=day)
    return state + ("" if case.read else words.CASE_UNREAD)


def short(title: str) -> str:
    return title if len(title) <= SHORT else title[: SHORT - 1] + "…"


def ways_on(case: Case) -> tuple[Choice, ...]:
    """What can be done with it now."""
    number = case.number
    ways = []
    if case.answers:
        ways.append(Choice(words.READ_ANSWER, f"/answer {number}"))
    if case.unanswered:
        ways += [
            Choice(words.URGE, f"/urge {number}"),
            Choice(words.SUPPLEMENT, f"/follow {number}"),
            Choice(words.WITHDRAW, f"/withdraw {number}"),
        ]
    elif case.answers:
        ways.append(Choice(words.FOLLOW_UP, f"/follow {number}"))
    return (*ways, MENU)


def rating_choices(case: Case) -> tuple[Choice, ...]:
    """The three marks and 追问 under an answer; no marks once it is rated."""
    ask = Choice(words.FOLLOW_UP, f"/follow {case.number}")
    if case.rated:
        return (ask,)
    marks = [
        Choice(label, f"/rate {case.number} {case.answers} {rating}")
        for rating, label in RATINGS.items()
    ]
    return (*marks, ask)


def may_call(case: Case, said: str) -> str:
    """Words that offer the telephone: not to somebody who wants to stay unknown."""
    return "" if case.anonymous else said


def call_choice(case: Case) -> tuple[Choice, ...]:
    call = Choice(words.CALL_HOTLINE, f"/call {case.number}")
    return () if case.anonymous else (call,)


def script(case: Case) -> str:
    """What one can say on the telephone; empty for somebody who wants to stay unknown."""
    if case.anonymous:
        return ""
    return words.CASE_SCRIPT.format(number=case.number, title=short(case.title))


class Told(Protocol):
    """What staff are told of."""

    @property
    def kind(self) -> CaseKind: ...

    @property
    def region(self) -> str | None: ...

    @property
    def for_head(self) -> bool: ...


def staff_head(one: Told) -> str:
    """`【领导信箱·政策解读·长沙】`."""
    head = HEAD_LABEL if one.for_head else ""
    return f"【{'·'.join(filter(None, (head, CASE_KINDS[one.kind], one.region)))}】"


def staff_line(case: Case, said: str = "") -> str:
    """What staff read in their group: kind, promise, the question, what is new."""
    at = case.promised_at
    head = f"{staff_head(case)}承诺 {at.month}月{at.day}日 {at:%H:%M} 前答复"
    return "\n".join(part for part in (head, case.text, said) if part)
