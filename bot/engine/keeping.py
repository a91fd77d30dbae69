"""保存 and 我的测算: results that stay, looked at again with the figures of the day, deleted at a word.

Rule 1: what is kept is the inputs; looked at again, it is worked out again and the change is said.
Rule 2: a consultation about a result names the kept result, so that staff's figure can be compared.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.engine import comparing, computing, filling, words
from bot.engine.enclosures import Agenda
from bot.engine.renewing import again, drafted, renewal
from bot.engine.saved import (
    MOST,
    ResultDraft,
    ResultDropped,
    ResultKept,
    ResultSaved,
    ResultsFound,
    ResultsGone,
    ResultsSought,
    SavedEvent,
    SavedResult,
)
from bot.engine.scene import MENU, Scene
from bot.engine.types import Choice, FormProgress, Reply, Turn

_LIST = re.compile(
    r"(看|查|查看|打开)?(一下)?(我的|我保存的|保存的|我存的)(测算|试算|计算结果|测算结果|试算结果)(记录|列表|结果)?"
)
_SAVE = re.compile(r"(保存|存一下|存起来)(这次|这个|一下|这次的)?(测算|试算|结果)?")
_CALENDAR = re.compile(r"(加入|加到|添加到|存到)(我的|手机)?(日历|日程)")
_MINE = Choice(words.MY_RESULTS, "/results")
_LISTED = 6


def wish(scene: Scene) -> Turn | None:
    """“我的测算”; “保存这次测算” and “加入日历” after a result."""
    said = scene.text.strip("。.！!~ ")
    if _LIST.fullmatch(said):
        return listed(scene, [])
    if _SAVE.fullmatch(said):
        return save_newest(scene)
    if _CALENDAR.fullmatch(said) and (kept := _at_hand(scene)):
        return calendar(scene, [kept.form])
    return None


def save_newest(scene: Scene) -> Turn | None:
    """“保存” with no form open: the result that was worked out last."""
    kept = _at_hand(scene)
    return save(scene, [kept.form]) if kept else None


def _at_hand(scene: Scene) -> ResultDraft | None:
    if scene.was.form is not None or not scene.was.drafts:
        return None
    return newest(scene, scene.was.drafts[-1].form)


# --- pressed choices ---------------------------------------------------------------------------


def save(scene: Scene, given: list[str]) -> Turn | None:
    """`/save calc_pension`: the newest result of that calculator."""
    draft = newest(scene, given[0]) if given else None
    if draft is None:
        return _begun(scene, given)
    return scene.turn(errand=ResultSaved(draft, "save"))


def check(scene: Scene, given: list[str]) -> Turn | None:
    """提交人工核对: kept first, so that the consultation can name it."""
    draft = newest(scene, given[0]) if given else None
    if draft is None:
        return computing.check(scene, given[0]) if given and given[0] in scene.book.forms else None
    return scene.turn(errand=ResultSaved(draft, "check"))


def calendar(scene: Scene, given: list[str]) -> Turn | None:
    """`/calendar calc_retirement_age`: the days of the newest result in a file."""
    draft = newest(scene, given[0]) if given else None
    form = scene.book.forms.get(given[0]) if given else None
    if draft is None or form is None or form.result is None:
        return _begun(scene, given)
    days = form.result(draft.answers, scene.today).days
    if not days:
        return scene.say("status", words.NO_DAYS, MENU)
    name = form.name.removeprefix("calc_")
    agenda = Agenda(form.title, days, scene.now.isoformat(timespec="seconds"), name)
    remind = Choice(words.REMIND, f"/remind {form.name}")
    said = words.CALENDAR_MADE.format(days=agenda.words())
    return scene.turn(Reply("receipt", said, (remind, MENU), agenda=agenda))


def listed(scene: Scene, given: list[str]) -> Turn:
    return scene.turn(errand=ResultsSought("list"))


def look(scene: Scene, given: list[str]) -> Turn | None:
    return scene.turn(errand=ResultsSought("look", int(given[0]))) if _number(given) else None


def drop(scene: Scene, given: list[str]) -> Turn | None:
    """`/unsave 12`, or `/unsave all`."""
    if given[:1] == ["all"]:
        return scene.turn(errand=ResultDropped())
    return scene.turn(errand=ResultDropped(int(given[0]))) if _number(given) else None


def _number(given: list[str]) -> bool:
    return bool(given) and given[0].isascii() and given[0].isdigit() and 0 < int(given[0]) < 10**12


def _begun(scene: Scene, given: list[str]) -> Turn | None:
    """The result is no longer at hand: it is asked for again."""
    return filling.begin(scene, given[0]) if given and given[0] in scene.book.forms else None


def newest(scene: Scene, name: str) -> ResultDraft | None:
    """Of the answers that were kept last, as they come out today."""
    form = scene.book.forms.get(name)
    kept = next((d for d in reversed(scene.was.drafts) if d.form == name), None)
    return drafted(form, kept.answers, scene.today) if form and kept else None


# --- once the house has looked -------------------------------------------------------------------


def told(scene: Scene, event: SavedEvent) -> Turn:
    match event:
        case ResultKept():
            return _kept(scene, event)
        case ResultsFound():
            return _found(scene, event)
        case ResultsGone():
            said = words.RESULTS_GONE if event.count else words.RESULT_NOT_THERE
            return scene.say("receipt", said, _MINE, MENU)


def _kept(scene: Scene, event: ResultKept) -> Turn:
    draft, result = event.saved.draft, event.result
    if event.saved.why == "check":
        return computing.check(scene, draft.form, result.number if result else None)
    if result is None:
        return scene.say("status", words.RESULTS_FULL.format(most=MOST), _MINE, MENU)
    said = words.RESULT_SAVED.format(
        number=result.number, title=draft.title, headline=draft.headline
    )
    return scene.say("receipt", said, _MINE, MENU)


def _found(scene: Scene, event: ResultsFound) -> Turn:
    match event.sought.why:
        case "look":
            return _look(scene, event.results[0]) if event.results else _not_there(scene)
        case "compare":
            return comparing.found(scene, event)
        case _:
            return _list(scene, event.results)


def _not_there(scene: Scene) -> Turn:
    return scene.say("status", words.RESULT_NOT_THERE, _MINE, MENU)


def _list(scene: Scene, results: tuple[SavedResult, ...]) -> Turn:
    if not results:
        calculate = Choice(words.CALCULATE, "/calculators")
        return scene.say("status", words.NO_RESULTS, calculate, MENU)
    lines = [words.RESULTS]
    for n, one in enumerate(results[:_LISTED], 1):
        lines.append(f"{n}. {_line(scene, one)}")
    choices = [
        Choice(f"{one.draft.title} {one.saved_at:%m-%d}", f"/result {one.number}")
        for one in results[:_LISTED]
    ]
    if len(results) > _LISTED:
        lines.append(words.RESULTS_MORE.format(more=len(results) - _LISTED))
    every = Choice(words.DELETE_ALL, "/unsave all")
    return scene.say("status", "\n".join(lines), *choices, every, MENU)


def _line(scene: Scene, one: SavedResult) -> str:
    changed = renewal(scene.book, one, scene.today)
    line = f"{one.draft.title}（{one.saved_at:%Y-%m-%d}）{one.draft.headline}"
    return f"{line}{words.RESULT_NEWER}" if changed else line


def _look(scene: Scene, one: SavedResult) -> Turn:
    """The result of today, after what it was; its answers are at hand to be changed."""
    form, draft = scene.book.forms.get(one.draft.form), again(scene.book, one, scene.today)
    before = words.RESULT_BEFORE.format(number=one.number, day=one.draft.worked_on)
    off = Choice(words.DELETE, f"/unsave {one.number}")
    if form is None or draft is None:
        return scene.say(
            "status", f"{before}\n{one.draft.text}\n{words.RESULT_OLD}", off, _MINE, MENU
        )
    changed = renewal(scene.book, one, scene.today)
    finished = form.finish(form.complete(draft.answers), scene.was, scene.now)
    reply = finished.replies[0]
    told = changed.words() if changed else words.RESULT_SAME
    kept = FormProgress(form.name, form.version, draft.answers)
    drafts = (*(d for d in scene.was.drafts if d.form != form.name), kept)[-5:]
    shown = replace(
        reply,
        text=f"{reply.text}\n{before}{told}",
        choices=(*(c for c in reply.choices if c.label != words.SAVE), off)[:8],
    )
    return scene.turn(shown, drafts=drafts)
