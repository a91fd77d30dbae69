"""The dialogue of an open form: answer, correct, skip, step back, explain, ask again, keep for later."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.engine import words
from bot.engine.form import Ask, Form, Unclear, never
from bot.engine.quantities import dated, in_part
from bot.engine.scene import HUMAN, MENU, Scene, note
from bot.engine.text import plain
from bot.engine.types import Choice, FormProgress, Reply, Turn

TRIES_BEFORE_HUMAN = 3
_WHY = re.compile(r"为什么(要|得|需要)?(问|填|知道)|问这个(干|做)")
_UNKNOWN = {"不知道", "不清楚", "不晓得", "不懂", "忘了", "记不清", "不记得", "不确定"}
_PARTS = re.compile(r"[,，、;；。\s]+")
_PLAINLY = re.compile(r"^(?:不对|错了|写错了|弄错了|填错了|说错了)")
_CORRECTION = re.compile(
    r"^(?:不是|不对|错了|写错了|弄错了|不)[,，、\s]*(?:应该是|应该|是|改成|改为)?\s*(.+)$"
)
_CHANGE = re.compile(r"^(.{2,8}?)(?:改成|改为|改到|应该是|换成)\s*(.+)$")
_SUPPOSED = re.compile(
    r"^(?:那|如果|要是|假如|换成|改成|改为)+(?:是|在|换成|改成|按)?\s*(.+?)(?:的话)?(?:呢|会?怎么?样|是?多少)?[?？]?$"
)


def open_form(scene: Scene) -> tuple[Form[Any], FormProgress] | None:
    progress = scene.was.form
    if progress is None or progress.form not in scene.book.forms:
        return None
    return scene.book.forms[progress.form], progress


def begin(scene: Scene, name: str, spotting: str = "") -> Turn:
    """Opens a form; one that is open already is kept as a draft. `spotting`: words to read from."""
    form = scene.book.forms[name]
    if form.enter:
        return form.enter(scene, spotting)
    was, kept = set_aside(scene)
    scene = replace(scene, was=was)
    progress = spot(form, form.begin(), spotting, scene.today)
    opening = kept + form.opening + words.BEGIN + noted(form, {}, progress.answers)
    return go_on(scene, form, progress, opening)


def redo(scene: Scene, name: str, field: str = "") -> Turn | None:
    """A finished form that was kept: which answer to change, or that answer asked again."""
    form = scene.book.forms[name]
    kept = next((d for d in reversed(scene.was.drafts) if d.form == name), None)
    if kept is None:
        return begin(scene, name)
    if field not in kept.answers:
        fields = [n for n in form.answered(kept.answers) if n in form.asks][:6]
        choices = [Choice(form.asks[n].label, f"/redo {name} {n}") for n in fields]
        return scene.say("question", words.CHANGE_WHICH, *choices, MENU)
    left = tuple(d for d in scene.was.drafts if d is not kept)
    answers = {k: v for k, v in kept.answers.items() if k != field}
    scene = replace(scene, was=replace(scene.was, drafts=left))
    return go_on(scene, form, replace(kept, answers=answers, tries=0))


def what_if(scene: Scene) -> Turn | None:
    """“晚退一年” after a result: the newest kept form worked out again with that change."""
    kept = scene.was.drafts[-1] if scene.was.drafts else None
    form = scene.book.forms.get(kept.form) if kept else None
    if kept is None or form is None or not form.keep or form.open_field(kept.answers):
        return None
    changed = form.what_if(scene.text, kept.answers, scene.now) if form.what_if else None
    if changed is None:
        return _corrected(scene, form, kept)
    answers, finished = changed
    drafts = (*scene.was.drafts[:-1], replace(kept, answers=answers))
    return scene.turn(*finished.replies, drafts=drafts)


def _corrected(scene: Scene, form: Form[Any], kept: FormProgress) -> Turn | None:
    """“不对，是75年” or “要是在上海呢” after a result: that answer changed, and worked out again."""
    supposed = _SUPPOSED.match(scene.text.strip())
    heard = replace(scene, text=f"不对，是{supposed[1]}") if supposed else scene
    target, said = _correction(form, kept, heard)
    if supposed and target is None:
        target, said = _named(form, kept, supposed[1], scene.today)
    if target is None or said is None:
        return None
    changed = replace(kept, answers={**kept.answers, target: said}, tries=0)
    return _changed(scene, form, changed, _correction_said(form, target, said))


def _named(
    form: Form[Any], kept: FormProgress, text: str, today: date
) -> tuple[str | None, str | None]:
    """The one answer that a supposition names by itself (“基数8000”)."""
    bare = replace(kept, answers={})
    found = spot(form, bare, text, today).answers
    return next(iter(found.items())) if len(found) == 1 else (None, None)


def _changed(scene: Scene, form: Form[Any], progress: FormProgress, said: str) -> Turn:
    """The next question after `said`; in a result the figure stays first."""
    turn = go_on(scene, form, progress, said + "\n")
    if not turn.replies or turn.replies[0].kind != "result":
        return turn
    figure, _, rest = turn.replies[0].text.partition("\n")
    first = replace(turn.replies[0], text=f"{figure}\n{said}\n{rest}")
    return replace(turn, replies=(first, *turn.replies[1:]))


def set_aside(scene: Scene) -> tuple[Any, str]:
    """The conversation without its open form, kept as a draft if anything was filled in."""
    was = scene.was
    if was.form is None:
        return was, ""
    if was.form.form in {f"guide:{name}" for name in scene.book.guides}:
        kept = (*(d for d in was.drafts if d.form != was.form.form), was.form)[-5:]
        return replace(was, form=None, drafts=kept), words.GUIDE_KEPT + "\n"
    opened = open_form(scene)
    if opened is None or not was.form.answers:
        return replace(was, form=None), ""
    drafts = (*(d for d in was.drafts if d.form != was.form.form), was.form)[-5:]
    return replace(was, form=None, drafts=drafts), words.DRAFT_KEPT.format(
        title=opened[0].title
    ) + "\n"


def resume(scene: Scene) -> Turn:
    """The open question again, or the newest draft."""
    if opened := open_form(scene):
        return go_on(scene, *opened)
    drafts = [
        d
        for d in scene.was.drafts
        if d.form in scene.book.forms and scene.book.forms[d.form].open_field(d.answers)
    ]
    if not drafts:
        return scene.say("help", words.NO_DRAFT, MENU, HUMAN)
    progress, form = drafts[-1], scene.book.forms[drafts[-1].form]
    left = tuple(d for d in scene.was.drafts if d is not progress)
    note = words.RESUMED.format(title=form.title)
    if progress.version != form.version:
        note += words.FORM_CHANGED
    return go_on(replace(scene, was=replace(scene.was, drafts=left)), form, progress, note + "\n")


def save(scene: Scene) -> Turn:
    """保存: the open form becomes a draft."""
    was, kept = set_aside(scene)
    if not kept:
        return scene.say("help", words.NOTHING_TO_SAVE, MENU, HUMAN)
    on = Choice(words.CONTINUE, "/resume")
    return replace(scene, was=was).say("smalltalk", kept.strip(), on, MENU)


def spot(form: Form[Any], progress: FormProgress, text: str, today: date) -> FormProgress:
    """Answers found inside a sentence, for questions that have none yet."""
    answers = dict(progress.answers)
    for name, ask in form.asks.items():
        if name in answers or not ask.spot or not text:
            continue
        said = ask.spot(dated(text, today) if ask.dated else text)
        if said and _accepts(ask, said, today):
            answers[name] = said
    return replace(progress, answers=answers)


def _accepts(ask: Ask[Any], said: str, today: date) -> bool:
    try:
        ask.accept(said, today)
    except Unclear:
        return False
    return True


def noted(form: Form[Any], before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """What was understood of the new answers, echoed on a line."""
    values = form.values(after)
    shown = [
        f"{ask.label} {ask.show(values[name])}"
        for name, ask in form.asks.items()
        if ask.show and before.get(name) != after.get(name) and values.get(name) is not None
    ]
    return words.NOTED.format(what=" · ".join(shown)) + "\n" if shown else ""


def hear(scene: Scene) -> Turn | None:
    """The message as the open form reads it in its own way; None if it does not."""
    opened = open_form(scene)
    if opened is None or opened[0].hear is None:
        return None
    return opened[0].hear(scene, opened[1])


def answer(scene: Scene) -> Turn | None:
    """The message as an answer to the open question; None if it does not read as one."""
    opened = open_form(scene)
    if opened is None or opened[0].hear:
        return None
    form, progress = opened
    name = form.open_field(progress.answers)
    if name is None:
        return go_on(scene, form, progress)
    said = _meant(form, name, scene)
    if said.startswith("/") or _corrects(form, progress, scene):
        return None
    answers = _several(form, progress.answers, scene)
    if answers is None:
        answers = dict(progress.answers)
        if not said or _accepts(form.asks[name], said, scene.today):
            answers[name] = said
    told = spot(form, replace(progress, answers=answers, tries=0), scene.text, scene.today)
    if told.answers == progress.answers:
        return None
    return go_on(scene, form, told, noted(form, progress.answers, told.answers))


def _several(form: Form[Any], answers: Mapping[str, str], scene: Scene) -> dict[str, str] | None:
    """“长沙，8000” or “8000，长沙”: a part for each of the next questions; None unless all fit."""
    parts = [part for part in _PARTS.split(scene.text) if part]
    name = form.open_field(answers)
    if len(parts) < 2 or name is None:
        return None
    for order in (parts, parts[::-1]) if len(parts) == 2 else (parts,):
        ask = form.asks[name]
        if _accepts(ask, scene.text, scene.today) and not _same(ask, scene.text, order[0]):
            return None  # it is one answer with a mark in it
        if (filled := _in_turn(form, answers, order, scene)) is not None:
            return filled
    return None


def _same(ask: Ask[Any], one: str, other: str) -> bool:
    try:
        return bool(ask.read(one) == ask.read(other))
    except Unclear:
        return True  # the other order may do


def _in_turn(
    form: Form[Any], answers: Mapping[str, str], parts: Sequence[str], scene: Scene
) -> dict[str, str] | None:
    filled = dict(answers)
    for part in parts:
        name = form.open_field(filled)
        if name is None:
            return None
        said = _meant(form, name, replace(scene, text=part))
        if said and not _accepts(form.asks[name], said, scene.today):
            return None
        filled[name] = said
    return filled


def takes(scene: Scene) -> bool:
    """Whether the text answers an open question that offers no options of its own."""
    opened = open_form(scene)
    if opened is None or scene.was.staff == "joined":
        return False
    name = opened[0].open_field(opened[1].answers)
    if name is None or opened[0].asks[name].options or opened[0].asks[name].offers:
        return False
    return _accepts(opened[0].asks[name], scene.text, scene.today)


def _meant(form: Form[Any], name: str, scene: Scene) -> str:
    """The words of an answer: those of the pressed option, the default that 不知道 stands for."""
    ask = form.asks[name]
    said = picked(scene.text, form.name, name) or scene.text
    if plain(said) in _UNKNOWN and ask.default is not None:
        return ask.default
    if plain(said) in _UNKNOWN and ask.skip:
        return ""
    return dated(said, scene.today) if ask.dated else said


def picked(text: str, form: str, field: str) -> str | None:
    """The value of a pressed option of that question."""
    prefix = f"/pick {form}.{field} "
    return text.removeprefix(prefix) if text.startswith(prefix) else None


def explain(scene: Scene) -> Turn | None:
    """为什么要问."""
    opened = open_form(scene)
    if opened is None or not _WHY.search(scene.text):
        return None
    form, progress = opened
    name = form.open_field(progress.answers)
    if name is None or not form.asks[name].why:
        return None
    return go_on(scene, form, progress, form.asks[name].why + "\n")


def correct(scene: Scene) -> Turn | None:
    """“不是，是 2023 年” changes the last answer; “参保地改成长沙” the one it names."""
    opened = open_form(scene)
    if opened is None or opened[0].hear:
        return None
    form, progress = opened
    target, said = _correction(form, progress, scene)
    if target is None or said is None:
        return None
    changed = replace(progress, answers={**progress.answers, target: said}, tries=0)
    return _changed(scene, form, changed, _correction_said(form, target, said))


def _correction_said(form: Form[Any], name: str, said: str) -> str:
    ask = form.asks[name]
    value = ask.show(ask.read(said)) if ask.show else said
    return words.CORRECTED.format(label=ask.label, value=value)


def _corrects(form: Form[Any], progress: FormProgress, scene: Scene) -> bool:
    """“不对，是…” about an answer that is there: it may read as an answer to the open question, too."""
    return bool(_PLAINLY.match(scene.text)) and _correction(form, progress, scene)[0] is not None


def _correction(
    form: Form[Any], progress: FormProgress, scene: Scene
) -> tuple[str | None, str | None]:
    """The answer that a text corrects, and the new words: the one it names, or the last that fits."""
    text, values = scene.text.strip(), form.values(progress.answers)
    if change := _CHANGE.match(text):
        for name, ask in form.asks.items():
            if name in progress.answers and ask.label in change[1]:
                said = _fitting(ask, change[2], values.get(name), scene.today)
                return (name, said) if said else (None, None)
    if corrected := _CORRECTION.match(text):
        for name in reversed(list(values)):
            if said := _fitting(form.asks[name], corrected[1], values[name], scene.today):
                return name, said
    return None, None


def _fitting(ask: Ask[Any], said: str, old: Any, today: date) -> str | None:
    """The words if they read; “75年” alone keeps the month of the `old` date."""
    said = _absolute(ask, said, today)
    ways = (said, *(in_part(said, old) if isinstance(old, date) else ()))
    return next((way for way in ways if _accepts(ask, way, today)), None)


def _absolute(ask: Ask[Any], said: str, today: date) -> str:
    said = said.strip("。. ")
    return dated(said, today) if ask.dated else said


def skip(scene: Scene) -> Turn:
    opened = open_form(scene)
    if opened is None:
        return scene.say("help", words.NOTHING_TO_SKIP, MENU, HUMAN)
    form, progress = opened
    name = form.open_field(progress.answers)
    if name is None:
        return go_on(scene, form, progress)
    ask = form.asks[name]
    if not ask.skip and ask.default is None:
        return go_on(scene, form, progress, words.CANNOT_SKIP + "\n")
    answers = {**progress.answers, name: "" if ask.skip else ask.default or ""}
    return go_on(scene, form, replace(progress, answers=answers, tries=0))


def step_back(scene: Scene) -> Turn:
    """Takes the last answer back and asks it again."""
    form, progress = open_form(scene) or (None, None)
    if form is None or progress is None:
        return scene.say("menu", words.MENU, MENU, HUMAN)
    values = form.values(progress.answers)
    answered = [n for n in progress.answers if n in values and form.asks[n].only_if is not never]
    if not answered:
        return go_on(scene, form, progress, words.NOTHING_BEHIND + "\n")
    answers = {k: v for k, v in progress.answers.items() if k != answered[-1]}
    return go_on(scene, form, replace(progress, answers=answers, tries=0))


def again(scene: Scene) -> Turn:
    """Not understood: with an example, then with choices, the third time with the offer of a person."""
    opened = open_form(scene)
    assert opened is not None
    form, progress = opened
    name = form.open_field(progress.answers)
    assert name is not None
    tried = replace(progress, tries=progress.tries + 1)
    ask = form.asks[name]
    try:
        ask.accept(_absolute(ask, scene.text, scene.today), scene.today)
        reason = ""
    except Unclear as unclear:
        reason = f"{unclear}\n"
    if tried.tries >= TRIES_BEFORE_HUMAN:
        return go_on(scene, form, tried, reason + words.OFFER_HUMAN + "\n", extra=(HUMAN,))
    return go_on(scene, form, tried, reason)


def remind(scene: Scene, turn: Turn) -> Turn:
    """After a question in between: the open question again, in a reply of its own."""
    opened = open_form(scene)
    if opened is None or turn.conversation.form != scene.was.form:
        return turn
    form, progress = opened
    name = form.open_field(progress.answers)
    if name is None:
        return turn
    reply = _question(form, progress, name, "")
    state = replace(turn.conversation, offered=reply.choices)
    return replace(turn, conversation=state, replies=(*turn.replies, reply))


def go_on(
    scene: Scene,
    form: Form[Any],
    progress: FormProgress,
    before: str = "",
    extra: tuple[Choice, ...] = (),
) -> Turn:
    """The next open question, or the finish."""
    progress = replace(progress, version=form.version)
    name = form.open_field(progress.answers)
    if name is not None:
        reply = _question(form, progress, name, before, extra)
        return scene.turn(reply, form=progress)
    finished = form.finish(form.complete(progress.answers), scene.was, scene.now)
    changes: dict[str, Any] = {"form": None, "evidence": ()}
    if form.keep:
        others = tuple(d for d in scene.was.drafts if d.form != form.name)
        changes["drafts"] = (*others, replace(progress, tries=0))[-5:]
    if finished.noted:
        changes["recent"] = note(scene.was, finished.noted)
    if finished.staff_waits and scene.was.staff == "none":
        changes["staff"] = "waiting"
    return scene.turn(
        *finished.replies, effects=finished.effects, errand=finished.errand, **changes
    )


def _question(
    form: Form[Any],
    progress: FormProgress,
    name: str,
    before: str,
    extra: tuple[Choice, ...] = (),
) -> Reply:
    ask = form.asks[name]
    values = form.values(progress.answers)
    if ask.aside:
        before += ask.aside(values)
    options = ask.offers(values) if ask.offers else ask.options
    choices = [Choice(label, f"/pick {form.name}.{name} {label}") for label in options]
    choices += _ways_out(ask)
    asked = ask.says(values) if ask.says else ask.question
    said = f"{before}{_place(form, values, name)}{asked}"
    return Reply(ask.reply, said, (*choices, *extra))


def _place(form: Form[Any], values: Mapping[str, Any], name: str) -> str:
    """（继续填写 3/5）, where the question is one of several that count."""
    counted = [n for n, a in form.asks.items() if a.counted]
    total = sum(n in values or form.asks[n].wanted(values) for n in counted)
    if name not in counted or total < 2:
        return ""
    done = sum(n in values for n in counted) + 1
    return words.GOING_ON.format(done=done, total=total)


def _ways_out(ask: Ask[Any]) -> list[Choice]:
    ways = [Choice(words.UNKNOWN, words.UNKNOWN)] if ask.default is not None else []
    ways += [Choice(words.SKIP, "/skip")] if ask.skip else []
    return [*ways, Choice(words.CANCEL, "/cancel")]
