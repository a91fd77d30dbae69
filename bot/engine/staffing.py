"""转人工: in every state, at the first try, with everything said so far (the capsule)."""

from __future__ import annotations

from bot.engine import offpeak, words
from bot.engine.scene import HUMAN, LEAVE_MESSAGE, MENU, Scene
from bot.engine.types import (
    QueueFound,
    QueueSought,
    Reply,
    StaffDismissed,
    StaffJoined,
    StaffLeft,
    StaffMessaged,
    StaffRequested,
    Turn,
)
from bot.engine.workdays import clock_words, day_words

BUSY = 5  # people in line, from which a message is the shorter way


def ask_for_person(scene: Scene, more: str = "") -> Turn:
    """Registers the wish; outside working hours the promise is a date. `more`: for the capsule."""
    if scene.was.staff == "joined":
        return scene.say("handoff", words.HANDOFF_TALKING)
    if scene.was.staff == "waiting":
        added = (StaffMessaged(more, scene.was.request),) if more else ()
        return scene.turn(Reply("handoff", words.HANDOFF_AGAIN), effects=added)
    told = "\n".join([capsule(scene), *([more] if more else [])])
    effects = (StaffRequested(told),)
    if scene.book.office.open_at(scene.now):
        return scene.turn(effects=effects, errand=QueueSought(), staff="waiting")
    reply = Reply("handoff", _promise(scene), (LEAVE_MESSAGE, MENU))
    return scene.turn(reply, effects=effects, staff="waiting")


def in_line(scene: Scene, event: QueueFound) -> Turn:
    """During office hours: the place in line, and how long it took lately if that is known."""
    place = words.HANDOFF_PLACE.format(ahead=event.ahead) if event.ahead else ""
    if event.minutes is not None:
        place += words.HANDOFF_USUAL.format(minutes=max(1, event.minutes))
    busy = words.HANDOFF_BUSY if event.ahead >= BUSY else ""
    if event.ahead and (when := offpeak.named(offpeak.quieter(event.half_days))):
        busy += words.HANDOFF_QUIETER.format(when=when)
    said = words.HANDOFF_OPEN.format(place=place, busy=busy)
    return scene.say("handoff", said, LEAVE_MESSAGE, MENU)


def _promise(scene: Scene) -> str:
    hours, calendar = scene.book.contacts.service, scene.book.calendar
    opening = hours.next_opening(scene.now, calendar)
    known = calendar.published(opening.date())
    return words.HANDOFF_CLOSED.format(
        hours=hours,
        day=day_words(opening.date(), scene.today),
        time=clock_words(opening.time()),
        uncertain="" if known else words.CALENDAR_UNKNOWN.format(year=opening.year),
    )


def capsule(scene: Scene) -> str:
    """What staff read first: questions, answers given, the form so far, the place."""
    was = scene.was
    lines = [f"参保地：{was.profile['region']}"] if "region" in was.profile else []
    lines += was.recent
    if was.form and was.form.form in scene.book.forms:
        form = scene.book.forms[was.form.form]
        filled = [
            f"{form.asks[k].label}：{v}" for k, v in was.form.answers.items() if k in form.asks
        ]
        lines.append(f"正在填“{form.title}”，已填 {len(filled)} 项")
        lines += filled
    lines += [f"证据：{len(was.evidence)} 份"] if was.evidence else []
    return "\n".join(lines) or "（还没有说明问题）"


def pass_on(scene: Scene) -> Turn:
    """The citizen's words go to the staff member they are talking with."""
    sent = scene.message.attachment
    text = scene.text or (words.STAFF_ATTACHED if sent else "")
    return scene.turn(effects=(StaffMessaged(text, scene.was.request, sent),))


def add_to_request(scene: Scene) -> Turn:
    """While waiting: what the bot cannot answer is added to what staff will read."""
    effect = StaffMessaged(scene.text, scene.was.request, scene.message.attachment)
    return scene.turn(Reply("handoff", words.ADDED, (MENU,)), effects=(effect,))


def end(scene: Scene) -> Turn:
    if scene.was.staff == "none":
        return scene.say("help", words.NOTHING_TO_CANCEL, MENU, HUMAN)
    return scene.turn(
        Reply("handoff", words.STAFF_DISMISSED, (MENU,)),
        effects=(StaffDismissed(),),
        staff="none",
        request=None,
    )


def joined(scene: Scene, event: StaffJoined) -> Turn:
    return scene.turn(staff="joined", request=event.request)


def left(scene: Scene, event: StaffLeft) -> Turn:
    if scene.was.staff == "none":
        return scene.turn()
    return scene.turn(Reply("handoff", words.STAFF_LEFT, (MENU,)), staff="none", request=None)
