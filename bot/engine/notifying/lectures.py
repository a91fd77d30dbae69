"""Live lectures: sign up, be reminded, ask beforehand.

A lecture is announced by a broadcast; its number is the lecture's. What rings for it are days of the
same kind as a result's, so that 我的提醒 shows and cancels them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine import filling, words
from bot.engine.enclosures import Agenda, Day
from bot.engine.reminding import DAY, when_said
from bot.engine.scene import MENU, Scene
from bot.engine.types import (
    AlarmsCancelled,
    AlarmSet,
    Choice,
    Effect,
    LectureSought,
    LectureTold,
    Reply,
    Turn,
)

QUESTION = "lecture_question"  # the form
BEFORE = {"1天": timedelta(days=1), "30分钟": timedelta(minutes=30)}


@dataclass(frozen=True, slots=True)
class Lecture:
    """What is announced. `place`: the address of the stream, or a hall."""

    title: str
    at: datetime  # aware
    place: str
    body: str = ""
    topics: tuple[str, ...] = ()


def choices(lecture: int) -> tuple[Choice, ...]:
    """Under its announcement."""
    return (
        Choice(words.LECTURE_JOIN, f"/lecture {lecture} join"),
        Choice(words.LECTURE_ASK, f"/lecture {lecture} ask"),
    )


def said(lecture: Lecture) -> str:
    return words.LECTURE.format(when=when_said(lecture.at), place=lecture.place, body=lecture.body)


def about(lecture: int) -> str:
    return f"lecture:{lecture}"


def obey(scene: Scene, given: list[str]) -> Turn | None:
    """`/lecture 12 join`, `leave` or `ask`."""
    if len(given) != 2 or not given[0].isdecimal():
        return None
    if given[1] == "ask":
        return filling.begin(scene, QUESTION, given[0])
    if given[1] in ("join", "leave"):
        return scene.turn(errand=LectureSought(int(given[0]), given[1] == "join"))
    return None


def told(scene: Scene, event: LectureTold) -> Turn:
    """What came of it."""
    if event.at is None or event.at <= scene.now:
        return scene.say("status", words.LECTURE_OVER, MENU)
    number = event.sought.lecture
    ask = Choice(words.LECTURE_ASK, f"/lecture {number} ask")
    gone = AlarmsCancelled(about(number))
    if not event.sought.join:
        reply = Reply("receipt", words.LECTURE_LEFT.format(title=event.title), (MENU,))
        return scene.turn(reply, effects=(gone,))
    alarms = tuple(
        AlarmSet(f"{DAY}lecture:{left}", about(number), event.at - before, _note(event, left))
        for left, before in BEFORE.items()
        if event.at - before > scene.now
    )
    effects: tuple[Effect, ...] = (gone, *alarms)
    text = words.LECTURE_JOINED.format(
        title=event.title, when=when_said(event.at), place=event.place
    )
    day = Day("lecture", f"{event.at:%Y-%m-%d}", event.title, when_said(event.at), 1)
    agenda = Agenda(event.title, (day,), scene.now.isoformat(), name=f"lecture-{number}")
    leave = Choice(words.LECTURE_LEAVE, f"/lecture {number} leave")
    return scene.turn(Reply("receipt", text, (ask, leave, MENU), agenda=agenda), effects=effects)


def _note(event: LectureTold, left: str) -> str:
    assert event.at is not None
    note = words.LECTURE_SOON.format(left=left, title=event.title, when=when_said(event.at))
    return f"{note}\n{event.place}"
