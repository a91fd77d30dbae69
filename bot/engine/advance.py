"""The bot is one pure function (fixed point 1): a conversation and an event in, a turn out.

The order of attention, which decides what a message is taken for:
1. personal numbers are masked before anything else sees the text
2. staff has the conversation: the words are theirs (unless they end it)
3. control words work in every state at the first try
4. an answer to the open question, if it reads
5. a correction of an earlier answer
6. a question, a guide or another form, when sure: answered at once, then the open question again
7. otherwise the open question again, with an example, then choices, then the offer of a person
Rule: 6 never wins over a valid 4: a place name is an answer, not a search.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from bot.engine import (
    answering,
    attachments,
    browsing,
    commands,
    computing,
    filling,
    keeping,
    linking,
    reminding,
    responding,
    rights,
    staffing,
    walking,
    words,
)
from bot.engine.case import CaseMoveTold, CaseNews, CaseOpened, CasesFound
from bot.engine.consulting import contact, found, moves, nudges, telling, wishes
from bot.engine.control import Control, control_of
from bot.engine.notifying import lectures, notices, subscribing, wishing
from bot.engine.person import (
    DataGathered,
    DataGone,
    LinkEnded,
    LinkMade,
    LinkTold,
    PersonEvent,
)
from bot.engine.playbook import Playbook
from bot.engine.preferences import PreferencesFound
from bot.engine.privacy import SECRETS, guard
from bot.engine.saved import ResultKept, ResultsFound, ResultsGone, SavedEvent
from bot.engine.scene import HUMAN, MENU, Scene
from bot.engine.text import LONGEST_MESSAGE, clean, numbered, plain
from bot.engine.types import (
    Address,
    AlarmRang,
    AlarmsFound,
    Conversation,
    Event,
    LectureTold,
    Message,
    NoticeGiven,
    QueueFound,
    Reply,
    StaffJoined,
    StaffLeft,
    Turn,
)

_NOBODY = Address("", "")
_LETTER = re.compile(r"[^\W_]")
_NUMBER = re.compile(r"[0-9]{1,2}")


def advance(book: Playbook, was: Conversation, event: Event, now: datetime) -> Turn:
    """What `event` comes to. Never raises for anything that a citizen sends."""
    match event:
        case Message():
            return notices.after(was, _heard(book, was, guard(event), now))
        case StaffJoined():
            return staffing.joined(_silent(book, was, now), event)
        case StaffLeft():
            return staffing.left(_silent(book, was, now), event)
        case _:
            return _told(_silent(book, was, now), event)


def _told(
    scene: Scene,
    event: AlarmRang
    | CaseOpened
    | CasesFound
    | CaseMoveTold
    | CaseNews
    | PreferencesFound
    | AlarmsFound
    | NoticeGiven
    | LectureTold
    | PersonEvent
    | QueueFound
    | SavedEvent,
) -> Turn:
    """The house tells something; an open form's question is asked again after it."""
    match event:
        case AlarmRang() if event.name.startswith(reminding.NAMED):
            turn = reminding.ring(scene, event)
        case AlarmRang():
            turn = nudges.ring(scene, event)
        case PreferencesFound():
            turn = wishing.found(scene, event)
        case AlarmsFound():
            turn = reminding.found(scene, event)
        case LectureTold():
            turn = lectures.told(scene, event)
        case NoticeGiven():
            turn = scene.turn(event.reply)
        case QueueFound():
            turn = staffing.in_line(scene, event)
        case LinkMade():
            turn = linking.made(scene, event)
        case LinkTold():
            turn = linking.told(scene, event)
        case LinkEnded():
            turn = linking.ended(scene, event)
        case DataGathered():
            turn = rights.gathered(scene, event)
        case DataGone():
            turn = rights.gone(scene, event)
        case ResultKept() | ResultsFound() | ResultsGone():
            turn = keeping.told(scene, event)
        case CaseOpened():
            turn = telling.opened(scene, event)
        case CasesFound():
            turn = found.found(scene, event)
        case CaseMoveTold():
            turn = moves.told(scene, event)
        case CaseNews():
            turn = telling.news(scene, event)
        case _:
            assert_never(event)
    return walking.remind(scene, filling.remind(scene, turn)) if turn.replies else turn


