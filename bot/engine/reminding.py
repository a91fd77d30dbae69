"""Reminders: own dates (“明早8点半提醒我去社保局”), and the days that a calculator's result holds.

Rule 1: each says when it will ring, and how it is cancelled.
Rule 2: an own reminder rings at the minute that was said, also at night: the person chose it. What
        the bot chose rings at ten in the morning, and after quiet hours.
Rule 3: “每月5号”, “每年12月1日” ring again; the first moment is kept in the alarm's name, so that a
        31st comes back after a short month.
Rule 4: the days of a result belong to its calculator: worked out again, they replace the old ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import count

from bot.engine import filling, words
from bot.engine.calculator import PREFIX
from bot.engine.enclosures import Day
from bot.engine.form import Finished, Unclear
from bot.engine.moments import moment_in
from bot.engine.parameters import NoFigure
from bot.engine.quantities import plus_months
from bot.engine.scene import MENU, Scene
from bot.engine.text import plain
from bot.engine.types import (
    AlarmRang,
    AlarmsCancelled,
    AlarmSet,
    AlarmsFound,
    AlarmsSought,
    Choice,
    Effect,
    Reply,
    Turn,
)
from bot.engine.workdays import WEEKDAYS, clock_words

OWN, DAY = "own", "day:"  # names of alarms; `day:<code>:<how long before>`
NAMED = (OWN, DAY)
TEN = time(10)
RETIREMENT = f"{PREFIX}retirement_age"
COUNTDOWN = {  # months before, by a day's code
    "statutory": (12, 6, 3),
    "retirement": (12, 6, 3),
    "injury_person": (3, 1),
    "arbitration": (3, 1),
    "certification": (1,),
}
LAST_CALL = ("injury_person", "arbitration", "certification")  # also `ahead` days before
MOST = 20  # own reminders of one person
FARTHEST = timedelta(days=366 * 50)
TEXT = 200  # characters of what is to be done
_REMIND = re.compile(r"(?:到时候?|记得|请|麻烦|帮我)*(?:提醒|叫|通知)(?:一下)?我(?:一下|一声)?")
_LIST = re.compile(r"(看|查|查看|管理)?(一下)?我的?(设的|设置的)?提醒(列表|有哪些)?|有哪些提醒")
_CANCEL = re.compile(
    r"(取消|删除|删掉|不要|关掉)(第?(?P<n>\d{1,2})个?)?(?P<all>所有|全部|全部的)?(的|我的|这个)?提醒"
)
_RETIRING = re.compile(
    r"(快|要|到)?退休(的时候|之?前|时|到期)?(之前|前)?(记得|请)?(提醒|通知)我(一下)?|(设|加)(个|一个)?退休提醒|退休提醒"
)
_EVERY = re.compile(r"每个?(?P<unit>年|月|周|星期|礼拜|天|日)(?:的)?")
_UNITS = {"年": "yearly", "月": "monthly", "天": "daily", "日": "daily"}
_MATTERS = (  # what has a day of its own: a form asks for it
    (re.compile(r"资格认证|养老认证|生存认证"), "deadline_reminder", "资格认证"),
    (re.compile(r"失业登记|申领失业金|领失业金"), "deadline_reminder", "失业金申领"),
    (re.compile(r"工伤认定|劳动仲裁|申请仲裁"), f"{PREFIX}statutory_deadlines", ""),
)
_ASKS = re.compile(r"怎么|如何|吗|能不能|会不会|为什么|[?？]")


# --- what is wished ------------------------------------------------------------------------------


def wish(scene: Scene) -> Turn | None:
    """A wish about reminders, in free words."""
    text = scene.text.strip("。.！!~ ")
    if _LIST.fullmatch(text):
        return _seek(scene, "list")
    if cancel := _CANCEL.fullmatch(text):
        which = "all" if cancel["all"] else cancel["n"] or ""
        return _seek(scene, "cancel", which)
    if _RETIRING.fullmatch(plain(text)):
        return remind(scene, [RETIREMENT])
    asked = _REMIND.search(text)
    if asked is None or len(text) > 100 or _ASKS.search(text):
        return None
    return own(scene, text, asked)


def own(scene: Scene, text: str, asked: re.Match[str]) -> Turn | None:
    """“12月3日提醒我缴费”: the moment and what is to be done."""
    every = _EVERY.search(text)
    said = moment_in(_EVERY.sub(_weekly, text), scene.now)
    if said is None:
        if turn := _matter(scene, text):
            return turn
        if asked.start() > 12:
            return None  # a longer sentence that only mentions it
        return scene.say("question", words.REMIND_WHEN, MENU)
    text = _EVERY.sub(_weekly, text)
    what = text[: said.begin] + "|" + text[said.end :]
    what = _REMIND.sub("|", what, count=1)
    what = " ".join(
        part.strip(" ，,。的在我要") for part in what.split("|") if part.strip(" ，,。的在我要")
    )
    if said.at <= scene.now:
        return scene.say("question", words.REMIND_PAST.format(when=when_said(said.at)), MENU)
    if said.at - scene.now > FARTHEST:
        return scene.say("question", words.REMIND_WHEN, MENU)
    unit = _UNITS.get(every["unit"], "weekly") if every else ""
    return _seek(scene, "own", said.at.isoformat(), (what or words.REMIND_THIS)[:TEXT], unit)


def _weekly(every: re.Match[str]) -> str:
    """每周一 is 周一; 每月5号 is 5号."""
    return every["unit"] if every["unit"] in ("周", "星期", "礼拜") else ""


def _matter(scene: Scene, text: str) -> Turn | None:
    """“提醒我资格认证”: when, depends on a day that is asked for."""
    for pattern, form, about in _MATTERS:
        if pattern.search(text) and form in scene.book.forms:
            return filling.begin(scene, form, about or text)
    return None


def remind(scene: Scene, given: list[str]) -> Turn | None:
    """`/remind calc_retirement_age`: the days of the newest result of that calculator."""
    if not given or given[0] not in scene.book.forms:
        return None
    days = _days(scene, given[0])
    if days is None:
        return filling.begin(scene, given[0])
    done = reminders_set(given[0], days, scene.now)
    profile = scene.was.profile
    if done.effects:
        profile = {**profile, f"reminds:{given[0]}": "1"}
    return scene.turn(*done.replies, effects=done.effects, profile=profile)


def reminders_set(about: str, days: tuple[Day, ...], now: datetime) -> Finished:
    """Reminders of these days, in the place of those that were there `about` the same."""
    alarms = tuple(_alarms(about, days, now))
    if not alarms:
        return Finished((Reply("status", words.REMIND_NO_DAYS, (MENU,)),))
    lines = [words.REMINDERS_SET, *(_line(n, alarm) for n, alarm in enumerate(alarms, 1))]
    off = Choice(words.CANCEL_THESE, f"/forget {about}")
    reply = Reply("receipt", "\n".join([*lines, words.REMINDER_WAY_OUT]), (off, _MINE, MENU))
    return Finished((reply,), (AlarmsCancelled(about), *alarms))


def listed(scene: Scene, given: list[str]) -> Turn:
    return _seek(scene, "list")


def forget(scene: Scene, given: list[str]) -> Turn | None:
    """`/forget ABOUT`, or `/forget ABOUT NAME`: exactly these."""
    if not given:
        return None
    cancelled = AlarmsCancelled(given[0], tuple(given[1:2]))
    profile = scene.was.profile
    if len(given) == 1:
        profile = {k: v for k, v in profile.items() if k != f"reminds:{given[0]}"}
    reply = Reply("receipt", words.REMINDER_CANCELLED, (_MINE, MENU))
    return scene.turn(reply, effects=(cancelled,), profile=profile)


def _seek(scene: Scene, why: str, *given: str) -> Turn:
    return scene.turn(errand=AlarmsSought(why, NAMED, given))


_MINE = Choice(words.MY_REMINDERS, "/reminders")


# --- once it is known what is set ------------------------------------------------------------------


def found(scene: Scene, event: AlarmsFound) -> Turn:
    """Goes on with what was wished."""
    given = event.sought.given
    match event.sought.why:
        case "own":
            return _own(scene, event, datetime.fromisoformat(given[0]), given[1], given[2])
        case "cancel":
            return _cancel(scene, event.alarms, given[0])
        case _:
            return _list(scene, event.alarms)


def _own(scene: Scene, event: AlarmsFound, at: datetime, what: str, unit: str) -> Turn:
    mine = [alarm for alarm in event.alarms if alarm.name.startswith(OWN)]
    if len(mine) >= MOST:
        return scene.say("status", words.TOO_MANY_REMINDERS.format(most=MOST), _MINE, MENU)
    used = {int(alarm.about) for alarm in mine if alarm.about.isdecimal()}
    about = str(next(n for n in range(1, MOST + 1) if n not in used))
    alarm = AlarmSet(f"{OWN}:{unit}:{at:%Y%m%dT%H%M}" if unit else OWN, about, at, what)
    said = words.REMINDER_SET.format(when=when_said(at), what=what)
    said += words.REMIND_EVERY[unit] if unit else ""
    off = Choice(words.CANCEL_REMINDER, f"/forget {about} {alarm.name}")
    return scene.turn(Reply("receipt", said, (off, _MINE, MENU)), effects=(alarm,))


def _cancel(scene: Scene, alarms: tuple[AlarmSet, ...], which: str) -> Turn:
    if not alarms:
        return scene.say("status", words.NO_REMINDERS, MENU)
    if which == "all" or (not which and len(alarms) == 1):
        gone = tuple(AlarmsCancelled(a.about, (a.name,)) for a in alarms)
        profile = {k: v for k, v in scene.was.profile.items() if not k.startswith("reminds:")}
        reply = Reply("receipt", words.REMINDER_CANCELLED, (MENU,))
        return scene.turn(reply, effects=gone, profile=profile)
    if which and 1 <= int(which) <= len(alarms):
        alarm = alarms[int(which) - 1]
        reply = Reply("receipt", words.REMINDER_CANCELLED, (_MINE, MENU))
        return scene.turn(reply, effects=(AlarmsCancelled(alarm.about, (alarm.name,)),))
    return _list(scene, alarms, words.CANCEL_WHICH)


def _list(scene: Scene, alarms: tuple[AlarmSet, ...], title: str = words.REMINDERS) -> Turn:
    if not alarms:
        return scene.say("status", words.NO_REMINDERS, MENU)
    lines = [title, *(_line(n, alarm) for n, alarm in enumerate(alarms, 1))]
    offs = [
        Choice(words.CANCEL_NUMBER.format(n=n), f"/forget {alarm.about} {alarm.name}")
        for n, alarm in enumerate(alarms[:6], 1)
    ]
    return scene.say("status", "\n".join([*lines, words.CANCEL_HOW]), *offs, MENU)


def _line(n: int, alarm: AlarmSet) -> str:
    return f"{n}. {when_said(alarm.at)} {alarm.note.splitlines()[0]}"


def when_said(at: datetime) -> str:
    """`2026年11月24日 周二 8:30`."""
    day = f"{at.year}年{at.month}月{at.day}日 周{WEEKDAYS[at.weekday()]}"
    return f"{day} {clock_words(at.timetz().replace(tzinfo=None))}"


# --- when it rings -----------------------------------------------------------------------------------


def ring(scene: Scene, event: AlarmRang) -> Turn:
    """What was to be remembered; what the bot chose waits for the morning."""
    own = event.name.startswith(OWN)
    again = _again(event, scene.now) if own else ()
    if not event.preferences.wants("reminders"):
        return scene.turn(effects=again)
    if not own and (morning := event.preferences.awake(scene.now)) != scene.now:
        return scene.turn(effects=(AlarmSet(event.name, event.about, morning, event.note),))
    why = words.REMIND_WHY_OWN if own else words.REMIND_WHY_DAY
    said = words.REMINDER.format(what=event.note, why=why)
    return scene.turn(Reply("notice", said, (_MINE, MENU)), effects=again)


def _again(event: AlarmRang, now: datetime) -> tuple[AlarmSet, ...]:
    """The next time of a reminder that comes back."""
    _, unit, first = (*event.name.split(":"), "", "")[:3]
    if not unit:
        return ()
    begun = datetime.strptime(first, "%Y%m%dT%H%M").replace(tzinfo=now.tzinfo)
    at = next(moment for moment in _times(begun, unit) if moment > now)
    return (AlarmSet(event.name, event.about, at, event.note),)


def _times(begun: datetime, unit: str) -> Iterator[datetime]:
    months = {"yearly": 12, "monthly": 1}.get(unit)
    days = {"weekly": 7, "daily": 1}.get(unit, 1)
    for n in count(1):
        if months:
            yield datetime.combine(plus_months(begun.date(), months * n), begun.timetz())
        else:
            yield begun + timedelta(days=days * n)


# --- the days of a result ------------------------------------------------------------------------------


def _days(scene: Scene, name: str) -> tuple[Day, ...] | None:
    """Of the newest kept result; None if there is none."""
    form = scene.book.forms[name]
    kept = next((d for d in reversed(scene.was.drafts) if d.form == name), None)
    if kept is None or form.result is None or form.open_field(kept.answers) is not None:
        return None
    try:
        return form.result(kept.answers, scene.today).days
    except (NoFigure, Unclear):
        return None


def _alarms(about: str, days: tuple[Day, ...], now: datetime) -> Iterator[AlarmSet]:
    """When each day is told beforehand; what is past already is left out."""
    found: list[AlarmSet] = []
    for day in days:
        for left, on in _before(day):
            at = datetime.combine(on, TEN, now.tzinfo)
            if at > now:
                note = words.REMIND_DAY.format(left=left, title=day.title, day=day.day)
                note = f"{note}\n{day.note}" if day.note else note
                found.append(AlarmSet(f"{DAY}{day.code}:{left}", about, at, note[:500]))
    yield from sorted(found, key=lambda alarm: alarm.at)


def _before(day: Day) -> Iterator[tuple[str, date]]:
    """How long before it one is told, and on which day."""
    for months in COUNTDOWN.get(day.code, ()):
        left = "1年" if months == 12 else f"{months}个月"
        yield left, plus_months(day.on, -months)
    if day.code not in COUNTDOWN or day.code in LAST_CALL:
        yield f"{day.ahead}天", day.on - timedelta(days=day.ahead)


def follow(scene: Scene, turn: Turn) -> Turn:
    """A result worked out again: reminders that stand on the old one are replaced, and it is said."""
    if not turn.replies or turn.replies[0].kind != "result":
        return turn
    name = turn.conversation.drafts[-1].form if turn.conversation.drafts else ""
    if f"reminds:{name}" not in turn.conversation.profile or name not in scene.book.forms:
        return turn
    after = replace(scene, was=turn.conversation)
    alarms = tuple(_alarms(name, _days(after, name) or (), scene.now))
    effects: tuple[Effect, ...] = (AlarmsCancelled(name), *alarms)
    lines = [_line(n, alarm) for n, alarm in enumerate(alarms, 1)]
    said = "\n".join([turn.replies[0].text, words.REMINDERS_MOVED, *lines])
    first = replace(turn.replies[0], text=said)
    return replace(turn, replies=(first, *turn.replies[1:]), effects=(*turn.effects, *effects))
