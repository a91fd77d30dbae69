"""Walking through a guide one step at a time: 好了, 卡住了, 上一步. A guide is a form that reads."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.engine import words
from bot.engine.filling import set_aside
from bot.engine.guide import Guide, Step, Trouble
from bot.engine.scene import HUMAN, MENU, Scene
from bot.engine.text import plain
from bot.engine.types import Choice, FormProgress, Reply, Turn

_PREFIX = "guide:"
_DONE = {
    "好了",
    "下一步",
    "完成",
    "做好了",
    "办好了",
    "弄好了",
    "下一个",
    "ok",
    "可以了",
    "搞定",
    "继续",
    "已完成",
    "好",
}
_STUCK = {
    "卡住了",
    "卡住",
    "不行",
    "不会",
    "失败",
    "失败了",
    "不成功",
    "弄不了",
    "办不了",
    "没反应",
    "打不开",
}
_ASKS_VIDEO = re.compile(r"(有|看|发).{0,4}视频|视频.{0,4}(吗|么|教程|在哪)")
_FAILED = re.compile(r"提示|显示|报错|弹出|跳出")
_MISSING = re.compile(r"(没有|缺|少了|丢了|没带|找不到|拿不到|不给)")


def open_guide(scene: Scene) -> tuple[Guide, int] | None:
    """The guide being walked, and the number of the step (from 0)."""
    progress = scene.was.form
    if progress is None or not progress.form.startswith(_PREFIX):
        return None
    guide = scene.book.guides.get(progress.form.removeprefix(_PREFIX))
    if guide is None:
        return None
    return guide, min(int(progress.answers.get("step", "0")), len(guide.steps) - 1)


def begin(scene: Scene, name: str) -> Turn:
    """The check list of what to have at hand, then the first step."""
    guide = scene.book.guides[name]
    was, kept = set_aside(scene)
    before = [Reply("guide", kept + _checklist(guide))] if guide.items else []
    shown = _step(guide, 0)
    return replace(scene, was=was).turn(*before, shown, form=_progress(guide, 0), topic=guide.entry)


def _progress(guide: Guide, step: int) -> FormProgress:
    return FormProgress(_PREFIX + guide.name, 1, {"step": str(step)})


def _checklist(guide: Guide) -> str:
    items = "\n".join(f"□ {item.name}" for item in guide.items)
    return words.GUIDE_CHECKLIST.format(items=items)


def _step(guide: Guide, at: int, before: str = "") -> Reply:
    step = guide.steps[at]
    said = words.GUIDE_STEP.format(
        step=at + 1, steps=len(guide.steps), title=step.title, text=step.text
    )
    return Reply("guide", f"{before}{said}\n{words.GUIDE_HINT}", _ways(guide, at))


def _ways(guide: Guide, at: int) -> tuple[Choice, ...]:
    ways = [Choice(label, send) for label, send in guide.steps[at].starts]
    ways += [Choice("好了", "/step next"), Choice(words.STUCK, "/step stuck")]
    ways += [Choice("上一步", "/step back")] if at else []
    return (*ways, Choice(words.CANCEL, "/cancel"))


def move(scene: Scene) -> Turn | None:
    """The message as a word of the walk; None if it is about something else."""
    opened = open_guide(scene)
    if opened is None:
        return None
    guide, at = opened
    word = plain(scene.text)
    if word in _DONE or scene.text == "/step next":
        return _next(scene, guide, at)
    if scene.text == "/step back":
        return back(scene)
    if trouble := _known(guide, at, scene.text):
        return scene.turn(_help(guide, at, trouble))
    if word in _STUCK or scene.text == "/step stuck":
        return scene.turn(_stuck(guide, at))
    if item := _missing(guide, scene.text):
        return scene.turn(Reply("guide", item, _ways(guide, at)))
    return None


def _next(scene: Scene, guide: Guide, at: int) -> Turn:
    if at + 1 < len(guide.steps):
        return scene.turn(_step(guide, at + 1), form=_progress(guide, at + 1))
    reply = Reply("guide", words.GUIDE_DONE.format(title=guide.title), (MENU, HUMAN))
    return scene.turn(reply, form=None)


def back(scene: Scene) -> Turn:
    guide, at = open_guide(scene) or (None, 0)
    assert guide is not None
    before = words.NOTHING_BEHIND + "\n" if at == 0 else ""
    to = max(0, at - 1)
    return scene.turn(_step(guide, to, before), form=_progress(guide, to))


def again(scene: Scene) -> Turn:
    """The present step once more."""
    guide, at = open_guide(scene) or (None, 0)
    assert guide is not None
    return scene.turn(_step(guide, at))


def resume(scene: Scene) -> Turn | None:
    """The guide that something else was begun from, if it is the newest thing laid aside."""
    unfinished = [
        d
        for d in scene.was.drafts
        if d.form.startswith(_PREFIX)
        or (d.form in scene.book.forms and scene.book.forms[d.form].open_field(d.answers))
    ]
    newest = unfinished[-1] if unfinished else None
    if newest is None or not newest.form.startswith(_PREFIX):
        return None
    drafts = tuple(d for d in scene.was.drafts if d is not newest)
    was = replace(scene.was, form=newest, drafts=drafts)
    return again(replace(scene, was=was)) if open_guide(replace(scene, was=was)) else None


def remind(scene: Scene, turn: Turn) -> Turn:
    """After a question in between: where the walk stands."""
    opened = open_guide(scene)
    if opened is None or turn.conversation.form != scene.was.form:
        return turn
    guide, at = opened
    said = words.GUIDE_GOING_ON.format(
        step=at + 1, steps=len(guide.steps), title=guide.steps[at].title
    )
    reply = Reply("guide", said, _ways(guide, at))
    state = replace(turn.conversation, offered=reply.choices)
    return replace(turn, conversation=state, replies=(*turn.replies, reply))


def _known(guide: Guide, at: int, text: str) -> Trouble | None:
    troubles = (*guide.steps[at].troubles, *(t for s in guide.steps for t in s.troubles))
    return next((t for t in troubles if any(word in text for word in t.when)), None)


def _help(guide: Guide, at: int, trouble: Trouble) -> Reply:
    return Reply("guide", f"{trouble.problem} → {trouble.fix}", (*_ways(guide, at), HUMAN))


def _stuck(guide: Guide, at: int) -> Reply:
    step: Step = guide.steps[at]
    cases = "\n".join(f"· {t.problem} → {t.fix}" for t in step.troubles)
    said = words.GUIDE_STUCK.format(cases=cases) if cases else words.GUIDE_STUCK_NOTHING
    return Reply("guide", said, (*_ways(guide, at), HUMAN))


def _missing(guide: Guide, text: str) -> str | None:
    """What to do without something of the check list (“没有离职证明”)."""
    for item in guide.items:
        if item.name in text and (_MISSING.search(text) or plain(text) == plain(item.name)):
            return f"没有{item.name}：{item.instead}"
    return None


# --- finding a guide -------------------------------------------------------------------------


def wanted(scene: Scene) -> Turn | None:
    """“带我办失业金” begins a guide; “有视频吗” tells in what forms the topic's guide can be had."""
    text = scene.text
    for guide in scene.book.guides.values():
        if any(trigger in text for trigger in guide.triggers):
            return begin(scene, guide.name)
    if _FAILED.search(text) and (turn := _known_fault(scene)):
        return turn
    if _ASKS_VIDEO.search(text) and (about := _about(scene)):
        return scene.turn(_forms(about))
    return None