def _silent(book: Playbook, was: Conversation, now: datetime) -> Scene:
    return Scene(book, was, Message("", _NOBODY, "", now), "", now)


def _heard(book: Playbook, was: Conversation, message: Message, now: datetime) -> Turn:
    kept = attachments.fresh(was.evidence, now.date())
    if was.staff != "joined":
        kept = attachments.captioned(kept, message)
    was = replace(was, evidence=kept)
    text = clean(message.text)
    scene = Scene(book, was, message, text[:LONGEST_MESSAGE], now)
    scene = replace(scene, text=_meant(scene))
    turn = reminding.follow(scene, _attend(scene))
    return _with_notes(scene, len(text) > LONGEST_MESSAGE, turn)


def _meant(scene: Scene) -> str:
    """“2” and a typed label mean the choice that was offered last, unless “2” is an answer."""
    typed = plain(scene.text)
    for number, choice in numbered(scene.was.offered):
        if typed == plain(choice.label) or (typed == number and not filling.takes(scene)):
            return choice.send
    return scene.text


def _attend(scene: Scene) -> Turn:
    control = control_of(scene.text)
    if scene.message.attachment is not None and not scene.text:
        return attachments.receive(scene, scene.message.attachment)
    if scene.was.staff == "joined":
        return _with_staff(scene, control)
    if control is not None:
        return _controlled(scene, control)
    if turn := _unreadable(scene):
        return turn
    if filling.open_form(scene) is not None:
        return _in_form(scene)
    if walking.open_guide(scene) is not None:
        return _in_guide(scene)
    return contact.hear(scene) or commands.obey(scene) or _wish(scene) or _free(scene)


def _wish(scene: Scene) -> Turn | None:
    """Something of the menu by its name, or a wish in free words."""
    if pressed := browsing.by_label(scene.text):
        return commands.obey(replace(scene, text=pressed))
    return (
        wishes.wish(scene)
        or wishing.wish(scene)
        or keeping.wish(scene)
        or linking.wish(scene)
        or rights.wish(scene)
        or computing.read_out(scene)
    )


def _free(scene: Scene) -> Turn:
    """Free words: an answer; or more about the consultation that was just spoken of."""
    return _unoffered(scene) or wishes.follow(scene, responding.respond(scene))


def _unoffered(scene: Scene) -> Turn | None:
    """A number that the last choices do not have is explained, not searched for."""
    number = plain(scene.text)
    if not scene.was.offered or not _NUMBER.fullmatch(number):
        return None
    return scene.say("menu", words.NOT_OFFERED.format(number=number), *scene.was.offered)


def _with_staff(scene: Scene, control: Control | None) -> Turn:
    """Everything goes to the staff member, but for the words that end it or call for the bot."""
    if control in ("end", "cancel", "restart"):
        return staffing.end(scene)
    if control in ("human", "help", "menu", "unsubscribe"):
        return _controlled(scene, control)
    if scene.text.startswith("/"):
        return commands.obey(scene) or staffing.pass_on(scene)
    return staffing.pass_on(scene)


def _controlled(scene: Scene, control: Control) -> Turn:
    match control:
        case "human":
            return staffing.ask_for_person(scene)
        case "cancel":
            return _cancel(scene)
        case "back":
            return _back(scene)
        case "skip":
            return filling.skip(scene)
        case "save":
            return keeping.save_newest(scene) or filling.save(scene)
        case "menu":
            return _menu(scene)
        case "help":
            turn = scene.turn(Reply("help", words.HELP, (MENU, HUMAN)))
            return walking.remind(scene, filling.remind(scene, turn))
        case "unsubscribe":
            return subscribing.leave(scene)
        case "restart":
            return _restart(scene)
        case "resume":
            if walking.open_guide(scene):
                return walking.again(scene)
            resumed = None if scene.was.form else walking.resume(scene)
            return resumed or filling.resume(scene)
        case "end":
            return staffing.end(scene)
    assert_never(control)


def _cancel(scene: Scene) -> Turn:
    if opened := walking.open_guide(scene):
        said = words.GUIDE_LEFT.format(short=opened[0].short)
        return scene.say("smalltalk", said, MENU, HUMAN, form=None)
    if scene.was.form is not None:
        return scene.say("smalltalk", words.CANCELLED, MENU, HUMAN, form=None)
    if scene.was.staff == "waiting":
        return staffing.end(scene)
    return scene.say("smalltalk", words.NOTHING_TO_CANCEL, MENU, HUMAN)


def _back(scene: Scene) -> Turn:
    if walking.open_guide(scene):
        return walking.back(scene)
    return filling.step_back(scene) if scene.was.form else browsing.main_menu(scene)


def _menu(scene: Scene) -> Turn:
    """The main menu; an open form is kept as a draft, an open guide is left."""
    was, kept = filling.set_aside(scene)
    turn = browsing.main_menu(replace(scene, was=was))
    first = replace(turn.replies[0], text=kept + turn.replies[0].text)
    return replace(turn, replies=(first,))


def _restart(scene: Scene) -> Turn:
    """An open form from its first question; else the greeting, with nothing open."""
    if opened := filling.open_form(scene):
        form, _ = opened
        return filling.go_on(scene, form, form.begin(), words.STARTED_OVER + "\n")
    if opened_guide := walking.open_guide(scene):
        return walking.begin(
            replace(scene, was=replace(scene.was, form=None)), opened_guide[0].name
        )
    return browsing.greet(replace(scene, was=replace(scene.was, form=None, topic=None)))


def _unreadable(scene: Scene) -> Turn | None:
    """Nothing, only marks, or only emoji: help, and the state stays."""
    if _LETTER.search(scene.text) or scene.text.startswith("/"):
        return None
    said = words.EMPTY if not scene.text or not plain(scene.text) else words.EMOJI
    turn = scene.turn(Reply("help", said, (MENU, HUMAN)))
    return walking.remind(scene, filling.remind(scene, turn))


def _in_form(scene: Scene) -> Turn:
    if turn := filling.hear(scene):
        return turn
    if turn := filling.answer(scene) or filling.explain(scene) or filling.correct(scene):
        return turn
    if turn := _aside(scene):
        return turn if turn.errand else filling.remind(scene, turn)
    return filling.again(scene)


def _aside(scene: Scene) -> Turn | None:
    """Something else while a form is open, if it is surely that."""
    if scene.text.startswith("/"):
        return commands.obey(scene)
    return _wish(scene) or answering.sure(scene)


def _in_guide(scene: Scene) -> Turn:
    if turn := walking.move(scene) or commands.obey(scene) or _wish(scene):
        return turn
    turn = responding.respond(scene)
    return walking.remind(scene, turn)


def _with_notes(scene: Scene, cut: bool, turn: Turn) -> Turn:
    """What must be said before the reply: hidden numbers, a cut text, a kind word."""
    notes = []
    hidden = scene.message.hidden
    kept_sealed = scene.was.contact_for is not None and scene.message.sealed
    if hidden and not kept_sealed and not SECRETS & set(hidden):
        shown = "、".join(re.findall(r"\*{4}\w{0,4}", scene.message.text)) or "****"
        notes.append(words.HIDDEN.format(kinds="、".join(hidden), shown=shown))
    if cut:
        notes.append(words.CUT.format(length=LONGEST_MESSAGE) + "\n")
    if scene.was.staff != "joined" and scene.book.sayings.heated(scene.text):
        notes.append(words.SYMPATHY)
    if not notes or not turn.replies:
        return turn
    first = replace(turn.replies[0], text="".join(notes) + turn.replies[0].text)
    return replace(turn, replies=(first, *turn.replies[1:]))