def _known_fault(scene: Scene) -> Turn | None:
    """“备案提示‘未查询到参保信息’”: the fix, with the guide that knows it one tap away."""
    for guide in scene.book.guides.values():
        for trouble in (t for step in guide.steps for t in step.troubles):
            if any(len(word) > 3 and word in scene.text for word in trouble.when):
                walk = Choice("一步步带我办", f"/guide {guide.name}")
                reply = Reply("guide", f"{trouble.problem} → {trouble.fix}", (walk, MENU, HUMAN))
                return scene.turn(reply, topic=guide.entry)
    return None


def _about(scene: Scene) -> Guide | None:
    guides = scene.book.guides.values()
    if opened := open_guide(scene):
        return opened[0]
    if scene.was.topic and (of_topic := for_entry(scene, scene.was.topic)):
        return of_topic
    found = scene.book.search.search(scene.text)
    near = {candidate.id for candidate in found.candidates[:3]}
    return next((g for g in guides if g.entry in near), None)


def for_entry(scene: Scene, entry: str) -> Guide | None:
    """The guide that an entry starts."""
    starts = scene.book.knowledge[entry].starts if entry in scene.book.knowledge else ()
    names = [s.removeprefix(_PREFIX) for s in starts if s.startswith(_PREFIX)]
    return next((scene.book.guides[n] for n in names if n in scene.book.guides), None)


def _forms(guide: Guide) -> Reply:
    walk = Choice("一步步带我办", f"/guide {guide.name}")
    text = Choice("文字版", f"/guidetext {guide.name}")
    if guide.video:
        forms = f"{guide.video_note or '官方视频'}、分步文字 {len(guide.steps)} 步、文字版"
        said = words.GUIDE_FORMS.format(title=guide.title, forms=forms) + f"\n视频：{guide.video}"
    else:
        said = words.NO_VIDEO + f"《{guide.title}》共 {len(guide.steps)} 步，您想怎么看？"
    return Reply("guide", said, (walk, text))


def whole_text(scene: Scene, name: str) -> Turn:
    """All steps in one message."""
    guide = scene.book.guides[name]
    steps = [f"{i}. {s.title}\n{s.text}" for i, s in enumerate(guide.steps, 1)]
    parts = [f"《{guide.title}》", *([_checklist(guide)] if guide.items else []), *steps]
    walk = Choice("一步步带我办", f"/guide {guide.name}")
    return scene.turn(Reply("guide", "\n".join(parts), (walk, MENU)), topic=guide.entry)


def listed(scene: Scene) -> Turn:
    choices = [Choice(g.title[:20], f"/guide {g.name}") for g in scene.book.guides.values()]
    return scene.say("menu", words.SCENARIOS, *choices, Choice(words.BACK, "/menu"), HUMAN)
